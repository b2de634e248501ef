//! One thing that was said about a tag at one time: what the ledger keeps, and all that it keeps.
//!
//! A transition item of a store is an observation that was kept. Nothing in an observation is a conclusion: what
//! follows from several of them is worked out when they are read, so that one more, at whatever time it comes in,
//! needs none of the others to be changed.

use chrono::{DateTime, Utc};

use crate::Digest;

/// What was said about a tag, and of which time.
///
/// Observations order by their time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Observation {
    /// Of an event, its whole second in AWS's clock: where in that second is unknown. Of a listing, its earliest
    /// time (`ListingWindow::from`).
    pub at: DateTime<Utc>,
    /// What was said.
    pub said: Said,
}

/// What was said about a tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Said {
    /// An event: the tag was put on this image.
    Pushed(Digest),
    /// An event that names the tag: it was on this image, and was taken away.
    Deleted(Digest),
    /// A listing that has the tag, on this image.
    Listed {
        /// The image.
        digest: Digest,
        /// The latest time at which the listing may have read it.
        until: DateTime<Utc>,
    },
    /// A complete listing that has not got the tag.
    NotListed {
        /// The latest time at which the listing may have read its place.
        until: DateTime<Utc>,
    },
    /// An event that names no tag: this image was deleted, and with it every tag that it had then. Whether this
    /// tag was one of them is a conclusion.
    DigestDeleted(Digest),
}

/// How a fact about a tag was learnt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Learnt {
    /// From an event that names the tag.
    Event,
    /// From a listing of the repository.
    Inventory,
    /// Concluded: the image that the tag was last known to be on was deleted by an event without a tag. It is so if
    /// no event about the tag was lost.
    Deletion,
}

impl Observation {
    /// The latest time that it can be of: of an event its second, of a listing the end of its window.
    pub const fn until(&self) -> DateTime<Utc> {
        match self.said {
            Said::Pushed(_) | Said::Deleted(_) | Said::DigestDeleted(_) => self.at,
            Said::Listed { until, .. } | Said::NotListed { until } => until,
        }
    }

    /// What the tag was on right after it; nothing where it was gone, or would be.
    pub const fn value(&self) -> Option<Digest> {
        match self.said {
            Said::Pushed(digest) | Said::Listed { digest, .. } => Some(digest),
            Said::Deleted(_) | Said::NotListed { .. } | Said::DigestDeleted(_) => None,
        }
    }

    /// How it was learnt.
    pub const fn learnt(&self) -> Learnt {
        match self.said {
            Said::Pushed(_) | Said::Deleted(_) => Learnt::Event,
            Said::Listed { .. } | Said::NotListed { .. } => Learnt::Inventory,
            Said::DigestDeleted(_) => Learnt::Deletion,
        }
    }
}

impl Said {
    /// The word for it in what is stored.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Pushed(_) => "pushed",
            Self::Deleted(_) => "deleted",
            Self::Listed { .. } => "listed",
            Self::NotListed { .. } => "not-listed",
            Self::DigestDeleted(_) => "digest-deleted",
        }
    }

    /// The digest that is named in it.
    pub const fn digest(&self) -> Option<Digest> {
        match self {
            Self::Pushed(digest)
            | Self::Deleted(digest)
            | Self::DigestDeleted(digest)
            | Self::Listed { digest, .. } => Some(*digest),
            Self::NotListed { .. } => None,
        }
    }

    /// What these stored parts say: the word, the digest, and of a listing its end. Nothing where they do not fit.
    pub fn from_parts(word: &str, digest: Option<Digest>, until: Option<DateTime<Utc>>) -> Option<Self> {
        match (word, digest, until) {
            ("pushed", Some(digest), None) => Some(Self::Pushed(digest)),
            ("deleted", Some(digest), None) => Some(Self::Deleted(digest)),
            ("digest-deleted", Some(digest), None) => Some(Self::DigestDeleted(digest)),
            ("listed", Some(digest), Some(until)) => Some(Self::Listed { digest, until }),
            ("not-listed", None, Some(until)) => Some(Self::NotListed { until }),
            _ => None,
        }
    }
}

impl Learnt {
    /// The word for it in what is stored and shown.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Inventory => "inventory",
            Self::Deletion => "deletion",
        }
    }

    /// What this word means.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Event, Self::Inventory, Self::Deletion].into_iter().find(|learnt| learnt.word() == word)
    }
}
