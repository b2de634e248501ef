//! What was said about one tag, and the facts that it comes to.
//!
//! What is kept is a set: whatever the order in which observations come in, and however often, it is the same, and so
//! are the facts. Nothing is ever taken out. Leaves out heads: those need the listings too.

use std::collections::BTreeSet;
use std::ops::Bound;

use chrono::{DateTime, SubsecRound, Utc};

use super::standing::steps;
use super::tag_fact::facts;
use super::{Began, Held, Learnt, Observation, Said, TagAt, TagFact};
use crate::Digest;

/// What was said about one tag.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TagHistory {
    observations: BTreeSet<Observation>,
}

impl TagHistory {
    /// Keeps an observation; whether it is a new one.
    pub fn keep(&mut self, observation: Observation) -> bool {
        self.observations.insert(observation)
    }

    /// What is kept, in the order of time.
    pub fn observations(&self) -> impl DoubleEndedIterator<Item = &Observation> {
        self.observations.iter()
    }

    /// What is kept around an observation, as much as bears on it ([`Stored::around`](super::Stored::around)).
    ///
    /// Events and listings that put the tag on an image mark the ends, without the listings that have an event within
    /// their window. It starts with the nearest two of them that ended before the observation began and are on different
    /// images, and ends with the nearest that began after it ended; or with the first and the last of all. At each end,
    /// everything of the same `at` is in it, and at the later end, of a listing, everything up to its end.
    pub fn around(&self, observation: &Observation) -> Vec<Observation> {
        let mut found = BTreeSet::new();
        let mut images = BTreeSet::new();
        let mut start = None;
        for other in self.observations.range(..*observation).rev() {
            if start.is_some_and(|start| other.at < start) {
                break;
            }
            found.insert(*other);
            if other.until() < observation.at && !self.is_overtaken(other) {
                images.extend(other.value());
            }
            if 1 < images.len() {
                start = start.or(Some(other.at));
            }
        }
        let later = self.observations.range((Bound::Included(*observation), Bound::Unbounded));
        let mut end = None;
        for other in later {
            if end.is_some_and(|end| end < other.at) {
                break;
            }
            found.insert(*other);
            if other.value().is_some() && observation.until() < other.at && !self.is_overtaken(other) {
                end = end.max(Some(other.until()));
            }
        }
        found.into_iter().collect()
    }

    /// The facts that it comes to, in their order: neighbours differ, or something must have been between them.
    pub fn facts(&self) -> Vec<TagFact> {
        let observations: Vec<_> = self.observations.iter().copied().collect();
        facts(None, steps(None, &observations))
    }

    /// The facts of which any part can lie between these times, both included.
    pub fn facts_between(&self, from: DateTime<Utc>, until: DateTime<Utc>) -> Vec<TagFact> {
        let facts = self.facts();
        let ends = facts.iter().skip(1).map(|next| Some(next.began.by())).chain([None]);
        let is_within = |fact: &TagFact, end: Option<DateTime<Utc>>| {
            fact.began.after().is_none_or(|began| began <= until) && end.is_none_or(|end| from <= end)
        };
        let kept: Vec<bool> = facts.iter().zip(ends).map(|(fact, end)| is_within(fact, end)).collect();
        facts.into_iter().zip(kept).filter_map(|(fact, is_kept)| is_kept.then_some(fact)).collect()
    }

    /// What the tag was on at this time, as far as is known now.
    ///
    /// An event that was lost between two others leaves no trace, so even what is known is known only until better is.
    pub fn at(&self, time: DateTime<Utc>) -> TagAt {
        let second = time.trunc_subsecs(0);
        let facts = self.facts();
        let mut before: Option<&TagFact> = None;
        let mut values = Vec::new();
        for fact in &facts {
            match fact.began {
                Began::By(by) if time <= by => return TagAt::Unknown,
                Began::Between { after, by } if after <= time && time <= by => {
                    return TagAt::Gap {
                        before: before.map(|fact| fact.held.clone()),
                        after: fact.held.clone(),
                    };
                }
                Began::At(at) if at == second => values.extend(fact.held.values()),
                began if began.by() < time => {
                    before = Some(fact);
                    values.clear();
                }
                Began::At(_) | Began::By(_) | Began::Between { .. } => break,
            }
        }
        let Some(before) = before else { return TagAt::Unknown };
        if self.is_deletion_in(second) {
            values.push(None);
        }
        if values.is_empty() {
            return TagAt::of(before);
        }
        match Held::of(values.into_iter().chain(before.held.values())) {
            Some(Held::OneOf(several)) => TagAt::OneOf(several),
            Some(Held::Image(_) | Held::Gone) | None => TagAt::of(before),
        }
    }
}

impl TagHistory {
    /// Whether an event is within the window of this listing.
    fn is_overtaken(&self, listing: &Observation) -> bool {
        listing.learnt() == Learnt::Inventory
            && self
                .observations
                .range(earliest_of(listing.at)..)
                .take_while(|other| other.at <= listing.until())
                .any(|other| other.learnt() == Learnt::Event)
    }

    /// Whether an image was deleted in this second that the tag may have been on: it may have been gone then, and not
    /// have been at its end.
    fn is_deletion_in(&self, second: DateTime<Utc>) -> bool {
        self.observations
            .range(earliest_of(second)..)
            .take_while(|seen| seen.at == second)
            .any(|seen| seen.learnt() == Learnt::Deletion)
    }
}

/// The first in order of all that can be of this time.
const fn earliest_of(at: DateTime<Utc>) -> Observation {
    Observation { at, said: Said::Pushed(Digest::from_bytes([0; 32])) }
}

impl FromIterator<Observation> for TagHistory {
    fn from_iter<I: IntoIterator<Item = Observation>>(observations: I) -> Self {
        Self { observations: observations.into_iter().collect() }
    }
}
