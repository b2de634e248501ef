//! What there is to do in a run, as lines that a state machine goes through, many at a time.

use serde::{Deserialize, Serialize};

use crate::{InventoryLine, RunId, WorkloadsLine};

/// One line of the work of a run: an object whose `step` says what is to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "lowercase")]
pub enum WorkLine {
    /// A share of a registry is read.
    Inventory(InventoryLine),
    /// It is read what is in use in an account and region.
    Workloads(WorkloadsLine),
    /// The settings of a registry and its repositories are judged, and no image is looked at.
    Settings(SettingsLine),
}

/// A registry whose settings are judged: the only lines of a run that is about settings alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SettingsLine {
    /// The run.
    pub run: RunId,
    /// Which of the registries of the run, from 0.
    pub registry: u32,
    /// The twelve-digit account.
    pub account: String,
    /// The region.
    pub region: String,
}

/// One line of the parts of a run: a share, once it was read and what is in use is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartLine {
    /// The run.
    pub run: RunId,
    /// The number of the share.
    pub share: u32,
}
