//! Tags that moved although they have to mean the same build for good.

use chrono::{DateTime, Utc};
use demurrage_core::Digest;
use demurrage_core::audit::Promise;
use demurrage_core::ledger::{Learnt, RepositoryLedger, TagFact, TagHistory};

/// Which moves are those of one run, and of no other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    /// When the run before listed the registry; none: there was none.
    pub(crate) after: Option<DateTime<Utc>>,
    /// When this one did.
    pub(crate) until: DateTime<Utc>,
    /// When what this one listed was listed, at the earliest.
    pub(crate) listed_after: DateTime<Utc>,
}

impl Span {
    /// Whether a fact is one that this run is the first to tell of. What an event said belongs to the run that listed the
    /// registry next after it, what a listing said to the run of that listing.
    fn holds(&self, fact: &TagFact) -> bool {
        let by = fact.began.by();
        match fact.learnt {
            Learnt::Inventory => self.listed_after < by,
            Learnt::Event | Learnt::Deletion => self.after.is_none_or(|after| after < by) && by <= self.until,
        }
    }
}

/// How many tags that may not move are on another image than before, as far as this run tells of it.
pub(crate) fn tags_moved(ledger: &RepositoryLedger, promise: &Promise, span: Span) -> u64 {
    let promised = ledger.tags().iter().filter(|(tag, _)| !promise.lets_move(tag.as_str()));
    promised.filter(|(_, record)| has_moved(&record.history, span)).count() as u64
}

/// Whether the tag is on an image that it was not on before. That it is known by now on which of several images of one second
/// it is, is no move: that second was one.
fn has_moved(history: &TagHistory, span: Span) -> bool {
    let mut before: Vec<Digest> = Vec::new();
    for fact in history.facts() {
        let images: Vec<Digest> = fact.held.values().into_iter().flatten().collect();
        let others = images.iter().filter(|image| !before.contains(image)).count();
        // The first image that is known of a tag is no move; a second one is.
        if usize::from(before.is_empty()) < others && span.holds(&fact) {
            return true;
        }
        if !images.is_empty() {
            before = images;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use demurrage_core::audit::Rules;
    use demurrage_core::ledger::{Observation, RepositoryLedger, Said};
    use demurrage_core::{Digest, Tag};

    use super::{Span, tags_moved};

    fn at(minute: u32) -> DateTime<Utc> {
        format!("2026-11-24T12:{minute:02}:00Z").parse().unwrap()
    }

    fn digest(letter: char) -> Digest {
        format!("sha256:{}", letter.to_string().repeat(64)).parse().unwrap()
    }

    fn moved(said: &[(&str, u32, Said)], after: Option<u32>, until: u32) -> u64 {
        let mut ledger = RepositoryLedger::default();
        for (tag, minute, said) in said {
            let tag: Tag = tag.parse().unwrap();
            ledger.learn(&tag, Observation { at: at(*minute), said: *said });
        }
        let rules = Rules::default();
        let span = Span { after: after.map(at), until: at(until), listed_after: at(until) };
        tags_moved(&ledger, rules.promise("app").unwrap(), span)
    }

    fn listed(letter: char, until: u32) -> Said {
        Said::Listed { digest: digest(letter), until: at(until) }
    }

    #[test]
    fn a_tag_that_is_on_another_image_moved_and_the_same_image_again_did_not() {
        let (a, b) = (Said::Pushed(digest('a')), Said::Pushed(digest('b')));
        assert_eq!(moved(&[("1.0", 1, a), ("1.0", 2, b)], None, 9), 1);
        assert_eq!(moved(&[("1.0", 1, a), ("1.0", 2, a)], None, 9), 0);
        assert_eq!(moved(&[("1.0", 1, a), ("1.1", 2, b)], None, 9), 0);
        assert_eq!(moved(&[("latest", 1, a), ("latest", 2, b)], None, 9), 0, "it may");
    }

    #[test]
    fn what_was_deleted_and_pushed_again_moved_where_it_is_another_image() {
        let (a, b) = (digest('a'), digest('b'));
        let again = |second| {
            [("1.0", 1, Said::Pushed(a)), ("1.0", 2, Said::Deleted(a)), ("1.0", 3, Said::Pushed(second))]
        };
        assert_eq!(moved(&again(b), None, 9), 1);
        assert_eq!(moved(&again(a), None, 9), 0);
    }

    #[test]
    fn two_images_of_one_second_are_a_move_and_which_of_them_it_was_is_none() {
        let (a, b) = (Said::Pushed(digest('a')), Said::Pushed(digest('b')));
        let said = [("1.0", 1, a), ("1.0", 2, a), ("1.0", 2, b), ("1.0", 5, a)];
        let runs = [(None, 1), (Some(1), 4), (Some(4), 9)];
        assert_eq!(runs.map(|(after, until)| moved(&said, after, until)), [0, 1, 0]);
    }

    #[test]
    fn a_move_that_an_event_told_of_is_counted_by_the_next_run_alone() {
        let said = [("1.0", 1, Said::Pushed(digest('a'))), ("1.0", 5, Said::Pushed(digest('b')))];
        // Runs that listed the registry at 4, 5, 9 and 20 minutes.
        let runs = [(None, 4), (Some(4), 5), (Some(5), 9), (Some(9), 20)];
        assert_eq!(runs.map(|(after, until)| moved(&said, after, until)), [0, 1, 0, 0]);
    }

    #[test]
    fn a_move_that_a_listing_told_of_is_counted_by_the_run_of_that_listing_alone() {
        let said = [("1.0", 1, listed('a', 2)), ("1.0", 9, listed('b', 11))];
        // Before the listing is there, nothing is known of it.
        assert_eq!(moved(&said[..1], None, 1), 0);
        assert_eq!(moved(&said, Some(1), 9), 1);
        assert_eq!(moved(&said, Some(9), 20), 0);
    }
}
