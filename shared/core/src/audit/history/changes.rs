//! The changes of a tag from one image to another, out of the facts of the ledger.

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::promised::Promised;
use crate::audit::{Flaw, RepositoryUnder};
use crate::ledger::{Began, Held, Learnt, TagFact};
use crate::{Digest, Tag};

/// A tag came to mean another image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TagChange {
    /// What it meant before: one image, or those of which it was one; none where it meant those of `to` at first.
    pub(super) from: Vec<Digest>,
    /// What it meant then: one image, or several in an order that is not known.
    pub(super) to: Vec<Digest>,
    /// When.
    pub(super) began: Began,
    /// How that is known.
    pub(super) learnt: Learnt,
    /// By which way.
    pub(super) way: Way,
    /// Whether it is known that it was so, rather than likely.
    pub(super) is_sure: bool,
}

/// How a tag came to mean another image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// It was put on another one, or nobody saw how.
    Moved,
    /// It was deleted, and pushed with another one.
    Replaced,
}

/// How many changes of a tag are named at the most.
const NAMED_MAX: usize = 10;

/// The changes in the facts of one tag, in their order. That a tag comes back to the image that it meant is none.
pub(super) fn changes(facts: &[TagFact]) -> Vec<TagChange> {
    let mut changes = Vec::new();
    let mut before: Vec<Digest> = Vec::new();
    let mut gone: Option<Learnt> = None;
    for fact in facts {
        let change = |from: &[Digest], to: &[Digest], way, is_sure| TagChange {
            from: from.to_vec(),
            to: to.to_vec(),
            began: fact.began,
            learnt: fact.learnt,
            way,
            is_sure,
        };
        match &fact.held {
            Held::Gone => gone = gone.or(Some(fact.learnt)),
            Held::Image(digest) => {
                if !before.is_empty() && !before.contains(digest) {
                    let (way, is_sure) = match gone {
                        None => (Way::Moved, true),
                        Some(learnt) => (Way::Replaced, learnt != Learnt::Deletion),
                    };
                    changes.push(change(&before, &[*digest], way, is_sure));
                }
                before = vec![*digest];
                gone = None;
            }
            // The tag meant each of these images in one moment, and the order is not known.
            Held::OneOf(several) => {
                let images: Vec<Digest> = several.values().iter().flatten().copied().collect();
                let others: Vec<Digest> =
                    images.iter().filter(|digest| !before.contains(digest)).copied().collect();
                // The first image that is known of a tag is no change; a second one is.
                if usize::from(before.is_empty()) < others.len() {
                    let way = if gone.is_some() { Way::Replaced } else { Way::Moved };
                    changes.push(change(&before, &others, way, false));
                }
                if !images.is_empty() {
                    before = images;
                }
                gone = None;
            }
        }
    }
    changes
}

/// The changes of this way of each tag that must not move, those of the last days that the rules ask about. Tags
/// without any are left out.
pub(super) fn broken(
    under: &RepositoryUnder<'_>,
    promised: &Promised<'_>,
    way: Way,
) -> Vec<(Tag, Vec<TagChange>)> {
    let now = under.registry.now;
    let days = TimeDelta::days(under.registry.rules.history_days.into());
    let since = now.checked_sub_signed(days).unwrap_or(DateTime::<Utc>::MIN_UTC);
    let Promised { promise, ledger, .. } = promised;
    let held = ledger.tags().iter().filter(|(tag, _)| !promise.lets_move(tag.as_str()));
    held.map(|(tag, record)| {
        let mut changes = changes(&record.history.facts());
        changes.retain(|change| change.way == way && since <= change.began.by());
        (tag.clone(), changes)
    })
    .filter(|(_, changes)| !changes.is_empty())
    .collect()
}

/// The flaw with what the changes were seen by: the last ones, where there are many.
pub(super) fn with_changes(flaw: Flaw, changes: &[TagChange]) -> Flaw {
    let named = changes.get(changes.len().saturating_sub(NAMED_MAX)..).unwrap_or_default();
    named.iter().fold(flaw, |flaw, change| {
        let to = if change.to.len() == 1 { "to" } else { "to-one-of" };
        let flaw = change.from.iter().fold(flaw, |flaw, digest| flaw.with("from", digest.to_string()));
        let flaw = change.to.iter().fold(flaw, |flaw, digest| flaw.with(to, digest.to_string()));
        flaw.with("when", when(change.began)).with("learnt", change.learnt.word())
    })
}

/// When something began, as a person would say it.
pub(super) fn when(began: Began) -> String {
    let text = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Secs, true);
    match began {
        Began::At(at) => format!("at {}", text(at)),
        Began::Between { after, by } => format!("between {} and {}", text(after), text(by)),
        Began::By(by) => format!("by {}", text(by)),
    }
}

#[cfg(test)]
mod tests {
    use std::slice::from_ref;

    use chrono::{DateTime, TimeDelta, Utc};

    use super::{Way, changes};
    use crate::Digest;
    use crate::ledger::{Observation, Said, TagHistory};

    fn digest(byte: u8) -> Digest {
        Digest::from_bytes([byte; 32])
    }

    /// The ways of the changes, each with the images that came and whether it is sure.
    fn found(said: &[(i64, Said)]) -> Vec<(Way, Vec<Digest>, bool)> {
        let at = |seconds: i64| DateTime::<Utc>::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let history: TagHistory =
            said.iter().map(|&(seconds, said)| Observation { at: at(seconds), said }).collect();
        changes(&history.facts()).into_iter().map(|change| (change.way, change.to, change.is_sure)).collect()
    }

    #[test]
    fn the_same_image_again_is_no_change_even_after_it_was_gone() {
        let pushed = Said::Pushed(digest(1));
        assert_eq!(found(&[(1, pushed), (5, pushed)]), []);
        assert_eq!(found(&[(1, pushed), (3, Said::Deleted(digest(1))), (5, pushed)]), []);
    }

    #[test]
    fn another_image_after_it_was_gone_is_not_a_move() {
        let said =
            [(1, Said::Pushed(digest(1))), (3, Said::Deleted(digest(1))), (5, Said::Pushed(digest(2)))];
        assert_eq!(found(&said), [(Way::Replaced, vec![digest(2)], true)]);
        let presumed =
            [(1, Said::Pushed(digest(1))), (3, Said::DigestDeleted(digest(1))), (5, Said::Pushed(digest(2)))];
        assert_eq!(found(&presumed), [(Way::Replaced, vec![digest(2)], false)]);
    }

    #[test]
    fn of_two_images_in_one_second_neither_is_said_to_be_the_first() {
        let second = [(1, Said::Pushed(digest(1))), (1, Said::Pushed(digest(2)))];
        let both = (Way::Moved, vec![digest(1), digest(2)], false);
        assert_eq!(found(&second), from_ref(&both));
        assert_eq!(found(&[second[0], second[1], (9, Said::Pushed(digest(2)))]), from_ref(&both));
        let moved_on = [second[0], second[1], (9, Said::Pushed(digest(3)))];
        assert_eq!(found(&moved_on), [both, (Way::Moved, vec![digest(3)], true)]);
    }

    #[test]
    fn two_images_in_one_second_after_it_was_gone_are_not_a_move() {
        let said = [
            (1, Said::Pushed(digest(1))),
            (3, Said::Deleted(digest(1))),
            (5, Said::Pushed(digest(2))),
            (5, Said::Pushed(digest(3))),
        ];
        assert_eq!(found(&said), [(Way::Replaced, vec![digest(2), digest(3)], false)]);
    }

    #[test]
    fn a_push_and_a_deletion_in_one_second_are_no_change_of_the_image() {
        let said = [(1, Said::Pushed(digest(1))), (1, Said::Deleted(digest(1)))];
        assert_eq!(found(&said), []);
        assert_eq!(
            found(&[said[0], said[1], (9, Said::Pushed(digest(2)))]),
            [(Way::Moved, vec![digest(2)], true)]
        );
    }
}
