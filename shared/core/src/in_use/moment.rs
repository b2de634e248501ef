//! When a record was read, as far as one may be believed to be later than another.
//!
//! Clocks differ. A machine whose clock is ahead by minutes would put its older reading in the place of a newer one, if the
//! later date won; and a tolerance of minutes would keep what a second reading within them no longer has. So a store gives
//! turns: a reading takes a turn when it begins, which is one more than any record has that is in the store by then.
//! A later turn knows that the earlier record was there before it asked, whatever the clocks say; of equal turns neither
//! knows, and both count. A list of a cluster is as old as its file, so for one its date has to be later as well.

use chrono::{DateTime, Utc};

use super::{UseRecord, UseSource};

/// When a record was read: by its turn in the store, and by the clock of who read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The turn in the store; 0 for what is not from a store, or was put there before there were turns.
    pub turn: u64,
    /// By the clock.
    pub read_at: DateTime<Utc>,
}

impl Moment {
    /// That of a record.
    pub const fn of(record: &UseRecord) -> Self {
        Self { turn: record.turn, read_at: record.read_at }
    }

    /// Whether a complete reading of this moment takes the place of one of another moment, of the same source in the same
    /// place.
    pub fn supersedes(self, earlier: Self, source: UseSource) -> bool {
        let is_dated_later = earlier.read_at < self.read_at;
        if self.turn == 0 && earlier.turn == 0 {
            return is_dated_later;
        }
        let is_later = earlier.turn < self.turn;
        match source {
            UseSource::Ecs | UseSource::Lambda | UseSource::Inspector | UseSource::References => is_later,
            UseSource::Kubernetes => is_later && is_dated_later,
        }
    }
}
