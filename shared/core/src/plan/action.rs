//! What a plan does to one image.

use std::fmt;

use chrono::{DateTime, Utc};

use super::SettingAction;
use crate::{Digest, Tag};

/// What is done to an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActionKind {
    /// It is deleted.
    Expire,
    /// It moves to the archive class.
    Archive,
    /// Some of its tags are taken off; at least one stays.
    Untag,
}

impl ActionKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Expire, Self::Archive, Self::Untag];

    /// The name in plans: `expire`, `archive` or `untag`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Expire => "expire",
            Self::Archive => "archive",
            Self::Untag => "untag",
        }
    }

    /// The kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for ActionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// In which order calls are made: indexes before what they name, what refers to another image last.
///
/// Source: ECR API reference, `BatchDeleteImage`, and user guide, "Deleting an image", read 2026-11-25: an image that an
/// index names is not deleted before the index is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// An index.
    Index,
    /// Any other image.
    Image,
    /// What refers to another image: a signature, an attestation, a bill of materials.
    Referrer,
}

impl Stage {
    /// All of them, in their order.
    pub const ALL: [Self; 3] = [Self::Index, Self::Image, Self::Referrer];

    /// The name in plans: `index`, `image` or `referrer`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Index => "index",
            Self::Image => "image",
            Self::Referrer => "referrer",
        }
    }

    /// The stage of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stage| stage.name() == name)
    }
}

/// One action on one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageAction {
    /// The image.
    pub digest: Digest,
    /// What is done to it.
    pub kind: ActionKind,
    /// When its turn is.
    pub stage: Stage,
    /// Of one that goes or is archived all tags that it had; otherwise the tags that are taken off. Sorted.
    pub tags: Vec<Tag>,
    /// When it was pushed, as it was decided from.
    pub pushed_at: Option<DateTime<Utc>>,
    /// When it was last pulled, as it was decided from.
    pub last_pulled_at: Option<DateTime<Utc>>,
    /// The indexes that named it when it was decided, sorted: if they changed, the action is dropped.
    pub parents: Vec<Digest>,
    /// The image that it refers to, by its manifest or by its tag: if that changed, the action is dropped.
    pub subject: Option<Digest>,
    /// The root that it goes with: itself, its index, or its subject.
    pub unit: Digest,
    /// The rule that chose it, such as ``rule 2 of `policy.json` `` or ``retention `builds` ``.
    pub rule: String,
    /// Why the rule chose it, in one sentence without a full stop.
    pub reason: String,
    /// Who was asked whether it is in use, and when.
    pub not_in_use: String,
    /// Of the bytes that the actions of the repository free together, those of blobs whose last holder this one deletes, in
    /// the order of the actions; archiving frees nothing. The parts add up.
    pub bytes_freed: u64,
}

/// One action of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// On an image.
    Image(ImageAction),
    /// On a setting of the repository.
    Setting(SettingAction),
}

impl Action {
    /// The action on an image, if it is one.
    pub const fn image(&self) -> Option<&ImageAction> {
        match self {
            Self::Image(action) => Some(action),
            Self::Setting(_) => None,
        }
    }

    /// The action on a setting, if it is one.
    pub const fn setting(&self) -> Option<&SettingAction> {
        match self {
            Self::Image(_) => None,
            Self::Setting(action) => Some(action),
        }
    }
}
