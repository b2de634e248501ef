//! What a tag is now, as far as is known: the one item that is read for an event.

use chrono::{DateTime, Utc};

use super::{Held, ListingWindow, Standing};

/// What a tag is now, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How things stand with the tag.
    pub standing: Standing,
    /// The end of the latest observation that was ever kept of the tag. Not before `standing.seen_until`; after it
    /// where a conclusion fell.
    pub latest: DateTime<Utc>,
    /// The latest listing that is known to the head and agreed with what the ledger had for its time.
    pub checked: Option<ListingWindow>,
    /// How often the head was written: 1 the first time. A store writes one only over the version before it.
    pub version: u64,
}

impl Head {
    /// What the tag is on.
    pub const fn held(&self) -> &Held {
        &self.standing.held
    }
}
