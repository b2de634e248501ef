//! A registry into a store: everything that decisions are made from, read without changing what is read.
//!
//! Reading a manifest counts as a pull (`crate::exclusions`), so manifests are read only where the
//! principal is excluded from pull times, or where the caller allows them to be falsified, and each only
//! once (`memory`). Listings flow through bounded channels into the store's files: what is held at a time
//! is one page of each repository that is being read, and the images, without manifests, of those that are
//! listed and not yet recorded.

mod images;
mod in_flight;
mod listing;
mod manifests;
mod memory;
mod progress;
mod public;
mod reader;
mod recorder;
mod registry;
mod repositories;
mod room;
mod stop;

use chrono::{DateTime, Utc};
use demurrage_core::{RegistryFacts, RegistryKind, RepositoriesListing, Repository};
use demurrage_store::{Head, InventoryEntry, Store, StoreError};
use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet, block_in_place, spawn_blocking};

pub use progress::{Progress, Seen};
pub use public::collect_public;
pub use recorder::Unread;
pub use stop::Stop;

use in_flight::InFlight;
use memory::{Known, Recalled};
use recorder::Totals;
use room::{Place, Room};

use crate::calls::{self, Needs};
use crate::{CallError, CallLine, Ecr, Exclusion, Session};

/// Repositories that are read at a time.
const REPOSITORIES_AHEAD: usize = 16;

/// The calls that a collection of a private registry may make, as IAM names them.
pub const ACTIONS: [&str; 11] = [
    "ecr:BatchGetImage",
    "ecr:DescribeImages",
    "ecr:DescribeRegistry",
    "ecr:DescribeRepositories",
    "ecr:GetAccountSetting",
    "ecr:GetLifecyclePolicy",
    "ecr:GetRegistryPolicy",
    "ecr:GetRegistryScanningConfiguration",
    "ecr:GetRepositoryPolicy",
    "ecr:ListPullTimeUpdateExclusions",
    "ecr:ListTagsForResource",
];

/// Whether manifests are read by a principal whose pulls are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PullTimes {
    /// No: what depends on them stays unknown.
    #[default]
    LeaveAsTheyAre,
    /// Yes: every image will look as if it had been pulled today.
    MayBeFalsified,
}

/// What came of a collection.
#[derive(Debug)]
pub struct Collected {
    /// The inventory in the store.
    pub entry: InventoryEntry,
    /// What was read about the registry itself.
    pub registry: RegistryFacts,
    /// Whether the principal's pulls are recorded; nothing where that makes no difference (ECR Public).
    pub exclusion: Option<Exclusion>,
    /// Images whose manifests are not known.
    pub unread: Unread,
    /// What could not be read, one sentence each.
    pub problems: Vec<String>,
    /// What was asked of AWS.
    pub calls: Vec<CallLine>,
}

/// Why there is no inventory. The store is as it was.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// A call failed without which nothing can be said.
    #[error(transparent)]
    Call(#[from] CallError),
    /// The store refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The collection was stopped from outside.
    #[error("the collection was interrupted")]
    Interrupted,
    /// A part of it ended without a word: a defect of this program.
    #[error("a part of the collection ended without a result, which is a defect of demurrage")]
    Broken,
}

/// Collects the private registry of the session's account in one region.
///
/// What cannot be read of one repository is recorded there and in [`Collected::problems`], and the rest is
/// read.
///
/// # Errors
/// When the repositories cannot be listed, credentials are gone, the store refuses, or `stop` was asked.
pub async fn collect_private(
    session: &Session,
    ecr: &Ecr,
    store: &Store,
    pull_times: PullTimes,
    progress: &Progress,
    stop: &Stop,
) -> Result<Collected, CollectError> {
    let read = Box::pin(registry::read(ecr, session));
    let read = stop.unless_asked(read).await?;
    let taken_at = ecr.watch().service_time();
    let repositories = stop.unless_asked(repositories::list(ecr)).await?;
    progress.repositories_are(repositories.len());
    let head = head(RegistryKind::Private, session.account(), ecr.region(), taken_at);
    let may_read = read.exclusion.leaves_no_trace() || pull_times == PullTimes::MayBeFalsified;
    let reading = if may_read { reader::Manifests::Read } else { reader::Manifests::Withheld };

    let mut problems: Vec<String> = read.problems.iter().map(ToString::to_string).collect();
    let (mut known, recalled) = remember(store, &head, &repositories, &mut problems)?;
    let recording = Recording::begin(store, &head, recalled, progress)?;
    let feed = async |recording: &mut Recording| {
        for repository in repositories {
            let digests = block_in_place(|| known.repository(&repository.name))?;
            let (sending, coming) = in_flight::in_flight();
            if !recording.next(coming).await {
                break;
            }
            let (ecr, place, progress) = (ecr.clone(), recording.place(), progress.clone());
            let read = reader::read(ecr, repository, digests, reading, progress, place, sending);
            recording.tasks.spawn(read);
        }
        Ok(())
    };
    let (entry, totals) = recording.run(feed, &read.facts, stop).await?;
    let needs = Needs {
        repositories: totals.repositories,
        image_pages: totals.image_pages,
        manifest_batches: totals.manifest_batches,
        account_settings: read.account_settings_asked,
    };
    problems.extend(totals.problems);
    Ok(Collected {
        entry,
        registry: read.facts,
        exclusion: Some(read.exclusion),
        unread: totals.unread,
        problems,
        calls: calls::private(&needs, &ecr.watch().tallies()),
    })
}

/// Lists the images of one repository as they are now, without manifests; `Listing` says whether all came.
///
/// # Errors
/// When there are no credentials.
pub async fn list_images(ecr: &Ecr, repository_name: &str) -> Result<Repository, CallError> {
    let mut repository = Repository::new(repository_name);
    images::list(ecr, &mut repository, None, &Progress::default()).await?;
    Ok(repository)
}

fn head(kind: RegistryKind, account: &str, region: &str, taken_at: DateTime<Utc>) -> Head {
    // A registry whose repositories cannot all be listed is not stored.
    let repositories_listing = RepositoriesListing::Complete;
    let registry_id = Some(account.to_owned());
    Head { kind, registry_id, region: region.to_owned(), taken_at, repositories_listing }
}

/// What earlier inventories know of these repositories. A damaged one is no reason not to make a new one.
fn remember(
    store: &Store,
    head: &Head,
    repositories: &[Repository],
    problems: &mut Vec<String>,
) -> Result<(Known, Recalled), CollectError> {
    block_in_place(|| {
        let (mut entries, mut damaged) = store.readable_inventories()?;
        entries.retain(|entry| {
            (entry.kind, &entry.registry_id, &entry.region) == (head.kind, &head.registry_id, &head.region)
        });
        let (known, recalled, more) = memory::open(store, &entries, repositories);
        damaged.extend(more);
        let unused = |error: StoreError| format!("manifests that were read before are not used: {error}");
        problems.extend(damaged.into_iter().map(unused));
        Ok((known, recalled))
    })
}

/// Repositories on their way into the store.
struct Recording {
    into: mpsc::Sender<InFlight>,
    recorder: JoinHandle<Result<(demurrage_store::InventoryWriter, Totals), CollectError>>,
    /// Ends with this value, and with it what is being read.
    tasks: JoinSet<()>,
    room: Room,
    /// Repositories that were handed on.
    begun: usize,
}

impl Recording {
    fn begin(
        store: &Store,
        head: &Head,
        recalled: Recalled,
        progress: &Progress,
    ) -> Result<Self, CollectError> {
        let writer = block_in_place(|| store.begin(head))?;
        let (into, coming) = mpsc::channel(REPOSITORIES_AHEAD);
        let (room, counted) = (Room::default(), progress.clone());
        let freed = room.clone();
        let recorder = spawn_blocking(move || recorder::record(writer, recalled, coming, &freed, &counted));
        Ok(Self { into, recorder, tasks: JoinSet::new(), room, begun: 0 })
    }

    /// Hands on the next repository, in the order of names; false when the recorder takes no more.
    async fn next(&mut self, coming: InFlight) -> bool {
        while self.tasks.try_join_next().is_some() {}
        self.into.send(coming).await.is_ok()
    }

    /// The place in the room of the repository that was handed on last.
    fn place(&mut self) -> Place {
        self.begun += 1;
        self.room.place(self.begun - 1)
    }

    /// Hands on what `feed` hands on, waits until it is recorded, and makes the inventory one that readers
    /// see. Where that does not come to its end, nothing is left in the store.
    async fn run(
        mut self,
        feed: impl AsyncFnOnce(&mut Self) -> Result<(), CollectError>,
        facts: &RegistryFacts,
        stop: &Stop,
    ) -> Result<(InventoryEntry, Totals), CollectError> {
        let outcome = tokio::select! {
            outcome = feed(&mut self) => outcome,
            () = stop.asked() => Err(CollectError::Interrupted),
        };
        let Self { into, mut recorder, mut tasks, .. } = self;
        drop(into);
        if outcome.is_err() {
            tasks.abort_all();
        }
        let recorded = tokio::select! {
            recorded = &mut recorder => recorded,
            () = stop.asked(), if outcome.is_ok() => {
                tasks.abort_all();
                recorder.await
            }
        };
        let recorded = recorded.unwrap_or(Err(CollectError::Interrupted));
        // Why the recorder stopped says more than that it takes nothing any more.
        let (writer, totals) = match recorded {
            Ok(recorded) => {
                outcome?;
                recorded
            }
            Err(CollectError::Interrupted) => {
                let unasked = if stop.is_asked() { CollectError::Interrupted } else { CollectError::Broken };
                return Err(outcome.err().unwrap_or(unasked));
            }
            Err(error @ (CollectError::Store(_) | CollectError::Call(_) | CollectError::Broken)) => {
                return Err(error);
            }
        };
        // What could not be read of the registry itself is not evaluated there; the inventory is whole.
        let facts = facts.clone();
        let finished = spawn_blocking(move || writer.finish(&facts, &[])).await;
        let entry = finished.map_err(|_| CollectError::Broken)??;
        Ok((entry, totals))
    }
}
