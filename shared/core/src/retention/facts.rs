//! What is known of an image together with everything that belongs to it.

use chrono::{DateTime, Utc};

use super::Answer;
use crate::in_use::{Protection, RepositoryUse};
use crate::{Image, ImageStatus};

/// What is known of an image together with everything that belongs to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Facts {
    /// When any of it was last pulled, or restored from the archive class.
    pub(super) used_at: Option<DateTime<Utc>>,
    /// Whether all that belongs to it is known: no index of it was left unread.
    pub(super) is_whole: bool,
    /// Whether any of it is in use.
    pub(super) in_use: Answer,
    /// Whether any of it is neither in the standard nor in the archive class.
    pub(super) is_activating: bool,
}

impl Facts {
    /// What is known of these images together.
    pub(super) fn of(images: &[Image], in_use: &RepositoryUse, unit: &[u32]) -> Self {
        let mut facts = Self { used_at: None, is_whole: true, in_use: Answer::NotMet, is_activating: false };
        for &place in unit {
            let Some(image) = images.get(place as usize) else { continue };
            facts.used_at = facts.used_at.max(image.last_pulled_at).max(image.activated_at);
            facts.is_whole &= !image.has_unknown_children();
            facts.in_use = facts.in_use.or(match in_use.protection(place) {
                Some(Protection::InUse(_) | Protection::PartOf(_)) => Answer::Met,
                Some(Protection::MayBePartOf(_)) => Answer::Unknown,
                None => Answer::NotMet,
            });
            facts.is_activating |= match image.status {
                ImageStatus::Active | ImageStatus::Archived => false,
                ImageStatus::Activating | ImageStatus::Unrecognised => true,
            };
        }
        facts
    }
}
