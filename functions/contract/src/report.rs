//! The state that puts everything together, and says it.

use serde::{Deserialize, Serialize};

use crate::{RunId, Status};

/// What `report-metrics` takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReportInput {
    /// The run.
    pub run: RunId,
    /// The hash of the plan that was made after it, where one was.
    #[serde(default)]
    pub plan: Option<String>,
}

/// What `report-metrics` gives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportOutput {
    /// The run.
    pub run: RunId,
    /// Whether everything of the run was read and evaluated.
    pub status: Status,
    /// The key of the summary (Markdown).
    pub summary: String,
    /// The time was up: to be called again, with the same input.
    pub more: bool,
}
