//! A registry, a store, a plan made of what an inventory says, and applying it.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_aws::apply::{APPLY_ACTIONS, ApplyContext, ApplyError, ApplyOptions, Lease, apply};
use demurrage_aws::collect::{Extent, Progress, PullTimes, Stop, collect_private};
use demurrage_aws::{Server as At, Session, SessionOptions};
use demurrage_core::apply::ApplyReport;
use demurrage_core::in_use::{KnownUses, SourceRecord, SourceState, Use, UseRecord, UseRules, UseSource};
use demurrage_core::lifecycle::Relations;
use demurrage_core::plan::{
    Action, ActionKind, DecidedFrom, GuardRules, ImageAction, Links, Mode, PlanHead, RepositoryAddress,
    RepositoryPlan, SettingAction, Source, Stage,
};
use demurrage_core::{Digest, Image, Inventory, instant};
use demurrage_store::{Journal, PlanDraft, PlanFiles, Store, StoredPlan};
use fake_ecr::{Clock, Fake, ImageRecord, Options, RepositoryRecord, Server};
use futures::FutureExt;

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "ap-northeast-2";
const KEY: &str = "AKIADEMURRAGE";
const ROLE: &str = "arn:aws:iam::123456789012:role/finops/Demurrage";

pub(crate) fn now() -> DateTime<Utc> {
    instant::parse("2026-11-25T00:00:00Z").unwrap()
}

pub(crate) fn address(name: &str) -> RepositoryAddress {
    RepositoryAddress { account: Some(ACCOUNT.to_owned()), region: REGION.to_owned(), name: name.to_owned() }
}

/// A registry that answers, a store, and what is in use.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) store: Store,
    pub(crate) session: Session,
    pub(crate) options: ApplyOptions,
    pub(crate) guards: GuardRules,
    pub(crate) stop: Stop,
    /// References that are in use, as they are read now.
    pub(crate) uses: Mutex<Vec<String>>,
    /// How often they were read.
    pub(crate) readings: Mutex<u32>,
    /// How old a reading is when it comes.
    pub(crate) reading_age: Mutex<TimeDelta>,
    /// The time.
    pub(crate) time: Mutex<DateTime<Utc>>,
    pub(crate) folder: tempfile::TempDir,
}

/// What is done to images of a plan, by digest.
pub(crate) type Wishes = Vec<(Digest, ActionKind)>;

impl World {
    pub(crate) async fn new(repositories: Vec<(RepositoryRecord, Vec<ImageRecord>)>) -> Self {
        let server = Server::start(Options::default()).unwrap();
        let fake = server.registry();
        fake.set_clock(Clock::default());
        fake.add_principal(KEY, ACCOUNT, "arn:aws:sts::123456789012:assumed-role/Demurrage/run");
        for (record, images) in repositories {
            fake.load_repository(ACCOUNT, REGION, record, images);
        }
        let options = SessionOptions {
            calls_per_second: NonZeroU32::new(5_000),
            attempt_timeout: Some(Duration::from_secs(20)),
            at: Some(At { url: server.url(), access_key_id: KEY.to_owned() }),
            ..SessionOptions::default()
        };
        let session = Session::open(REGION, options).await.unwrap();
        let ecr = session.ecr(REGION);
        demurrage_aws::register_pull_time_exclusion(&ecr, &session, Some(ROLE)).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        Self {
            store: Store::new(folder.path().join("store")),
            server,
            session,
            options: ApplyOptions::default(),
            guards: GuardRules::default(),
            stop: Stop::default(),
            uses: Mutex::default(),
            readings: Mutex::default(),
            reading_age: Mutex::new(TimeDelta::zero()),
            time: Mutex::new(now()),
            folder,
        }
    }

    pub(crate) fn fake(&self) -> &Fake {
        self.server.registry()
    }

    /// The images of a repository, by digest.
    pub(crate) fn images(&self, name: &str) -> BTreeMap<String, Vec<String>> {
        let images = self.fake().images(ACCOUNT, REGION, name);
        images.into_iter().map(|image| (image.digest, image.tags)).collect()
    }

    pub(crate) fn has(&self, name: &str, image: &ImageRecord) -> bool {
        self.images(name).contains_key(&image.digest)
    }

    /// How often an operation was asked for.
    pub(crate) fn calls(&self, operation: &str) -> u64 {
        let calls = self.fake().calls();
        calls.iter().filter(|(key, _)| key.operation == operation).map(|(_, count)| count.calls).sum()
    }

    /// How often each operation of ECR was asked for.
    pub(crate) fn operations(&self) -> BTreeMap<String, u64> {
        let mut operations = BTreeMap::new();
        for (key, count) in self.fake().calls() {
            if key.operation != "GetCallerIdentity" {
                *operations.entry(key.operation).or_default() += count.calls;
            }
        }
        operations
    }

    /// The operations that were asked for since then.
    pub(crate) fn operations_since(&self, before: &BTreeMap<String, u64>) -> Vec<String> {
        let after = self.operations().into_iter();
        after.filter(|(name, calls)| before.get(name) != Some(calls)).map(|(name, _)| name).collect()
    }

    pub(crate) async fn collect(&self) -> Inventory {
        let ecr = self.session.ecr(REGION);
        let extent = Extent { pull_times: PullTimes::LeaveAsTheyAre, ..Extent::default() };
        let stop = Stop::default();
        let collected =
            collect_private(&self.session, &ecr, &self.store, extent, &Progress::default(), &stop).await;
        self.store.read(&collected.unwrap().entry, |_| true).unwrap()
    }

    /// A plan that does this to images of repositories, as the inventory has them now.
    pub(crate) async fn plan(&self, wishes: &[(&str, Wishes)]) -> StoredPlan {
        self.plan_of(wishes, &[], Mode::Approve).await
    }

    pub(crate) async fn plan_of(
        &self,
        wishes: &[(&str, Wishes)],
        settings: &[(&str, SettingAction)],
        mode: Mode,
    ) -> StoredPlan {
        let inventory = self.collect().await;
        let mut repositories = Vec::new();
        for repository in &inventory.repositories {
            let of_it = wishes.iter().filter(|(name, _)| *name == repository.name);
            let wanted: Wishes = of_it.flat_map(|(_, wanted)| wanted.clone()).collect();
            let mut actions = image_actions(&repository.images, &wanted);
            let of_it = settings.iter().filter(|(name, _)| *name == repository.name);
            actions.extend(of_it.map(|(_, setting)| Action::Setting(setting.clone())));
            if !actions.is_empty() {
                repositories.push(RepositoryPlan {
                    repository: address(&repository.name),
                    images_listed: repository.images.len() as u64,
                    actions,
                });
            }
        }
        let source = Source { name: "policy.json".to_owned(), hash: "00".repeat(32) };
        let head = PlanHead {
            made_at: now(),
            expires_at: now() + TimeDelta::hours(24),
            mode,
            decided_from: DecidedFrom {
                inventories: vec![source.clone()],
                uses: Vec::new(),
                rules: source.clone(),
                configuration: None,
                holds: source,
                earlier_plan: None,
            },
            tripped: Vec::new(),
        };
        let draft = PlanDraft {
            head,
            repositories,
            refused: Vec::new(),
            kept: Vec::new(),
            pending: Vec::new(),
            usd_per_month: None,
        };
        let files = PlanFiles::of(&draft);
        self.store.add_plan(&files).unwrap();
        self.store.plan(&files.plan.hash.to_string()).unwrap()
    }

    /// Applies it.
    pub(crate) async fn apply(&self, plan: &StoredPlan) -> Result<ApplyReport, ApplyError> {
        let lease = Lease::of_folder(&self.store, &plan.plan.hash.to_string()).unwrap();
        self.apply_under(plan, lease).await
    }

    /// Applies it under this lease.
    pub(crate) async fn apply_under(
        &self,
        plan: &StoredPlan,
        lease: Lease,
    ) -> Result<ApplyReport, ApplyError> {
        let uses = |_, at: DateTime<Utc>| {
            let known = self.known_uses(at);
            async move { Ok(known) }.boxed()
        };
        let context = ApplyContext {
            session: &self.session,
            accounts: None,
            store: &self.store,
            plan,
            guards: &self.guards,
            uses: &uses,
            ledger: &|_| Ok(None),
            now: &|| *self.time.lock().unwrap(),
            lease,
            stop: &self.stop,
            options: self.options.clone(),
        };
        let before = self.operations();
        let applied = Box::pin(apply(context)).await;
        for operation in self.operations_since(&before) {
            assert!(
                APPLY_ACTIONS.contains(&&*format!("ecr:{operation}")),
                "{operation} is none of the actions"
            );
        }
        applied
    }

    /// Applies it to its end.
    pub(crate) async fn applied(&self, plan: &StoredPlan) -> ApplyReport {
        self.apply(plan).await.unwrap()
    }

    fn known_uses(&self, at: DateTime<Utc>) -> KnownUses {
        *self.readings.lock().unwrap() += 1;
        let used = |reference: &String| Use {
            reference: reference.parse().unwrap(),
            evidence: format!("task of {reference}"),
            source: UseSource::Ecs,
            since: None,
        };
        let read = |source| SourceRecord { source, name: None, state: SourceState::Read };
        let record = UseRecord {
            account: Some(ACCOUNT.to_owned()),
            region: Some(REGION.to_owned()),
            turn: 0,
            read_at: at - *self.reading_age.lock().unwrap(),
            sources: vec![read(UseSource::Ecs), read(UseSource::Lambda)],
            uses: self.uses.lock().unwrap().iter().map(used).collect(),
        };
        KnownUses::of(&[record], Vec::new(), Vec::new(), &UseRules::default())
    }

    pub(crate) fn journal(&self, plan: &StoredPlan) -> Journal {
        Journal::open(&self.store, &plan.plan.hash.to_string()).unwrap()
    }

    /// Why the image was left, as the report says it.
    #[track_caller]
    pub(crate) fn why_left(report: &ApplyReport, image: &ImageRecord) -> String {
        let digest: Digest = image.digest.parse().unwrap();
        let all = report.repositories.iter().flat_map(|repository| &repository.left);
        let mut found = all.filter(|left| left.digest == Some(digest));
        found.next().unwrap_or_else(|| panic!("it is not left: {report:#?}")).why.clone()
    }
}

/// Actions as a plan has them, of images that are in an inventory.
fn image_actions(images: &[Image], wanted: &Wishes) -> Vec<Action> {
    let relations = Relations::of(images);
    let links = Links::of(images, &relations);
    let digest = |place: u32| images[place as usize].digest;
    let mut actions: Vec<ImageAction> = wanted
        .iter()
        .map(|&(wanted, kind)| {
            let place = images.iter().position(|image| image.digest == wanted).unwrap();
            let image = &images[place];
            let place = u32::try_from(place).unwrap();
            let subject = links.subject(place).map(digest);
            let mut tags = image.tags.clone();
            tags.sort();
            if kind == ActionKind::Untag {
                tags.truncate(1);
            }
            let stage = match (image.is_index(), subject) {
                (_, Some(_)) => Stage::Referrer,
                (true, None) => Stage::Index,
                (false, None) => Stage::Image,
            };
            let mut parents: Vec<Digest> = links.parents(place).iter().copied().map(digest).collect();
            parents.sort_unstable();
            ImageAction {
                digest: wanted,
                kind,
                stage,
                tags,
                pushed_at: image.pushed_at,
                last_pulled_at: image.last_pulled_at,
                parents,
                subject,
                unit: digest(links.root_of(place)),
                rule: "rule 1 of `policy.json`".to_owned(),
                reason: "it is older than 30 days".to_owned(),
                not_in_use: "ECS, Lambda read: no use".to_owned(),
                bytes_freed: 990,
            }
        })
        .collect();
    actions.sort_by_key(|action| (action.stage, action.digest));
    actions.into_iter().map(Action::Image).collect()
}

/// These images are deleted.
pub(crate) fn expire(images: &[&ImageRecord]) -> Wishes {
    images.iter().map(|image| (image.digest.parse().unwrap(), ActionKind::Expire)).collect()
}

/// A registry with one repository, `app`.
pub(crate) async fn app(images: &[&ImageRecord]) -> World {
    let images = images.iter().map(|&image| image.clone()).collect();
    World::new(vec![(crate::registry::repository("app"), images)]).await
}
