//! The three statements: the heads are the truth, the history is a part of it and invents nothing, and gaps are marked.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, SubsecRound, Utc};
use demurrage_core::ledger::{Began, Head, Held, Learnt, TagFact, Teaching};
use demurrage_core::{Digest, Tag};

use crate::world::{Truth, World};

/// The heads are on what the tags are on, and there is none too many.
pub(crate) fn heads_are_the_truth(world: &World, heads: &BTreeMap<Tag, Head>) {
    for (tag, truth) in &world.truth {
        let value = truth.last().and_then(|fact| fact.value);
        let held = heads.get(tag).map_or(&Held::Gone, Head::held);
        assert_eq!(*held, Held::one(value), "{tag}");
    }
    for tag in heads.keys() {
        assert!(world.truth.contains_key(tag), "{tag} was never there");
    }
}

/// Each fact of the history is one of the truth, in the order of the truth, and began when the history says.
pub(crate) fn history_is_a_part_of_the_truth(tag: &Tag, truth: &[Truth], facts: &[TagFact]) {
    let mut last: Option<usize> = None;
    // After one of several, the next may be what the tag was on all the time.
    let mut may_be_the_last_again = false;
    for fact in facts {
        if fact.learnt == Learnt::Deletion {
            // A conclusion need not be so; one that is not sure either leaves open that the fact before goes on.
            may_be_the_last_again |= !fact.held.is_sure();
            continue;
        }
        let from = last.map_or(0, |last| if may_be_the_last_again { last } else { last + 1 });
        let place = |value: Option<Digest>| {
            let is_it = |truth: &Truth| truth.value == value && may_begin(fact.began, truth.began);
            truth.iter().enumerate().skip(from).find(|(_, truth)| is_it(truth)).map(|(place, _)| place)
        };
        let invented = || panic!("{tag}: {fact:?} is invented\ntruth {truth:#?}\nhistory {facts:#?}");
        last = match &fact.held {
            Held::Image(digest) => Some(place(Some(*digest)).unwrap_or_else(invented)),
            Held::Gone => Some(place(None).unwrap_or_else(invented)),
            Held::OneOf(several) => {
                // That the tag was gone may be a conclusion, which need not be so.
                let values = several.values().iter().filter(|value| value.is_some() || place(None).is_some());
                values.map(|value| place(*value).unwrap_or_else(invented)).max()
            }
        };
        may_be_the_last_again = !fact.held.is_sure();
    }
}

fn may_begin(said: Began, truly: DateTime<Utc>) -> bool {
    let second = truly.trunc_subsecs(0);
    match said {
        Began::At(at) => at == second,
        Began::Between { after, by } => after <= second && truly <= by.max(second_end(by)),
        Began::By(by) => truly <= by.max(second_end(by)),
    }
}

/// Events have whole seconds: what happened in this one may have happened at its end.
fn second_end(second: DateTime<Utc>) -> DateTime<Utc> {
    second + chrono::TimeDelta::milliseconds(999)
}

/// A fact that is said to have begun in a second was told of by an event that came in; whatever else is a gap.
pub(crate) fn gaps_are_marked(tag: &Tag, facts: &[TagFact], delivered: &BTreeSet<(Tag, DateTime<Utc>)>) {
    for fact in facts {
        if let (Began::At(at), Learnt::Event) = (fact.began, fact.learnt) {
            assert!(delivered.contains(&(tag.clone(), at)), "{tag}: nothing told of {fact:?}");
        }
        assert!(
            fact.learnt != Learnt::Inventory || !matches!(fact.began, Began::At(_)),
            "{tag}: a listing cannot tell when {fact:?} began"
        );
    }
}

/// Of which tags events came in, and of which seconds.
pub(crate) fn told<'a>(events: impl IntoIterator<Item = &'a Teaching>) -> BTreeSet<(Tag, DateTime<Utc>)> {
    let of_tag = |teaching: &Teaching| match teaching {
        Teaching::Tag { tag, observation } => Some((tag.clone(), observation.at)),
        Teaching::Deletion { .. } | Teaching::Nothing => None,
    };
    events.into_iter().filter_map(of_tag).collect()
}
