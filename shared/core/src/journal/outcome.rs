//! What came of a call.

use chrono::{DateTime, Utc};

use super::ImageId;

/// What came of a call that a journal has an intent of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The number of the intent.
    pub number: u64,
    /// When that was known.
    pub at: DateTime<Utc>,
    /// What was done, by the ids of the call; of a call on a setting nothing.
    pub done: Vec<ImageId>,
    /// What was not, and why.
    pub failures: Vec<IdFailure>,
    /// The call as a whole failed, or its answer was lost: why, or what was found out later.
    pub error: Option<String>,
}

impl Outcome {
    /// Whether everything was done.
    pub const fn is_clean(&self) -> bool {
        self.failures.is_empty() && self.error.is_none()
    }
}

/// An id that was not done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdFailure {
    /// The id, as the call named it.
    pub id: ImageId,
    /// The code of ECR, such as `ImageReferencedByManifestList`.
    pub code: String,
    /// What ECR says.
    pub reason: String,
}
