//! The settings of a registry that audits judge, read from the answers of the API.

mod pull_through;
mod scanning;
mod templates;

pub use pull_through::PullThroughRule;
pub use scanning::{ScanFilter, ScanFrequency, ScanRule, ScanType, Scanning};
pub use templates::CreationTemplate;

use serde::Deserialize;

use crate::access::AccessPolicy;
use crate::{Fact, RegistryFacts, Replication};

/// A setting that may not have been read, or not be readable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Setting<T> {
    /// It is not known, for this reason: a lowercase fragment.
    Unknown(String),
    /// There is none.
    Absent,
    /// This is it.
    Is(T),
}

impl<T> Setting<T> {
    /// The setting that this text writes; `what` it is begins the reason where it is not known.
    pub(super) fn of(fact: &Fact<String>, what: &str, parse: impl FnOnce(&str) -> Result<T, String>) -> Self {
        match fact {
            Fact::NotEvaluated => Self::Unknown(format!("{what} was not read")),
            Fact::Absent => Self::Absent,
            Fact::Present(text) => match parse(text) {
                Ok(value) => Self::Is(value),
                Err(cause) => Self::Unknown(format!("{what} cannot be read: {cause}")),
            },
        }
    }
}

/// The settings of a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrySettings {
    /// Where it replicates to.
    pub replication: Setting<Replication>,
    /// What is scanned, and when.
    pub scanning: Setting<Scanning>,
    /// Who may do what, by the policy of the registry.
    pub policy: Setting<AccessPolicy>,
    /// Principals whose pulls are not recorded, as ARNs.
    pub pull_time_exclusions: Setting<Vec<String>>,
    /// What repositories are like that ECR itself makes.
    pub creation_templates: Setting<Vec<CreationTemplate>>,
    /// Registries that it fetches from when something is pulled.
    pub pull_through_rules: Setting<Vec<PullThroughRule>>,
}

impl RegistrySettings {
    /// Reads the answers of the API.
    pub fn of(facts: &RegistryFacts) -> Self {
        Self {
            replication: Setting::of(&facts.description, "replication", |text| {
                Replication::parse(text).map_err(|error| error.cause)
            }),
            scanning: Setting::of(&facts.scanning, "the scanning configuration", Scanning::parse),
            policy: Setting::of(&facts.policy, "the registry policy", parse_policy),
            pull_time_exclusions: Setting::of(
                &facts.pull_time_exclusions,
                "the list of pull-time exclusions",
                |text| {
                    let answer: Exclusions = read(text)?;
                    Ok(answer.pull_time_update_exclusions)
                },
            ),
            creation_templates: Setting::of(
                &facts.creation_templates,
                "the list of creation templates",
                CreationTemplate::parse_list,
            ),
            pull_through_rules: Setting::of(
                &facts.pull_through_cache_rules,
                "the list of pull-through cache rules",
                PullThroughRule::parse_list,
            ),
        }
    }
}

impl RegistrySettings {
    /// Whether a rule of the pull-through cache has the beginning of this name; nothing where the rules were not read.
    /// ECR moves the tags of a cache after those of the registry that it caches.
    pub fn is_cache(&self, repository: &str) -> Option<bool> {
        match &self.pull_through_rules {
            Setting::Is(rules) => Some(rules.iter().any(|rule| rule.holds(repository))),
            Setting::Absent => Some(false),
            Setting::Unknown(_) => None,
        }
    }
}

/// Reads the text of a policy of a repository or of a registry.
pub(super) fn parse_policy(text: &str) -> Result<AccessPolicy, String> {
    AccessPolicy::parse(text).map_err(|error| error.to_string())
}

/// Reads an answer of the API, of which members that are not asked for are passed over.
fn read<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Exclusions {
    pull_time_update_exclusions: Vec<String>,
}
