//! What repositories cost, as tables, JSON and rows for spreadsheets.
//!
//! The figures come from the core; here they are only put in order and written down. Where a price is not known
//! there is no amount, never 0: `null`, or `unknown`.

mod csv;
mod json;
mod pull_json;
mod pull_table;
mod registry_figures;
mod registry_json;
mod registry_sentences;
mod shares;
mod table;

pub use csv::cost_csv;
pub(crate) use csv::price_cells;
pub(crate) use json::Prices;
pub use json::cost_json;
pub use registry_figures::{
    BytesCost, ForecastFigure, MountedFigure, RegistryFigures, ReplicaFigures, ReplicationSum,
};
pub use table::cost_table;

use chrono::{DateTime, NaiveDate, Utc};
use demurrage_core::Image;
use demurrage_core::cost::{
    BreakEven, Gigabytes, PolicyUnknown, PullRate, PullSource, PullTarget, PullWindow, Usd,
};

/// What was asked, and what came out.
#[derive(Debug, Clone)]
pub struct CostReport<'a> {
    /// When.
    pub now: DateTime<Utc>,
    /// By which prices.
    pub prices: PricesUsed,
    /// The repositories that were asked about, in the order of account, region and name.
    pub repositories: Vec<RepositoryCost<'a>>,
    /// Those that were asked about and could not be read: in no figure, so that no sum is exact.
    pub unread: Vec<UnreadRepository>,
    /// What the others are together.
    pub total: StorageSum,
    /// Whole registries, where all of each was asked about.
    pub registries: Vec<RegistryFigures>,
    /// What pulls cost, by bills and assumptions.
    pub pulls: Option<Vec<PullRow>>,
    /// Hours of the way within regions that are assumed, one for each registry that has pulls within its region.
    pub network_hours: Vec<NetworkHours>,
    /// The pulls that were counted, where they were, one for each registry.
    pub counted_pulls: Vec<CountedPulls>,
}

/// A repository whose images could not be listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnreadRepository {
    /// The twelve-digit account, where known.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The tags of the repository itself; nothing where they were not read.
    pub resource_tags: Option<Vec<(String, String)>>,
}

/// The price list that every figure comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PricesUsed {
    /// Its date.
    pub date: NaiveDate,
    /// Where it is from.
    pub source: String,
}

/// Images, bytes and dollars of one repository, or of several together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageSum {
    /// Images, archived ones too.
    pub images: u64,
    /// The sum of the sizes of all images, as ECR gives them: what others would show.
    pub image_size_sum_bytes: u128,
    /// Whether that is all of it: every image was listed.
    pub is_size_sum_exact: bool,
    /// Distinct blobs of the standard class, once in each repository.
    pub stored_bytes: u128,
    /// Distinct blobs of the archive class.
    pub archived_bytes: u128,
    /// What both cost in a month; nothing where a price is not known.
    pub storage: Option<Usd>,
}

/// One repository.
#[derive(Debug, Clone)]
pub struct RepositoryCost<'a> {
    /// The twelve-digit account, where known.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The name.
    pub name: String,
    /// The tags of the repository itself; nothing where they were not read.
    pub resource_tags: Option<Vec<(String, String)>>,
    /// What it stores.
    pub sum: StorageSum,
    /// Images that count with the size that ECR gives, because their manifests were not read.
    pub images_without_manifest: u64,
    /// Whether the bytes are exact.
    pub is_exact: bool,
    /// What its lifecycle policy would free.
    pub lifecycle: PolicyEffect,
    /// What its replication costs, one for each destination; nothing where it was not read to where it replicates.
    pub replication: Option<Vec<ReplicationRange>>,
    /// Its images, where they were asked about.
    pub images: Vec<ImageCost<'a>>,
}

/// What the lifecycle policy of a repository would free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyEffect {
    /// There is none, so nothing.
    NoPolicy,
    /// This.
    Known(PolicySavings),
    /// Nobody knows.
    Unknown(PolicyUnknown),
}

impl PolicyEffect {
    /// What it would free, where there is a policy of which that is known.
    pub const fn known(&self) -> Option<&PolicySavings> {
        match self {
            Self::Known(savings) => Some(savings),
            Self::NoPolicy | Self::Unknown(_) => None,
        }
    }
}

/// What a policy would free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySavings {
    /// Bytes that the next run would free.
    pub next_run_freed_bytes: u128,
    /// What these cost in a month; nothing where a price is not known.
    pub next_run_freed: Option<Usd>,
    /// Bytes that would be free when nothing more happens.
    pub settled_freed_bytes: u128,
    /// What these cost in a month.
    pub settled_freed: Option<Usd>,
    /// The same bytes by the rule that frees them, in the order of priority; they add up to the whole.
    pub by_rule: Vec<RuleSavings>,
}

/// What one rule would free.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSavings {
    /// The priority of the rule.
    pub priority: u64,
    /// What the rule does, as a sentence.
    pub sentence: String,
    /// Bytes.
    pub freed_bytes: u128,
}

/// What the replication to one registry costs in a month, from the least to the most.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicationRange {
    /// The region of the destination.
    pub region: String,
    /// The account of the destination.
    pub registry: String,
    /// If only blobs are sent that are new to the repository.
    pub low: Option<Usd>,
    /// If all blobs are sent each time.
    pub high: Option<Usd>,
}

/// One image.
#[derive(Debug, Clone, Copy)]
pub struct ImageCost<'a> {
    /// The image.
    pub image: &'a Image,
    /// Bytes that no other image of the repository holds: what is free if it alone goes.
    pub exclusive_bytes: u128,
    /// Bytes that others hold as well.
    pub shared_bytes: u128,
    /// What is saved in a month if it alone goes.
    pub exclusive: Option<Usd>,
}

/// What gateways and endpoints of a region cost in a month by the hour: of no repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NetworkHours {
    /// The twelve-digit account, where known.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// Hours of NAT gateways.
    pub nat_gateway_hours: u64,
    /// Hours of interface endpoints.
    pub endpoint_hours: u64,
    /// What both cost; nothing where a price is not known.
    pub cost: Option<Usd>,
}

/// How often the repositories of a registry were pulled from, whoever did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedPulls {
    /// The twelve-digit account.
    pub account: String,
    /// The region.
    pub region: String,
    /// When the pulls were.
    pub window: PullWindow,
    /// The repositories that were asked about, in the order of their names; nothing where pulls were not counted.
    pub repositories: Vec<(String, Option<u64>)>,
}

/// What pulls of one repository to one place cost in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRow {
    /// The twelve-digit account that pays, where known.
    pub account: Option<String>,
    /// The region that is pulled from.
    pub region: String,
    /// The repository; nothing for what a bill has of a whole registry.
    pub name: Option<String>,
    /// Where to.
    pub to: PullTarget,
    /// Pulls in a month; nothing where a bill has the figures, or counted pulls are assumed and none were counted.
    pub pulls_per_month: Option<u64>,
    /// The bytes of the image that is pulled: the largest; nothing where there is none.
    pub image_bytes: Option<u128>,
    /// What is transferred in a month; nothing where there is nothing to pull, or the pulls are not known.
    pub gigabytes: Option<Gigabytes>,
    /// What that costs in a month.
    pub transfer: Option<Usd>,
    /// Whether the bytes of the image and of a replica are exact, and so all that follows from them. What a bill says is.
    pub is_exact: bool,
    /// Where the figures are from.
    pub source: PullSource,
    /// By which rate pulls from another region are charged.
    pub rate: PullRate,
    /// From how many pulls on a replica there would be cheaper; nothing where there can be none.
    pub replica: Option<BreakEven>,
}

/// By what the figures are put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CostBy {
    /// One row for each repository.
    Repository,
    /// One row for each image.
    Image,
    /// One row for each rule of a lifecycle policy.
    Rule,
    /// One row for each account and region.
    Region,
    /// One row for each value of this tag of repositories.
    Tag(String),
    /// One row for each repository and place that is pulled to.
    Pulls,
}
