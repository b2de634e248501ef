//! `[audit.capacity]`: quotas, and how near to them is too near.

use demurrage_core::audit::Capacity;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::checks;
use crate::problems::Problems;
use crate::whole::Whole;

/// `[audit.capacity]`
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct CapacityTable {
    /// Images that a repository may hold. By default 100000, as AWS does.
    #[serde(default)]
    #[schemars(with = "u64", range(min = 1))]
    images_per_repository: Option<Spanned<Whole>>,
    /// Tags that an image may have. By default 1000, as AWS does.
    #[serde(default)]
    #[schemars(with = "u64", range(min = 1))]
    tags_per_image: Option<Spanned<Whole>>,
    /// Repositories that a registry may hold. By default 100000, as AWS does.
    #[serde(default)]
    #[schemars(with = "u64", range(min = 1))]
    repositories: Option<Spanned<Whole>>,
    /// Repositories that a registry of ECR Public may hold. By default 10000, as AWS does.
    #[serde(default)]
    #[schemars(with = "u64", range(min = 1))]
    public_repositories: Option<Spanned<Whole>>,
    /// Percent of a quota from which on it is near. By default 80.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 100))]
    near_percent: Option<Spanned<Whole>>,
    /// Days within which a quota will be reached, at the pace of the last 30, from which on it is near. By default 30.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 3650))]
    near_days: Option<Spanned<Whole>>,
}

impl CapacityTable {
    pub(super) fn capacity(&self, problems: &mut Problems<'_>) -> Capacity {
        let defaults = Capacity::default();
        let mut quota = |given: &Option<Spanned<Whole>>, name, default: u64| {
            checks::number(given.as_ref(), name, 1..=i64::MAX, default, problems)
        };
        Capacity {
            images_per_repository: quota(
                &self.images_per_repository,
                "images_per_repository",
                defaults.images_per_repository,
            ),
            tags_per_image: quota(&self.tags_per_image, "tags_per_image", defaults.tags_per_image),
            repositories: quota(&self.repositories, "repositories", defaults.repositories),
            public_repositories: quota(
                &self.public_repositories,
                "public_repositories",
                defaults.public_repositories,
            ),
            near_percent: checks::number(
                self.near_percent.as_ref(),
                "near_percent",
                1..=100,
                defaults.near_percent,
                problems,
            ),
            near_days: checks::number(
                self.near_days.as_ref(),
                "near_days",
                1..=3650,
                defaults.near_days,
                problems,
            ),
        }
    }
}
