//! The calls that reading a private registry may make, as IAM names them.

/// The calls of [`super::survey()`].
pub const SURVEY_ACTIONS: [&str; 8] = [
    "ecr:DescribePullThroughCacheRules",
    "ecr:DescribeRegistry",
    "ecr:DescribeRepositories",
    "ecr:DescribeRepositoryCreationTemplates",
    "ecr:GetAccountSetting",
    "ecr:GetRegistryPolicy",
    "ecr:GetRegistryScanningConfiguration",
    "ecr:ListPullTimeUpdateExclusions",
];

/// The calls of [`super::collect_share`]; that about scan findings only where it is asked for.
pub const SHARE_ACTIONS: [&str; 7] = [
    "ecr:BatchGetImage",
    "ecr:DescribeImageScanFindings",
    "ecr:DescribeImages",
    "ecr:GetLifecyclePolicy",
    "ecr:GetRepositoryPolicy",
    "ecr:ListPullTimeUpdateExclusions",
    "ecr:ListTagsForResource",
];

/// The calls of [`super::collect_private`]: those of a survey and of a share.
pub const ACTIONS: [&str; 14] = [
    "ecr:BatchGetImage",
    "ecr:DescribeImageScanFindings",
    "ecr:DescribeImages",
    "ecr:DescribePullThroughCacheRules",
    "ecr:DescribeRegistry",
    "ecr:DescribeRepositories",
    "ecr:DescribeRepositoryCreationTemplates",
    "ecr:GetAccountSetting",
    "ecr:GetLifecyclePolicy",
    "ecr:GetRegistryPolicy",
    "ecr:GetRegistryScanningConfiguration",
    "ecr:GetRepositoryPolicy",
    "ecr:ListPullTimeUpdateExclusions",
    "ecr:ListTagsForResource",
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{ACTIONS, SHARE_ACTIONS, SURVEY_ACTIONS};

    #[test]
    fn a_collection_makes_the_calls_of_a_survey_and_of_a_share() {
        let both: BTreeSet<&str> = SURVEY_ACTIONS.into_iter().chain(SHARE_ACTIONS).collect();
        assert_eq!(both.into_iter().collect::<Vec<_>>(), ACTIONS);
    }
}
