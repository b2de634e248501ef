//! The function that applies a plan: the only one that changes a registry.

use serde::{Deserialize, Serialize};

use crate::{PlanMode, Status};

/// What `apply-plan` takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ApplyInput {
    /// The hash of the plan, all of it.
    pub hash: String,
    /// The mode that the plan has to be of. `observe`, which is the default, reads the plan and changes nothing, whatever its
    /// own mode is.
    #[serde(default)]
    pub mode: PlanMode,
}

/// What `apply-plan` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyOutput {
    /// The hash of the plan.
    pub hash: String,
    /// The mode that was asked for.
    pub mode: PlanMode,
    /// Whether everything of the plan was done, or left with a reason that stays; of a plan that is only looked at, whether it
    /// could be applied.
    pub status: Status,
    /// Why it ended early, or was not begun: the kind of reason, such as `stop_order`.
    pub halt: Option<String>,
    /// Images that were deleted, by this call and those before.
    pub expired: u64,
    /// Images that were archived.
    pub archived: u64,
    /// Images that lost tags, and kept others.
    pub untagged: u64,
    /// Settings that were changed.
    pub settings: u64,
    /// Actions that were left, each with its reason in the journal.
    pub left: u64,
    /// Images that are gone and that the plan did not name: somebody has to look.
    pub unplanned: u64,
    /// The time was up: to be called again, with the same input.
    pub more: bool,
}
