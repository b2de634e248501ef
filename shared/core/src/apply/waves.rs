//! In which order the images of a repository have their turn.

use rustc_hash::FxHashMap;

use crate::Digest;
use crate::plan::{ImageAction, Stage};

/// An index in an index in an index: deeper than that nobody goes, and a circle ends there.
const DEPTH_MAX: u32 = 16;

/// The actions by their places, in waves: no two of a wave are index and child, or image and referrer, and each comes in
/// a later wave than what it is part of or refers to. Of the plan's stages the earlier ones come first.
///
/// Source: ECR user guide, "Deleting an image", and API reference, `BatchDeleteImage`, read 2026-11-25: what an index names
/// is refused before the index is gone. That what protects an image is looked at before anything of a call goes is
/// inferred; so the two are in separate calls.
pub fn waves(actions: &[&ImageAction]) -> Vec<Vec<usize>> {
    let by_digest: FxHashMap<Digest, usize> =
        actions.iter().enumerate().map(|(place, action)| (action.digest, place)).collect();
    let above = |action: &ImageAction| -> Vec<usize> {
        let named = action.parents.iter().chain(&action.subject);
        named.filter_map(|digest| by_digest.get(digest).copied()).collect()
    };
    let mut turns: Vec<(Stage, u32)> = actions.iter().map(|action| (action.stage, 0)).collect();
    for _ in 0..DEPTH_MAX {
        let mut has_changed = false;
        for (place, action) in actions.iter().enumerate() {
            let earliest = above(action).into_iter().filter(|&other| other != place);
            let earliest =
                earliest.filter_map(|other| turns.get(other).map(|&(stage, depth)| (stage, depth + 1)));
            let Some(earliest) = earliest.max() else { continue };
            if let Some(turn) = turns.get_mut(place).filter(|turn| **turn < earliest) {
                *turn = earliest;
                has_changed = true;
            }
        }
        if !has_changed {
            break;
        }
    }
    let mut order: Vec<usize> = (0..actions.len()).collect();
    order.sort_by_key(|&place| (turns.get(place).copied(), actions.get(place).map(|action| action.digest)));
    let mut waves: Vec<Vec<usize>> = Vec::new();
    let mut last = None;
    for place in order {
        let turn = turns.get(place).copied();
        match waves.last_mut() {
            Some(wave) if last == turn => wave.push(place),
            Some(_) | None => waves.push(vec![place]),
        }
        last = turn;
    }
    waves
}

#[cfg(test)]
mod tests {
    use super::waves;
    use crate::Digest;
    use crate::apply::standing::tests::action;
    use crate::plan::{ActionKind, ImageAction, Stage};

    fn planned(number: u8, stage: Stage, parents: &[u8], subject: Option<u8>) -> ImageAction {
        let digest = |number: u8| Digest::from_bytes([number; 32]);
        ImageAction {
            digest: digest(number),
            stage,
            parents: parents.iter().map(|&parent| digest(parent)).collect(),
            subject: subject.map(digest),
            ..action(ActionKind::Expire, &[])
        }
    }

    fn numbers(actions: &[ImageAction]) -> Vec<Vec<u8>> {
        let all: Vec<&ImageAction> = actions.iter().collect();
        let number = |place: &usize| actions[*place].digest.as_bytes()[0];
        waves(&all).iter().map(|wave| wave.iter().map(number).collect()).collect()
    }

    #[test]
    fn indexes_come_before_images_and_referrers_last() {
        let actions = [
            planned(5, Stage::Referrer, &[], Some(3)),
            planned(3, Stage::Image, &[2], None),
            planned(1, Stage::Image, &[], None),
            planned(2, Stage::Index, &[], None),
        ];
        assert_eq!(numbers(&actions), [vec![2], vec![1, 3], vec![5]]);
    }

    #[test]
    fn an_index_in_an_index_and_an_index_that_refers_to_an_image_come_before_what_they_name() {
        let actions = [
            planned(1, Stage::Index, &[2], None),
            planned(2, Stage::Index, &[], None),
            planned(3, Stage::Image, &[4], None),
            planned(4, Stage::Referrer, &[], Some(2)),
            planned(6, Stage::Referrer, &[], Some(4)),
        ];
        assert_eq!(numbers(&actions), [vec![2], vec![1], vec![4], vec![3, 6]]);
    }

    #[test]
    fn a_circle_ends() {
        let actions = [planned(1, Stage::Image, &[], Some(2)), planned(2, Stage::Image, &[], Some(1))];
        assert_eq!(numbers(&actions).concat().len(), 2);
    }
}
