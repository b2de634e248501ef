//! The functions: their names, their settings, and what they may do.

use crate::environment::{
    ACCOUNTS, ALLOW_PULL_TIME_UPDATE, APPLY_ROLE, APPLY_STATE_MACHINE, CALLS_PER_SECOND, CONCURRENCY,
    DEPLOYMENT, EVENT_SOURCE, EXCLUDED_ACCOUNTS, EXTERNAL_ID, LEASE_TABLE, LEDGER_TABLE,
    ORGANIZATIONAL_UNITS, READ_ROLE, READERS, REGIONS, SCAN_FINDINGS, SHARE_IMAGES, STORE, TOPIC_ARN,
};

/// A function of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Finds what there is to do.
    DiscoverRepositories,
    /// Reads one share of a registry.
    CollectInventory,
    /// Reads what is in use in one account and region.
    CollectWorkloads,
    /// Evaluates what was read.
    EvaluateLifecycle,
    /// Prices what was read.
    ComputeCosts,
    /// Judges what was read by what a team promises, and teaches the tag ledger.
    AuditImmutability,
    /// Puts everything together, and says it.
    ReportMetrics,
    /// Learns what events of ECR say, and raises a finding at once.
    OnImagePush,
    /// Decides what goes, from what the store has.
    BuildPlan,
    /// Does what a plan says: the only one that changes a registry.
    ApplyPlan,
}

/// Who calls a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// The state machine, which waits for the answer.
    Run,
    /// `EventBridge`, with an event of ECR; nobody waits.
    Event,
    /// Somebody who wants it now, and waits for the answer; nothing calls it by itself.
    Hand,
}

impl Trigger {
    /// The name in the contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Event => "event",
            Self::Hand => "hand",
        }
    }
}

/// What reading and writing the store takes. Without `ListBucket` S3 calls a missing object a forbidden one.
///
/// Source: S3 API reference, `GetObject`, "Permissions"; KMS developer guide, "Using Amazon S3 with KMS", read
/// 2026-11-24.
pub const STORE_ACTIONS: [&str; 6] = [
    "kms:Decrypt",
    "kms:GenerateDataKey",
    "s3:AbortMultipartUpload",
    "s3:GetObject",
    "s3:ListBucket",
    "s3:PutObject",
];

/// What reading the store takes.
pub const STORE_READ_ACTIONS: [&str; 3] = ["kms:Decrypt", "s3:GetObject", "s3:ListBucket"];

impl Function {
    /// All of them: those of a run in the order in which it calls them, then those that events and people call.
    pub const ALL: [Self; 10] = [
        Self::DiscoverRepositories,
        Self::CollectWorkloads,
        Self::CollectInventory,
        Self::EvaluateLifecycle,
        Self::ComputeCosts,
        Self::AuditImmutability,
        Self::ReportMetrics,
        Self::OnImagePush,
        Self::BuildPlan,
        Self::ApplyPlan,
    ];

    /// Its name, which is that of its folder and of its program.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DiscoverRepositories => "discover-repositories",
            Self::CollectInventory => "collect-inventory",
            Self::CollectWorkloads => "collect-workloads",
            Self::EvaluateLifecycle => "evaluate-lifecycle",
            Self::ComputeCosts => "compute-costs",
            Self::AuditImmutability => "audit-immutability",
            Self::ReportMetrics => "report-metrics",
            Self::OnImagePush => "on-image-push",
            Self::BuildPlan => "build-plan",
            Self::ApplyPlan => "apply-plan",
        }
    }

    /// Who calls it.
    pub const fn trigger(self) -> Trigger {
        match self {
            Self::DiscoverRepositories
            | Self::CollectInventory
            | Self::CollectWorkloads
            | Self::EvaluateLifecycle
            | Self::ComputeCosts
            | Self::AuditImmutability
            | Self::BuildPlan
            | Self::ReportMetrics => Trigger::Run,
            Self::OnImagePush => Trigger::Event,
            Self::ApplyPlan => Trigger::Hand,
        }
    }

    /// What it does with the store, as IAM names it.
    pub const fn store_actions(self) -> &'static [&'static str] {
        match self.trigger() {
            Trigger::Run | Trigger::Hand => &STORE_ACTIONS,
            Trigger::Event => &STORE_READ_ACTIONS,
        }
    }

    /// The variables of the environment that it reads.
    pub const fn environment(self) -> &'static [&'static str] {
        match self {
            Self::DiscoverRepositories => &[
                STORE,
                ACCOUNTS,
                ORGANIZATIONAL_UNITS,
                EXCLUDED_ACCOUNTS,
                READ_ROLE,
                EXTERNAL_ID,
                REGIONS,
                CALLS_PER_SECOND,
                CONCURRENCY,
                SHARE_IMAGES,
            ],
            Self::CollectInventory => &[STORE, READ_ROLE, EXTERNAL_ID, ALLOW_PULL_TIME_UPDATE, SCAN_FINDINGS],
            Self::CollectWorkloads => &[STORE, READ_ROLE, EXTERNAL_ID],
            Self::EvaluateLifecycle | Self::ComputeCosts => &[STORE],
            Self::BuildPlan => &[STORE, APPLY_STATE_MACHINE],
            Self::ApplyPlan => &[STORE, READ_ROLE, APPLY_ROLE, EXTERNAL_ID, LEASE_TABLE, LEDGER_TABLE],
            Self::AuditImmutability => &[STORE, LEDGER_TABLE, READERS],
            Self::ReportMetrics => &[STORE, TOPIC_ARN, DEPLOYMENT, READERS],
            Self::OnImagePush => &[
                STORE,
                READ_ROLE,
                EXTERNAL_ID,
                LEDGER_TABLE,
                TOPIC_ARN,
                DEPLOYMENT,
                ALLOW_PULL_TIME_UPDATE,
                EVENT_SOURCE,
            ],
        }
    }
}
