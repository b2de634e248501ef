//! What retention rules want of one image, and why.

use chrono::{DateTime, Utc};

use crate::Tag;
use crate::plan::ActionKind;

/// What retention rules want of one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// What becomes of it; nothing: it stays as it is.
    pub kind: Option<ActionKind>,
    /// The tags that are taken off, sorted; none but for [`ActionKind::Untag`].
    pub tags: Vec<Tag>,
    /// The rule that wants it, or that keeps it, by its place.
    pub rule: Option<u32>,
    /// Why.
    pub reason: RetentionReason,
}

/// Why an image goes or stays. Images, rules and clauses are named by their places.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RetentionReason {
    /// Stays: no rule is about the repository.
    NoRule,
    /// Stays: not all images of the repository are known, so that nothing can be counted.
    Listing,
    /// Stays: a `keep` is met.
    Kept {
        /// The clause among those of `keep`.
        clause: u32,
        /// The tag by which it is met, where the image has tags.
        tag: Option<Tag>,
        /// Whether it is met only because something is unknown.
        is_unknown: bool,
    },
    /// Goes, or is archived: each of its tags meets an `expire` of the rule.
    Chosen {
        /// The clause among those of `expire`, for the first tag.
        clause: u32,
        /// The first tag, where the image has tags.
        tag: Option<Tag>,
    },
    /// Loses tags: those that meet an `expire` of the rule.
    Untagged {
        /// The clause among those of `expire`, for the first tag that is taken off.
        clause: u32,
    },
    /// Stays: some of its tags meet an `expire` of the rule, and this one does not.
    Uncovered {
        /// The tag.
        tag: Tag,
    },
    /// Stays: no `expire` is met.
    NotChosen,
    /// Stays in the archive class for now: it is deleted later.
    Waits {
        /// When it is deleted at the earliest; unknown where nobody knows since when all of it is archived.
        until: Option<DateTime<Utc>>,
    },
    /// Stays in the archive class, where the rule wants it.
    IsArchived,
    /// Goes, or is archived, with the last image that it is part of or refers to.
    With {
        /// That image.
        image: u32,
    },
    /// Stays with an image that it is part of or refers to.
    PartOf {
        /// That image.
        image: u32,
    },
    /// Stays: it may be part of an index of which the manifest was not read.
    MayBePartOf {
        /// That index.
        index: u32,
    },
    /// Stays: its status, or that of something that belongs to it, is neither ACTIVE nor ARCHIVED.
    Activating,
}

impl RetentionReason {
    /// The name of the reason.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::NoRule => "no_rule",
            Self::Listing => "listing",
            Self::Kept { .. } => "kept",
            Self::Chosen { .. } => "chosen",
            Self::Untagged { .. } => "untagged",
            Self::Uncovered { .. } => "uncovered",
            Self::NotChosen => "not_chosen",
            Self::Waits { .. } => "waits",
            Self::IsArchived => "is_archived",
            Self::With { .. } => "with",
            Self::PartOf { .. } => "part_of",
            Self::MayBePartOf { .. } => "may_be_part_of",
            Self::Activating => "activating",
        }
    }
}
