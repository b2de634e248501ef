//! A fixture of an audit: what it looks at, and what it has to answer.
//!
//! Settings of a registry are the API's own answers; a member that is not there was not read, `null` means that
//! there is none. Digests are written as short names, times as days before `now`.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::audit::{
    Census, RegistrySettings, RegistryUnder, ReplicaSettings, RepositoryUnder, Rules, UsesUnder, Verdict,
    audit_registry, audit_repository,
};
use demurrage_core::in_use::UseGraph;
use demurrage_core::lifecycle::{Relations, Switches};
use demurrage_core::{
    ExclusionFilter, Fact, Listing, RegistryFacts, RegistryKind, RepositoriesListing, Repository,
    TagMutability, instant,
};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::expectation::Expectation;
use super::images::GivenImage;
use super::ledger::GivenLedger;
use super::rules::GivenRules;
use super::uses::GivenUse;

/// A fixture.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Fixture {
    #[serde(rename = "description")]
    _description: String,
    now: String,
    /// Whether the registry is one of ECR Public.
    #[serde(default)]
    public: bool,
    #[serde(default = "account")]
    account: String,
    #[serde(default = "region")]
    region: String,
    #[serde(default)]
    rules: GivenRules,
    #[serde(default)]
    readers: Vec<String>,
    /// Nothing: nobody read what is in use.
    in_use: Option<Vec<GivenUse>>,
    /// What of it was not read.
    in_use_incomplete: Option<String>,
    #[serde(default)]
    registry: GivenRegistry,
    /// Nothing: the registry is audited, by its census.
    repository: Option<GivenRepository>,
    #[serde(default)]
    census: GivenCensus,
    #[serde(default)]
    replicas: Vec<GivenReplica>,
    /// Nothing: none was kept.
    ledger: Option<GivenLedger>,
    pub(super) expect: Expectation,
}

impl Fixture {
    /// What the audits answer.
    pub(super) fn verdict(&self) -> Verdict {
        let now = instant::parse(&self.now).expect("`now` is an instant");
        let settings = RegistrySettings::of(&self.registry.facts());
        let rules: Rules = self.rules.rules();
        let graph = self.in_use.as_ref().map(|uses| UseGraph::of(uses.iter().map(GivenUse::used).collect()));
        let incomplete = self.in_use_incomplete.as_deref();
        let registry = RegistryUnder {
            kind: if self.public { RegistryKind::Public } else { RegistryKind::Private },
            account: Some(&self.account),
            region: &self.region,
            settings: &settings,
            rules: &rules,
            now,
            switches: Switches::default(),
            readers: &self.readers,
            uses: graph.as_ref().map(|graph| UsesUnder { graph, incomplete }),
        };
        let Some(given) = &self.repository else {
            return audit_registry(&registry, &self.census.census(now));
        };
        let repository = given.repository(now);
        let replicas: Vec<ReplicaSettings> = self.replicas.iter().map(GivenReplica::settings).collect();
        let ledger = self.ledger.as_ref().map(|given| given.ledger(now));
        audit_repository(&RepositoryUnder {
            registry: &registry,
            repository: &repository,
            relations: &Relations::of(&repository.images),
            replicas: &replicas,
            ledger: ledger.as_ref(),
        })
    }

    /// What is audited: the name of a repository, or nothing for the registry.
    pub(super) fn repository_name(&self) -> Option<&str> {
        self.repository.as_ref().map(|repository| repository.name.as_str())
    }
}

fn account() -> String {
    "111122223333".to_owned()
}

fn region() -> String {
    "eu-west-1".to_owned()
}

/// What was read: a member that is not there was not, `null` is none.
fn fact<'d, D: Deserializer<'d>, T: Deserialize<'d>>(given: D) -> Result<Fact<T>, D::Error> {
    Option::deserialize(given).map(|value| value.map_or(Fact::Absent, Fact::Present))
}

/// The text of a JSON value; what is a text already stays as it is.
fn text(fact: &Fact<Value>) -> Fact<String> {
    match fact {
        Fact::NotEvaluated => Fact::NotEvaluated,
        Fact::Absent => Fact::Absent,
        Fact::Present(Value::String(text)) => Fact::Present(text.clone()),
        // As long as a lifecycle policy has to be at least.
        Fact::Present(value) => Fact::Present(format!("{:<100}", value.to_string())),
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct GivenRegistry {
    #[serde(default, deserialize_with = "fact")]
    description: Fact<Value>,
    #[serde(default, deserialize_with = "fact")]
    policy: Fact<Value>,
    #[serde(default, deserialize_with = "fact")]
    scanning: Fact<Value>,
    #[serde(default, deserialize_with = "fact")]
    pull_time_exclusions: Fact<Value>,
    #[serde(default, deserialize_with = "fact")]
    creation_templates: Fact<Value>,
    #[serde(default, deserialize_with = "fact")]
    pull_through_cache_rules: Fact<Value>,
}

impl GivenRegistry {
    fn facts(&self) -> RegistryFacts {
        RegistryFacts {
            description: text(&self.description),
            policy: text(&self.policy),
            scanning: text(&self.scanning),
            account_settings: Vec::new(),
            pull_time_exclusions: text(&self.pull_time_exclusions),
            creation_templates: text(&self.creation_templates),
            pull_through_cache_rules: text(&self.pull_through_cache_rules),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenRepository {
    name: String,
    created_days_ago: Option<i64>,
    #[serde(default, deserialize_with = "fact")]
    tag_mutability: Fact<GivenMutability>,
    encryption_type: Option<String>,
    kms_key: Option<String>,
    scan_on_push: Option<bool>,
    #[serde(default, deserialize_with = "fact")]
    lifecycle_policy: Fact<Value>,
    #[serde(default, deserialize_with = "fact")]
    repository_policy: Fact<Value>,
    #[serde(default, deserialize_with = "fact")]
    resource_tags: Fact<BTreeMap<String, String>>,
    /// `complete`, `cut off` or `failed`.
    #[serde(default)]
    listing: Option<String>,
    #[serde(default)]
    images: Vec<GivenImage>,
}

impl GivenRepository {
    fn repository(&self, now: DateTime<Utc>) -> Repository {
        let mut images: Vec<_> = self.images.iter().map(|given| given.image(now)).collect();
        images.sort_by_key(|image| image.digest);
        Repository {
            created_at: self.created_days_ago.map(|days| now - TimeDelta::days(days)),
            tag_mutability: mutability(&self.tag_mutability),
            encryption_type: self.encryption_type.clone(),
            kms_key: self.kms_key.clone(),
            scan_on_push: self.scan_on_push,
            lifecycle_policy: text(&self.lifecycle_policy),
            repository_policy: text(&self.repository_policy),
            resource_tags: self.resource_tags.clone(),
            listing: match self.listing.as_deref() {
                None | Some("complete") => Listing::Complete,
                Some("cut off") => Listing::CutOff,
                Some("failed") => Listing::Failed("access denied".to_owned()),
                Some(other) => panic!("`{other}` is no listing"),
            },
            images,
            ..Repository::new(&self.name)
        }
    }
}

/// Tag mutability, in the members of `DescribeRepositories`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct GivenMutability {
    image_tag_mutability: String,
    #[serde(default)]
    image_tag_mutability_exclusion_filters: Vec<GivenFilter>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct GivenFilter {
    filter_type: String,
    filter: String,
}

impl GivenMutability {
    pub(super) fn setting(&self) -> TagMutability {
        let filter = |given: &GivenFilter| ExclusionFilter {
            filter_type: given.filter_type.clone(),
            filter: given.filter.clone(),
        };
        TagMutability {
            mode: self.image_tag_mutability.clone(),
            exclusion_filters: self.image_tag_mutability_exclusion_filters.iter().map(filter).collect(),
        }
    }
}

fn mutability(given: &Fact<GivenMutability>) -> Fact<TagMutability> {
    match given {
        Fact::NotEvaluated => Fact::NotEvaluated,
        Fact::Absent => Fact::Absent,
        Fact::Present(given) => Fact::Present(given.setting()),
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct GivenCensus {
    /// Whether some repositories may be missing.
    #[serde(default)]
    cut_off: bool,
    /// The names, each with the days since its creation, where known.
    #[serde(default)]
    repositories: BTreeMap<String, Option<i64>>,
}

impl GivenCensus {
    fn census(&self, now: DateTime<Utc>) -> Census {
        let created = |days: &Option<i64>| days.map(|days| now - TimeDelta::days(days));
        Census {
            listing: if self.cut_off { RepositoriesListing::CutOff } else { RepositoriesListing::Complete },
            repositories: self
                .repositories
                .iter()
                .map(|(name, days)| (name.clone(), created(days)))
                .collect(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenReplica {
    #[serde(default = "account")]
    account: String,
    region: String,
    #[serde(default, deserialize_with = "fact")]
    lifecycle_policy: Fact<Value>,
    #[serde(default, deserialize_with = "fact")]
    tag_mutability: Fact<GivenMutability>,
}

impl GivenReplica {
    fn settings(&self) -> ReplicaSettings {
        ReplicaSettings {
            account: self.account.clone(),
            region: self.region.clone(),
            lifecycle_policy: text(&self.lifecycle_policy),
            tag_mutability: mutability(&self.tag_mutability),
        }
    }
}
