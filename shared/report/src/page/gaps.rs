//! What could not be read: the same gap of many repositories is one line.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::amount::grouped;

/// Places of one gap that are named before the rest is counted.
const PLACES_MAX: usize = 4;
/// Gaps that are named before the rest is counted.
const GAPS_MAX: usize = 50;

/// Something that could not be read, and how to mend that.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PageGap {
    /// What: a sentence without its full stop.
    pub what: String,
    /// Where: an account, a region, a repository.
    pub r#where: String,
    /// How to mend it; empty where nobody knows.
    pub mend: String,
}

/// All of them, each kind once.
#[derive(Debug, Default)]
pub(super) struct Gaps(BTreeMap<(String, String), Places>);

#[derive(Debug, Default)]
struct Places {
    named: Vec<String>,
    more: usize,
}

impl Gaps {
    /// One more.
    pub(super) fn add(&mut self, gap: PageGap) {
        let places = self.0.entry((gap.what, gap.mend)).or_default();
        if places.named.contains(&gap.r#where) {
            return;
        }
        if places.named.len() < PLACES_MAX {
            places.named.push(gap.r#where);
        } else {
            places.more += 1;
        }
    }

    /// Those that are named, and how many are not. What is so of most places comes first.
    pub(super) fn lines(self) -> (Vec<PageGap>, usize) {
        let mut all: Vec<((String, String), Places)> = self.0.into_iter().collect();
        all.sort_by_key(|(_, places)| std::cmp::Reverse(places.named.len() + places.more));
        let left_out = all.len().saturating_sub(GAPS_MAX);
        let line = |((what, mend), places): ((String, String), Places)| {
            let named = places.named.join(", ");
            let r#where = match places.more {
                0 => named,
                more => format!("{named} and {} more", grouped(more as u64)),
            };
            PageGap { what, r#where, mend }
        };
        (all.into_iter().take(GAPS_MAX).map(line).collect(), left_out)
    }
}
