//! What came of reading one segment of a share.

use demurrage_store::Part;
use serde::{Deserialize, Serialize};

use super::Calls;

/// One segment of a share, read and in the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CollectedDocument {
    /// The first repository of the share that is in it, from 0.
    pub from: u32,
    /// The first repository of the share that is not in it any more; none where the share ends with it.
    pub next: Option<u32>,
    /// What was written.
    pub part: Part,
    /// Repositories whose images are not all known.
    pub repositories_unread: u64,
    /// Repositories that were deleted since they were listed.
    pub repositories_gone: u64,
    /// Images whose manifests are not known.
    pub manifests_unread: u64,
    /// Indexes among them: which images are their children is not known.
    pub indexes_unread: u64,
    /// Whether the pulls of who read it leave no trace.
    pub is_pull_excluded: bool,
    /// What could not be read, one sentence each, the first hundred.
    pub problems: Vec<String>,
    /// How many more there were.
    pub problems_more: u64,
    /// What was asked for it.
    pub calls: Vec<Calls>,
}

impl CollectedDocument {
    /// Whether anything is missing in it.
    pub fn is_partial(&self) -> bool {
        self.repositories_unread != 0 || !self.problems.is_empty()
    }
}
