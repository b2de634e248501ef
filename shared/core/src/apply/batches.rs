//! Which images go into one call.

use std::collections::BTreeSet;

use crate::journal::ImageId;
use crate::plan::{ActionKind, ImageAction};
use crate::{Image, Tag};

/// At most so many ids are named in a call of `BatchDeleteImage`, and asked for in one of `DescribeImages`.
///
/// Source: ECR API reference, `BatchDeleteImage` and `DescribeImages`, read 2026-11-25.
pub const BATCH_IDS: usize = 100;

/// So many images are looked at together before they are archived: one call each, and nothing between the look and the call.
pub const BATCH_ARCHIVES: usize = 1;

/// Images that are looked at together, and then changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// Whether they are archived; otherwise they, or tags of theirs, are deleted.
    pub is_archive: bool,
    /// The actions, by their places.
    pub actions: Vec<usize>,
}

/// A wave of actions in batches, in its order. An image with more tags than a call can name is a batch by itself.
pub fn batches(actions: &[&ImageAction], wave: &[usize]) -> Vec<Batch> {
    let mut batches: Vec<Batch> = Vec::new();
    let mut room = 0_usize;
    for &place in wave {
        let Some(action) = actions.get(place) else { continue };
        let is_archive = action.kind == ActionKind::Archive;
        let (needs, size) = match action.kind {
            ActionKind::Archive => (1, BATCH_ARCHIVES),
            ActionKind::Expire | ActionKind::Untag => (action.tags.len().max(1), BATCH_IDS),
        };
        match batches.last_mut() {
            Some(batch) if batch.is_archive == is_archive && needs <= room => {
                batch.actions.push(place);
                room -= needs;
            }
            Some(_) | None => {
                batches.push(Batch { is_archive, actions: vec![place] });
                room = size.saturating_sub(needs);
            }
        }
    }
    batches
}

/// What a deletion names for an action on an image as it is now: a tagged image by each of its tags together with its
/// digest, so that a tag that came meanwhile keeps it and one that moved does nothing; one without tags by its digest.
pub fn ids_of(action: &ImageAction, image: &Image) -> Vec<ImageId> {
    let digest = Some(action.digest);
    let planned: BTreeSet<&Tag> = action.tags.iter().collect();
    let mut tags: Vec<&Tag> = image.tags.iter().filter(|tag| planned.contains(tag)).collect();
    tags.sort();
    let by_tags = || tags.iter().map(|&tag| ImageId { digest, tag: Some(tag.clone()) }).collect();
    match action.kind {
        ActionKind::Expire if image.tags.is_empty() => vec![ImageId { digest, tag: None }],
        ActionKind::Expire | ActionKind::Untag => by_tags(),
        ActionKind::Archive => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::{BATCH_IDS, batches, ids_of};
    use crate::apply::standing::tests::{action, image};
    use crate::plan::{ActionKind, ImageAction};

    fn many(tags: usize) -> ImageAction {
        let names: Vec<String> = (0..tags).map(|number| format!("t{number:03}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        action(ActionKind::Expire, &names)
    }

    fn sizes(actions: &[ImageAction]) -> Vec<Vec<usize>> {
        let all: Vec<&ImageAction> = actions.iter().collect();
        let wave: Vec<usize> = (0..actions.len()).collect();
        batches(&all, &wave).into_iter().map(|batch| batch.actions).collect()
    }

    #[test]
    fn pairs_count_and_an_image_is_never_split_over_batches() {
        assert_eq!(sizes(&[many(60), many(40), many(0)]), [vec![0, 1], vec![2]]);
        assert_eq!(sizes(&[many(60), many(41), many(0)]), [vec![0], vec![1, 2]]);
        assert_eq!(sizes(&[many(0), many(250), many(1)]), [vec![0], vec![1], vec![2]]);
        assert_eq!(sizes(&vec![many(0); BATCH_IDS + 1]).iter().map(Vec::len).collect::<Vec<_>>(), [100, 1]);
    }

    #[test]
    fn each_image_that_is_archived_is_looked_at_by_itself() {
        let actions =
            [many(1), action(ActionKind::Archive, &["a"]), action(ActionKind::Archive, &[]), many(1)];
        assert_eq!(sizes(&actions), [vec![0], vec![1], vec![2], vec![3]]);
    }

    #[test]
    fn a_tagged_image_goes_by_its_pairs_and_an_untagged_one_by_its_digest() {
        let names = |kind, planned: &[&str], now: &[&str]| -> Vec<Option<String>> {
            let ids = ids_of(&action(kind, planned), &image(now));
            ids.into_iter().map(|id| id.tag.map(|tag| tag.to_string())).collect()
        };
        let text = |name: &str| Some(name.to_owned());
        assert_eq!(names(ActionKind::Expire, &["b", "a"], &["b", "a"]), [text("a"), text("b")]);
        assert_eq!(names(ActionKind::Expire, &[], &[]), [None]);
        assert_eq!(names(ActionKind::Untag, &["a"], &["a", "b"]), [text("a")]);
        assert_eq!(names(ActionKind::Untag, &["a"], &[]), [], "never by its digest");
        assert_eq!(names(ActionKind::Expire, &[], &["a"]), [], "a tag that nobody planned is not named");
    }
}
