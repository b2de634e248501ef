//! What a team promises: the rules that audits judge by.

use chrono::{DateTime, Utc};

use crate::Wildcard;
use crate::access::AllowedPrincipals;

/// The rules of a team. The default is what is asked of everybody: every tag but `latest` always means the same build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Resource tags that name the owner of a repository, the first that is there counts; in any case.
    pub owner_tags: Vec<String>,
    /// Which tags may move, by repository; the first that matches counts, and none asks nothing.
    pub mutability: Vec<Promise>,
    /// What is asked of scanning.
    pub scanning: ScanRules,
    /// Who outside of an account may be granted something by its policies; by default nobody.
    pub access: AllowedPrincipals,
    /// Where a key of KMS is demanded; the first that matches a repository counts, and none demands nothing.
    pub encryption: Vec<DemandedEncryption>,
    /// Where images have to be replicated to; all that match a repository count.
    pub replication: Vec<RequiredReplication>,
    /// Quotas, and how near to them is too near.
    pub capacity: Capacity,
    /// Bytes that only untagged images hold which nothing refers to, from which on a repository is untidy.
    pub untagged_bytes: u64,
    /// Days for which a promise that was broken is told of.
    pub history_days: u32,
    /// Budgets of images that are pushed; the first that matches a repository counts, and none asks nothing.
    pub budgets: Vec<super::Budget>,
    /// Risks that somebody accepts.
    pub accepted: Vec<Accepted>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            owner_tags: ["owner", "team"].map(str::to_owned).to_vec(),
            mutability: vec![Promise {
                repositories: Wildcard::new("*"),
                may_move: vec![Wildcard::new("latest")],
                required: None,
            }],
            scanning: ScanRules::default(),
            access: AllowedPrincipals::default(),
            encryption: Vec::new(),
            replication: Vec::new(),
            capacity: Capacity::default(),
            untagged_bytes: 1024 * 1024 * 1024,
            history_days: 90,
            budgets: Vec::new(),
            accepted: Vec::new(),
        }
    }
}

impl Rules {
    /// What is promised of the tags of this repository, where anything is.
    pub fn promise(&self, repository: &str) -> Option<&Promise> {
        self.mutability.iter().find(|promise| promise.repositories.matches(repository))
    }

    /// Whether somebody accepts that this audit finds something there, at this time. Without a repository it is about the
    /// registry.
    pub fn accepts(
        &self,
        audit: &str,
        account: Option<&str>,
        region: &str,
        repository: Option<&str>,
        now: DateTime<Utc>,
    ) -> bool {
        let holds = |accepted: &&Accepted| {
            now < accepted.until && accepted.is_about(audit, account, region, repository)
        };
        self.accepted.iter().any(|accepted| holds(&accepted))
    }

    /// The budget of the images of this repository, where there is one.
    pub fn budget(&self, repository: &str) -> Option<&super::Budget> {
        self.budgets.iter().find(|budget| budget.repositories.matches(repository))
    }

    /// What is demanded of the encryption of this repository, where anything is.
    pub fn demanded_encryption(&self, repository: &str) -> Option<&DemandedEncryption> {
        self.encryption.iter().find(|demanded| demanded.repositories.matches(repository))
    }
}

/// What is promised of the tags of some repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// Names of the repositories.
    pub repositories: Wildcard,
    /// Tags that may move; every other one always means the same build.
    pub may_move: Vec<Wildcard>,
    /// The mode that has to be set, where it has to be a certain one.
    pub required: Option<RequiredMode>,
}

impl Promise {
    /// Whether this tag may move.
    pub fn lets_move(&self, tag: &str) -> bool {
        self.may_move.iter().any(|pattern| pattern.matches(tag))
    }
}

/// A mode of tag mutability that a team demands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RequiredMode {
    /// `IMMUTABLE`.
    Immutable,
    /// `IMMUTABLE_WITH_EXCLUSION`.
    ImmutableWithExclusion,
    /// `MUTABLE`.
    Mutable,
    /// `MUTABLE_WITH_EXCLUSION`.
    MutableWithExclusion,
}

impl RequiredMode {
    /// The name of the mode, as the API spells it.
    pub const fn as_api(self) -> &'static str {
        match self {
            Self::Immutable => "IMMUTABLE",
            Self::ImmutableWithExclusion => "IMMUTABLE_WITH_EXCLUSION",
            Self::Mutable => "MUTABLE",
            Self::MutableWithExclusion => "MUTABLE_WITH_EXCLUSION",
        }
    }

    /// The mode of this name, as the API spells it.
    pub fn from_api(name: &str) -> Option<Self> {
        [Self::Immutable, Self::ImmutableWithExclusion, Self::Mutable, Self::MutableWithExclusion]
            .into_iter()
            .find(|mode| mode.as_api() == name)
    }
}

/// What is asked of scanning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanRules {
    /// The mildest vulnerability that counts; one of no known severity is taken for the mildest.
    pub severity: super::Severity,
    /// Days within which one has to be mended in the newest image.
    pub mend_days: u32,
    /// Days after which the scan of the newest image is out of date.
    pub scan_days: u32,
}

impl Default for ScanRules {
    fn default() -> Self {
        Self { severity: super::Severity::High, mend_days: 30, scan_days: 30 }
    }
}

/// Repositories that have to be encrypted with a key of KMS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemandedEncryption {
    /// Names of the repositories.
    pub repositories: Wildcard,
    /// Keys that are allowed, as patterns of their ARNs; none: every key that is not AWS's own (`aws/ecr`).
    pub keys: Vec<Wildcard>,
}

/// Where images of some repositories have to be replicated to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequiredReplication {
    /// Names of the repositories.
    pub repositories: Wildcard,
    /// The region from which; none: every one but the destination.
    pub from: Option<String>,
    /// The region to which.
    pub region: String,
    /// The account to which; none: the same.
    pub registry_id: Option<String>,
}

/// Quotas of a registry, and how near to them is too near.
///
/// Source of the defaults: ECR user guide and ECR Public user guide, "Service quotas", read 2026-11-23.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capacity {
    /// Images that a repository may hold.
    pub images_per_repository: u64,
    /// Tags that an image may have.
    pub tags_per_image: u64,
    /// Repositories that a registry may hold.
    pub repositories: u64,
    /// Repositories that a registry of ECR Public may hold.
    pub public_repositories: u64,
    /// Percent of a quota from which on it is near.
    pub near_percent: u32,
    /// Days within which a quota will be reached, at the pace of the last 30, from which on it is near.
    pub near_days: u32,
}

impl Default for Capacity {
    fn default() -> Self {
        Self {
            images_per_repository: 100_000,
            tags_per_image: 1_000,
            repositories: 100_000,
            public_repositories: 10_000,
            near_percent: 80,
            near_days: 30,
        }
    }
}

/// A risk that somebody accepts, with a reason and an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The audit.
    pub audit: &'static str,
    /// Names of the repositories; none: the registry itself.
    pub repositories: Option<Wildcard>,
    /// The account; none: every one.
    pub account: Option<String>,
    /// The region; none: every one.
    pub region: Option<String>,
    /// Why.
    pub reason: String,
    /// The first instant at which it is no longer accepted.
    pub until: DateTime<Utc>,
}

impl Accepted {
    /// Whether it is about this finding's place.
    pub(super) fn is_about(
        &self,
        audit: &str,
        account: Option<&str>,
        region: &str,
        repository: Option<&str>,
    ) -> bool {
        self.audit == audit
            && self.account.as_deref().is_none_or(|wanted| Some(wanted) == account)
            && self.region.as_deref().is_none_or(|wanted| wanted == region)
            && match (&self.repositories, repository) {
                (Some(pattern), Some(name)) => pattern.matches(name),
                (None, None) => true,
                (Some(_), None) | (None, Some(_)) => false,
            }
    }
}
