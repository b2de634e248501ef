//! The tables of a configuration, as they are written.
//!
//! Their comments are what the JSON Schema says, so they are written for those who write the file. Each table says
//! what it means as rules, and what of it cannot be meant.

mod accepted;
mod access;
mod audit;
mod budget;
mod capacity;
mod encryption;
mod in_use;
mod mutability;
mod plan;
mod replication;
mod retention;
mod scanning;

use demurrage_core::retention::RetentionRules;
use schemars::JsonSchema;
use serde::Deserialize;

use audit::AuditTable;
use in_use::InUseTable;
use plan::PlanTable;
use retention::RetentionTable;

use crate::problems::Problems;

/// What a team promises about its registries, and which risks it accepts.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
#[schemars(title = "Configuration of Demurrage")]
pub(crate) struct File {
    /// What audits judge by.
    #[serde(default)]
    pub(crate) audit: AuditTable,
    /// What has to be known of what runs, before anything is deleted.
    #[serde(default)]
    pub(crate) in_use: InUseTable,
    /// Which images stay and which go, for what lifecycle policies cannot say.
    #[serde(default)]
    pub(crate) retention: Vec<RetentionTable>,
    /// What plans may come to before a person has to look, and what they never touch.
    #[serde(default)]
    pub(crate) plan: PlanTable,
}

impl File {
    /// What the retention tables say.
    pub(crate) fn retention(&self, problems: &mut Problems<'_>) -> RetentionRules {
        retention::retention(&self.retention, problems)
    }
}
