//! The catalogue of the metrics that a deployment publishes: names, units, dimensions and what each figure means.
//!
//! Code, `docs/METRICS.md`, dashboard and alarms take them from here, so that none of them looks for a metric
//! that nobody publishes. Leaves out the figures themselves, and how they are sent.

use std::fmt;

/// The namespace of all metrics.
pub const NAMESPACE: &str = "Demurrage";

/// The statistic by which all metrics are read.
///
/// A figure may arrive twice, because putting metrics is not idempotent; the largest of equal figures is still
/// that figure, while their sum or their number is not.
pub const STATISTIC: &str = "Maximum";

macro_rules! metrics {
    ($($(#[$doc:meta])* $variant:ident = $unit:ident of $dimensions:ident, $meaning:literal;)*) => {
        /// One metric. `docs/METRICS.md` has a row for each.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Metric { $($(#[$doc])* $variant,)* }

        impl Metric {
            /// Every metric.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name, as `CloudWatch` has it.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($variant),)* }
            }

            /// What the figure counts.
            pub const fn unit(self) -> Unit {
                match self { $(Self::$variant => Unit::$unit,)* }
            }

            /// What there is one figure for.
            pub const fn dimensions(self) -> Dimensions {
                match self { $(Self::$variant => Dimensions::$dimensions,)* }
            }

            /// What the figure is, and in brackets how sure it is: counted, computed or naive. One sentence without
            /// its full stop.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

metrics! {
    /// Repositories of a registry.
    Repositories = Count of Registry,
        "Repositories that the registry lists, those that could not be read among them (counted)";
    /// Images of a registry.
    Images = Count of Registry,
        "Images and indexes that were listed, archived ones among them (counted)";
    /// The sizes of the images, added up.
    NaiveStoredBytes = Bytes of Registry,
        "Sizes of the listed images and indexes, added up although they share layers (naive: it overstates)";
    /// What is stored in the standard class.
    StoredBytes = Bytes of Registry,
        "Distinct blobs of each repository in the standard class, as the bill counts them (computed)";
    /// What is stored in the archive class.
    ArchivedBytes = Bytes of Registry,
        "Distinct blobs of each repository in the archive class, as the bill counts them (computed)";
    /// What that costs.
    StorageCost = None of Registry,
        "US dollars that a month of what is stored costs, both classes (computed)";
    /// What the policies would free.
    ReclaimableBytes = Bytes of Registry,
        "Bytes that the attached policies free when they were run until nothing changes (computed)";
    /// What that saves.
    ReclaimableCost = None of Registry,
        "US dollars a month that this saves (computed)";
    /// What replication costs.
    ReplicationCost = None of Registry,
        "US dollars a month, at the most, of sending and storing what is pushed as it was in 30 days (assumed)";
    /// Repositories whose policy does something.
    RepositoriesWithEffectivePolicy = Count of Registry,
        "Repositories with a lifecycle policy that ECR accepts and of which at least one rule can act (computed)";
    /// Images that go next.
    ImagesExpiringNext = Count of Registry,
        "Images that the next run of the attached lifecycle policies expires (computed)";
    /// Images that are archived next.
    ImagesArchivingNext = Count of Registry,
        "Images that the next run of the attached lifecycle policies archives (computed)";
    /// Images that something uses.
    ImagesInUse = Count of Registry,
        "Images that are in use, or part of one that is, as far as what uses images was read (computed)";
    /// Images that something uses, and that go all the same.
    ImagesInUseExpiring = Count of Registry,
        "Images in use that an attached policy expires or archives within 14 days, and nobody accepts it (computed)";
    /// Requests to ECR.
    CallsMade = Count of Registry,
        "Requests to ECR that went out for the registry, retries among them (counted)";
    /// Requests that ECR throttled.
    CallsThrottled = Count of Registry,
        "How many of the requests ECR throttled, and which were repeated (counted)";
    /// Repositories of which not everything is known.
    RepositoriesUnread = Count of Registry,
        "Repositories whose images were not all listed, so that no other figure has them whole (counted)";
    /// Repositories whose tags did move, or may.
    PromisesBroken = Count of Registry,
        "Repositories of which a tag moved against the promise, or whose setting lets one move (computed)";
    /// Tags that moved although they have to mean the same build for good.
    TagsMoved = Count of Registry,
        "Tags that moved against the promise since the run before, and 1 at once when an event tells of one (counted)";
    /// Images that are too large, have too many tags, or lack a platform.
    BudgetsBroken = Count of Registry,
        "1 for each image that was pushed beyond a budget of the rules (counted)";
    /// What audits found that cannot wait.
    FindingsCritical = Count of Registry,
        "Critical findings of the audits that nobody accepts (computed)";
    /// What audits found that is to be mended soon.
    FindingsHigh = Count of Registry,
        "High findings of the audits that nobody accepts (computed)";
    /// What audits found that is to be mended.
    FindingsMedium = Count of Registry,
        "Medium findings of the audits that nobody accepts (computed)";
    /// What audits found that is to be mended some day.
    FindingsLow = Count of Registry,
        "Low findings of the audits that nobody accepts (computed)";
    /// How long a run took.
    RunDuration = Seconds of Deployment,
        "Time from the start of the run to its report, in whole seconds (counted)";
    /// Shares of work without an outcome.
    SharesFailed = Count of Deployment,
        "Shares of work that were not collected and evaluated to their end (counted)";
    /// Requests that ECR throttled, over all registries.
    RunCallsThrottled = Count of Deployment,
        "Requests to ECR that were throttled in the run, over all registries (counted)";
    /// Repositories whose tags did move, or may, over all registries.
    AllPromisesBroken = Count of Deployment,
        "Repositories of which a tag moved against the promise, or whose setting lets one, over all registries (computed)";
    /// Tags that moved although they have to mean the same build for good, over all registries.
    AllTagsMoved = Count of Deployment,
        "Tags that moved against the promise since the run before, over all registries, and 1 at once (counted)";
    /// Images that something uses, and that go all the same, over all registries.
    AllImagesInUseExpiring = Count of Deployment,
        "Images in use that an attached policy expires or archives within 14 days, over all registries (computed)";
    /// Quotas that are near, over all registries.
    AllQuotasNear = Count of Deployment,
        "Quotas that are near by the audits of capacity, and nobody accepts it, over all registries (computed)";
    /// Images that the plan of a run takes.
    PlanImages = Count of Deployment,
        "Images that the plan of the run takes, expired and archived ones together (computed)";
    /// Limits that the plan of a run trips.
    PlanGuardsTripped = Count of Deployment,
        "Limits that the plan of the run trips, for one of which it is not applied by itself (computed)";
    /// A plan that waits for a person.
    PlansWaiting = Count of Deployment,
        "1 where the plan of the run waits for somebody to approve it, else 0 (counted)";
    /// Everything that went wrong.
    Failures = Count of Deployment,
        "Registries that could not be listed, shares that failed and problems of the run (counted)";
}

impl fmt::Display for Metric {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Things.
    Count,
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
    /// None that `CloudWatch` knows: the meaning says what is counted.
    None,
}

impl Unit {
    /// The name, as `CloudWatch` has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Bytes => "Bytes",
            Self::Seconds => "Seconds",
            Self::None => "None",
        }
    }
}

/// What there is one figure for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dimensions {
    /// Each registry: an account in a region.
    Registry,
    /// The whole deployment.
    Deployment,
}

impl Dimensions {
    /// Their names, as `CloudWatch` has them, in the order of their values.
    pub const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Registry => &["Account", "Region"],
            Self::Deployment => &["Deployment"],
        }
    }
}

/// How many metrics a deployment has that looks at so many registries.
pub fn metrics_of(registries: usize) -> usize {
    let of = |dimensions| Metric::ALL.iter().filter(|metric| metric.dimensions() == dimensions).count();
    of(Dimensions::Deployment).saturating_add(registries.saturating_mul(of(Dimensions::Registry)))
}
