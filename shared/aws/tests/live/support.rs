//! A server, a session at it, and a store.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_ecr::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_ecr::types::{ImageIdentifier, TargetStorageClass};
use chrono::{DateTime, Utc};
use demurrage_aws::collect::{Collected, Extent, Progress, PullTimes, Stop, collect_private};
use demurrage_aws::{Ecr, Server as At, Session, SessionOptions};
use demurrage_core::{Inventory, instant};
use demurrage_store::Store;
use fake_ecr::{Clock, Fake, Options, Server, Settings, generate};

pub(crate) const ACCOUNT: &str = "123456789012";
pub(crate) const REGION: &str = "ap-northeast-2";
/// The key of a session of the role `/finops/Demurrage`.
pub(crate) const KEY: &str = "AKIADEMURRAGE";
pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/finops/Demurrage";

/// A registry that answers, and an empty store.
pub(crate) struct World {
    pub(crate) server: Server,
    pub(crate) store: Store,
    /// The repositories of a generated registry.
    pub(crate) names: Vec<String>,
    folder: tempfile::TempDir,
}

pub(crate) fn now() -> DateTime<Utc> {
    instant::parse("2026-11-01T00:00:00Z").unwrap()
}

impl World {
    /// An empty registry.
    pub(crate) fn empty() -> Self {
        let server = Server::start(Options::default()).unwrap();
        let fake = server.registry();
        fake.set_clock(Clock::Fixed(now()));
        fake.add_principal(KEY, ACCOUNT, "arn:aws:sts::123456789012:assumed-role/Demurrage/run");
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path().join("store"));
        Self { server, store, names: Vec::new(), folder }
    }

    /// A generated registry.
    pub(crate) fn generated(repositories: usize, images_per_repository: usize, seed: u64) -> Self {
        let mut world = Self::empty();
        let options = generate::Options { repositories, images_per_repository, seed, now: now() };
        let registry = generate::Registry::new(options);
        world.names = (0..registry.len()).map(|i| registry.name(i)).collect();
        world.names.sort();
        world.fake().attach_generated(ACCOUNT, REGION, registry);
        world
    }

    pub(crate) fn fake(&self) -> &Fake {
        self.server.registry()
    }

    /// Another store over the same registry.
    pub(crate) fn other_store(&self, name: &str) -> Store {
        Store::new(self.folder.path().join(name))
    }

    pub(crate) fn set(&self, change: impl FnOnce(&mut Settings)) {
        let mut settings = self.fake().settings();
        change(&mut settings);
        self.fake().set_settings(settings);
    }

    /// Moves an image to another class, as anybody may do.
    pub(crate) async fn move_to(&self, repository: &str, digest: &str, class: TargetStorageClass) {
        let config = aws_sdk_ecr::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(REGION))
            .endpoint_url(self.server.url())
            .credentials_provider(Credentials::new(KEY, "secret", None, None, "test"))
            .build();
        let id = ImageIdentifier::builder().image_digest(digest).build();
        let call = aws_sdk_ecr::Client::from_conf(config).update_image_storage_class();
        call.repository_name(repository).image_id(id).target_storage_class(class).send().await.unwrap();
    }

    /// A place in the folder of the stores.
    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) async fn session(&self) -> Session {
        self.session_with(SessionOptions::default()).await
    }

    pub(crate) async fn session_with(&self, options: SessionOptions) -> Session {
        let at = Some(At { url: self.server.url(), access_key_id: KEY.to_owned() });
        // Fast, as nobody else asks this server; and not long in waiting for an answer that never comes.
        let options = SessionOptions {
            calls_per_second: options.calls_per_second.or(std::num::NonZeroU32::new(2_000)),
            attempt_timeout: options.attempt_timeout.or(Some(Duration::from_secs(20))),
            at,
            ..options
        };
        Session::open(REGION, options).await.unwrap()
    }

    /// Registers the role, with its path, as a pull-time exclusion.
    pub(crate) async fn exclude(&self, session: &Session) -> Ecr {
        let ecr = session.ecr(REGION);
        demurrage_aws::register_pull_time_exclusion(&ecr, session, Some(ROLE)).await.unwrap();
        ecr
    }

    /// Collects with manifests.
    pub(crate) async fn collect(&self) -> Collected {
        let session = self.session().await;
        self.exclude(&session).await;
        self.collect_as(&session, &self.store, PullTimes::LeaveAsTheyAre).await
    }

    pub(crate) async fn collect_as(
        &self,
        session: &Session,
        store: &Store,
        pull_times: PullTimes,
    ) -> Collected {
        self.collect_to(session, store, Extent { pull_times, ..Extent::default() }).await
    }

    pub(crate) async fn collect_to(&self, session: &Session, store: &Store, extent: Extent) -> Collected {
        let (ecr, progress, stop) = (session.ecr(REGION), Progress::default(), Stop::default());
        collect_private(session, &ecr, store, extent, &progress, &stop).await.unwrap()
    }

    pub(crate) fn read(&self, collected: &Collected) -> Inventory {
        self.store.read(&collected.entry, |_| true).unwrap()
    }

    /// How many calls of each operation of ECR the server has counted, and forgets them.
    pub(crate) fn counted(&self) -> BTreeMap<String, u64> {
        let calls = self.fake().calls();
        self.fake().reset_calls();
        let mut counted = BTreeMap::new();
        for (key, count) in calls {
            if key.operation != "GetCallerIdentity" {
                *counted.entry(key.operation).or_default() += count.calls;
            }
        }
        counted
    }
}
