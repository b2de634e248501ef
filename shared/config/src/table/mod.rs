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
mod mutability;
mod replication;
mod scanning;

use schemars::JsonSchema;
use serde::Deserialize;

use audit::AuditTable;

/// What a team promises about its registries, and which risks it accepts.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "a table")]
#[schemars(title = "Configuration of Demurrage")]
pub(crate) struct File {
    /// What audits judge by.
    #[serde(default)]
    pub(crate) audit: AuditTable,
}
