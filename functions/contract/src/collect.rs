//! The state that reads one share of a registry.

use serde::{Deserialize, Serialize};

use crate::{AuditInput, ComputeInput, EvaluateInput, RunId, Status, WorkLine};

/// A share of a registry to read, or where one goes on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InventoryLine {
    /// The run.
    pub run: RunId,
    /// The number of the share.
    pub share: u32,
    /// The twelve-digit account.
    pub account: String,
    /// The region.
    pub region: String,
    /// Calls per second of each operation that this share may make: more than 0, and may be less than 1.
    pub calls_per_second: f64,
    /// How often the share was handed over before.
    pub segment: u32,
    /// The first repository of the share that is to be read, from 0.
    pub from: u32,
}

/// What `collect-inventory` gives; it takes a [`WorkLine::Inventory`].
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CollectOutput {
    /// The run.
    pub run: RunId,
    /// The share.
    pub share: u32,
    /// Which segment of it was read.
    pub segment: u32,
    /// Whether all of the segment could be read.
    pub status: Status,
    /// The time was up before the share was: [`Self::next`] says where it goes on.
    pub more: bool,
    /// Where the share goes on; where it does not, what was done last.
    pub next: WorkLine,
    /// What is to be evaluated now.
    pub evaluate: EvaluateInput,
    /// What is to be priced then.
    pub compute: ComputeInput,
    /// What is to be audited at last.
    pub audit: AuditInput,
}
