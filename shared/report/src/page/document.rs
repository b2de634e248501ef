//! What the page shows, as the JSON that lies in it. Bytes are integers, dollars decimals of ten places in text, times
//! RFC 3339 of UTC; what is not known is `null`.

use chrono::{DateTime, Utc};
use demurrage_core::RegistryKind;
use demurrage_core::audit::Severity;
use serde::Serialize;

use super::gaps::GapLine;

/// Everything.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Document {
    pub(super) format_version: u32,
    pub(super) made_at: DateTime<Utc>,
    pub(super) prices: Prices,
    pub(super) gaps: Vec<GapLine>,
    pub(super) gaps_more: usize,
    pub(super) totals: Totals,
    pub(super) coverage_sentence: String,
    pub(super) registries: Vec<RegistryLine>,
    pub(super) findings: Vec<WorstFinding>,
    pub(super) repositories: Vec<Row>,
    /// The smaller ones, added up by account, region and first part of the name.
    pub(super) rest: Vec<Rest>,
    pub(super) rest_repositories: usize,
    /// Images of a repository that are shown.
    pub(super) detail_images_max: usize,
    /// Large repositories of which the images did not fit.
    pub(super) details_left_out: usize,
    pub(super) sweeps: Vec<Sweep>,
    pub(super) over_time: OverTime,
    pub(super) transfer: Vec<PageTransfer>,
    pub(super) promises_sentence: String,
    pub(super) promises: Vec<Promise>,
    pub(super) moved_tags: Vec<MovedTag>,
    pub(super) next: Vec<NextRule>,
    pub(super) protected: Vec<Protected>,
    pub(super) aws_deleted: Vec<PageAwsDeleted>,
    pub(super) aws_deleted_sentence: String,
    pub(super) quotas: Vec<Quota>,
}

/// Where dollars come from.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Prices {
    pub(super) date: String,
    pub(super) source: String,
}

/// A finding that counts, one of the worst.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct WorstFinding {
    #[serde(skip)]
    pub(super) rank: Severity,
    pub(super) severity: &'static str,
    pub(super) audit: &'static str,
    /// The repository; empty for the registry itself.
    pub(super) repository: String,
    pub(super) region: String,
    pub(super) message: String,
}

/// Sums over all registries.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Totals {
    pub(super) repositories: usize,
    pub(super) images: u64,
    pub(super) stored_bytes: u128,
    pub(super) archived_bytes: u128,
    pub(super) image_size_sum_bytes: u128,
    /// Dollars of all but those that have no price.
    pub(super) usd_per_month: String,
    /// Repositories that have no price, or could not be listed.
    pub(super) unpriced_repositories: usize,
    pub(super) next: Freed,
    pub(super) settled: Freed,
    pub(super) findings: Findings,
    /// Questions of audits without an answer, over all repositories and registries.
    pub(super) unanswered: u64,
    pub(super) in_use_images: Option<u64>,
    pub(super) in_use_known: bool,
    pub(super) in_use_expiring: Option<u64>,
    /// Repositories with a policy that has something to act on, or would have.
    pub(super) with_policy: usize,
}

/// What policies free, as far as it is known.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct Freed {
    /// Nothing where images are not counted.
    pub(super) images: Option<u64>,
    pub(super) bytes: u128,
    pub(super) usd_per_month: String,
    /// Repositories of which nobody knows what their policies free.
    pub(super) unknown_repositories: usize,
    /// Repositories of which nobody knows what that saves.
    pub(super) unpriced_repositories: usize,
}

/// Findings that count, by severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(super) struct Findings {
    pub(super) total: u64,
    pub(super) critical: u64,
    pub(super) high: u64,
    pub(super) medium: u64,
    pub(super) low: u64,
    pub(super) informational: u64,
}

/// One registry: how old its inventory is, and how complete.
#[derive(Debug, Clone, Serialize)]
pub(super) struct RegistryLine {
    pub(super) account: Option<String>,
    pub(super) region: String,
    pub(super) taken_at: DateTime<Utc>,
    pub(super) is_complete: bool,
    pub(super) repositories: usize,
    pub(super) images: u64,
    pub(super) stored_bytes: u128,
    /// Dollars of its repositories but those that have no price.
    pub(super) usd_per_month: String,
    pub(super) unpriced_repositories: usize,
    /// Whether what is in use is known: `known`, or what is missing.
    pub(super) r#use: String,
}

/// One repository.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Row {
    pub(super) account: Option<String>,
    pub(super) region: String,
    pub(super) name: String,
    #[serde(skip)]
    pub(super) kind: RegistryKind,
    /// `complete`, `cut off` or `not read`.
    pub(super) listing: &'static str,
    /// Nothing where they could not be listed.
    pub(super) images: Option<u64>,
    pub(super) stored_bytes: u128,
    pub(super) archived_bytes: u128,
    pub(super) image_size_sum_bytes: u128,
    pub(super) usd_per_month: Option<String>,
    pub(super) next_images: Option<u64>,
    pub(super) next_bytes: Option<u128>,
    pub(super) settled_bytes: Option<u128>,
    /// `effective`: it acts, or would when there is more; `idle`, where no image is selected; `none`; `unknown`.
    pub(super) policy: &'static str,
    /// `kept`, `broken`, `none` where nothing is promised, `unknown`.
    pub(super) promise: &'static str,
    pub(super) findings: u64,
    pub(super) in_use: Option<u64>,
    pub(super) in_use_expiring: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<Detail>,
}

/// Small repositories, added up.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Rest {
    pub(super) account: Option<String>,
    pub(super) region: String,
    /// The first part of their names with its slash; `others` for those without.
    pub(super) name: String,
    pub(super) repositories: usize,
    pub(super) images: u64,
    pub(super) stored_bytes: u128,
    /// Nothing where it is not known of one of them.
    pub(super) settled_bytes: Option<u128>,
}

/// The images of one repository.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Detail {
    pub(super) images: Vec<ImageRow>,
    pub(super) left_out: usize,
}

/// One image.
#[derive(Debug, Clone, Serialize)]
pub(super) struct ImageRow {
    pub(super) digest: String,
    pub(super) tags: Vec<String>,
    pub(super) pushed_at: Option<DateTime<Utc>>,
    pub(super) pulled_at: Option<DateTime<Utc>>,
    pub(super) exclusive_bytes: u128,
    pub(super) shared_bytes: u128,
    /// `stays`, `expires`, `archives`; `unknown` where the policy is not known.
    pub(super) decision: &'static str,
    pub(super) why: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) in_use: String,
}

/// The curve of one rule.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Sweep {
    pub(super) repository: String,
    pub(super) region: String,
    pub(super) rule: u64,
    /// The number of the policy today.
    pub(super) today: u64,
    pub(super) points: Vec<SweepPoint>,
}

/// What one number keeps.
#[derive(Debug, Clone, Serialize)]
pub(super) struct SweepPoint {
    pub(super) number: u64,
    pub(super) kept_images: usize,
    pub(super) kept_bytes: u128,
    pub(super) usd_per_month: Option<String>,
}

/// What was and what will be stored.
#[derive(Debug, Clone, Default, Serialize)]
pub(super) struct OverTime {
    pub(super) past: Vec<Past>,
    pub(super) forecast: Vec<Forecasted>,
}

/// What was stored at a time, in all registries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Past {
    pub(super) at: DateTime<Utc>,
    /// Bytes, each layer once in its repository.
    pub(super) bytes: u128,
}

/// What will be stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Forecasted {
    pub(super) at: DateTime<Utc>,
    /// Bytes if no policy ran.
    pub(super) without_policies: u128,
    /// Bytes with the policies that are attached; nothing where one of them is not known.
    pub(super) with_policies: Option<u128>,
}

/// What is sent from one region to one destination in a month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageTransfer {
    /// The account that sends it, where known.
    pub account: Option<String>,
    /// The region it leaves.
    pub from: String,
    /// The region, and the account where that is another, or the internet.
    pub to: String,
    /// Why: `replication`, for example.
    pub what: String,
    /// Bytes a month, at the most.
    pub bytes: u128,
    /// US dollars a month, at the least.
    pub usd_low: Option<String>,
    /// US dollars a month, at the most.
    pub usd_high: Option<String>,
    /// `billed`, `computed` or `assumed`.
    pub basis: &'static str,
}

/// What became of the promise of one repository.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Promise {
    pub(super) repository: String,
    pub(super) region: String,
    pub(super) state: &'static str,
    pub(super) setting: String,
    pub(super) why: String,
}

/// A tag that moved, and where it was.
#[derive(Debug, Clone, Serialize)]
pub(super) struct MovedTag {
    pub(super) repository: String,
    pub(super) region: String,
    pub(super) tag: String,
    pub(super) history: Vec<TagSpell>,
}

/// What a tag was on for a time.
#[derive(Debug, Clone, Serialize)]
pub(super) struct TagSpell {
    pub(super) from: String,
    pub(super) until: Option<String>,
    pub(super) digest: String,
    pub(super) by: &'static str,
}

/// What one rule takes next.
#[derive(Debug, Clone, Serialize)]
pub(super) struct NextRule {
    pub(super) repository: String,
    pub(super) region: String,
    pub(super) rule: u64,
    pub(super) selection: String,
    pub(super) action: &'static str,
    pub(super) images: usize,
    pub(super) bytes: Option<u128>,
    pub(super) in_use: Option<usize>,
    pub(super) example: String,
}

/// What one kind of protection keeps.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Protected {
    pub(super) by: &'static str,
    pub(super) images: u64,
    pub(super) bytes: u128,
}

/// What ECR's own policies deleted of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PageAwsDeleted {
    /// The repository.
    pub repository: String,
    /// Its region.
    pub region: String,
    /// When the earlier inventory was taken.
    pub since: DateTime<Utc>,
    /// When the later one was.
    pub until: DateTime<Utc>,
    /// How many images went.
    pub images: usize,
    /// How many of these the policy explains.
    pub expected: usize,
}

/// How much of a quota is taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Quota {
    /// What it limits.
    pub(super) what: &'static str,
    /// Where.
    pub(super) r#where: String,
    /// How much is there.
    pub(super) used: u64,
    /// How much may be.
    pub(super) limit: u64,
    /// Days until it is reached at the pace of the last 30, at the earliest; nothing where none came, or it is not known.
    pub(super) days_left: Option<u64>,
    /// Where the limit comes from.
    pub(super) source: &'static str,
}
