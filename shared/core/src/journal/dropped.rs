//! An image of a plan that stays after all.

use chrono::{DateTime, Utc};

use crate::Digest;
use crate::plan::RepositoryAddress;

/// An image that a plan names and that was left alone, because something changed since it was planned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dropped {
    /// When that was found.
    pub at: DateTime<Utc>,
    /// The repository.
    pub repository: RepositoryAddress,
    /// The image.
    pub digest: Digest,
    /// Why, in a sentence without a full stop: "its tags changed since the plan: `1.2` was added".
    pub why: String,
}
