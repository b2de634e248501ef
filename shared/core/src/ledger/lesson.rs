//! What a change means for whoever watches the tag.

use super::standing::Missed;
use super::{Head, Held, Learnt, Lesson, Observation, Said};

/// What it means that this observation made this head of that one.
pub(super) fn lesson(
    before: Option<&Head>,
    after: Option<&Head>,
    seen: &Observation,
    missed: Option<&Missed>,
) -> Lesson {
    let Some(after) = after else { return Lesson::Late };
    let is_what_stands = after.standing.seen_at == seen.at;
    if !is_what_stands && after.standing.learnt == Learnt::Deletion && seen.value().is_some() {
        return Lesson::PresumedDeleted { from: Held::one(seen.value()) };
    }
    let Some(before) = before else {
        return if is_what_stands { first(after, missed) } else { Lesson::Late };
    };
    if let Some(missed) = missed.filter(|_| is_what_stands) {
        return Lesson::DeletedUnseen { from: missed.held.clone() };
    }
    if before.held() == after.held() {
        let is_newest = is_what_stands && before.latest < seen.at;
        return if is_newest { Lesson::SeenAgain } else { Lesson::Late };
    }
    match &seen.said {
        Said::DigestDeleted(_) => Lesson::PresumedDeleted { from: before.held().clone() },
        _ if !after.held().is_sure() => Lesson::SameSecond,
        _ if seen.at <= before.latest => Lesson::Corrected,
        Said::Deleted(digest) => Lesson::Deleted { from: Held::Image(*digest) },
        Said::NotListed { .. } => match before.held() {
            Held::OneOf(_) if before.held().may_be(None) => Lesson::Resolved,
            from @ (Held::OneOf(_) | Held::Image(_) | Held::Gone) => Lesson::Deleted { from: from.clone() },
        },
        Said::Pushed(_) | Said::Listed { .. } => put(before, seen),
    }
}

/// What the first that is heard of a tag means.
fn first(after: &Head, missed: Option<&Missed>) -> Lesson {
    match (missed, after.held()) {
        (Some(missed), _) => Lesson::DeletedUnseen { from: missed.held.clone() },
        (None, Held::OneOf(_)) => Lesson::SameSecond,
        (None, Held::Image(_)) => Lesson::Began,
        (None, Held::Gone) => Lesson::Unconcerned,
    }
}

/// What it means that the tag is on an image now that it was not on before.
fn put(before: &Head, seen: &Observation) -> Lesson {
    match before.held() {
        Held::Gone => Lesson::PushedAgain { deleted: before.standing.since, was: before.was },
        Held::OneOf(_) if before.held().may_be(seen.value()) => Lesson::Resolved,
        from @ (Held::OneOf(_) | Held::Image(_)) => Lesson::Moved { from: from.clone() },
    }
}
