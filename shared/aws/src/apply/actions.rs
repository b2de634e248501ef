//! The calls that applying a plan may make, as IAM names them.

/// The calls that change a repository.
pub const APPLY_WRITE_ACTIONS: [&str; 5] = [
    "ecr:BatchDeleteImage",
    "ecr:PutImageScanningConfiguration",
    "ecr:PutImageTagMutability",
    "ecr:PutLifecyclePolicy",
    "ecr:UpdateImageStorageClass",
];

/// All calls of [`super::apply`], without those that read what is in use.
pub const APPLY_ACTIONS: [&str; 13] = [
    "ecr:BatchDeleteImage",
    "ecr:BatchGetImage",
    "ecr:DescribeImages",
    "ecr:DescribeRepositories",
    "ecr:GetLifecyclePolicy",
    "ecr:GetRegistryPolicy",
    "ecr:GetRepositoryPolicy",
    "ecr:ListPullTimeUpdateExclusions",
    "ecr:ListTagsForResource",
    "ecr:PutImageScanningConfiguration",
    "ecr:PutImageTagMutability",
    "ecr:PutLifecyclePolicy",
    "ecr:UpdateImageStorageClass",
];

/// The calls of a [`super::TableLease`].
pub const LEASE_ACTIONS: [&str; 2] = ["dynamodb:GetItem", "dynamodb:PutItem"];
