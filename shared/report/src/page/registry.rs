//! What is said of a registry beside its repositories.

use chrono::{DateTime, Utc};
use demurrage_core::RegistryKind;
use demurrage_core::audit::{QuotaStock, Verdict};
use demurrage_core::cost::RegionPrices;

/// A registry, as its inventory begins.
#[derive(Debug, Clone)]
pub struct PageRegistryHead {
    /// Which of the two services it is of.
    pub kind: RegistryKind,
    /// The account, where known.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// When the inventory was taken.
    pub taken_at: DateTime<Utc>,
    /// What could not be read of the registry itself, one sentence each; empty where everything was.
    pub notes: Vec<String>,
    /// What is not known of what is in use there, one sentence each; nothing where nobody asked at all.
    pub use_gaps: Option<Vec<String>>,
    /// Its prices; nothing where its region is none that is known.
    pub prices: Option<RegionPrices>,
    /// What the audits say of the registry itself.
    pub verdict: Verdict,
    /// How many repositories there are, and how many came in the last 30 days.
    pub stock: QuotaStock,
    /// How many there may be.
    pub repositories_max: u64,
    /// How many images a repository may hold.
    pub images_max: u64,
}
