//! Up to which `countNumber` of one rule a policy acts on each image.
//!
//! The number of a count decides which images of a pool are marked, and neither what is in the pool nor who
//! claims it. So one look at the images answers for all numbers. It assumes the next run, and leaves out what
//! later runs and referrers do.

use chrono::{DateTime, Utc};

use super::evaluate::marked;
use super::relations::positions;
use super::{Action, IndexChildren, Outcome, Policy, Reason, Relations, Switches};
use crate::{Image, ImageStatus};

/// For which numbers of the rule the next run acts on an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Threshold {
    /// For none.
    Never,
    /// For this number and every smaller one.
    UpTo {
        /// The largest number, 1 or more. The largest there is: for every number.
        number: u64,
        /// What happens to the image then.
        action: Action,
    },
}

impl Threshold {
    /// The threshold that is `number`, where 0 is none.
    const fn of(number: u64, action: Action) -> Self {
        if number == 0 { Self::Never } else { Self::UpTo { number, action } }
    }
}

/// For which numbers of the rule at this place the next run acts on each image, in the order of `images`.
///
/// For a rule that does not count images, what is acted on is so for every number. `relations` are those of
/// `images`.
pub fn thresholds(
    policy: &Policy,
    rule: usize,
    images: &[Image],
    relations: &Relations,
    now: DateTime<Utc>,
    switches: Switches,
) -> Vec<Threshold> {
    let decisions = marked(policy, images, relations, now, switches);
    let mut thresholds: Vec<Threshold> = decisions
        .iter()
        .map(|decision| {
            let claimed = decision.rule.and_then(|place| Some((place, policy.rules().get(place)?)));
            let Some((place, claiming)) = claimed else { return Threshold::Never };
            // A rank is beyond every number that is smaller.
            if let (Reason::BeyondCount { rank, .. } | Reason::WithinCount { rank, .. }, true) =
                (decision.reason, place == rule)
            {
                return Threshold::of(u64::from(rank).saturating_sub(1), claiming.action);
            }
            let always = if decision.outcome == Outcome::Keep { 0 } else { u64::MAX };
            Threshold::of(always, claiming.action)
        })
        .collect();
    if switches.index_children == IndexChildren::Counted && relations.has_children() {
        lower_to_indexes(images, relations, &mut thresholds);
    }
    thresholds
}

/// Lowers what indexes hold to the numbers for which none of them does, until nothing changes.
///
/// An index that stays holds its children, so a child goes for the numbers for which all its indexes go.
//= docs/SEMANTICS.md#child-counted-nested
fn lower_to_indexes(images: &[Image], relations: &Relations, thresholds: &mut [Threshold]) {
    loop {
        let mut is_lowered = false;
        for (position, _) in positions(images) {
            let at = position as usize;
            let Some(&Threshold::UpTo { number, action }) = thresholds.get(at) else { continue };
            let free = |&index: &u32| free_of(images, thresholds, action, index);
            let lowest = relations.parents(position).iter().map(free).min().unwrap_or(u64::MAX);
            if lowest < number
                && let Some(threshold) = thresholds.get_mut(at)
            {
                *threshold = Threshold::of(lowest, action);
                is_lowered = true;
            }
        }
        if !is_lowered {
            return;
        }
    }
}

/// The largest number for which an index does not hold a child that this is to happen to; 0: there is none.
fn free_of(images: &[Image], thresholds: &[Threshold], action: Action, index: u32) -> u64 {
    let of_index = thresholds.get(index as usize).copied().unwrap_or(Threshold::Never);
    let archived = images.get(index as usize).is_some_and(|image| image.status == ImageStatus::Archived);
    if action == Action::Archive && archived {
        //= docs/SEMANTICS.md#child-counted-transition
        return u64::MAX;
    }
    match of_index {
        //= docs/SEMANTICS.md#child-counted-expire
        Threshold::UpTo { number, action: of_index } if action == Action::Archive || of_index == action => {
            number
        }
        Threshold::UpTo { .. } | Threshold::Never => 0,
    }
}
