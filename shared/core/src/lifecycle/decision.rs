//! What becomes of one image, and why.

use chrono::{DateTime, Utc};

use super::Action;

/// The decision about one image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// What becomes of the image.
    pub outcome: Outcome,
    /// The place, among the policy's rules in the order of their priorities, of the rule that acts, or that
    /// claimed the image and keeps it. For an image that is kept at the end because it is still referenced:
    /// of the rule that would have acted. `None`: the image is in no pool.
    pub rule: Option<usize>,
    /// Why.
    pub reason: Reason,
}

/// What becomes of an image. Ordered: a worse fate is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// It stays as it is.
    Keep,
    /// It moves to the archive class.
    Archive,
    /// It is deleted.
    Expire,
}

impl From<Action> for Outcome {
    fn from(action: Action) -> Self {
        match action {
            Action::Expire => Self::Expire,
            Action::Archive => Self::Archive,
        }
    }
}

impl Outcome {
    /// The action, unless the image is kept.
    pub const fn action(self) -> Option<Action> {
        match self {
            Self::Keep => None,
            Self::Archive => Some(Action::Archive),
            Self::Expire => Some(Action::Expire),
        }
    }
}

/// Why an image is acted on or kept. `docs/SEMANTICS.md`, "Reasons", has the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Acted on: its rank is beyond the count.
    BeyondCount {
        /// Its rank in the pool, 1 for the newest.
        rank: u32,
        /// How many the rule keeps.
        limit: u64,
    },
    /// Acted on: it is older than the limit.
    OlderThan {
        /// From when its age counts.
        since: DateTime<Utc>,
        /// What happened then.
        basis: AgeBasis,
        /// The limit in days.
        limit_days: u64,
    },
    /// Kept: its rank is within the count.
    WithinCount {
        /// Its rank in the pool, 1 for the newest.
        rank: u32,
        /// How many the rule keeps.
        limit: u64,
    },
    /// Kept: it is not older than the limit.
    NotOlder {
        /// From when its age counts.
        since: DateTime<Utc>,
        /// What happened then.
        basis: AgeBasis,
        /// The limit in days.
        limit_days: u64,
    },
    /// Kept: a time that the rule needs is missing.
    UnknownTime {
        /// Which time.
        missing: MissingTime,
    },
    /// Kept: an index names it.
    ReferencedByIndex {
        /// The place of the index in the list of images.
        index: u32,
    },
    /// Kept: it goes with its subject.
    FollowsSubject {
        /// The place of the subject in the list of images.
        subject: u32,
    },
    /// Kept: its status is neither ACTIVE nor ARCHIVED.
    Activating,
    /// Kept: no rule selects it.
    NotSelected,
}

impl Reason {
    /// The name of the reason, as in `docs/SEMANTICS.md`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BeyondCount { .. } => "beyond_count",
            Self::OlderThan { .. } => "older_than",
            Self::WithinCount { .. } => "within_count",
            Self::NotOlder { .. } => "not_older",
            Self::UnknownTime { .. } => "unknown_time",
            Self::ReferencedByIndex { .. } => "referenced_by_index",
            Self::FollowsSubject { .. } => "follows_subject",
            Self::Activating => "activating",
            Self::NotSelected => "not_selected",
        }
    }
}

/// The event from which an age counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AgeBasis {
    /// The push.
    Pushed,
    /// The last pull.
    Pulled,
    /// The last restore from the archive class.
    Activated,
    /// The last move to the archive class.
    Archived,
}

impl AgeBasis {
    /// What happened, as a participle: `pushed`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pushed => "pushed",
            Self::Pulled => "pulled",
            Self::Activated => "restored",
            Self::Archived => "archived",
        }
    }
}

/// A time that a rule needed and that was missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MissingTime {
    /// The push time.
    Pushed,
    /// The archive time.
    Archived,
}
