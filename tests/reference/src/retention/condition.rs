//! Whether conditions are met.

use super::model::{Age, Answer, Clause, Condition, Repository, Use, Way};
use super::newest;
use crate::wildcard_matches;

/// Whether an image, looked at in this way, meets a clause.
pub(super) fn meets(repository: &Repository, clause: &Clause, image: usize, way: &Way) -> Answer {
    let mut answers = vec![conditions(repository, clause, image, way)];
    if let Some(newest) = &clause.newest {
        answers.push(newest::is_newest(repository, clause, *newest, image, way));
    }
    all(&answers)
}

/// Whether it meets the conditions of a clause, whatever is the newest.
pub(super) fn conditions(repository: &Repository, clause: &Clause, image: usize, way: &Way) -> Answer {
    let answers: Vec<Answer> =
        clause.conditions.iter().map(|condition| meets_one(repository, condition, image, way)).collect();
    all(&answers)
}

fn all(answers: &[Answer]) -> Answer {
    if answers.contains(&Answer::No) {
        Answer::No
    } else if answers.contains(&Answer::Unknown) {
        Answer::Unknown
    } else {
        Answer::Yes
    }
}

const fn yes_if(is_met: bool) -> Answer {
    if is_met { Answer::Yes } else { Answer::No }
}

fn meets_one(repository: &Repository, condition: &Condition, image: usize, way: &Way) -> Answer {
    let Some(of_image) = repository.image(image) else { return Answer::Unknown };
    let is_older = |at_ms: i64, age_ms: i64| age_ms < repository.now_ms - at_ms;
    let unit = repository.unit(image);
    let parts = || unit.iter().filter_map(|&part| repository.image(part));
    // A pull or a restore of anything that belongs to it.
    let used_ms: Vec<i64> = parts().flat_map(|part| [part.pulled_ms, part.activated_ms]).flatten().collect();
    let is_whole = parts().all(|part| part.children.is_some());
    match (condition, way) {
        (Condition::Tags(patterns), Way::Tag(tag)) => {
            yes_if(patterns.iter().any(|pattern| wildcard_matches(pattern, tag)))
        }
        (Condition::Numbered, Way::Tag(tag)) => yes_if(newest::group(tag).is_some()),
        (Condition::Tags(_) | Condition::Numbered | Condition::Older(Age::Tagged, _), Way::Untagged) => {
            Answer::No
        }
        (Condition::Untagged, way) => yes_if(*way == Way::Untagged),
        (Condition::Older(Age::Pushed, age_ms), _) => {
            of_image.pushed_ms.map_or(Answer::Unknown, |at_ms| yes_if(is_older(at_ms, *age_ms)))
        }
        (Condition::Older(Age::Pulled, age_ms), _) => {
            if used_ms.iter().any(|&at_ms| !is_older(at_ms, *age_ms)) {
                Answer::No
            } else if is_whole && !used_ms.is_empty() {
                Answer::Yes
            } else {
                Answer::Unknown
            }
        }
        (Condition::Older(Age::Tagged, age_ms), Way::Tag(tag)) => {
            tagged(repository, of_image.id, tag, *age_ms)
        }
        (Condition::NeverPulled(grace_ms), _) => match of_image.pushed_ms {
            _ if !used_ms.is_empty() => Answer::No,
            Some(at_ms) if !is_older(at_ms, *grace_ms) => Answer::No,
            Some(_) if is_whole => Answer::Yes,
            Some(_) | None => Answer::Unknown,
        },
        (Condition::InUse, _) => {
            if parts().any(|part| part.in_use == Use::Yes) {
                Answer::Yes
            } else if parts().any(|part| part.in_use == Use::Maybe) {
                Answer::Unknown
            } else {
                Answer::No
            }
        }
        (Condition::Larger(bytes), _) => {
            of_image.size_bytes.map_or(Answer::Unknown, |size_bytes| yes_if(*bytes < size_bytes))
        }
    }
}

fn tagged(repository: &Repository, id: u64, tag: &str, age_ms: i64) -> Answer {
    let puts = repository.ledger.iter().flat_map(|ledger| &ledger.puts);
    let mut here = puts.filter(|put| put.tag == tag && put.image == Some(id));
    let Some(put) = here.next() else { return Answer::Unknown };
    let is_older = |at_ms: i64| age_ms < repository.now_ms - at_ms;
    if is_older(put.by_ms) {
        Answer::Yes
    } else if put.after_ms.is_none_or(is_older) {
        Answer::Unknown
    } else {
        Answer::No
    }
}
