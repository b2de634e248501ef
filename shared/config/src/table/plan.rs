//! `[plan]`: what plans may come to, and what they never touch.

use chrono::TimeDelta;
use demurrage_core::plan::{GuardRules, OtherReaders, PlanRules, SoftLimits};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::checks;
use crate::number_of_bytes::number_of_bytes;
use crate::problems::Problems;
use crate::whole::Whole;

/// `[plan]`
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct PlanTable {
    /// Patterns of tags whose images stay, with all that belongs to them, whatever rules say. By default `latest`.
    #[serde(default)]
    #[schemars(with = "Vec<String>")]
    protected_tags: Option<Vec<Spanned<String>>>,
    /// Hours after which an inventory is too old to plan from. By default 24.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 168))]
    inventory_max_age_hours: Option<Spanned<Whole>>,
    /// What happens where the policy of a repository lets other accounts pull from which no uses were read. By default
    /// `refuse`: nothing is planned there.
    #[serde(default)]
    other_readers: OtherReadersName,
    /// Images that a plan may touch in one repository before a person has to look. By default 1000.
    #[serde(default)]
    #[schemars(with = "u64", range(min = 1))]
    max_images_per_repository: Option<Spanned<Whole>>,
    /// Images that a plan may touch in all repositories before a person has to look. By default 10000.
    #[serde(default)]
    #[schemars(with = "u64", range(min = 1))]
    max_images_per_run: Option<Spanned<Whole>>,
    /// Percent of the images of one repository that a plan may touch before a person has to look. By default 50.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 100))]
    max_percent_per_repository: Option<Spanned<Whole>>,
    /// Percent of the images of all repositories that a plan may touch before a person has to look. By default 50.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 100))]
    max_percent_per_run: Option<Spanned<Whole>>,
    /// Bytes that a plan may free in one repository before a person has to look, such as `500 GiB`. By default any.
    #[serde(default)]
    #[schemars(with = "String")]
    max_bytes_per_repository: Option<Spanned<String>>,
    /// Bytes that a plan may free in all repositories before a person has to look, such as `5 TiB`. By default any.
    #[serde(default)]
    #[schemars(with = "String")]
    max_bytes_per_run: Option<Spanned<String>>,
    /// A person has to look at a plan of more images than so many times the median of the plans that were applied. By
    /// default 3.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 1000))]
    unusual_factor: Option<Spanned<Whole>>,
}

/// What happens where others may pull.
#[derive(Deserialize, JsonSchema, Clone, Copy, Default)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OtherReadersName {
    /// Nothing is planned there.
    #[default]
    Refuse,
    /// They are taken to use nothing that goes.
    Ignore,
}

impl PlanTable {
    /// The rules that this says, as far as they can be meant.
    pub(crate) fn rules(&self, problems: &mut Problems<'_>) -> PlanRules {
        let defaults = PlanRules::default();
        let hours = checks::number(
            self.inventory_max_age_hours.as_ref(),
            "inventory_max_age_hours",
            1..=168,
            24,
            problems,
        );
        PlanRules {
            guards: match &self.protected_tags {
                Some(given) => GuardRules {
                    protected_tags: given.iter().filter_map(|tag| checks::tags(tag, problems)).collect(),
                },
                None => defaults.guards,
            },
            limits: self.limits(&defaults.limits, problems),
            inventory_max_age: TimeDelta::hours(hours),
            other_readers: match self.other_readers {
                OtherReadersName::Refuse => OtherReaders::Refuse,
                OtherReadersName::Ignore => OtherReaders::Ignore,
            },
        }
    }

    fn limits(&self, defaults: &SoftLimits, problems: &mut Problems<'_>) -> SoftLimits {
        let mut bytes = |given: &Option<Spanned<String>>, default: Option<u64>| match given {
            Some(given) => number_of_bytes(given, problems),
            None => default,
        };
        let bytes_per_repository = bytes(&self.max_bytes_per_repository, defaults.bytes_per_repository);
        let bytes_per_run = bytes(&self.max_bytes_per_run, defaults.bytes_per_run);
        SoftLimits {
            images_per_repository: limit(
                self.max_images_per_repository.as_ref(),
                "max_images_per_repository",
                i64::MAX,
                defaults.images_per_repository,
                problems,
            ),
            images_per_run: limit(
                self.max_images_per_run.as_ref(),
                "max_images_per_run",
                i64::MAX,
                defaults.images_per_run,
                problems,
            ),
            percent_per_repository: limit(
                self.max_percent_per_repository.as_ref(),
                "max_percent_per_repository",
                100,
                defaults.percent_per_repository,
                problems,
            ),
            percent_per_run: limit(
                self.max_percent_per_run.as_ref(),
                "max_percent_per_run",
                100,
                defaults.percent_per_run,
                problems,
            ),
            bytes_per_repository,
            bytes_per_run,
            unusual_factor: limit(
                self.unusual_factor.as_ref(),
                "unusual_factor",
                1000,
                defaults.unusual_factor,
                problems,
            ),
        }
    }
}

/// A limit of at least 1 and at most so much; without one, the default.
fn limit<T: TryFrom<i64> + Default>(
    given: Option<&Spanned<Whole>>,
    name: &str,
    most: i64,
    default: Option<T>,
    problems: &mut Problems<'_>,
) -> Option<T> {
    match given {
        Some(given) => Some(checks::number(Some(given), name, 1..=most, T::default(), problems)),
        None => default,
    }
}
