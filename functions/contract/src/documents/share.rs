//! One share of a registry: repositories that are read together.

use chrono::{DateTime, Utc};
use demurrage_store::Head;
use serde::{Deserialize, Serialize};

use super::{DescribedRepository, head::head};

/// The repositories of a share, in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShareDocument {
    /// The twelve-digit account.
    pub account: String,
    /// The region.
    pub region: String,
    /// The name of the inventory that it is going to be a part of.
    pub inventory: String,
    /// When that was taken.
    pub taken_at: DateTime<Utc>,
    /// The `now` of the run.
    pub now: DateTime<Utc>,
    /// Inventories whose manifests need not be read again, the oldest first.
    pub earlier: Vec<String>,
    /// The repositories.
    pub repositories: Vec<DescribedRepository>,
}

impl ShareDocument {
    /// What its inventory begins with.
    pub fn head(&self) -> Head {
        head(&self.account, &self.region, self.taken_at)
    }
}
