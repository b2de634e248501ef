//! Everything that was read of one registry at one time: the only input of every decision.

use chrono::{DateTime, Utc};

use crate::{Fact, Repository};

/// One registry (an account in a region) as it was at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// Which of the two services the registry is of.
    pub kind: RegistryKind,
    /// The twelve-digit account, where known.
    pub registry_id: Option<String>,
    /// The region, such as `ap-northeast-2`; of ECR Public the one in which its API is, `us-east-1`.
    pub region: String,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
    /// What was read about the registry itself.
    pub registry: RegistryFacts,
    /// Whether `repositories` is all of them. Where it is not, one that is missing may well be there.
    pub repositories_listing: RepositoriesListing,
    /// The repositories, in the order of their names.
    pub repositories: Vec<Repository>,
    /// What went wrong or looked odd beyond a single repository, one sentence each.
    pub notes: Vec<String>,
}

/// Which of the two services a registry is of: the same account has one of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum RegistryKind {
    /// Amazon ECR.
    #[default]
    Private,
    /// Amazon ECR Public: without lifecycle policies, pull times, archive class, tag mutability and
    /// replication, and without manifests that could be read.
    Public,
}

impl RegistryKind {
    /// The name in files and options: `private` or `public`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Private => "private",
            Self::Public => "public",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Private, Self::Public].into_iter().find(|kind| kind.name() == name)
    }
}

/// Whether the repositories of a registry are all known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RepositoriesListing {
    /// All are.
    Complete,
    /// Some may be missing, or nobody knows.
    #[default]
    CutOff,
}

/// Settings of a registry, each the JSON text of the answer of the API.
///
/// They are kept whole: this version decides nothing by them, a later one will.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegistryFacts {
    /// `describe-registry`: replication, as the API sent it, with what its clients may not know of yet.
    pub description: Fact<String>,
    /// `get-registry-policy`.
    pub policy: Fact<String>,
    /// `get-registry-scanning-configuration`.
    pub scanning: Fact<String>,
    /// `get-account-setting`, one answer for each setting that was asked for.
    pub account_settings: Vec<String>,
    /// `list-pull-time-update-exclusions`: whose pulls leave `lastRecordedPullTime` as it is.
    pub pull_time_exclusions: Fact<String>,
    /// `describe-repository-creation-templates`: what repositories get that ECR makes by itself. All templates are
    /// in the one answer.
    pub creation_templates: Fact<String>,
    /// `describe-pull-through-cache-rules`: which repositories ECR fills from other registries. All rules are in
    /// the one answer.
    pub pull_through_cache_rules: Fact<String>,
}
