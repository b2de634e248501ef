//! A registry into a store: everything that decisions are made from, read without changing what is read.
//!
//! Reading a manifest counts as a pull (`crate::exclusions`), so manifests are read only where the
//! principal is excluded from pull times, or where the caller allows them to be falsified, and each only
//! once (`memory`). Listings flow through bounded channels into the store's files: what is held at a time
//! is one page of each repository that is being read, and the images, without manifests, of those that are
//! listed and not yet recorded.
//!
//! A registry is collected as a whole, or surveyed once and collected in shares, each within a time limit.

mod actions;
mod images;
mod in_flight;
mod listing;
mod look_up;
mod manifests;
mod memory;
mod paged_answer;
mod private;
mod progress;
mod public;
mod re_read;
mod reader;
mod recorder;
mod recording;
mod registry;
mod repositories;
mod room;
mod scanned;
mod scans;
mod share;
mod stop;
mod survey;
mod until;

use chrono::{DateTime, Utc};
use demurrage_core::{RegistryFacts, RegistryKind, RepositoriesListing, Repository};
use demurrage_store::{Head, InventoryEntry, StoreError};

pub use actions::{ACTIONS, SHARE_ACTIONS, SURVEY_ACTIONS};
pub use look_up::{LOOK_UP_ACTIONS, look_up_exclusion, look_up_image, look_up_manifest, look_up_repository};
pub use private::collect_private;
pub use progress::{Progress, Seen};
pub use public::collect_public;
pub(crate) use re_read::{
    ManifestText, re_read_images, re_read_lifecycle_policy, re_read_manifests, re_read_named,
    re_read_policies, re_read_tags,
};
pub use recorder::Unread;
pub use share::{CollectedShare, Share, Time, collect_share};
pub use stop::Stop;
pub use survey::{Survey, survey};

use until::Until;

use crate::{CallError, CallLine, Ecr, Exclusion};

/// Whether manifests are read by a principal whose pulls are recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum PullTimes {
    /// No: what depends on them stays unknown.
    #[default]
    LeaveAsTheyAre,
    /// Yes: every image will look as if it had been pulled today.
    MayBeFalsified,
}

/// Whether images are asked about their scans of which listings say nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ScanFindings {
    /// No: what listings say is all.
    #[default]
    AsListed,
    /// Yes: in each repository the newest tagged image and, where it is an index, its platforms, one call each.
    OfTheNewest,
}

/// What of a registry is read beyond its listings. By default nothing that leaves a trace, or takes a call for an
/// image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Extent {
    /// Whether manifests are read where that leaves a trace.
    pub pull_times: PullTimes,
    /// Whether scans are asked about.
    pub scan_findings: ScanFindings,
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

/// Lists the images of one repository as they are now, without manifests; `Listing` says whether all came.
///
/// # Errors
/// When there are no credentials.
pub async fn list_images(ecr: &Ecr, repository_name: &str) -> Result<Repository, CallError> {
    let mut repository = Repository::new(repository_name);
    images::list(ecr, Until::default(), &mut repository, None, &Progress::default()).await?;
    Ok(repository)
}

fn head(kind: RegistryKind, account: &str, region: &str, taken_at: DateTime<Utc>) -> Head {
    // A registry whose repositories cannot all be listed is not stored.
    let repositories_listing = RepositoriesListing::Complete;
    let registry_id = Some(account.to_owned());
    Head { kind, registry_id, region: region.to_owned(), taken_at, repositories_listing }
}
