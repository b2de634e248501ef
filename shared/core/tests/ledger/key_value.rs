//! A store of the ledger with items and nothing else: what it writes, the decision said, and what the decision is told,
//! was read from items. It stands for a table with a partition for each repository.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use demurrage_core::ledger::{
    Change, Head, Learnt, ListingWindow, Observation, Said, Stored, TagFact, TagHistory, TagListing,
    Teaching, decide, reconcile,
};
use demurrage_core::{Digest, Tag};

/// How much a store reads around a late observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// What the decision asks for.
    Enough,
    /// All that is kept of the tag.
    Everything,
}

pub(crate) struct KeyValue {
    reads: Reads,
    heads: BTreeMap<Tag, Head>,
    transitions: BTreeSet<(Tag, Observation)>,
    by_digest: BTreeSet<(Digest, Tag)>,
    deletions: BTreeSet<(Digest, DateTime<Utc>)>,
    reconciled: Option<ListingWindow>,
    /// How many items were written.
    pub(crate) writes: usize,
}

impl KeyValue {
    pub(crate) fn new(reads: Reads) -> Self {
        Self {
            reads,
            heads: BTreeMap::new(),
            transitions: BTreeSet::new(),
            by_digest: BTreeSet::new(),
            deletions: BTreeSet::new(),
            reconciled: None,
            writes: 0,
        }
    }

    pub(crate) fn learn(&mut self, teaching: &Teaching) {
        match teaching {
            Teaching::Tag { tag, observation } => self.learn_about(tag, *observation),
            Teaching::Deletion { digest, at } => {
                self.deletions.insert((*digest, *at));
                let tags: Vec<Tag> = self
                    .by_digest
                    .iter()
                    .filter(|(other, _)| other == digest)
                    .map(|(_, tag)| tag.clone())
                    .collect();
                for tag in tags {
                    self.learn_about(&tag, Observation { at: *at, said: Said::DigestDeleted(*digest) });
                }
            }
            Teaching::Nothing => {}
        }
    }

    fn learn_about(&mut self, tag: &Tag, observation: Observation) {
        let head = self.heads.get(tag);
        let around = match self.reads {
            Reads::Everything => self.kept(tag),
            Reads::Enough if head.is_none_or(|head| head.latest < observation.at) => Vec::new(),
            Reads::Enough => enough(&self.kept(tag), &observation),
        };
        let digest_deleted_at = observation
            .value()
            .map_or_else(Vec::new, |digest| deletions_from(&self.deletions, digest, observation.at));
        let stored = Stored {
            head,
            around: &around,
            reconciled: self.reconciled,
            digest_deleted_at: &digest_deleted_at,
        };
        let change = decide(&stored, observation);
        self.write(tag, change);
    }

    pub(crate) fn learn_listing(&mut self, listing: &TagListing) {
        let changes = reconcile(&self.heads, listing, self.reconciled, |digest, from| {
            deletions_from(&self.deletions, *digest, from)
        });
        for (tag, change) in changes {
            self.write(&tag, change);
        }
        self.reconciled = listing.reconciles(self.reconciled);
    }

    /// Writes what is to be written: nothing that is there, and a head only over the version before it.
    fn write(&mut self, tag: &Tag, change: Change) {
        for observation in change.transitions {
            let is_new = self.transitions.insert((tag.clone(), observation));
            assert!(is_new, "{tag}: {observation:?} is there already");
            if let Some(digest) = observation.value() {
                self.by_digest.insert((digest, tag.clone()));
            }
            self.writes += 1;
        }
        if let Some(head) = change.head {
            let version = self.heads.get(tag).map_or(0, |head| head.version);
            assert_eq!(head.version, version + 1, "{tag}: another head is in the way");
            self.heads.insert(tag.clone(), head);
            self.writes += 1;
        }
    }

    pub(crate) fn kept(&self, tag: &Tag) -> Vec<Observation> {
        let low =
            Observation { at: DateTime::<Utc>::MIN_UTC, said: Said::Pushed(Digest::from_bytes([0; 32])) };
        let items = self.transitions.range((tag.clone(), low)..);
        items.take_while(|(of, _)| of == tag).map(|(_, observation)| *observation).collect()
    }

    pub(crate) fn heads(&self) -> &BTreeMap<Tag, Head> {
        &self.heads
    }

    pub(crate) fn facts(&self, tag: &Tag) -> Vec<TagFact> {
        self.kept(tag).into_iter().collect::<TagHistory>().facts()
    }
}

fn deletions_from(
    deletions: &BTreeSet<(Digest, DateTime<Utc>)>,
    digest: Digest,
    from: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    let times = deletions.range((digest, from)..).take_while(|(of, _)| *of == digest).map(|(_, at)| *at);
    let mut found: Vec<_> = times.take(2).collect();
    if found.first().is_some_and(|at| from < *at) {
        found.truncate(1);
    }
    found
}

/// From all that is kept of a tag what the decision asks for, and not one item more.
fn enough(kept: &[Observation], observation: &Observation) -> Vec<Observation> {
    let has_an_event = |listing: &Observation| {
        kept.iter().any(|other| {
            other.learnt() == Learnt::Event && listing.at <= other.at && other.at <= listing.until()
        })
    };
    let marks: Vec<&Observation> = kept
        .iter()
        .filter(|mark| mark.value().is_some() && (mark.learnt() == Learnt::Event || !has_an_event(mark)))
        .collect();
    let earlier: Vec<_> = marks.iter().filter(|mark| mark.until() < observation.at).collect();
    let nearest = earlier.last().and_then(|mark| mark.value());
    let start = earlier.iter().rev().find(|mark| mark.value() != nearest).map(|mark| mark.at);
    let later = || marks.iter().filter(|mark| observation.until() < mark.at);
    let next = later().map(|mark| mark.at).min();
    let end = later().filter(|mark| Some(mark.at) == next).map(|mark| mark.until()).max();
    kept.iter()
        .filter(|other| start.is_none_or(|start| start <= other.at) && end.is_none_or(|end| other.at <= end))
        .copied()
        .collect()
}
