//! How things stand with a tag after what was said, and how one second more changes that.
//!
//! Assumes observations in the order of their times. The rules of the ledger are all here: what a second with
//! several events comes to, which listings count, when a fact is the one before over again, what the deletion of an
//! image means for a tag, and which facts must have been missed. `docs/LEDGER.md` has them in words.

use chrono::{DateTime, Utc};

use super::{Began, Held, Learnt, Observation, Said};
use crate::Digest;

/// How things stand with a tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// What the tag is on.
    pub held: Held,
    /// Since when.
    pub since: Began,
    /// How that was learnt.
    pub learnt: Learnt,
    /// The time of the latest observation in it.
    pub seen_at: DateTime<Utc>,
    /// The end of the latest observation in it: of an event its second.
    pub seen_until: DateTime<Utc>,
    /// The time of the latest observation in it that is no conclusion: what follows began after it.
    pub proven_at: DateTime<Utc>,
}

/// What one second, or one listing, did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    /// How things stand after it.
    pub(super) standing: Standing,
    /// Whether a fact began with it, rather than the one before being seen again.
    pub(super) is_new: bool,
    /// What the tag must have been on just before, though nothing said that it came to be.
    pub(super) missed: Option<Missed>,
}

/// A fact of which only the end was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Missed {
    pub(super) held: Held,
    pub(super) began: Began,
}

/// The steps that observations make, from how things stand before them.
pub(super) fn steps(base: Option<&Standing>, observations: &[Observation]) -> Vec<Step> {
    let counted: Vec<Observation> =
        observations.iter().filter(|seen| !is_overtaken(seen, observations)).copied().collect();
    let mut steps: Vec<Step> = Vec::new();
    for second in counted.chunk_by(is_of_one_second) {
        let before = steps.last().map(|step| &step.standing).or(base);
        if let Some(step) = step(before, second) {
            steps.push(step);
        }
    }
    steps
}

/// Whether nobody knows which of the two is newer, so that they are taken together. A deletion in the second in which a
/// listing began is taken for newer, as one after it is.
fn is_of_one_second(one: &Observation, next: &Observation) -> bool {
    one.at == next.at && (one.learnt() != Learnt::Inventory || next.learnt() == Learnt::Inventory)
}

/// Whether an event is within the window of this listing: then nobody knows which of them is newer, and the listing
/// teaches nothing about this tag.
fn is_overtaken(seen: &Observation, observations: &[Observation]) -> bool {
    if seen.learnt() != Learnt::Inventory {
        return false;
    }
    let first = observations.partition_point(|other| other.at < seen.at);
    let rest = observations.get(first..).unwrap_or_default();
    rest.iter().take_while(|other| other.at <= seen.until()).any(|other| other.learnt() == Learnt::Event)
}

fn step(before: Option<&Standing>, second: &[Observation]) -> Option<Step> {
    let deleted = |digest: &Digest| {
        second.iter().any(|seen| matches!(seen.said, Said::DigestDeleted(gone) if gone == *digest))
    };
    let observed = || second.iter().filter(|seen| seen.learnt() != Learnt::Deletion);
    let Some(first) = observed().next() else {
        return concluded(before?, second);
    };
    let one_of_them_is_deleted = observed().filter_map(Observation::value).any(|digest| deleted(&digest));
    let values = observed().map(Observation::value).chain(one_of_them_is_deleted.then_some(None));
    let held = Held::of(values)?;

    let missed = missed(before, second, &held);
    let until = observed().map(Observation::until).max().unwrap_or(first.at);
    if let Some(before) = before
        && missed.is_none()
        && held.is_sure()
        && before.held == held
    {
        let standing =
            Standing { seen_at: first.at, seen_until: until, proven_at: first.at, ..before.clone() };
        return Some(Step { standing, is_new: false, missed: None });
    }
    let learnt = first.learnt();
    let since = match learnt {
        Learnt::Event | Learnt::Deletion => Began::At(first.at),
        Learnt::Inventory => unseen(before, until),
    };
    let standing =
        Standing { held, since, learnt, seen_at: first.at, seen_until: until, proven_at: first.at };
    Some(Step { standing, is_new: true, missed })
}

/// When something began of which only the end of the time is known.
fn unseen(before: Option<&Standing>, by: DateTime<Utc>) -> Began {
    match before {
        Some(before) => Began::Between { after: before.proven_at, by },
        None => Began::By(by),
    }
}

/// What the deletion of images means for a tag of which nothing else was said in that second: nothing, unless it was
/// on one of them, or may have been. Where a listing may have been read before it or after it, the tag may be on it yet.
fn concluded(before: &Standing, second: &[Observation]) -> Option<Step> {
    let at = second.first()?.at;
    let is_surely_newer = before.seen_until < at;
    let is_deleted =
        |value: &Option<Digest>| value.is_some() && second.iter().any(|seen| seen.said.digest() == *value);
    let mut values = before.held.values();
    let concerned = values.iter().any(is_deleted);
    if is_surely_newer {
        values.retain(|value| !is_deleted(value));
    }
    values.push(None);
    let held = Held::of(values)?;
    if !concerned || held == before.held {
        return None;
    }
    let standing = Standing {
        held,
        since: Began::At(at),
        learnt: Learnt::Deletion,
        seen_at: at,
        seen_until: at.max(before.seen_until),
        proven_at: before.proven_at,
    };
    Some(Step { standing, is_new: true, missed: None })
}

/// What the tag must have been on, where it was deleted from an image that it was not known to be on.
///
/// Only where the second has nothing but deletions: beside a push, it could have been on it in that second.
fn missed(before: Option<&Standing>, second: &[Observation], held: &Held) -> Option<Missed> {
    if *held != Held::Gone {
        return None;
    }
    let unexplained = second.iter().filter_map(|seen| match seen.said {
        Said::Deleted(digest) if !before.is_some_and(|before| before.held.may_be(Some(digest))) => {
            Some(Some(digest))
        }
        Said::Deleted(_)
        | Said::Pushed(_)
        | Said::Listed { .. }
        | Said::NotListed { .. }
        | Said::DigestDeleted(_) => None,
    });
    let missing = Held::of(unexplained)?;
    let at = second.first()?.at;
    Some(Missed { held: missing, began: unseen(before, at) })
}
