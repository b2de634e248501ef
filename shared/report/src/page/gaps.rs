//! What could not be read: the same gap of many repositories is one line.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::amount::grouped;

/// Places of one gap that are named before the rest is counted.
const PLACES_MAX: usize = 20;
/// Gaps that are named before the rest is counted.
const GAPS_MAX: usize = 50;

/// Something that could not be read, and how to mend that.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PageGap {
    /// What: a sentence without its full stop.
    pub what: String,
    /// Where: an account, a region, a repository.
    pub r#where: String,
    /// How to mend it; empty where nobody knows.
    pub mend: String,
}

/// A gap with all of its places.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct GapLine {
    pub(super) what: String,
    /// Some of the places.
    pub(super) r#where: String,
    /// How many places there are.
    pub(super) places: usize,
    pub(super) mend: String,
}

/// All of them, each kind once, with the places of it.
#[derive(Debug, Default)]
pub(super) struct Gaps(BTreeMap<(String, String), BTreeSet<String>>);

impl Gaps {
    /// One more.
    pub(super) fn add(&mut self, gap: PageGap) {
        self.0.entry((gap.what, gap.mend)).or_default().insert(gap.r#where);
    }

    /// Those that are named, and how many are not. What is so of most places comes first.
    pub(super) fn lines(self) -> (Vec<GapLine>, usize) {
        let mut all: Vec<_> = self.0.into_iter().collect();
        all.sort_by_key(|(_, places)| Reverse(places.len()));
        let left_out = all.len().saturating_sub(GAPS_MAX);
        let line = |((what, mend), places): ((String, String), BTreeSet<String>)| {
            let named: Vec<&str> = places.iter().take(PLACES_MAX).map(String::as_str).collect();
            let r#where = match places.len().saturating_sub(PLACES_MAX) {
                0 => named.join(", "),
                more => format!("{} and {} more", named.join(", "), grouped(more as u64)),
            };
            GapLine { what, r#where, places: places.len(), mend }
        };
        (all.into_iter().take(GAPS_MAX).map(line).collect(), left_out)
    }
}
