//! The function that makes a plan.

use chrono::{DateTime, Utc};
use demurrage_core::plan::Mode;
use serde::{Deserialize, Serialize};

use crate::{RunId, Status};

/// What may be done with a plan: by default it is looked at, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PlanMode {
    /// It is looked at, and never applied.
    #[default]
    Observe,
    /// It is applied when a person says so.
    Approve,
    /// It is applied by a machine.
    Enforce,
}

impl From<PlanMode> for Mode {
    fn from(mode: PlanMode) -> Self {
        match mode {
            PlanMode::Observe => Self::Observe,
            PlanMode::Approve => Self::Approve,
            PlanMode::Enforce => Self::Enforce,
        }
    }
}

/// What `build-plan` takes.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanInput {
    /// The run that the plan is made after: its inventories are put together first. Without one, the plan is made from what the
    /// store has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<RunId>,
    /// What may be done with the plan.
    #[serde(default)]
    pub mode: PlanMode,
    /// For how many hours it may be applied; 24 where nothing is said, 168 at most.
    #[serde(default)]
    pub expires_in_hours: Option<u32>,
}

/// What `build-plan` gives; of a run it is kept as well, so that a call which comes again gives the same plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOutput {
    /// The hash that names the plan; nothing where there is none, because no rule says what goes, or time was up.
    pub hash: Option<String>,
    /// Its description, as it is shown.
    pub path: Option<String>,
    /// What may be done with it.
    pub mode: PlanMode,
    /// The first instant at which it is no longer applied.
    pub expires_at: Option<DateTime<Utc>>,
    /// How many actions it has.
    pub actions: u64,
    /// How many of them are on images.
    pub images: u64,
    /// Bytes that its deletions free.
    pub bytes_freed: u64,
    /// What these cost in a month, in US dollars with ten decimals; nothing where a price is not known.
    pub usd_per_month: Option<String>,
    /// How many soft guards it trips.
    pub tripped: u64,
    /// Of how many repositories nothing was planned that rules are about.
    pub refused: u64,
    /// How many images hard guards keep.
    pub kept: u64,
    /// How many images wait for a second plan.
    pub pending: u64,
    /// Whether everything was known that it takes; otherwise the description says what was not.
    pub status: Status,
    /// Whether a machine may apply it without a person: its mode is `enforce`, it has actions, it trips no soft guard,
    /// everything that it takes was known, and the configuration says which regions and clusters use images.
    pub admitted: bool,
    /// The time was up: to be called again, with the same input.
    pub more: bool,
}

impl PlanOutput {
    /// The answer where there is no plan.
    pub const fn none(mode: PlanMode, status: Status) -> Self {
        Self {
            hash: None,
            path: None,
            mode,
            expires_at: None,
            actions: 0,
            images: 0,
            bytes_freed: 0,
            usd_per_month: None,
            tripped: 0,
            refused: 0,
            kept: 0,
            pending: 0,
            status,
            admitted: false,
            more: false,
        }
    }

    /// The answer where the time was up.
    pub fn more(mode: PlanMode) -> Self {
        Self { more: true, ..Self::none(mode, Status::Partial) }
    }
}
