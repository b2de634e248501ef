//! The tag ledger against its slow literal twin, on small generated histories of a repository: what happens truly, what
//! becomes of the events about it, and when it is listed.

#![expect(clippy::unwrap_used, reason = "a test that stops when its own data is wrong")]

#[cfg(test)]
#[expect(dead_code, reason = "most of it is for the evaluation")]
mod generators;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use demurrage_core::ledger::{
    Began, Extent, Held, Learnt, ListingWindow, Observation, RepositoryLedger, Said, TagFact, TagHistory,
    TagListing,
};
use demurrage_core::{Digest, Tag};
use demurrage_reference::ledger::{Beginning, Fact, Ledger, Source, Told};
use generators::for_all;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy};
use proptest::sample::select;
use proptest::test_runner::TestCaseError;
use proptest::{prop_assert, prop_assert_eq, prop_oneof};

const TAGS: u32 = 3;
const IMAGES: u32 = 3;
const START: i64 = 1_790_000_000;

/// What happens, or is asked.
#[derive(Debug, Clone)]
enum What {
    Push {
        tag: u32,
        image: u32,
    },
    DeleteTag {
        tag: u32,
    },
    DeleteImage {
        image: u32,
        event_for_each_tag: bool,
    },
    /// A listing that is as things are then, in a window from so long before to so long after.
    List {
        before: i64,
        after: i64,
    },
}

#[derive(Debug, Clone)]
struct Step {
    /// How long after the one before, in seconds.
    pause: i64,
    what: What,
    /// What becomes of its events: how often each comes in, and how many steps later.
    delays: Vec<usize>,
}

fn step() -> impl Strategy<Value = Step> {
    let what = prop_oneof![
        5 => (0..TAGS, 0..IMAGES).prop_map(|(tag, image)| What::Push { tag, image }),
        2 => (0..TAGS).prop_map(|tag| What::DeleteTag { tag }),
        2 => (0..IMAGES, select(vec![true, false]))
            .prop_map(|(image, event_for_each_tag)| What::DeleteImage { image, event_for_each_tag }),
        2 => (0_i64..4, 0_i64..4).prop_map(|(before, after)| What::List { before, after }),
    ];
    let delays = prop_oneof![
        6 => (0_usize..4).prop_map(|delay| vec![delay]),
        2 => (0_usize..4, 0_usize..9).prop_map(|(one, other)| vec![one, other]),
        1 => Just(vec![]),
    ];
    (select(vec![0, 0, 1, 1, 2, 5, 9]), what, delays).prop_map(|(pause, what, delays)| Step {
        pause,
        what,
        delays,
    })
}

/// What is told, in the order in which it comes in: nothing later than so many listings after it happened.
fn told(steps: &[Step], listings_late_max: usize) -> Vec<Told> {
    let is_listing = |step: &Step| matches!(step.what, What::List { .. });
    let listings: Vec<usize> =
        steps.iter().enumerate().filter(|(_, step)| is_listing(step)).map(|(place, _)| place).collect();
    let latest = |place: usize| {
        let next = listings.partition_point(|&listing| listing < place);
        listings.get(next + listings_late_max).copied().unwrap_or(usize::MAX)
    };
    let mut truth: BTreeMap<u32, u32> = BTreeMap::new();
    let mut at = START;
    let mut coming: Vec<(usize, usize, Told)> = Vec::new();
    for (place, step) in steps.iter().enumerate() {
        at += step.pause;
        let events = match &step.what {
            What::List { before, after } => {
                let listing = Told::Listing { from: at - before, until: at + after, tags: truth.clone() };
                coming.push((place, 1, listing));
                continue;
            }
            What::Push { tag, image } => {
                let is_news = truth.insert(*tag, *image) != Some(*image);
                is_news.then_some(Told::Pushed { tag: *tag, image: *image, at }).into_iter().collect()
            }
            What::DeleteTag { tag } => {
                let image = truth.remove(tag);
                image.map(|image| Told::Deleted { tag: *tag, image, at }).into_iter().collect()
            }
            What::DeleteImage { image, event_for_each_tag } => {
                let tags: Vec<u32> =
                    truth.iter().filter(|(_, on)| *on == image).map(|(tag, _)| *tag).collect();
                truth.retain(|_, on| on != image);
                if *event_for_each_tag && !tags.is_empty() {
                    tags.into_iter().map(|tag| Told::Deleted { tag, image: *image, at }).collect()
                } else {
                    vec![Told::ImageDeleted { image: *image, at }]
                }
            }
        };
        for event in events {
            for delay in &step.delays {
                coming.push(((place + delay).min(latest(place)), 0, event.clone()));
            }
        }
    }
    coming.sort_by_key(|(arrival, order, _)| (*arrival, *order));
    coming.into_iter().map(|(_, _, told)| told).collect()
}

fn time(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(seconds, 0).unwrap()
}

fn digest(image: u32) -> Digest {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&image.to_be_bytes());
    Digest::from_bytes(bytes)
}

fn image(digest: Digest) -> u32 {
    u32::from_be_bytes(digest.as_bytes()[..4].try_into().unwrap())
}

fn tag(tag: u32) -> Tag {
    Tag::as_given(&format!("t{tag}"))
}

fn tell(ledger: &mut RepositoryLedger, told: &Told) {
    let mut says = |of: u32, at: i64, said| drop(ledger.learn(&tag(of), Observation { at: time(at), said }));
    match told {
        Told::Pushed { tag, image, at } => says(*tag, *at, Said::Pushed(digest(*image))),
        Told::Deleted { tag, image, at } => says(*tag, *at, Said::Deleted(digest(*image))),
        Told::ImageDeleted { image, at } => drop(ledger.learn_deletion(digest(*image), time(*at))),
        Told::Listing { from, until, tags } => {
            let window = ListingWindow { from: time(*from), until: time(*until) };
            let tags = tags.iter().map(|(of, image)| (tag(*of), BTreeSet::from([digest(*image)]))).collect();
            ledger.learn_listing(&TagListing { window, extent: Extent::Complete, tags });
        }
    }
}

fn as_twin(fact: &TagFact) -> Fact {
    Fact {
        values: fact.held.values().into_iter().map(|value| value.map(image)).collect(),
        began: match fact.began {
            Began::At(at) => Beginning::At(at.timestamp()),
            Began::Between { after, by } => Beginning::Unseen(Some(after.timestamp()), by.timestamp()),
            Began::By(by) => Beginning::Unseen(None, by.timestamp()),
        },
        source: match fact.learnt {
            Learnt::Event => Source::Event,
            Learnt::Inventory => Source::Listing,
            Learnt::Deletion => Source::Conclusion,
        },
    }
}

/// The facts about each tag, by both, and what the head says.
struct Both {
    core: Vec<Fact>,
    twin: Vec<Fact>,
    head: Option<Fact>,
}

fn both(told: &[Told]) -> Vec<Both> {
    let mut core = RepositoryLedger::default();
    let mut twin = Ledger::default();
    for told in told {
        tell(&mut core, told);
        twin.tell(told.clone());
    }
    let heads: BTreeMap<_, _> = core.heads().collect();
    let of = |number: u32| {
        let tag = tag(number);
        let facts = core.history(&tag).map(TagHistory::facts).unwrap_or_default();
        let head = heads.get(&tag).map(|head| TagFact {
            held: head.held().clone(),
            began: head.standing.since,
            learnt: head.standing.learnt,
        });
        Both {
            core: facts.iter().map(as_twin).collect(),
            twin: twin.facts(number),
            head: head.filter(|head| !facts.is_empty() || head.held != Held::Gone).as_ref().map(as_twin),
        }
    };
    (0..TAGS).map(of).collect()
}

/// Whether something that was told is within the window of a listing.
fn is_in_a_window(told: &[Told], at: i64) -> bool {
    told.iter().any(|told| match told {
        Told::Listing { from, until, .. } => *from <= at && at <= *until,
        Told::Pushed { .. } | Told::Deleted { .. } | Told::ImageDeleted { .. } => false,
    })
}

/// Whether an event is within the window of a listing, which then teaches nothing about its tag: the ledger knows only
/// the last listing, and not what the one before it saw.
fn has_an_event_in_a_window(told: &[Told]) -> bool {
    told.iter().any(|one| match one {
        Told::Pushed { at, .. } | Told::Deleted { at, .. } | Told::ImageDeleted { at, .. } => {
            is_in_a_window(told, *at)
        }
        Told::Listing { .. } => false,
    })
}

/// Whether an image was deleted while it was listed: that comes in after the next listing here, so two listings late.
fn has_a_deletion_in_a_window(told: &[Told]) -> bool {
    told.iter().any(|one| match one {
        Told::ImageDeleted { at, .. } => is_in_a_window(told, *at),
        Told::Pushed { .. } | Told::Deleted { .. } | Told::Listing { .. } => false,
    })
}

/// The facts are those of the twin, but that gaps may be wider.
fn are_alike(told: &[Told], both: &Both) -> Result<(), TestCaseError> {
    let without_gaps =
        |facts: &[Fact]| facts.iter().map(|fact| (fact.values.clone(), fact.source)).collect::<Vec<_>>();
    prop_assert_eq!(
        without_gaps(&both.core),
        without_gaps(&both.twin),
        "{:#?}\n{:#?}\n{:#?}",
        told,
        both.core,
        both.twin
    );
    for (core, twin) in both.core.iter().zip(&both.twin) {
        let is_within = match (core.began, twin.began) {
            (Beginning::Unseen(after, by), Beginning::Unseen(twin_after, twin_by)) => {
                after <= twin_after && twin_by <= by
            }
            (core, twin) => core == twin,
        };
        prop_assert!(is_within, "{:?} {:?} {:#?}", core, twin, told);
    }
    Ok(())
}

#[test]
fn the_facts_are_those_of_everything_that_was_told() {
    for_all(&vec(step(), 0..30), |steps| {
        let told = told(&steps, 0);
        for both in both(&told) {
            are_alike(&told, &both)?;
            if !has_an_event_in_a_window(&told) {
                prop_assert_eq!(&both.core, &both.twin, "{:#?}", told);
            }
            prop_assert_eq!(both.head.as_ref(), both.core.last());
        }
        Ok(())
    });
}

#[test]
fn events_that_come_after_the_next_listing_only_leave_wider_gaps() {
    for_all(&vec(step(), 0..30), |steps| {
        let told = told(&steps, 1);
        for both in both(&told) {
            if !has_a_deletion_in_a_window(&told) {
                are_alike(&told, &both)?;
            }
            prop_assert_eq!(both.head.as_ref(), both.core.last());
        }
        Ok(())
    });
}
