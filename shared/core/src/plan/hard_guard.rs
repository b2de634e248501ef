//! Why an image that rules chose stays.

use chrono::{DateTime, Utc};

use crate::in_use::{Protection, Use};
use crate::{Image, Tag, instant};

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
    /// Somebody holds a tag that was on it when they said so.
    HeldBefore {
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
            Self::Held { .. } | Self::HeldBefore { .. } => "held",
            Self::UnknownTime => "unknown_time",
            Self::Activating => "activating",
        }
    }

    /// What the guard saw: a fragment that reads alone. `images` are those of the repository, `uses` all that are known.
    pub fn detail(&self, images: &[Image], uses: &[Use]) -> String {
        let named = |place: u32| images.get(place as usize).map_or_else(|| "an image".to_owned(), name);
        match self {
            Self::InUse { why: Protection::InUse(places) } => in_use(places, uses),
            Self::InUse { why: Protection::PartOf(image) } => {
                format!("belongs to {}, which is in use", named(*image))
            }
            Self::InUse { why: Protection::MayBePartOf(image) } => {
                format!(
                    "may belong to {}, which is in use or part of what is: a manifest was not read",
                    named(*image)
                )
            }
            Self::PartOfKept { image } => format!("belongs to {}, which stays", named(*image)),
            Self::MayBePartOf { index } => {
                format!("may be part of the index {}, which stays: its manifest was not read", named(*index))
            }
            Self::Newest => "the newest image of the repository".to_owned(),
            Self::LastImage => "nothing that can be pulled would be left".to_owned(),
            Self::ProtectedTag(tag) => format!("the tag `{tag}` is protected"),
            Self::Held { tag, until, reason } => {
                let until = instant::minute(*until);
                format!("the tag `{tag}` is held until {until}: {reason}")
            }
            Self::HeldBefore { tag, until, reason } => {
                let until = instant::minute(*until);
                format!("it had the tag `{tag}` when that was held, until {until}: {reason}")
            }
            Self::UnknownTime => "nobody knows when it was pushed".to_owned(),
            Self::Activating => "it is neither active nor archived".to_owned(),
        }
    }
}

/// The first use in words, and how many others there are.
fn in_use(places: &[u32], uses: &[Use]) -> String {
    let mut found = places.iter().filter_map(|&place| uses.get(place as usize));
    let Some(first) = found.next() else { return "it is in use".to_owned() };
    match found.count() {
        0 => first.evidence.clone(),
        others => format!("{}, and {others} more", first.evidence),
    }
}

/// An image by its first tag and its short digest.
fn name(image: &Image) -> String {
    match image.tags.first() {
        Some(tag) => format!("`{tag}` ({})", image.digest.short()),
        None => image.digest.short(),
    }
}
