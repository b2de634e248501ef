//! What came of pricing one segment of a share: bytes. Dollars follow where all of a registry is known, because its
//! repositories fill the tiers of its prices together.

use demurrage_core::cost::{Bounds, StoredBytes, Usd};
use serde::{Deserialize, Serialize};

use super::BlobFile;

/// The bytes of a segment, or of some of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CostedDocument {
    /// The first repository of the segment that is in it, from 0.
    pub from: u32,
    /// The first repository that is not in it any more; none where the segment ends with it.
    pub next: Option<u32>,
    /// Its repositories, in the order of their names.
    pub repositories: Vec<CostedRepository>,
    /// Their blobs, for the fold over all repositories of the registry; nothing in documents from before there was one.
    #[serde(default)]
    pub blobs: Option<BlobFile>,
}

/// What one repository stores, now and after its policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostedRepository {
    /// Its name.
    pub name: String,
    /// Whether the figures are exact.
    pub is_exact: bool,
    /// Images whose manifests are not known.
    pub images_without_manifest: u64,
    /// What is stored; nothing where it could not be listed.
    pub now: Option<Stored>,
    /// What is stored after the next run of its policy; nothing where it has none that is known.
    pub after_next_run: Option<Stored>,
    /// What is stored when the policy was run until nothing changes.
    pub after_settled: Option<Stored>,
    /// Whether it is not known what its policy frees: it was not read, is none that ECR accepts, or images are missing.
    /// Documents from before this was told take it for known.
    #[serde(default)]
    pub is_policy_unknown: bool,
    /// What replicating its pushes costs in a month, for each destination.
    pub replication: Vec<Replicas>,
}

/// Bytes of distinct blobs by class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Stored {
    /// In the standard class.
    pub standard_bytes: u64,
    /// In the archive class.
    pub archived_bytes: u64,
}

/// What replication to one destination costs in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replicas {
    /// The region.
    pub region: String,
    /// The account.
    pub registry: String,
    /// At the least; nothing where a price is not known.
    pub low: Option<Usd>,
    /// At the most; nothing where a price is not known.
    pub high: Option<Usd>,
}

impl From<StoredBytes> for Stored {
    fn from(stored: StoredBytes) -> Self {
        let bytes = |bytes: u128| u64::try_from(bytes).unwrap_or(u64::MAX);
        Self { standard_bytes: bytes(stored.standard_bytes), archived_bytes: bytes(stored.archived_bytes) }
    }
}

impl From<Stored> for StoredBytes {
    fn from(stored: Stored) -> Self {
        Self { standard_bytes: stored.standard_bytes.into(), archived_bytes: stored.archived_bytes.into() }
    }
}

impl Replicas {
    /// The cost at a destination.
    pub fn new(region: &str, registry: &str, usd: Option<Bounds<Usd>>) -> Self {
        Self {
            region: region.to_owned(),
            registry: registry.to_owned(),
            low: usd.map(|usd| usd.low),
            high: usd.map(|usd| usd.high),
        }
    }
}
