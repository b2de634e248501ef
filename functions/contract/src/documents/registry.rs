//! What was read of a registry itself.

use chrono::{DateTime, Utc};
use demurrage_store::{Head, StoredRegistry};
use serde::{Deserialize, Serialize};

use super::{Calls, head::head};

/// One registry, before its repositories are read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryDocument {
    /// The twelve-digit account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The name of the inventory that the run makes of it.
    pub inventory: String,
    /// When it was listed, by the service's clock.
    pub taken_at: DateTime<Utc>,
    /// What was read of it.
    pub facts: StoredRegistry,
    /// Inventories of it that were there already, the oldest first: their manifests need not be read again.
    pub earlier: Vec<String>,
    /// How many repositories it has.
    pub repositories: u32,
    /// What could not be read of it, one sentence each.
    pub problems: Vec<String>,
    /// What was asked for it.
    pub calls: Vec<Calls>,
}

impl RegistryDocument {
    /// What its inventory begins with.
    pub fn head(&self) -> Head {
        head(&self.account, &self.region, self.taken_at)
    }
}
