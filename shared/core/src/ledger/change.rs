//! What one observation changes, and what it means.

use super::{Began, Head, Held, Observation};
use crate::Digest;

/// What is to be written about a tag, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What to add to the tag's observations, in the order of their times; mostly one or none, never what is there
    /// already where the decision could see it.
    pub transitions: Vec<Observation>,
    /// The head to write, over the version before it.
    pub head: Option<Head>,
    /// What it means.
    pub what: Lesson,
}

impl Change {
    /// Whether there is nothing to write.
    pub const fn is_empty(&self) -> bool {
        self.transitions.is_empty() && self.head.is_none()
    }
}

/// What an observation means for whoever watches the tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lesson {
    /// It is in the ledger already: a repetition.
    Known,
    /// The tag is on that image anyway, or is gone anyway.
    SeenAgain,
    /// The tag is on an image, and was never heard of before.
    Began,
    /// The tag is on another image than before.
    Moved {
        /// What it was on.
        from: Held,
    },
    /// The tag is gone.
    Deleted {
        /// What it was on.
        from: Held,
    },
    /// The tag is gone, and was last on an image that it was not known to have come to: that push is lost, or late.
    DeletedUnseen {
        /// The image.
        from: Held,
    },
    /// The tag is gone if no event about it is lost: the image that it was on was deleted.
    PresumedDeleted {
        /// What it was on.
        from: Held,
    },
    /// The tag is on an image again after it was gone.
    PushedAgain {
        /// Since when it was gone.
        deleted: Began,
        /// The last image that it is known to have been on before.
        was: Option<Digest>,
    },
    /// Events of one second contradict each other: which came last is unknown.
    SameSecond,
    /// The tag was on one of several, and it is known now on which.
    Resolved,
    /// Older than what is known of the tag: it takes its place in the history, and the tag is on what it was on.
    Late,
    /// Older than a conclusion about the tag, which was wrong: the tag is on something else than was thought.
    Corrected,
    /// An image was deleted that this tag was not on.
    Unconcerned,
    /// A listing that may be older than what is known of the tag: the next one will tell.
    Overtaken,
}
