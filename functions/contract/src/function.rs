//! The functions: their names, their settings, and what they may do.

use crate::environment::{
    ALLOW_PULL_TIME_UPDATE, CALLS_PER_SECOND, CONCURRENCY, DEPLOYMENT, EVENT_SOURCE, LEDGER_TABLE, READERS,
    REGIONS, SCAN_FINDINGS, SHARE_IMAGES, STORE, TOPIC_ARN,
};

/// A function of the service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Function {
    /// Finds what there is to do.
    DiscoverRepositories,
    /// Reads one share of a registry.
    CollectInventory,
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
}

/// Who calls a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trigger {
    /// The state machine, which waits for the answer.
    Run,
    /// `EventBridge`, with an event of ECR; nobody waits.
    Event,
}

impl Trigger {
    /// The name in the contract.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Run => "run",
            Self::Event => "event",
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
    /// All of them: those of a run in the order in which it calls them, then those that events call.
    pub const ALL: [Self; 7] = [
        Self::DiscoverRepositories,
        Self::CollectInventory,
        Self::EvaluateLifecycle,
        Self::ComputeCosts,
        Self::AuditImmutability,
        Self::ReportMetrics,
        Self::OnImagePush,
    ];

    /// Its name, which is that of its folder and of its program.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DiscoverRepositories => "discover-repositories",
            Self::CollectInventory => "collect-inventory",
            Self::EvaluateLifecycle => "evaluate-lifecycle",
            Self::ComputeCosts => "compute-costs",
            Self::AuditImmutability => "audit-immutability",
            Self::ReportMetrics => "report-metrics",
            Self::OnImagePush => "on-image-push",
        }
    }

    /// Who calls it.
    pub const fn trigger(self) -> Trigger {
        match self {
            Self::DiscoverRepositories
            | Self::CollectInventory
            | Self::EvaluateLifecycle
            | Self::ComputeCosts
            | Self::AuditImmutability
            | Self::ReportMetrics => Trigger::Run,
            Self::OnImagePush => Trigger::Event,
        }
    }

    /// What it does with the store, as IAM names it.
    pub const fn store_actions(self) -> &'static [&'static str] {
        match self.trigger() {
            Trigger::Run => &STORE_ACTIONS,
            Trigger::Event => &STORE_READ_ACTIONS,
        }
    }

    /// The variables of the environment that it reads.
    pub const fn environment(self) -> &'static [&'static str] {
        match self {
            Self::DiscoverRepositories => &[STORE, REGIONS, CALLS_PER_SECOND, CONCURRENCY, SHARE_IMAGES],
            Self::CollectInventory => &[STORE, ALLOW_PULL_TIME_UPDATE, SCAN_FINDINGS],
            Self::EvaluateLifecycle | Self::ComputeCosts => &[STORE],
            Self::AuditImmutability => &[STORE, LEDGER_TABLE, READERS],
            Self::ReportMetrics => &[STORE, TOPIC_ARN, DEPLOYMENT, READERS],
            Self::OnImagePush => {
                &[STORE, LEDGER_TABLE, TOPIC_ARN, DEPLOYMENT, ALLOW_PULL_TIME_UPDATE, EVENT_SOURCE]
            }
        }
    }

    /// What it does beside [`Self::store_actions`], as IAM names it: what the AWS edge says of itself, which a test of
    /// the functions together compares.
    pub const fn actions(self) -> &'static [&'static str] {
        match self {
            Self::DiscoverRepositories => &[
                "ecr:DescribePullThroughCacheRules",
                "ecr:DescribeRegistry",
                "ecr:DescribeRepositories",
                "ecr:DescribeRepositoryCreationTemplates",
                "ecr:GetAccountSetting",
                "ecr:GetRegistryPolicy",
                "ecr:GetRegistryScanningConfiguration",
                "ecr:ListPullTimeUpdateExclusions",
            ],
            Self::CollectInventory => &[
                "ecr:BatchGetImage",
                "ecr:DescribeImageScanFindings",
                "ecr:DescribeImages",
                "ecr:GetLifecyclePolicy",
                "ecr:GetRepositoryPolicy",
                "ecr:ListPullTimeUpdateExclusions",
                "ecr:ListTagsForResource",
            ],
            Self::EvaluateLifecycle | Self::ComputeCosts => &[],
            Self::AuditImmutability => {
                &["dynamodb:ConditionCheckItem", "dynamodb:PutItem", "dynamodb:Query", "dynamodb:UpdateItem"]
            }
            Self::ReportMetrics => &["cloudwatch:PutMetricData", "sns:Publish"],
            Self::OnImagePush => &[
                "cloudwatch:PutMetricData",
                "dynamodb:ConditionCheckItem",
                "dynamodb:GetItem",
                "dynamodb:PutItem",
                "dynamodb:Query",
                "dynamodb:UpdateItem",
                "ecr:BatchGetImage",
                "ecr:DescribeImages",
                "ecr:DescribeRepositories",
                "ecr:ListPullTimeUpdateExclusions",
                "sns:Publish",
            ],
        }
    }
}
