//! When a fact began, as far as that is known.

use chrono::{DateTime, Utc};

/// When a fact began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Began {
    /// In this second: an event says so.
    At(DateTime<Utc>),
    /// Somewhere between these two, both included: the events in between are lost, or have not come in yet.
    Between {
        /// Of when the fact before is known.
        after: DateTime<Utc>,
        /// Of when this fact is known.
        by: DateTime<Utc>,
    },
    /// At this time or before: nothing is known of what was there earlier.
    By(DateTime<Utc>),
}

impl Began {
    /// The latest time at which it can have begun.
    pub const fn by(self) -> DateTime<Utc> {
        match self {
            Self::At(by) | Self::Between { by, .. } | Self::By(by) => by,
        }
    }

    /// The earliest time at which it can have begun, where there is one.
    pub const fn after(self) -> Option<DateTime<Utc>> {
        match self {
            Self::At(after) | Self::Between { after, .. } => Some(after),
            Self::By(_) => None,
        }
    }
}
