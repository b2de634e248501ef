//! Why an image that rules chose stays.

use chrono::{DateTime, Utc};

use crate::Tag;
use crate::in_use::Protection;

/// Why an image stays that rules chose, whatever anybody says. Images are named by their places in the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HardGuard {
    /// It is in use, or part of something that is.
    InUse {
        /// How.
        why: Protection,
    },
    /// It is part of an image that stays, or refers to one that stays; or it is what a held or protected image refers to.
    PartOfKept {
        /// That image.
        image: u32,
    },
    /// It may be part of an index that stays, of which the manifest was not read.
    MayBePartOf {
        /// That index.
        index: u32,
    },
    /// It is the newest image of the repository, or the newest that has a tag and can be run.
    Newest,
    /// Without it no image would be left that can be pulled.
    LastImage,
    /// It has a protected tag.
    ProtectedTag(Tag),
    /// Somebody holds one of its tags.
    Held {
        /// The tag.
        tag: Tag,
        /// The first instant at which it is not held any more.
        until: DateTime<Utc>,
        /// Why.
        reason: String,
    },
    /// Nobody knows when it was pushed.
    UnknownTime,
    /// It is on the way out of the archive class, or its status is not one that this version knows.
    Activating,
}

impl HardGuard {
    /// The names of all kinds, in the order in which they are shown.
    pub const NAMES: [&'static str; 9] = [
        "in_use",
        "part_of_kept",
        "may_be_part_of_kept",
        "newest",
        "last_image",
        "protected_tag",
        "held",
        "unknown_time",
        "activating",
    ];

    /// The name of its kind.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::InUse { .. } => "in_use",
            Self::PartOfKept { .. } => "part_of_kept",
            Self::MayBePartOf { .. } => "may_be_part_of_kept",
            Self::Newest => "newest",
            Self::LastImage => "last_image",
            Self::ProtectedTag(_) => "protected_tag",
            Self::Held { .. } => "held",
            Self::UnknownTime => "unknown_time",
            Self::Activating => "activating",
        }
    }
}
