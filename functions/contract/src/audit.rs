//! The state that audits what was read.

use serde::{Deserialize, Serialize};

use crate::{RunId, Status};

/// What `audit-immutability` takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditInput {
    /// The run.
    pub run: RunId,
    /// The share.
    pub share: u32,
    /// Which segment of it.
    pub segment: u32,
    /// The first repository of the segment that is to be audited, from 0.
    pub from: u32,
}

/// What `audit-immutability` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditOutput {
    /// The run.
    pub run: RunId,
    /// The share.
    pub share: u32,
    /// Which segment of it.
    pub segment: u32,
    /// Whether every repository was listed, so that it could be audited.
    pub status: Status,
    /// The time was up before the segment was: [`Self::next`] says where it goes on.
    pub more: bool,
    /// Where it goes on; where it does not, what was done last.
    pub next: AuditInput,
}
