//! What makes a person look before a plan is applied.

use std::fmt;

use super::RepositoryAddress;

/// A limit that a person may lift for one plan, by its hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SoftGuard {
    /// So many images would go.
    Images,
    /// So large a part of the images would go.
    Percent,
    /// So many bytes would be freed.
    Bytes,
    /// Far more would go than in the runs before.
    Unusual,
    /// What is deleted is deleted in other registries, too, or may be.
    DeleteReplication,
}

impl SoftGuard {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Images, Self::Percent, Self::Bytes, Self::Unusual, Self::DeleteReplication];

    /// The name in plans.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Images => "images",
            Self::Percent => "percent",
            Self::Bytes => "bytes",
            Self::Unusual => "unusual",
            Self::DeleteReplication => "delete_replication",
        }
    }

    /// The guard of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|guard| guard.name() == name)
    }
}

impl fmt::Display for SoftGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A soft guard that a plan trips. Ordered by guard, then place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TrippedGuard {
    /// The guard.
    pub guard: SoftGuard,
    /// The repository; nothing: the whole plan.
    pub repository: Option<RepositoryAddress>,
    /// The figures: a fragment that reads alone, such as `1,204 images would go, the limit is 1,000`.
    pub detail: String,
}
