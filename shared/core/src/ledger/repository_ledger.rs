//! The ledger of one repository, in memory.
//!
//! Assumes that what it is told is about that repository. Decides nothing itself: it keeps what [`decide`] says,
//! and looks up what that needs, as any store of the ledger does.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::{
    Change, EcrEvent, Head, ListingWindow, MutabilityHistory, Observation, Said, Stored, TagAt, TagFact,
    TagHistory, TagListing, Teaching, decide, reconcile,
};
use crate::{Digest, Fact, Repository, Tag};

/// Which images the tags of one repository are on, and were on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
// INVARIANT: `tags_of` has every image that an observation puts a tag on.
pub struct RepositoryLedger {
    tags: BTreeMap<Tag, TagRecord>,
    tags_of: BTreeMap<Digest, BTreeSet<Tag>>,
    deletions: BTreeMap<Digest, BTreeSet<DateTime<Utc>>>,
    mutability: MutabilityHistory,
    reconciled: Option<ListingWindow>,
}

/// What is kept of one tag.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TagRecord {
    /// What it is now, where anything is known.
    pub head: Option<Head>,
    /// What was said about it.
    pub history: TagHistory,
}

impl RepositoryLedger {
    /// The ledger that was kept: its tags, the deletions of images that named no tag, the settings of mutability and
    /// the last complete listing.
    pub fn restore(
        tags: BTreeMap<Tag, TagRecord>,
        deletions: BTreeMap<Digest, BTreeSet<DateTime<Utc>>>,
        mutability: MutabilityHistory,
        reconciled: Option<ListingWindow>,
    ) -> Self {
        let mut tags_of: BTreeMap<Digest, BTreeSet<Tag>> = BTreeMap::new();
        for (tag, record) in &tags {
            for digest in record.history.observations().filter_map(Observation::value) {
                tags_of.entry(digest).or_default().insert(tag.clone());
            }
        }
        Self { tags, tags_of, deletions, mutability, reconciled }
    }

    /// Learns what an event says, and what that changed, for each tag that it concerns.
    pub fn learn_event(&mut self, event: &EcrEvent) -> Vec<(Tag, Change)> {
        match event.teaching() {
            Teaching::Tag { tag, observation } => vec![(tag.clone(), self.learn(&tag, observation))],
            Teaching::Deletion { digest, at } => self.learn_deletion(digest, at),
            Teaching::Nothing => Vec::new(),
        }
    }

    /// Learns what was said about a tag.
    pub fn learn(&mut self, tag: &Tag, observation: Observation) -> Change {
        let record = self.tags.get(tag);
        let head = record.and_then(|record| record.head.as_ref());
        let is_newest = head.is_none_or(|head| head.latest < observation.at);
        let around = match record {
            Some(record) if !is_newest => record.history.around(&observation),
            Some(_) | None => Vec::new(),
        };
        let digest_deleted_at = observation
            .value()
            .map_or_else(Vec::new, |digest| deletions_from(&self.deletions, &digest, observation.at));
        let stored = Stored {
            head,
            around: &around,
            reconciled: self.reconciled,
            digest_deleted_at: &digest_deleted_at,
        };
        let change = decide(&stored, observation);
        self.keep(tag, &change);
        change
    }

    /// Learns that an image was deleted, by an event that names no tag.
    pub fn learn_deletion(&mut self, digest: Digest, at: DateTime<Utc>) -> Vec<(Tag, Change)> {
        self.deletions.entry(digest).or_default().insert(at);
        let concerned: Vec<Tag> = self.tags_of.get(&digest).into_iter().flatten().cloned().collect();
        let observation = Observation { at, said: Said::DigestDeleted(digest) };
        concerned
            .into_iter()
            .map(|tag| {
                let change = self.learn(&tag, observation);
                (tag, change)
            })
            .filter(|(_, change)| !change.is_empty())
            .collect()
    }

    /// Learns what an inventory has of the repository, read within this window; what that changed.
    pub fn learn_inventory(&mut self, repository: &Repository, window: ListingWindow) -> Vec<(Tag, Change)> {
        if let Fact::Present(setting) = &repository.tag_mutability {
            self.mutability.learn(window.from, setting);
        }
        TagListing::of(repository, window).map_or_else(Vec::new, |listing| self.learn_listing(&listing))
    }

    /// Learns what a listing has; what that changed.
    pub fn learn_listing(&mut self, listing: &TagListing) -> Vec<(Tag, Change)> {
        let heads = self.heads().map(|(tag, head)| (tag.clone(), head.clone())).collect();
        let changes = reconcile(&heads, listing, self.reconciled, |digest, from| {
            deletions_from(&self.deletions, digest, from)
        });
        for (tag, change) in &changes {
            self.keep(tag, change);
        }
        self.reconciled = listing.reconciles(self.reconciled);
        changes
    }

    fn keep(&mut self, tag: &Tag, change: &Change) {
        if change.is_empty() {
            return;
        }
        let record = self.tags.entry(tag.clone()).or_default();
        for observation in &change.transitions {
            record.history.keep(*observation);
            if let Some(digest) = observation.value() {
                self.tags_of.entry(digest).or_default().insert(tag.clone());
            }
        }
        if let Some(head) = &change.head {
            record.head = Some(head.clone());
        }
    }

    /// Every tag that anything is known of, with its head; those that are gone too.
    pub fn heads(&self) -> impl Iterator<Item = (&Tag, &Head)> {
        self.tags.iter().filter_map(|(tag, record)| Some((tag, record.head.as_ref()?)))
    }

    /// What is kept of each tag, to be restored from.
    pub const fn tags(&self) -> &BTreeMap<Tag, TagRecord> {
        &self.tags
    }

    /// When images were deleted by events that name no tag.
    pub const fn deletions(&self) -> &BTreeMap<Digest, BTreeSet<DateTime<Utc>>> {
        &self.deletions
    }

    /// How the mutability of tags was set.
    pub const fn mutability(&self) -> &MutabilityHistory {
        &self.mutability
    }

    /// The window of the last complete listing.
    pub const fn reconciled(&self) -> Option<ListingWindow> {
        self.reconciled
    }

    /// What was said about a tag; nothing where it was never heard of.
    pub fn history(&self, tag: &Tag) -> Option<&TagHistory> {
        self.tags.get(tag).map(|record| &record.history)
    }

    /// The facts of every tag of which any part can lie between these times, both included.
    pub fn facts_between(
        &self,
        from: DateTime<Utc>,
        until: DateTime<Utc>,
    ) -> impl Iterator<Item = (&Tag, TagFact)> {
        self.tags.iter().flat_map(move |(tag, record)| {
            record.history.facts_between(from, until).into_iter().map(move |fact| (tag, fact))
        })
    }

    /// What a tag was on at this time; unknown where the tag was never heard of.
    pub fn digest_at(&self, tag: &Tag, time: DateTime<Utc>) -> TagAt {
        self.history(tag).map_or(TagAt::Unknown, |history| history.at(time))
    }
}

/// When an image was deleted, at this time and first after it.
fn deletions_from(
    deletions: &BTreeMap<Digest, BTreeSet<DateTime<Utc>>>,
    digest: &Digest,
    from: DateTime<Utc>,
) -> Vec<DateTime<Utc>> {
    let Some(times) = deletions.get(digest) else { return Vec::new() };
    let next = times.range(from..).find(|at| from < **at);
    times.get(&from).into_iter().chain(next).copied().collect()
}
