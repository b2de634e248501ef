//! `[in_use]`: what has to be known of what runs, before anything is deleted.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use demurrage_core::in_use::{UnsaidTopic, UseRules, UseSource};
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use crate::InUseConfiguration;
use crate::checks;
use crate::problems::Problems;
use crate::whole::Whole;

/// A year: what was read longer ago says nothing.
const HOURS_MAX: i64 = 8784;

/// `[in_use]`
#[derive(Deserialize, JsonSchema, Default)]
#[serde(deny_unknown_fields, expecting = "a table")]
pub(crate) struct InUseTable {
    /// What has to be read of the account and region of each registry before images of it go. By default ECS and Lambda.
    /// Empty: nothing has to.
    #[serde(default)]
    #[schemars(with = "BTreeSet<SourceName>")]
    sources: Option<BTreeSet<SourceName>>,
    /// Other accounts and regions that use images, as `account/region`: the sources have to be read of them as well.
    #[serde(default)]
    #[schemars(with = "BTreeSet<String>", inner(regex(pattern = r"^[0-9]{12}/[a-z0-9-]+$")))]
    accounts: Vec<Spanned<String>>,
    /// Other regions of a registry's own account that use its images: the sources have to be read of them as well. Those of the
    /// account's other registries, and those to which it replicates, are asked for anyway. Empty: no other, and nothing reminds of
    /// it any more.
    #[serde(default)]
    #[schemars(with = "BTreeSet<String>", inner(regex(pattern = r"^[a-z0-9-]+$")))]
    regions: Option<Vec<Spanned<String>>>,
    /// Kubernetes clusters that have to be read, by the names that `demurrage use --kubernetes NAME=FILE` gives them. Empty:
    /// there is none, and nothing reminds of it any more.
    #[serde(default)]
    #[schemars(with = "BTreeSet<String>", inner(length(min = 1)))]
    clusters: Option<Vec<Spanned<String>>>,
    /// Clusters, and accounts and regions as `account/region`, that were read once and are there no more: what they used
    /// is used no more, and nobody has to read them again.
    #[serde(default)]
    #[schemars(with = "BTreeSet<String>", inner(length(min = 1)))]
    gone: Vec<Spanned<String>>,
    /// Hours since it was read, at most, when a plan is made. By default 24.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 8784))]
    max_age_hours: Option<Spanned<Whole>>,
    /// Hours since a cluster was read, at most, when a plan is made and when it is applied, where that may be more than is
    /// asked otherwise.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 8784))]
    cluster_max_age_hours: Option<Spanned<Whole>>,
    /// The newest active revisions of each family of task definitions that count as used. By default 3.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 1, max = 1000))]
    task_definition_revisions: Option<Spanned<Whole>>,
    /// Versions of a function before its newest that count as used. By default 3.
    #[serde(default)]
    #[schemars(with = "u32", range(min = 0, max = 1000))]
    lambda_versions_back: Option<Spanned<Whole>>,
    /// Whether Amazon Inspector is asked which images run, where it is on. By default it is.
    #[serde(default)]
    #[schemars(with = "bool")]
    inspector: Option<Spanned<bool>>,
}

/// A source of the account and region of a registry.
#[derive(Deserialize, JsonSchema, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "lowercase")]
enum SourceName {
    Ecs,
    Lambda,
    Inspector,
}

impl SourceName {
    const fn source(self) -> UseSource {
        match self {
            Self::Ecs => UseSource::Ecs,
            Self::Lambda => UseSource::Lambda,
            Self::Inspector => UseSource::Inspector,
        }
    }
}

impl InUseTable {
    pub(crate) fn configuration(&self, problems: &mut Problems<'_>) -> InUseConfiguration {
        let defaults = InUseConfiguration::default();
        let hours = |given: Option<&Spanned<Whole>>, name, problems: &mut Problems<'_>| {
            given.map(|given| TimeDelta::hours(checks::number(Some(given), name, 1..=HOURS_MAX, 1, problems)))
        };
        let mut count = |given: &Option<Spanned<Whole>>, name, low, default| {
            checks::number(given.as_ref(), name, low..=1000, default, problems)
        };
        let revisions = &self.task_definition_revisions;
        let task_definition_revisions =
            count(revisions, "task_definition_revisions", 1, defaults.task_definition_revisions);
        let back = &self.lambda_versions_back;
        let lambda_versions_back = count(back, "lambda_versions_back", 0, defaults.lambda_versions_back);
        let rules = UseRules {
            sources: match &self.sources {
                Some(sources) => sources.iter().map(|source| source.source()).collect(),
                None => defaults.rules.sources,
            },
            accounts: self.accounts.iter().filter_map(|given| account_region(given, problems)).collect(),
            regions: self.regions.iter().flatten().filter_map(|given| region(given, problems)).collect(),
            near: BTreeSet::new(),
            clusters: names(self.clusters.as_deref().unwrap_or_default(), "clusters", problems),
            unsaid: self.unsaid(),
            gone: names(&self.gone, "gone", problems),
            max_age: hours(self.max_age_hours.as_ref(), "max_age_hours", problems)
                .unwrap_or(defaults.rules.max_age),
            cluster_max_age: hours(self.cluster_max_age_hours.as_ref(), "cluster_max_age_hours", problems),
        };
        self.contradictions(&rules, problems);
        InUseConfiguration {
            rules,
            task_definition_revisions,
            lambda_versions_back,
            inspector: self.inspector.as_ref().map_or(defaults.inspector, |given| *given.get_ref()),
        }
    }

    /// What nothing is said about.
    fn unsaid(&self) -> BTreeSet<UnsaidTopic> {
        let is_unsaid = |topic: &UnsaidTopic| match topic {
            UnsaidTopic::Regions => self.regions.is_none(),
            UnsaidTopic::Clusters => self.clusters.is_none(),
        };
        UnsaidTopic::ALL.into_iter().filter(is_unsaid).collect()
    }

    /// Says what is asked for and called gone.
    fn contradictions(&self, rules: &UseRules, problems: &mut Problems<'_>) {
        let is_asked = self.sources.as_ref().is_some_and(|sources| sources.contains(&SourceName::Inspector));
        if is_asked
            && let Some(given) = &self.inspector
            && !given.get_ref()
        {
            problems.add(
                given.span(),
                "Inspector has to be read, and is not asked".to_owned(),
                "take `inspector` out of `sources`, or this line",
            );
        }
        for given in self.clusters.iter().flatten().chain(&self.accounts) {
            let text = given.get_ref();
            if rules.gone.contains(text) {
                problems.add(
                    given.span(),
                    format!("`{text}` has to be read, and is called gone"),
                    "take it out of one of the two lists",
                );
            }
        }
    }
}

fn is_region(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty() && text.bytes().all(plain)
}

/// A region.
fn region(given: &Spanned<String>, problems: &mut Problems<'_>) -> Option<String> {
    let text = given.get_ref();
    if !is_region(text) {
        problems.add(given.span(), format!("`{text}` is no region"), "write one, such as `eu-west-1`");
        return None;
    }
    Some(text.clone())
}

/// An account and a region.
fn account_region(given: &Spanned<String>, problems: &mut Problems<'_>) -> Option<(String, String)> {
    let text = given.get_ref();
    let is_account = |account: &str| account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    let both = text.split_once('/').filter(|(account, region)| is_account(account) && is_region(region));
    if both.is_none() {
        let help = "write both, such as `123456789012/eu-west-1`";
        problems.add(given.span(), format!("`{text}` is no account and region"), help);
    }
    both.map(|(account, region)| (account.to_owned(), region.to_owned()))
}

fn names(given: &[Spanned<String>], name: &str, problems: &mut Problems<'_>) -> BTreeSet<String> {
    let help = "write the name of a cluster, such as `prod`";
    given.iter().filter_map(|given| checks::text(given, name, help, problems)).collect()
}
