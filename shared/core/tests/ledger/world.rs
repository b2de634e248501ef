//! A repository as it truly is and was, and the events that ECR sends about it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use demurrage_core::ledger::{Extent, ListingWindow, Observation, Said, TagListing, Teaching};
use demurrage_core::{Digest, Tag};

use crate::dice::Dice;

/// What happens in a world, and how.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) actions: usize,
    pub(crate) tags: usize,
    pub(crate) digests: usize,
    /// The longest time between two actions, in milliseconds.
    pub(crate) pause_ms_max: usize,
    /// How ECR tells that an image with tags was deleted by its digest.
    pub(crate) deletion: DeletionEvents,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DeletionEvents {
    /// One event without a tag.
    One,
    /// One for each tag.
    ForEachTag,
    /// Now this, now that.
    Either,
}

/// What a tag truly was on, from when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Truth {
    pub(crate) began: DateTime<Utc>,
    pub(crate) value: Option<Digest>,
}

#[derive(Debug)]
pub(crate) struct World {
    /// What each tag was on; nothing before its first.
    pub(crate) truth: BTreeMap<Tag, Vec<Truth>>,
    /// Every event, in the order in which they happened, with its exact time.
    pub(crate) events: Vec<(DateTime<Utc>, Teaching)>,
    pub(crate) ended: DateTime<Utc>,
}

pub(crate) fn start() -> DateTime<Utc> {
    "2026-11-01T00:00:00Z".parse().unwrap()
}

pub(crate) fn tag(number: usize) -> Tag {
    Tag::as_given(&format!("v{number}"))
}

pub(crate) fn digest(number: usize) -> Digest {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&u64::try_from(number).unwrap().to_be_bytes());
    Digest::from_bytes(bytes)
}

impl World {
    pub(crate) fn new(plan: Plan, dice: &mut Dice) -> Self {
        let mut world = Self { truth: BTreeMap::new(), events: Vec::new(), ended: start() };
        for _ in 0..plan.actions {
            let pause = i64::try_from(dice.below(plan.pause_ms_max + 1)).unwrap();
            world.ended += TimeDelta::milliseconds(pause);
            let tag = tag(dice.below(plan.tags));
            let digest = digest(dice.below(plan.digests));
            match dice.below(10) {
                0..=5 => world.push(&tag, digest),
                6 | 7 => world.delete_tag(&tag),
                _ => {
                    let for_each = match plan.deletion {
                        DeletionEvents::One => false,
                        DeletionEvents::ForEachTag => true,
                        DeletionEvents::Either => dice.percent(50),
                    };
                    world.delete_digest(digest, for_each);
                }
            }
        }
        world
    }

    fn says(&mut self, tag: &Tag, said: Said) {
        let at = self.ended.trunc_subsecs(0);
        let teaching = Teaching::Tag { tag: tag.clone(), observation: Observation { at, said } };
        self.events.push((self.ended, teaching));
    }

    fn push(&mut self, tag: &Tag, digest: Digest) {
        if self.value(tag, self.ended) != Some(digest) {
            self.set(tag, Some(digest));
            self.says(tag, Said::Pushed(digest));
        }
    }

    fn delete_tag(&mut self, tag: &Tag) {
        if let Some(digest) = self.value(tag, self.ended) {
            self.set(tag, None);
            self.says(tag, Said::Deleted(digest));
        }
    }

    fn delete_digest(&mut self, digest: Digest, for_each_tag: bool) {
        let tags: Vec<Tag> =
            self.truth.keys().filter(|tag| self.value(tag, self.ended) == Some(digest)).cloned().collect();
        for tag in &tags {
            self.set(tag, None);
            if for_each_tag {
                self.says(tag, Said::Deleted(digest));
            }
        }
        if !for_each_tag || tags.is_empty() {
            let at = self.ended.trunc_subsecs(0);
            self.events.push((self.ended, Teaching::Deletion { digest, at }));
        }
    }

    fn set(&mut self, tag: &Tag, value: Option<Digest>) {
        self.truth.entry(tag.clone()).or_default().push(Truth { began: self.ended, value });
    }

    /// What a tag was on at a time.
    pub(crate) fn value(&self, tag: &Tag, at: DateTime<Utc>) -> Option<Digest> {
        let truth = self.truth.get(tag)?;
        let next = truth.partition_point(|fact| fact.began <= at);
        truth.get(next.checked_sub(1)?)?.value
    }

    /// A complete listing of which each place was read at some time of its own in the window.
    pub(crate) fn listing(&self, window: ListingWindow, dice: &mut Dice) -> TagListing {
        let width_ms = usize::try_from((window.until - window.from).num_milliseconds()).unwrap();
        let mut tags: BTreeMap<Tag, BTreeSet<Digest>> = BTreeMap::new();
        for tag in self.truth.keys() {
            let read_at =
                window.from + TimeDelta::milliseconds(i64::try_from(dice.below(width_ms + 1)).unwrap());
            if let Some(digest) = self.value(tag, read_at) {
                tags.entry(tag.clone()).or_default().insert(digest);
            }
        }
        TagListing { window, extent: Extent::Complete, tags }
    }
}

/// The window of a listing that was read from this time on.
pub(crate) fn window(from: DateTime<Utc>, seconds: i64) -> ListingWindow {
    ListingWindow::new(from, from + TimeDelta::seconds(seconds), TimeDelta::zero())
}
