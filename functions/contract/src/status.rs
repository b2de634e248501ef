//! Whether everything was done that was asked for.

use serde::{Deserialize, Serialize};

/// How far a step, or a run, came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Everything was read and evaluated.
    Complete,
    /// Something is missing, and what is missing is written down.
    Partial,
}

impl Status {
    /// Partial where something is missing.
    pub const fn of(is_partial: bool) -> Self {
        if is_partial { Self::Partial } else { Self::Complete }
    }
}
