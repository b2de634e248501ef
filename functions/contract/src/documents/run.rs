//! What a run is about.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::RunId;

/// What there is to do in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunDocument {
    /// The run.
    pub run: RunId,
    /// When its execution started, which is the `now` of everything that is evaluated in it.
    pub started_at: DateTime<Utc>,
    /// The registries that are read, in the order of account and region.
    pub registries: Vec<PlannedRegistry>,
    /// Registries of which nothing can be said.
    pub unread: Vec<UnreadRegistry>,
    /// How many shares there are.
    pub shares: u32,
    /// How many lines of work there are, of all kinds. Documents from before there were several kinds do not say it.
    #[serde(default)]
    pub lines: u32,
    /// Whether the run is about settings alone: it has no shares then.
    #[serde(default)]
    pub settings_only: bool,
    /// How many accounts of the organization are left out, because they are not active.
    #[serde(default)]
    pub accounts_inactive: u32,
}

/// A registry that is read in shares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedRegistry {
    /// The twelve-digit account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The numbers of its shares, in the order of their repositories.
    pub shares: Vec<u32>,
}

/// A registry that could not be listed, and so is not read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadRegistry {
    /// The account, where it is known.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// Why.
    pub problem: String,
}
