//! What a policy frees, by the next run and when it is settled, and by which rule.
//!
//! For: the comparison with the core. Assumes an accepted policy. Leaves out money.

use super::held::{Held, stored};
use crate::evaluate::evaluate;
use crate::model::{Act, Rule, Status, Switches};

/// What is freed and what is left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Freed {
    /// Bytes of both classes before, minus after.
    pub bytes: u128,
    /// Bytes of the standard class after.
    pub standard_after: u128,
    /// Bytes of the archive class after.
    pub archived_after: u128,
    /// Priority and bytes of each rule, in the order of priorities.
    pub by_rule: Vec<(u64, u128)>,
    /// How many images are gone.
    pub expired: usize,
    /// How many images are archived after that are not before.
    pub archived: usize,
}

/// What happens to an image, and whose doing it is.
#[derive(Debug, Clone, Copy)]
struct Fate {
    id: u64,
    act: Act,
    priority: u64,
}

/// By the next run: only what rules act on.
pub fn next_run(rules: &[Rule], images: &[Held], now_ms: i64, switches: Switches) -> Freed {
    let fates = acted_on_by_rules(rules, images, now_ms, switches);
    freed(rules, images, &[fates], now_ms)
}

/// When the policy has been repeated at one time until nothing changes.
pub fn settled(rules: &[Rule], images: &[Held], now_ms: i64, switches: Switches) -> Freed {
    freed(rules, images, &rounds(rules, images, now_ms, switches).0, now_ms)
}

/// What is left when the policy has been repeated at one time until nothing changes.
pub(crate) fn left_when_settled(
    rules: &[Rule],
    images: &[Held],
    now_ms: i64,
    switches: Switches,
) -> Vec<Held> {
    rounds(rules, images, now_ms, switches).1
}

/// The rounds until nothing changes, and what is left.
fn rounds(rules: &[Rule], images: &[Held], now_ms: i64, switches: Switches) -> (Vec<Vec<Fate>>, Vec<Held>) {
    let mut left = images.to_vec();
    let mut rounds = Vec::new();
    loop {
        let mut fates = acted_on_by_rules(rules, &left, now_ms, switches);
        if !switches.referrers_image {
            while let Some(follower) = next_follower(&left, &fates) {
                fates.push(follower);
            }
        }
        let after = after(&left, &fates, now_ms);
        if after == left {
            return (rounds, left);
        }
        rounds.push(fates);
        left = after;
    }
}

fn acted_on_by_rules(rules: &[Rule], images: &[Held], now_ms: i64, switches: Switches) -> Vec<Fate> {
    let bare: Vec<_> = images.iter().map(|held| held.image.clone()).collect();
    let mut fates = Vec::new();
    for (image, verdict) in bare.iter().zip(evaluate(rules, &bare, now_ms, switches)) {
        if let (Some(act), Some(priority)) = (verdict.act, verdict.rule) {
            fates.push(Fate { id: image.id, act, priority });
        }
    }
    fates
}

/// A referrer of something that goes, or is archived, which has no fate yet: it has that of its subject.
fn next_follower(images: &[Held], fates: &[Fate]) -> Option<Fate> {
    for held in images {
        let has_fate = fates.iter().any(|fate| fate.id == held.image.id);
        let of_subject = fates.iter().find(|fate| held.image.subject == Some(fate.id));
        if let (false, Some(fate)) = (has_fate, of_subject) {
            return Some(Fate { id: held.image.id, ..*fate });
        }
    }
    None
}

/// What is left after all of this happens.
fn after(images: &[Held], fates: &[Fate], now_ms: i64) -> Vec<Held> {
    let mut left = Vec::new();
    for held in images {
        let mut held = held.clone();
        match fates.iter().find(|fate| fate.id == held.image.id).map(|fate| fate.act) {
            Some(Act::Expire) => continue,
            Some(Act::Transition) if held.image.status != Status::Archived => {
                held.image.status = Status::Archived;
                held.image.archived_ms = Some(now_ms);
            }
            Some(Act::Transition) | None => {}
        }
        left.push(held);
    }
    left
}

/// Lets it all happen, round after round and in each round rule after rule, and looks at the bytes each time.
fn freed(rules: &[Rule], images: &[Held], rounds: &[Vec<Fate>], now_ms: i64) -> Freed {
    let total = |left: &[Held]| {
        let (standard, archived) = stored(left, images);
        standard + archived
    };
    let mut priorities: Vec<u64> = rules.iter().map(|rule| rule.priority).collect();
    priorities.sort_unstable();
    let mut by_rule: Vec<(u64, u128)> = priorities.into_iter().map(|priority| (priority, 0)).collect();
    let mut left = images.to_vec();
    for fates in rounds {
        for (priority, bytes) in &mut by_rule {
            let of_rule: Vec<Fate> =
                fates.iter().filter(|fate| fate.priority == *priority).copied().collect();
            let then = after(&left, &of_rule, now_ms);
            *bytes += total(&left) - total(&then);
            left = then;
        }
    }
    let was_archived = |id| images.iter().any(|h| h.image.id == id && h.image.status == Status::Archived);
    let newly_archived = left
        .iter()
        .filter(|held| held.image.status == Status::Archived && !was_archived(held.image.id))
        .count();
    let (standard_after, archived_after) = stored(&left, images);
    Freed {
        bytes: total(images) - total(&left),
        standard_after,
        archived_after,
        by_rule,
        expired: images.len() - left.len(),
        archived: newly_archived,
    }
}
