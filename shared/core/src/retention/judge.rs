//! Whether an image meets conditions, and by what.

use chrono::{DateTime, TimeDelta, Utc};

use super::newest_ranks::NewestRanks;
use super::scene::Scene;
use super::{Clause, Condition};
use crate::Tag;
use crate::ledger::Began;

/// Whether something is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// It is.
    Met,
    /// It is not.
    NotMet,
    /// Nobody can tell: met in a `keep`, not met in an `expire`.
    Unknown,
}

impl Answer {
    const fn of(is_met: bool) -> Self {
        if is_met { Self::Met } else { Self::NotMet }
    }

    /// Both together.
    pub(super) const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::NotMet, _) | (_, Self::NotMet) => Self::NotMet,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::Met, Self::Met) => Self::Met,
        }
    }

    /// Either of them.
    pub(super) const fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Met, _) | (_, Self::Met) => Self::Met,
            (Self::Unknown, _) | (_, Self::Unknown) => Self::Unknown,
            (Self::NotMet, Self::NotMet) => Self::NotMet,
        }
    }
}

/// What of an image a condition was judged by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// The tag itself.
    Tag,
    /// It has no tag.
    NoTag,
    /// It has tags.
    HasTags,
    /// When it happened.
    At(DateTime<Utc>),
    /// Nobody knows when it happened.
    UnknownTime,
    /// It never was pulled; pushed then, where that is known.
    NeverPulled(Option<DateTime<Utc>>),
    /// Last pulled then as far as is known; an index was not read, so its children are unknown.
    PulledInPart(Option<DateTime<Utc>>),
    /// Its bytes.
    Bytes(u64),
    /// Nobody knows how large it is.
    UnknownBytes,
    /// It is in use, or is not, or may be.
    Use,
    /// Its place among the newest, 1 for the newest.
    Rank(u64),
    /// Its tag is in no group.
    NoGroup,
}

/// Whether an image, by one of its tags or without any, meets a clause.
pub(super) fn clause_answer(
    scene: &Scene<'_>,
    clause: &Clause,
    ranks: Option<&NewestRanks>,
    image: u32,
    tag: Option<&Tag>,
) -> Answer {
    let conditions = conditions_answer(scene, clause, image, tag);
    match (&clause.newest, ranks) {
        (Some(newest), Some(ranks)) if conditions != Answer::NotMet => {
            conditions.and(ranks.judge(scene, newest, image, tag).0)
        }
        (Some(_), None) => conditions.and(Answer::Unknown),
        (Some(_) | None, _) => conditions,
    }
}

/// Whether it meets the conditions, whatever is the newest.
pub(super) fn conditions_answer(scene: &Scene<'_>, clause: &Clause, image: u32, tag: Option<&Tag>) -> Answer {
    let mut answer = Answer::Met;
    for condition in &clause.conditions {
        answer = answer.and(judge(scene, condition, image, tag).0);
        if answer == Answer::NotMet {
            break;
        }
    }
    answer
}

/// Whether it meets one condition, and by what.
pub(super) fn judge(
    scene: &Scene<'_>,
    condition: &Condition,
    image: u32,
    tag: Option<&Tag>,
) -> (Answer, Seen) {
    let (Some(facts), Some(of_image)) = (scene.facts(image), scene.image(image)) else {
        return (Answer::Unknown, Seen::UnknownTime);
    };
    let of_tag = |is_met: &dyn Fn(&str) -> bool| match tag {
        Some(tag) => (Answer::of(is_met(tag.as_str())), Seen::Tag),
        None => (Answer::NotMet, Seen::NoTag),
    };
    let pushed_at = of_image.pushed_at;
    match condition {
        Condition::Tags(patterns) => of_tag(&|tag| patterns.iter().any(|pattern| pattern.matches(tag))),
        Condition::TagsRegex(regex) => of_tag(&|tag| regex.matches(tag)),
        Condition::Untagged => match tag {
            Some(_) => (Answer::NotMet, Seen::HasTags),
            None => (Answer::Met, Seen::NoTag),
        },
        Condition::PushedOlderThan(age) => match pushed_at {
            Some(at) => (Answer::of(is_older(at, *age, scene.now)), Seen::At(at)),
            None => (Answer::Unknown, Seen::UnknownTime),
        },
        Condition::PulledOlderThan(age) => match (facts.used_at, facts.is_whole) {
            (Some(at), _) if !is_older(at, *age, scene.now) => (Answer::NotMet, Seen::At(at)),
            (Some(at), true) => (Answer::Met, Seen::At(at)),
            (None, true) => (Answer::Unknown, Seen::NeverPulled(pushed_at)),
            (used_at, false) => (Answer::Unknown, Seen::PulledInPart(used_at)),
        },
        Condition::TaggedOlderThan(age) => tagged(scene, image, tag, *age),
        Condition::NeverPulled { grace } => match (facts.used_at, pushed_at) {
            (Some(at), _) => (Answer::NotMet, Seen::At(at)),
            (None, Some(at)) if !is_older(at, *grace, scene.now) => {
                (Answer::NotMet, Seen::NeverPulled(pushed_at))
            }
            (None, Some(_)) if facts.is_whole => (Answer::Met, Seen::NeverPulled(pushed_at)),
            (None, Some(_)) => (Answer::Unknown, Seen::PulledInPart(None)),
            (None, None) => (Answer::Unknown, Seen::NeverPulled(None)),
        },
        Condition::InUse => (facts.in_use, Seen::Use),
        Condition::LargerThan { bytes } => match of_image.size_bytes {
            Some(size_bytes) => (Answer::of(*bytes < size_bytes), Seen::Bytes(size_bytes)),
            None => (Answer::Unknown, Seen::UnknownBytes),
        },
    }
}

/// Whether the tag was put on the image more than so long ago, as far as the ledger knows.
fn tagged(scene: &Scene<'_>, image: u32, tag: Option<&Tag>, age: TimeDelta) -> (Answer, Seen) {
    let Some(tag) = tag else { return (Answer::NotMet, Seen::NoTag) };
    let digest = scene.image(image).map(|image| image.digest);
    let head = scene.ledger.and_then(|ledger| ledger.tags().get(tag)?.head.as_ref());
    let Some(standing) = head.map(|head| &head.standing).filter(|standing| standing.held.image() == digest)
    else {
        return (Answer::Unknown, Seen::UnknownTime);
    };
    let by = standing.since.by();
    let may_be_older = match standing.since {
        Began::At(after) | Began::Between { after, .. } => is_older(after, age, scene.now),
        Began::By(_) => true,
    };
    let answer = match (is_older(by, age, scene.now), may_be_older) {
        (true, _) => Answer::Met,
        (false, true) => Answer::Unknown,
        (false, false) => Answer::NotMet,
    };
    (answer, Seen::At(by))
}

/// Whether it is more than so long ago.
fn is_older(at: DateTime<Utc>, age: TimeDelta, now: DateTime<Utc>) -> bool {
    age < now.signed_duration_since(at)
}
