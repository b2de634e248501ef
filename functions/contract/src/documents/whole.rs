//! What can be said of a registry only where all of its shares are known: it is folded from what they left.

use demurrage_core::cost::{MountedBlobs, StoredBytes, Usd};
use serde::{Deserialize, Serialize};

use super::Stored;

/// A registry as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WholeDocument {
    /// The twelve-digit account.
    pub account: String,
    /// The region.
    pub region: String,
    /// Repositories whose images could not be listed: they are in no figure.
    pub repositories_unread: u64,
    /// Whether every repository was read whole, and what it stores is exact.
    pub is_exact: bool,
    /// What the repositories store, each blob once in each of them.
    pub stored: Stored,
    /// What they store where a blob counts once in the registry; nothing where a share was not priced.
    pub mounted: Option<MountedOf>,
    /// Whether the registry mounts blobs: `on`, `off` or `not_read`.
    pub blob_mounting: String,
    /// What replication costs in a month and left behind, for each destination; nothing where it was not read to where the
    /// registry replicates.
    pub replicas: Option<Vec<ReplicasOf>>,
    /// Referrers whose subjects are gone.
    pub orphan_referrers: OrphanReferrersOf,
    /// How near quotas are.
    pub quotas: QuotasOf,
}

/// What a registry stores where a blob counts once for all repositories of the same encryption.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MountedOf {
    /// The bytes.
    pub stored: Stored,
    /// What that costs in a month; nothing where a price is not known.
    pub usd_per_month: Option<Usd>,
    /// How many distinct blobs can be shared.
    pub blobs: u64,
    /// How many of them more than one repository holds.
    pub shared_blobs: u64,
    /// How many blobs that is if each counts once in each repository.
    pub held_blobs: u64,
}

/// The replicas of a registry in one destination.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReplicasOf {
    /// The region.
    pub region: String,
    /// The account.
    pub registry: String,
    /// What replication there costs in a month, at the least; nothing where a price is not known.
    pub low: Option<Usd>,
    /// The same, at the most.
    pub high: Option<Usd>,
    /// Repositories that were listed whole here and there: what follows is about these.
    pub compared: u64,
    /// Repositories of which one side was not listed whole.
    pub cut_off: u64,
    /// Repositories of which there is no inventory of the destination.
    pub not_read: u64,
    /// Images that are here and not there.
    pub missing_images: u64,
    /// Images that are there and not here: replicas of what is gone, or pushed there.
    pub orphan_images: u64,
    /// The bytes that would be free there without them.
    pub orphan_bytes: u64,
    /// Replicas that were never pulled, as far as ECR recorded it.
    pub never_pulled_images: u64,
    /// The bytes that would be free there without these.
    pub never_pulled_bytes: u64,
}

/// Referrers whose subjects are gone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct OrphanReferrersOf {
    /// How many.
    pub images: u64,
    /// In how many repositories.
    pub repositories: u64,
    /// The bytes that would be free without them.
    pub bytes: u64,
    /// Repositories that were not listed whole: of these nobody knows.
    pub unknown_repositories: u64,
}

/// How near quotas are.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct QuotasOf {
    /// The repositories of the registry.
    pub repositories: QuotaOf,
    /// Images, of the repositories that have most or reach their quota soonest: the first by days, then by number.
    pub images: Vec<(String, QuotaOf)>,
}

/// How much of a quota is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct QuotaOf {
    /// How many there are; where not all were listed, at least.
    pub count: u64,
    /// How many there may be.
    pub quota: u64,
    /// Days until it is reached at the pace of the last 30, at the earliest; nothing where nothing came, or nobody knows.
    pub days_left: Option<u64>,
}

impl MountedOf {
    /// What a merge came to, with what that costs.
    pub fn new(mounted: &MountedBlobs, usd_per_month: Option<Usd>) -> Self {
        Self {
            stored: mounted.stored.into(),
            usd_per_month,
            blobs: mounted.blobs,
            shared_blobs: mounted.shared_blobs,
            held_blobs: mounted.held_blobs,
        }
    }
}

impl WholeDocument {
    /// What blob mounting takes away at the most: what the repositories store, without what the registry does.
    pub fn mounting_saves_bytes(&self) -> Option<u128> {
        let (stored, mounted) =
            (StoredBytes::from(self.stored), StoredBytes::from(self.mounted.as_ref()?.stored));
        Some(stored.total().saturating_sub(mounted.total()))
    }
}
