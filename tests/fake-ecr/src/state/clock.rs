//! The server's clock: the machine's, moved by an offset, or one that stands still.

use chrono::{DateTime, TimeDelta, Utc};

/// What time the server says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clock {
    /// The machine's clock with this added to it.
    Offset(TimeDelta),
    /// This instant, until it is set or advanced.
    Fixed(DateTime<Utc>),
}

impl Default for Clock {
    fn default() -> Self {
        Self::Offset(TimeDelta::zero())
    }
}

impl Clock {
    /// What time it is.
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::Offset(offset) => machine() + *offset,
            Self::Fixed(at) => *at,
        }
    }

    /// Goes forward by this; back, if it is negative.
    pub fn advance(&mut self, by: TimeDelta) {
        match self {
            Self::Offset(offset) => *offset += by,
            Self::Fixed(at) => *at += by,
        }
    }
}

/// The machine's clock, to the millisecond.
pub(crate) fn machine() -> DateTime<Utc> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    DateTime::from_timestamp_millis(i64::try_from(since.as_millis()).unwrap_or(0)).unwrap_or_default()
}
