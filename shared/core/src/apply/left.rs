//! What is gone that a plan did not name.

use std::collections::{BTreeMap, BTreeSet};

use crate::plan::{ActionKind, ImageAction, Links};
use crate::{Digest, Image, Tag};

/// An image that was there when a plan was begun, is gone now, and that the plan did not name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unplanned {
    /// The image.
    pub digest: Digest,
    /// The tags that it had.
    pub tags: Vec<Tag>,
}

/// What is gone between two listings of a repository that these actions do not explain.
///
/// What refers to an image that went is explained: ECR takes it away by itself.
///
/// Source: ECR user guide, "Referrers", read 2026-11-25: referrers go with their subject, within 24 hours.
pub fn unplanned(
    before: &[Image],
    links: &Links<'_>,
    actions: &[&ImageAction],
    after: &BTreeSet<Digest>,
) -> Vec<Unplanned> {
    let kinds: BTreeMap<Digest, ActionKind> =
        actions.iter().map(|action| (action.digest, action.kind)).collect();
    let goes = |digest: &Digest| kinds.get(digest) == Some(&ActionKind::Expire);
    let follows = |place: u32| {
        let subject = links.subject(place).and_then(|subject| before.get(subject as usize));
        subject.is_some_and(|subject| goes(&subject.digest) && !after.contains(&subject.digest))
    };
    let is_unplanned = |&(place, image): &(u32, &Image)| {
        !after.contains(&image.digest) && !goes(&image.digest) && !follows(place)
    };
    let found = (0..u32::MAX).zip(before).filter(is_unplanned);
    found.map(|(_, image)| Unplanned { digest: image.digest, tags: image.tags.clone() }).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::unplanned;
    use crate::apply::standing::tests::action;
    use crate::lifecycle::Relations;
    use crate::plan::{ActionKind, ImageAction, Links};
    use crate::{Digest, Image};

    fn digest(number: u8) -> Digest {
        Digest::from_bytes([number; 32])
    }

    fn gone(kind: ActionKind, after: &[u8]) -> Vec<Digest> {
        let mut signature = Image::new(digest(3));
        signature.subject = Some(digest(1));
        let before = [Image::new(digest(1)), Image::new(digest(2)), signature];
        let relations = Relations::of(&before);
        let planned = ImageAction { digest: digest(1), ..action(kind, &[]) };
        let after: BTreeSet<Digest> = after.iter().map(|&number| digest(number)).collect();
        let found = unplanned(&before, &Links::of(&before, &relations), &[&planned], &after);
        found.into_iter().map(|found| found.digest).collect()
    }

    #[test]
    fn what_went_by_the_plan_and_what_followed_it_is_explained() {
        assert_eq!(gone(ActionKind::Expire, &[2]), []);
        assert_eq!(gone(ActionKind::Expire, &[3]), [digest(2)]);
        assert_eq!(gone(ActionKind::Expire, &[1, 2]), [digest(3)], "what it refers to is there");
    }

    #[test]
    fn an_image_that_should_only_lose_tags_is_missed_when_it_is_gone() {
        assert_eq!(gone(ActionKind::Untag, &[2, 3]), [digest(1)]);
        assert_eq!(gone(ActionKind::Archive, &[2, 3]), [digest(1)]);
    }
}
