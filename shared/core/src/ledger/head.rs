//! What a tag is now, as far as is known: the one item that is read for an event.

use chrono::{DateTime, Utc};

use super::{Held, ListingWindow, Standing};
use crate::Digest;

/// What a tag is now, as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// How things stand with the tag.
    pub standing: Standing,
    /// The image that it was on before, where the head was written then: what a head was told, and not what its history
    /// comes to.
    pub was: Option<Digest>,
    /// The end of the latest observation that was ever kept of the tag. Not before `standing.seen_until`; after it
    /// where a conclusion fell.
    pub latest: DateTime<Utc>,
    /// The latest listing that is known to the head and agreed with what the ledger had for its time.
    pub checked: Option<ListingWindow>,
    /// How often the head was written: 1 the first time. A store writes one only over the version before it.
    pub version: u64,
}

impl Head {
    /// The image that it is on, or was on before it was gone.
    pub(super) const fn last_image(&self) -> Option<Digest> {
        match &self.standing.held {
            Held::Image(digest) => Some(*digest),
            Held::Gone => self.was,
            Held::OneOf(_) => None,
        }
    }

    /// What the tag is on.
    pub const fn held(&self) -> &Held {
        &self.standing.held
    }
}
