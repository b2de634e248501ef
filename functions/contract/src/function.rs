//! The functions: their names, their settings, and what they may do.

use crate::environment::{
    ALLOW_PULL_TIME_UPDATE, CALLS_PER_SECOND, CONCURRENCY, DEPLOYMENT, REGIONS, SCAN_FINDINGS, SHARE_IMAGES,
    STORE, TOPIC_ARN,
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
    /// Puts everything together, and says it.
    ReportMetrics,
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

impl Function {
    /// All of them, in the order in which a run calls them.
    pub const ALL: [Self; 5] = [
        Self::DiscoverRepositories,
        Self::CollectInventory,
        Self::EvaluateLifecycle,
        Self::ComputeCosts,
        Self::ReportMetrics,
    ];

    /// Its name, which is that of its folder and of its program.
    pub const fn name(self) -> &'static str {
        match self {
            Self::DiscoverRepositories => "discover-repositories",
            Self::CollectInventory => "collect-inventory",
            Self::EvaluateLifecycle => "evaluate-lifecycle",
            Self::ComputeCosts => "compute-costs",
            Self::ReportMetrics => "report-metrics",
        }
    }

    /// The variables of the environment that it reads.
    pub const fn environment(self) -> &'static [&'static str] {
        match self {
            Self::DiscoverRepositories => &[STORE, REGIONS, CALLS_PER_SECOND, CONCURRENCY, SHARE_IMAGES],
            Self::CollectInventory => &[STORE, ALLOW_PULL_TIME_UPDATE, SCAN_FINDINGS],
            Self::EvaluateLifecycle | Self::ComputeCosts => &[STORE],
            Self::ReportMetrics => &[STORE, TOPIC_ARN, DEPLOYMENT],
        }
    }

    /// What it does beside [`STORE_ACTIONS`], as IAM names it: what the AWS edge says of itself, which a test of
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
            Self::ReportMetrics => &["cloudwatch:PutMetricData", "sns:Publish"],
        }
    }
}
