//! The state that reads what is in use.

use serde::{Deserialize, Serialize};

use crate::{RunId, Status};

/// What `collect-workloads` takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WorkloadsInput {
    /// The run.
    pub run: RunId,
    /// Which of the registries of the run, from 0: its account and region are asked.
    pub registry: u32,
}

/// What `collect-workloads` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkloadsOutput {
    /// The run.
    pub run: RunId,
    /// Which of its registries.
    pub registry: u32,
    /// Whether every source was read, or is not there.
    pub status: Status,
    /// The run has another registry: [`Self::next`] says which.
    pub more: bool,
    /// What comes next; where nothing does, what was done last.
    pub next: WorkloadsInput,
}
