//! Servers, a session at them, and a store.

use std::collections::BTreeMap;
use std::fs;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use chrono::{DateTime, Utc};
use demurrage_aws::accounts::AccountSessions;
use demurrage_aws::collect::{Extent, Progress, Stop, collect_private};
use demurrage_aws::ledger::TagLedger;
use demurrage_aws::publish::Publisher;
use demurrage_aws::{Server as At, Session, SessionOptions, register_pull_time_exclusion};
use demurrage_contract::documents::{ShareDocument, names};
use demurrage_contract::{InventoryLine, RunId, WorkLine};
use demurrage_core::Inventory;
use demurrage_core::in_use::{SourceRecord, SourceState, Use, UseRecord, UseSource};
use demurrage_serve::Call;
use demurrage_store::{Documents, Store};
use fake_ecr::{Fake, Fault, FaultKind, FaultTimes, Options, RepositoryRecord, Server, generate};

use crate::clients::Clients;
use crate::recorder::Recorder;
use crate::{dynamodb, report, settings};

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const SEOUL: &str = "ap-northeast-2";
pub(crate) const DUBLIN: &str = "eu-west-1";
pub(crate) const TOPIC: &str = "arn:aws:sns:ap-northeast-2:123456789012:demurrage";
const KEY: &str = "AKIADEMURRAGE";
pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/finops/Demurrage";
const MEMORY_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// A deployment, and the account that it looks at. The clock of the server is right: where it is not, the SDK takes a
/// refusal for a signature of another time, and tries again.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) recorder: Recorder,
    pub(crate) store: Store,
    pub(crate) clients: Clients,
    pub(crate) publisher: Publisher,
    pub(crate) extent: Extent,
    pub(crate) discover: settings::Settings,
    pub(crate) report: report::Settings,
    /// The table of the ledger, and who writes into it.
    pub(crate) table: dynamodb::Server,
    pub(crate) ledger: TagLedger,
    pub(crate) audit: crate::auditing::Settings,
    folder: tempfile::TempDir,
}

/// When every run here starts.
pub(crate) fn started_at() -> DateTime<Utc> {
    "2026-11-20T03:00:00.250Z".parse().unwrap()
}

pub(crate) fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

/// A repository of this name and mode of mutability.
pub(crate) fn repository_record(name: &str, mode: &str) -> RepositoryRecord {
    RepositoryRecord {
        name: name.to_owned(),
        created_at: started_at(),
        mutability: mode.to_owned(),
        exclusion_filters: Vec::new(),
        scan_on_push: false,
        encryption_type: "AES256".to_owned(),
        kms_key: None,
        lifecycle_policy: None,
        lifecycle_evaluated_at: None,
        repository_policy: None,
        resource_tags: BTreeMap::new(),
    }
}

/// A call that has more time than anything here takes.
pub(crate) fn call(attempt: &str) -> Call {
    call_with(attempt, MEMORY_BYTES)
}

pub(crate) fn call_with(attempt: &str, memory_bytes: u64) -> Call {
    Call::new(SystemTime::now() + Duration::from_mins(10), attempt, memory_bytes)
}

/// A call whose time is up.
pub(crate) fn late(attempt: &str) -> Call {
    Call::new(SystemTime::now() - Duration::from_secs(1), attempt, MEMORY_BYTES)
}

/// Calls of which these percent of the time are gone, and which have some seconds left.
pub(crate) async fn calls_after(percent: u32, attempts: &[&str]) -> Vec<Call> {
    let deadline = SystemTime::now() + Duration::from_secs(6);
    let calls: Vec<Call> = attempts.iter().map(|name| Call::new(deadline, *name, MEMORY_BYTES)).collect();
    tokio::time::sleep_until(calls[0].after_percent(percent)).await;
    calls
}

impl World {
    /// A region with so many repositories of so many images each.
    pub(crate) async fn of(repositories: usize, images: usize) -> Self {
        Self::of_regions(&[(SEOUL, repositories, images)]).await
    }

    /// The same where the pulls of the service's role are recorded.
    pub(crate) async fn without_exclusion(repositories: usize, images: usize) -> Self {
        Box::pin(Self::begin(&[(SEOUL, repositories, images)])).await
    }

    pub(crate) async fn of_regions(regions: &[(&str, usize, usize)]) -> Self {
        let world = Box::pin(Self::begin(regions)).await;
        for (region, ..) in regions {
            let ecr = world.session().ecr(region);
            register_pull_time_exclusion(&ecr, world.session(), Some(ROLE)).await.unwrap();
        }
        world.counted();
        world
    }

    async fn begin(regions: &[(&str, usize, usize)]) -> Self {
        let server = Server::start(Options::default()).unwrap();
        server.registry().add_principal(KEY, ACCOUNT, "arn:aws:sts::123456789012:assumed-role/Demurrage/run");
        for (seed, &(region, repositories, images_per_repository)) in (7..).zip(regions) {
            let now = started_at();
            let options = generate::Options { repositories, images_per_repository, seed, now };
            server.registry().attach_generated(ACCOUNT, region, generate::Registry::new(options));
        }
        let options = SessionOptions {
            calls_per_second: NonZeroU32::new(2_000),
            attempt_timeout: Some(Duration::from_secs(20)),
            at: Some(At { url: server.url(), access_key_id: KEY.to_owned() }),
            ..SessionOptions::default()
        };
        let session = Session::open(SEOUL, options).await.unwrap();
        let (recorder, folder) = (Recorder::start().await, tempfile::tempdir().unwrap());
        let table = dynamodb::Server::start().await;
        Self {
            publisher: Publisher::open_at(SEOUL, &recorder.server()).await,
            recorder,
            store: Store::new(folder.path().join("store")),
            clients: Clients::new(AccountSessions::new(session, None)),
            extent: Extent::default(),
            discover: settings::Settings {
                accounts: settings::Covered::Own,
                excluded: Vec::new(),
                regions: regions.iter().map(|(region, ..)| (*region).to_owned()).collect(),
                calls_per_second: number(2_000),
                concurrency: number(4),
                share_images: number(1_000_000),
            },
            report: report::Settings {
                deployment: "demurrage".to_owned(),
                topic_arn: Some(TOPIC.to_owned()),
                readers: vec![ROLE.to_owned()],
            },
            ledger: TagLedger::open_at(SEOUL, &table.at(), dynamodb::TABLE).await,
            audit: crate::auditing::Settings { readers: vec![ROLE.to_owned()] },
            table,
            server,
            folder,
        }
    }

    pub(crate) fn fake(&self) -> &Fake {
        self.server.registry()
    }

    pub(crate) fn session(&self) -> &Session {
        self.clients.accounts.own()
    }

    pub(crate) fn fault(&self, region: Option<&str>, operation: &str, kind: FaultKind, times: FaultTimes) {
        let (operation, region) = (operation.to_owned(), region.map(str::to_owned));
        self.fake().add_fault(Fault { operation, account: None, region, kind, times });
    }

    /// How many calls of each operation of ECR the server has counted, and forgets them.
    pub(crate) fn counted(&self) -> BTreeMap<String, u64> {
        let calls = self.fake().calls();
        self.fake().reset_calls();
        let mut counted = BTreeMap::new();
        for (key, count) in calls {
            if !["GetCallerIdentity", "RegisterPullTimeUpdateExclusion"].contains(&&*key.operation) {
                *counted.entry(key.operation).or_default() += count.calls;
            }
        }
        counted
    }

    /// Everything that could use images of a region was read just now, and uses these.
    pub(crate) fn read_uses(&self, region: &str, uses: Vec<Use>) {
        let read = |source| SourceRecord { source, name: None, state: SourceState::Read };
        let record = UseRecord {
            account: Some(ACCOUNT.to_owned()),
            region: Some(region.to_owned()),
            turn: 0,
            read_at: Utc::now(),
            sources: vec![read(UseSource::Ecs), read(UseSource::Lambda)],
            uses,
        };
        self.store.add_use(&record).unwrap();
    }

    pub(crate) fn documents(&self, run: &RunId) -> Documents {
        self.store.documents(&[names::RUNS, run.as_str()]).unwrap()
    }

    /// The lines of the work of a run that are about shares.
    pub(crate) fn lines(&self, run: &RunId) -> Vec<InventoryLine> {
        let shares = self.work_lines(run).into_iter().filter_map(|line| match line {
            WorkLine::Inventory(line) => Some(line),
            WorkLine::Workloads(_) | WorkLine::Settings(_) => None,
        });
        shares.collect()
    }

    /// The lines of the work that a run has.
    pub(crate) fn work_lines(&self, run: &RunId) -> Vec<WorkLine> {
        let work = self.documents(run).get(names::WORK).unwrap().unwrap();
        let work = String::from_utf8(work).unwrap();
        work.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    pub(crate) fn share(&self, run: &RunId, share: u32) -> ShareDocument {
        self.documents(run).read(&names::share(share)).unwrap().unwrap()
    }

    /// What one collection of the region holds, into a store of its own.
    pub(crate) async fn collected_at_once(&self, region: &str) -> Inventory {
        let store = Store::new(self.folder.path().join(format!("at-once-{region}")));
        let (ecr, progress, stop) = (self.session().ecr(region), Progress::default(), Stop::default());
        let collected = collect_private(self.session(), &ecr, &store, self.extent, &progress, &stop);
        let collected = collected.await.unwrap();
        self.counted();
        facts(store.read(&collected.entry, |_| true).unwrap())
    }

    /// The inventory that a run has made of a region.
    pub(crate) fn inventory(&self, run: &RunId, region: &str) -> Inventory {
        let entry = self.store.find(&names::inventory(run, ACCOUNT, region)).unwrap();
        facts(self.store.read(&entry, |_| true).unwrap())
    }

    /// The folder of the store.
    pub(crate) fn root(&self) -> PathBuf {
        self.folder.path().join("store")
    }

    /// The files of the store, by their paths in it.
    pub(crate) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        read_down(&self.root(), &self.root(), &mut files);
        files
    }

    /// Takes an object of a run away: what a call that ended before it was put would have left.
    pub(crate) fn remove(&self, run: &RunId, name: &str) {
        fs::remove_file(self.documents(run).shown(name)).unwrap();
    }
}

/// The same but for when it was taken.
fn facts(inventory: Inventory) -> Inventory {
    Inventory { taken_at: started_at(), ..inventory }
}

fn read_down(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_down(root, &path, files);
        } else {
            files.insert(path.strip_prefix(root).unwrap().to_owned(), fs::read(&path).unwrap());
        }
    }
}
