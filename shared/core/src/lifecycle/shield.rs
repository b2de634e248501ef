//! What keeps an image out of pools, whatever its tags.

use super::{Action, IndexChildren, Referrers, Relations, Switches};
use crate::{Image, ImageStatus};

/// Why rules may not select an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shield {
    /// Rules may select it.
    None,
    /// Its status is neither ACTIVE nor ARCHIVED.
    Activating,
    /// Its subject is in the repository.
    Subject(u32),
    /// An index that is not archived names it.
    Index(u32),
    /// Only archived indexes name it, this among others: rules that transition may select it.
    ArchivedIndex(u32),
}

impl Shield {
    /// Whether a rule with this action may select the image.
    //= docs/SEMANTICS.md#child-ignored
    //= docs/SEMANTICS.md#child-of-archived
    pub(super) const fn lets_through(self, action: Action) -> bool {
        match self {
            Self::None => true,
            Self::Activating | Self::Subject(_) | Self::Index(_) => false,
            Self::ArchivedIndex(_) => matches!(action, Action::Archive),
        }
    }
}

/// The shield of the image at this place.
pub(super) fn shield_of(
    images: &[Image],
    relations: &Relations,
    switches: Switches,
    position: u32,
) -> Shield {
    let Some(image) = images.get(position as usize) else { return Shield::Activating };
    //= docs/SEMANTICS.md#activating
    if matches!(image.status, ImageStatus::Activating | ImageStatus::Unrecognised) {
        return Shield::Activating;
    }
    //= docs/SEMANTICS.md#referrer-follow
    //= docs/SEMANTICS.md#referrer-image
    if switches.referrers == Referrers::Follow
        && let Some(subject) = relations.subject(position)
    {
        return Shield::Subject(subject);
    }
    //= docs/SEMANTICS.md#child-counted
    if switches.index_children == IndexChildren::Ignored
        && let Some(&parent) = relations.parents(position).first()
    {
        return relations.live_parent(images, position).map_or(Shield::ArchivedIndex(parent), Shield::Index);
    }
    Shield::None
}
