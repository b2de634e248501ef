//! The state that prices what was read.

use serde::{Deserialize, Serialize};

use crate::{RunId, Status};

/// What `compute-costs` takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComputeInput {
    /// The run.
    pub run: RunId,
    /// The share.
    pub share: u32,
    /// Which segment of it.
    pub segment: u32,
    /// The first repository of the segment that is to be priced, from 0.
    pub from: u32,
}

/// What `compute-costs` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComputeOutput {
    /// The run.
    pub run: RunId,
    /// The share.
    pub share: u32,
    /// Which segment of it.
    pub segment: u32,
    /// Whether every figure could be computed.
    pub status: Status,
    /// The time was up before the segment was: [`Self::next`] says where it goes on.
    pub more: bool,
    /// Where it goes on; where it does not, what was done last.
    pub next: ComputeInput,
}
