//! A slow, literal twin of the tag ledger, written from `docs/LEDGER.md` alone.
//!
//! It keeps everything that it is told, in the order in which it was told, and works out the facts about a tag from all
//! of it whenever it is asked. Tags and images are numbers, times are seconds. Leaves out partial listings, heads and
//! every thought of what it costs to write.

use std::collections::{BTreeMap, BTreeSet};

/// Something that the ledger is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// An event: the tag was put on the image.
    Pushed {
        /// The tag.
        tag: u32,
        /// The image.
        image: u32,
        /// The second.
        at: i64,
    },
    /// An event: the tag was taken from the image.
    Deleted {
        /// The tag.
        tag: u32,
        /// The image.
        image: u32,
        /// The second.
        at: i64,
    },
    /// An event without a tag: the image was deleted.
    ImageDeleted {
        /// The image.
        image: u32,
        /// The second.
        at: i64,
    },
    /// A complete listing.
    Listing {
        /// Nothing in it is older.
        from: i64,
        /// Nothing in it is newer.
        until: i64,
        /// The tags, each with its image.
        tags: BTreeMap<u32, u32>,
    },
}

/// What a tag was on, from some time on. `None` among the values: it was gone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it was on, or what it may have been on.
    pub values: BTreeSet<Option<u32>>,
    /// When it began.
    pub began: Beginning,
    /// How it is known.
    pub source: Source,
}

/// When a fact began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beginning {
    /// In this second.
    At(i64),
    /// Between the two, or at the second or before.
    Unseen(Option<i64>, i64),
}

/// How a fact is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// An event about the tag.
    Event,
    /// A listing.
    Listing,
    /// It is concluded from the deletion of an image.
    Conclusion,
}

/// Everything that was told.
#[derive(Debug, Default)]
pub struct Ledger {
    told: Vec<Told>,
    /// Which listings, by their places in `told`, count for which tag.
    counted: BTreeSet<(u32, usize)>,
    /// Of when the newest is that was ever known of a tag.
    newest: BTreeMap<u32, i64>,
    /// The end of the last listing that counts.
    listed_until: Option<i64>,
    /// Every tag that was ever named.
    tags: BTreeSet<u32>,
}

/// A listing, as far as it is about one tag.
struct Sighting {
    from: i64,
    until: i64,
    image: Option<u32>,
}

/// How things stand while the times are gone through.
#[derive(Clone)]
struct Now {
    values: BTreeSet<Option<u32>>,
    /// When this was proven last: something that is no conclusion is of this time.
    proven: i64,
    /// The end of the latest that it is known from.
    until: i64,
}

impl Ledger {
    /// Tells the ledger.
    pub fn tell(&mut self, told: Told) {
        let place = self.told.len();
        match &told {
            Told::Pushed { tag, .. } | Told::Deleted { tag, .. } => {
                self.tags.insert(*tag);
            }
            Told::ImageDeleted { .. } => {}
            Told::Listing { from, until, tags } => {
                self.tags.extend(tags.keys());
                if self.listed_until.is_none_or(|last| last < *from) {
                    self.listed_until = Some(*until);
                    // Also for tags that nobody has named yet: they were not there.
                    let is_older = |tag: &u32| self.newest.get(tag).is_none_or(|newest| newest < from);
                    self.counted.extend((0..=u32::from(u8::MAX)).filter(is_older).map(|tag| (tag, place)));
                }
            }
        }
        self.told.push(told);
        for tag in self.tags.clone() {
            let of_facts = self.facts(tag).into_iter().map(|fact| match fact.began {
                Beginning::At(at) => at,
                Beginning::Unseen(_, by) => by,
            });
            let newest = of_facts.chain(self.events(tag).into_iter().map(|(at, _, _)| at)).max();
            let before = self.newest.get(&tag).copied();
            if let Some(newest) = newest.max(before) {
                self.newest.insert(tag, newest);
            }
        }
    }

    /// The events about a tag, in order, each once: the second, the image, and whether the tag was put on it.
    fn events(&self, of: u32) -> BTreeSet<(i64, u32, bool)> {
        let event = |told: &Told| match told {
            Told::Pushed { tag, image, at } if *tag == of => Some((*at, *image, true)),
            Told::Deleted { tag, image, at } if *tag == of => Some((*at, *image, false)),
            Told::Pushed { .. } | Told::Deleted { .. } | Told::ImageDeleted { .. } | Told::Listing { .. } => {
                None
            }
        };
        self.told.iter().filter_map(event).collect()
    }

    /// When images were deleted by events without a tag.
    fn deletions(&self) -> BTreeSet<(i64, u32)> {
        let deletion = |told: &Told| match told {
            Told::ImageDeleted { image, at } => Some((*at, *image)),
            Told::Pushed { .. } | Told::Deleted { .. } | Told::Listing { .. } => None,
        };
        self.told.iter().filter_map(deletion).collect()
    }

    /// The listings that count for a tag, without those in whose window an event about it is.
    fn sightings(&self, of: u32) -> Vec<Sighting> {
        let events = self.events(of);
        let mut sightings = Vec::new();
        for (place, told) in self.told.iter().enumerate() {
            if let Told::Listing { from, until, tags } = told
                && self.counted.contains(&(of, place))
                && !events.iter().any(|(at, _, _)| from <= at && at <= until)
            {
                sightings.push(Sighting { from: *from, until: *until, image: tags.get(&of).copied() });
            }
        }
        sightings.sort_by_key(|sighting| sighting.from);
        sightings
    }

    /// The facts about a tag.
    pub fn facts(&self, tag: u32) -> Vec<Fact> {
        let events = self.events(tag);
        let deletions = self.deletions();
        let sightings = self.sightings(tag);
        let mut times: BTreeSet<i64> = events.iter().map(|(at, _, _)| *at).collect();
        times.extend(deletions.iter().map(|(at, _)| *at));
        times.extend(sightings.iter().map(|sighting| sighting.from));

        let mut now: Option<Now> = None;
        let mut facts = Vec::new();
        for time in times {
            let said: Vec<(u32, bool)> = events
                .iter()
                .filter(|(at, _, _)| *at == time)
                .map(|(_, image, is_push)| (*image, *is_push))
                .collect();
            let deleted: BTreeSet<u32> =
                deletions.iter().filter(|(at, _)| *at == time).map(|(_, image)| *image).collect();
            if !said.is_empty() {
                second_with_events(time, &said, &deleted, &mut now, &mut facts);
                continue;
            }
            for sighting in sightings.iter().filter(|sighting| sighting.from == time) {
                seen(sighting, &mut now, &mut facts);
            }
            second_with_deletions(time, &deleted, &mut now, &mut facts);
        }
        facts
    }
}

/// A second in which events name the tag.
fn second_with_events(
    time: i64,
    said: &[(u32, bool)],
    deleted: &BTreeSet<u32>,
    now: &mut Option<Now>,
    facts: &mut Vec<Fact>,
) {
    let mut values: BTreeSet<Option<u32>> =
        said.iter().map(|(image, is_push)| is_push.then_some(*image)).collect();
    if said.iter().any(|(image, is_push)| *is_push && deleted.contains(image)) {
        values.insert(None);
    }
    let only_gone = values.iter().all(Option::is_none);
    let unexplained: BTreeSet<Option<u32>> = said
        .iter()
        .filter(|(image, _)| only_gone && !now.as_ref().is_some_and(|now| now.values.contains(&Some(*image))))
        .map(|(image, _)| Some(*image))
        .collect();
    let is_again = now.as_ref().is_some_and(|now| now.values == values) && values.len() == 1;
    if !unexplained.is_empty() {
        let began = Beginning::Unseen(now.as_ref().map(|now| now.proven), time);
        facts.push(Fact { values: unexplained.clone(), began, source: Source::Event });
    }
    if !is_again || !unexplained.is_empty() {
        facts.push(Fact { values: values.clone(), began: Beginning::At(time), source: Source::Event });
    }
    *now = Some(Now { values, proven: time, until: time });
}

/// A listing.
fn seen(sighting: &Sighting, now: &mut Option<Now>, facts: &mut Vec<Fact>) {
    let values = BTreeSet::from([sighting.image]);
    let is_again = now.as_ref().is_some_and(|now| now.values == values);
    // A tag that was never there is not gone.
    let is_nothing_yet = facts.is_empty() && sighting.image.is_none();
    if !is_again && !is_nothing_yet {
        let began = Beginning::Unseen(now.as_ref().map(|now| now.proven), sighting.until);
        facts.push(Fact { values: values.clone(), began, source: Source::Listing });
    }
    *now = Some(Now { values, proven: sighting.from, until: sighting.until });
}

/// A second in which images were deleted, and nothing else was said about the tag.
fn second_with_deletions(time: i64, deleted: &BTreeSet<u32>, now: &mut Option<Now>, facts: &mut Vec<Fact>) {
    let Some(before) = now.clone() else { return };
    let is_hit = |value: &Option<u32>| value.is_some_and(|image| deleted.contains(&image));
    if !before.values.iter().any(is_hit) {
        return;
    }
    let mut values = before.values.clone();
    if before.until < time {
        values.retain(|value| !is_hit(value));
    }
    values.insert(None);
    if values != before.values {
        facts.push(Fact { values: values.clone(), began: Beginning::At(time), source: Source::Conclusion });
    }
    *now = Some(Now { values, proven: before.proven, until: before.until.max(time) });
}
