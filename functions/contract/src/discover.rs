//! The state that finds what there is to do.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::RunId;

/// What `discover-repositories` takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DiscoverInput {
    /// The name of the execution of the state machine.
    pub execution: String,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// What the execution was started with.
    pub request: RunRequest,
}

/// What an execution may be started with: `{}` is everything that the deployment covers.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunRequest {
    /// Only these accounts, of those that the deployment covers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounts: Option<Vec<String>>,
    /// Only these regions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub regions: Option<Vec<String>>,
    /// Settings alone: of registries and repositories, and no image is looked at.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub settings_only: bool,
}

/// What `discover-repositories` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiscoverOutput {
    /// The run.
    pub run: RunId,
    /// The bucket of the work and of the parts.
    pub bucket: String,
    /// The key of the work: JSON Lines, each a [`crate::WorkLine`].
    pub work: String,
    /// How many lines there are, of all kinds.
    pub lines: u32,
    /// The key of the parts: JSON Lines, each a [`crate::PartLine`].
    pub parts: String,
    /// How many shares there are, which is how many parts.
    pub shares: u32,
    /// Whether the run is about settings alone.
    pub settings_only: bool,
    /// The time was up: to be called again, with the same input.
    pub more: bool,
}
