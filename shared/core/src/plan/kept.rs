//! Images that rules chose and that stay, and images that wait for a second plan.

use super::{ActionKind, RepositoryAddress};
use crate::{Digest, Tag};

/// An image that rules chose and that stays, because of a hard guard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptImage {
    /// Its repository.
    pub repository: RepositoryAddress,
    /// The image.
    pub digest: Digest,
    /// Its tags, sorted.
    pub tags: Vec<Tag>,
    /// What rules wanted of it.
    pub kind: ActionKind,
    /// The rule that chose it.
    pub rule: String,
    /// The name of the guard, one of [`super::HardGuard::NAMES`].
    pub guard: String,
    /// What the guard saw: a fragment that reads alone.
    pub detail: String,
}

/// An image that rules chose, and that no earlier plan chose long enough ago: in mode enforce it waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingImage {
    /// Its repository.
    pub repository: RepositoryAddress,
    /// The image.
    pub digest: Digest,
    /// Its tags, sorted, or those that would be taken off.
    pub tags: Vec<Tag>,
    /// What rules want of it.
    pub kind: ActionKind,
    /// The rule that chose it.
    pub rule: String,
}
