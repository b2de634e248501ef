//! Everything that was read of one registry at one time: the only input of every decision.

use chrono::{DateTime, Utc};

use crate::{Fact, Repository};

/// One registry (an account in a region) as it was at one time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inventory {
    /// The twelve-digit account, where known.
    pub registry_id: Option<String>,
    /// The region, such as `ap-northeast-2`.
    pub region: String,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
    /// What was read about the registry itself.
    pub registry: RegistryFacts,
    /// The repositories, in the order of their names.
    pub repositories: Vec<Repository>,
    /// What went wrong or looked odd beyond a single repository, one sentence each.
    pub notes: Vec<String>,
}

/// Settings of a registry, each the JSON text of the answer of the API.
///
/// They are kept whole: this version decides nothing by them, a later one will.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegistryFacts {
    /// `describe-registry`: replication.
    pub description: Fact<String>,
    /// `get-registry-policy`.
    pub policy: Fact<String>,
    /// `get-registry-scanning-configuration`.
    pub scanning: Fact<String>,
    /// `get-account-setting`, one answer for each setting that was asked for.
    pub account_settings: Vec<String>,
}
