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
    /// What of it is done; nothing: all of the plan is applied, by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phase: Option<ApplyPhase>,
    /// The part, by its place in the plan: in the phase of parts, and in no other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<usize>,
}

/// The steps in which the state machine applies a plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApplyPhase {
    /// Whether it may be applied, and which parts it has.
    Admit,
    /// One part is applied.
    Part,
    /// Everything is listed once more, and compared with the plan.
    Verify,
}

/// What `apply-plan` gives: of a plan that is admitted its parts, and otherwise what came of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ApplyAnswer {
    /// It is admitted.
    Admitted(ApplyAdmitted),
    /// It, or a part of it, was applied or compared.
    Came(ApplyOutput),
}

/// The parts of a plan that may be applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyAdmitted {
    /// The hash of the plan.
    pub hash: String,
    /// The mode.
    pub mode: PlanMode,
    /// How many parts it has.
    pub parts: usize,
    /// The smallest part, by its place: it goes first.
    pub canary: usize,
    /// The key of the JSON Lines that have the input of each part, the smallest first.
    pub items: String,
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
    /// What everything came to, by its place in the bucket: of the last phase alone.
    #[serde(default)]
    pub report: Option<String>,
    /// The time was up: to be called again, with the same input.
    pub more: bool,
}
