//! What is about to be done.

use chrono::{DateTime, Utc};

use super::{Call, Outcome, SavedImage};
use crate::plan::RepositoryAddress;

/// A call that is about to be made, written down before it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// Its number in the journal, from 1 and without a gap.
    pub number: u64,
    /// The hash of the plan; of a restoration, the name of the journal that it restores from.
    pub plan: String,
    /// Who writes, as a text that nobody else has: tells two writers apart that write the same.
    pub writer: String,
    /// When it was written.
    pub at: DateTime<Utc>,
    /// The repository.
    pub repository: RepositoryAddress,
    /// The call.
    pub call: Call,
    /// The images that it changes, as they were.
    pub images: Vec<SavedImage>,
}

/// An intent, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What was about to be done.
    pub intent: Intent,
    /// What came of it; nothing: nobody knows whether the call was made.
    pub outcome: Option<Outcome>,
}

impl Entry {
    /// The images that the call as a whole changed, as far as its outcome says so; in the order in which they were saved.
    /// Of a deletion those of which at least one id was done.
    pub fn changed(&self) -> impl Iterator<Item = &SavedImage> {
        let done = self.outcome.as_ref().map(|outcome| outcome.done.as_slice()).unwrap_or_default();
        self.intent.images.iter().filter(move |image| {
            done.iter().any(|id| match (&id.digest, &id.tag) {
                (Some(digest), _) => *digest == image.digest,
                (None, Some(tag)) => image.tags.contains(tag),
                (None, None) => false,
            })
        })
    }
}
