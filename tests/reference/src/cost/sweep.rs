//! What the next run keeps for each number that one rule could count to: an evaluation for each.
//!
//! For: the comparison with the core. Assumes that the rule counts images. Leaves out money.

use super::held::{Held, stored};
use crate::evaluate::evaluate;
use crate::model::{Act, Rule, Status, Switches};

/// What is kept for one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Point {
    /// The `countNumber`.
    pub number: u64,
    /// How many images stay.
    pub images: usize,
    /// How many images the run archives.
    pub archived: usize,
    /// Bytes of the standard class.
    pub standard: u128,
    /// Bytes of the archive class.
    pub in_archive: u128,
}

/// What the next run of all the rules keeps, the one of this priority with this number.
pub fn point(
    rules: &[Rule],
    priority: u64,
    number: u64,
    images: &[Held],
    now_ms: i64,
    switches: Switches,
) -> Point {
    let with_number = |rule: &Rule| {
        if rule.priority == priority { Rule { number, ..rule.clone() } } else { rule.clone() }
    };
    let rules: Vec<Rule> = rules.iter().map(with_number).collect();
    let bare: Vec<_> = images.iter().map(|held| held.image.clone()).collect();
    let mut kept = Vec::new();
    let mut archived = 0;
    for (held, verdict) in images.iter().zip(evaluate(&rules, &bare, now_ms, switches)) {
        let mut held = held.clone();
        match verdict.act {
            Some(Act::Expire) => continue,
            Some(Act::Transition) => {
                held.image.status = Status::Archived;
                archived += 1;
            }
            None => {}
        }
        kept.push(held);
    }
    let (standard, in_archive) = stored(&kept, images);
    Point { number, images: kept.len(), archived, standard, in_archive }
}
