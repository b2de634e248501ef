//! What single observations change in the ledger of a repository, and what they mean: one fact of `docs/LEDGER.md` each.

#![expect(clippy::unwrap_used, reason = "a test that stops when its own data is wrong")]

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::ledger::{
    Began, Change, Extent, Held, Learnt, Lesson, ListingWindow, MutabilityHistory, Observation,
    RepositoryLedger, Said, TagAt, TagFact, TagHistory, TagListing,
};
use demurrage_core::{Digest, Fact, Image, Listing, Repository, Tag, TagMutability};

fn at(second: i64) -> DateTime<Utc> {
    "2026-11-01T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(second)
}

fn digest(number: u8) -> Digest {
    Digest::from_bytes([number; 32])
}

fn tag() -> Tag {
    Tag::as_given("v1")
}

fn window(from: i64, until: i64) -> ListingWindow {
    ListingWindow { from: at(from), until: at(until) }
}

/// A ledger that is told about one tag.
#[derive(Default)]
struct Told(RepositoryLedger);

impl Told {
    fn says(&mut self, second: i64, said: Said) -> Change {
        self.0.learn(&tag(), Observation { at: at(second), said })
    }

    fn pushed(&mut self, second: i64, image: u8) -> Lesson {
        self.says(second, Said::Pushed(digest(image))).what
    }

    fn deleted(&mut self, second: i64, image: u8) -> Lesson {
        self.says(second, Said::Deleted(digest(image))).what
    }

    /// What the listing means for the tag, where it changes anything.
    fn listed(&mut self, from: i64, until: i64, images: &[u8], extent: Extent) -> Option<Lesson> {
        let images: BTreeSet<Digest> = images.iter().map(|image| digest(*image)).collect();
        let tags = if images.is_empty() { BTreeMap::new() } else { BTreeMap::from([(tag(), images)]) };
        let changes = self.0.learn_listing(&TagListing { window: window(from, until), extent, tags });
        changes.into_iter().next().map(|(_, change)| change.what)
    }

    fn held(&self) -> Held {
        self.0.heads().next().map(|(_, head)| head.held().clone()).unwrap()
    }

    fn facts(&self) -> Vec<TagFact> {
        self.0.history(&tag()).map(TagHistory::facts).unwrap_or_default()
    }
}

fn fact(held: Held, began: Began, learnt: Learnt) -> TagFact {
    TagFact { held, began, learnt }
}

fn on(image: u8) -> Held {
    Held::Image(digest(image))
}

fn between(after: i64, by: i64) -> Began {
    Began::Between { after: at(after), by: at(by) }
}

#[test]
fn a_repetition_is_known_and_writes_nothing() {
    let mut told = Told::default();
    assert_eq!(told.pushed(10, 1), Lesson::Began);
    let again = told.says(10, Said::Pushed(digest(1)));
    assert_eq!((again.is_empty(), again.what), (true, Lesson::Known));
}

#[test]
fn a_push_moves_the_tag_from_what_it_was_on() {
    let mut told = Told::default();
    told.pushed(10, 1);
    let change = told.says(20, Said::Pushed(digest(2)));
    assert_eq!(change.what, Lesson::Moved { from: on(1) });
    assert_eq!(change.transitions, [Observation { at: at(20), said: Said::Pushed(digest(2)) }]);
    assert_eq!(change.head.map(|head| (head.version, head.was)), Some((2, Some(digest(1)))));
}

#[test]
fn a_push_after_a_delete_says_since_when_the_tag_was_gone_and_what_it_was_on() {
    let mut told = Told::default();
    told.pushed(10, 1);
    assert_eq!(told.deleted(20, 1), Lesson::Deleted { from: on(1) });
    let pushed_again = Lesson::PushedAgain { deleted: Began::At(at(20)), was: Some(digest(1)) };
    assert_eq!(told.pushed(30, 2), pushed_again);
}

#[test]
fn a_push_after_a_tag_was_missing_from_a_listing_says_between_which_times_it_went() {
    let mut told = Told::default();
    told.pushed(10, 1);
    assert_eq!(told.listed(20, 25, &[], Extent::Complete), Some(Lesson::Deleted { from: on(1) }));
    assert_eq!(told.pushed(30, 1), Lesson::PushedAgain { deleted: between(10, 25), was: Some(digest(1)) });
}

#[test]
fn a_delete_from_an_image_that_the_tag_was_not_known_to_be_on_tells_of_a_push_that_was_missed() {
    let mut told = Told::default();
    told.pushed(10, 1);
    assert_eq!(told.deleted(30, 2), Lesson::DeletedUnseen { from: on(2) });
    let gap = fact(on(2), between(10, 30), Learnt::Event);
    let gone = fact(Held::Gone, Began::At(at(30)), Learnt::Event);
    assert_eq!(told.facts(), [fact(on(1), Began::At(at(10)), Learnt::Event), gap, gone.clone()]);

    assert_eq!(told.pushed(20, 2), Lesson::Late, "and when that push comes in, the gap closes");
    let seen = fact(on(2), Began::At(at(20)), Learnt::Event);
    assert_eq!(told.facts(), [fact(on(1), Began::At(at(10)), Learnt::Event), seen, gone]);
}

#[test]
fn a_late_event_takes_its_place_in_the_history_and_leaves_the_head_as_it_is() {
    let mut told = Told::default();
    told.pushed(10, 1);
    told.pushed(30, 3);
    let late = told.says(20, Said::Pushed(digest(2)));
    assert_eq!((late.what, late.head), (Lesson::Late, None));
    assert_eq!(late.transitions.len(), 1);
    assert_eq!(told.facts().iter().map(|fact| fact.held.clone()).collect::<Vec<_>>(), [on(1), on(2), on(3)]);
}

#[test]
fn an_event_that_is_older_than_the_last_listing_does_not_move_the_tag() {
    let mut told = Told::default();
    told.pushed(10, 1);
    assert_eq!(told.listed(30, 35, &[1], Extent::Complete), None, "the listing sees what is known");
    assert_eq!(told.pushed(20, 2), Lesson::Late);
    assert_eq!(told.held(), on(1));
    assert_eq!(told.facts().last(), Some(&fact(on(1), between(20, 35), Learnt::Inventory)));
}

#[test]
fn a_delete_that_is_older_than_the_last_listing_does_not_take_the_tag_away() {
    let mut told = Told::default();
    told.pushed(10, 1);
    told.listed(30, 35, &[1], Extent::Complete);
    assert_eq!(told.deleted(20, 1), Lesson::Late);
    assert_eq!(told.held(), on(1));
}

#[test]
fn an_event_in_the_window_of_a_listing_takes_its_place() {
    let mut told = Told::default();
    told.pushed(10, 1);
    assert_eq!(told.listed(30, 40, &[2], Extent::Complete), Some(Lesson::Moved { from: on(1) }));
    assert_eq!(told.pushed(35, 3), Lesson::Corrected);
    assert_eq!(told.held(), on(3));
    let facts =
        [fact(on(1), Began::At(at(10)), Learnt::Event), fact(on(3), Began::At(at(35)), Learnt::Event)];
    assert_eq!(told.facts(), facts, "nobody knows whether the tag was on the other before or after it");
}

#[test]
fn a_listing_leaves_what_is_newer_than_its_beginning_to_the_next_one() {
    let mut told = Told::default();
    told.pushed(35, 1);
    assert_eq!(told.listed(30, 40, &[2], Extent::Complete), None);
    assert_eq!(told.held(), on(1));
    assert_eq!(told.listed(41, 45, &[2], Extent::Complete), Some(Lesson::Moved { from: on(1) }));
}

#[test]
fn a_listing_that_begins_before_the_last_one_ended_teaches_nothing() {
    let mut told = Told::default();
    told.pushed(10, 1);
    told.listed(30, 40, &[1], Extent::Complete);
    assert_eq!(told.listed(40, 45, &[2], Extent::Complete), None);
    assert_eq!(told.held(), on(1));
    assert_eq!(told.0.reconciled(), Some(window(30, 40)));
}

#[test]
fn a_partial_listing_teaches_what_it_has_and_never_that_a_tag_is_gone() {
    let mut told = Told::default();
    told.pushed(10, 1);
    assert_eq!(told.listed(30, 35, &[], Extent::Partial), None);
    assert_eq!(told.held(), on(1));
    assert_eq!(told.listed(40, 45, &[2], Extent::Partial), Some(Lesson::Moved { from: on(1) }));
    assert_eq!(told.0.reconciled(), None);
}

#[test]
fn what_a_partial_listing_saw_again_is_newer_than_an_event_before_it() {
    let mut told = Told::default();
    told.pushed(10, 1);
    assert_eq!(told.listed(30, 35, &[1], Extent::Partial), Some(Lesson::SeenAgain));
    assert_eq!(told.pushed(20, 2), Lesson::Late);
    assert_eq!(told.held(), on(1));
}

#[test]
fn a_tag_that_a_listing_has_twice_is_on_one_of_the_two_until_the_next_one() {
    let mut told = Told::default();
    assert_eq!(told.listed(30, 35, &[1, 2], Extent::Complete), Some(Lesson::SameSecond));
    assert_eq!(Some(told.held()), Held::of([Some(digest(1)), Some(digest(2))]));
    assert_eq!(told.listed(40, 45, &[2], Extent::Complete), Some(Lesson::Resolved));
    assert_eq!(told.held(), on(2));
}

#[test]
fn events_of_one_second_are_never_given_an_order() {
    let mut told = Told::default();
    told.pushed(10, 1);
    told.deleted(20, 1);
    assert_eq!(told.pushed(20, 2), Lesson::SameSecond);
    let either = Held::of([None, Some(digest(2))]).unwrap();
    assert_eq!(told.held(), either);
    assert_eq!(told.facts().last(), Some(&fact(either, Began::At(at(20)), Learnt::Event)));
    assert_eq!(told.listed(30, 35, &[2], Extent::Complete), Some(Lesson::Resolved));
    assert_eq!(told.facts().last(), Some(&fact(on(2), between(20, 35), Learnt::Inventory)));
}

#[test]
fn a_deletion_without_a_tag_is_presumed_of_the_tags_that_were_on_the_image() {
    let mut told = Told::default();
    told.pushed(10, 1);
    let other = Tag::as_given("other");
    told.0.learn(&other, Observation { at: at(10), said: Said::Pushed(digest(2)) });
    let changes = told.0.learn_deletion(digest(1), at(20));
    let lessons: Vec<_> = changes.into_iter().map(|(of, change)| (of, change.what)).collect();
    assert_eq!(lessons, [(tag(), Lesson::PresumedDeleted { from: on(1) })]);
    assert_eq!(told.facts().last(), Some(&fact(Held::Gone, Began::At(at(20)), Learnt::Deletion)));
    assert_eq!(told.0.digest_at(&tag(), at(25)), TagAt::PresumedAbsent);
    assert_eq!(told.0.digest_at(&other, at(25)), TagAt::Image(digest(2)));
}

#[test]
fn what_was_presumed_falls_when_a_late_event_says_otherwise() {
    let mut told = Told::default();
    told.pushed(10, 1);
    told.0.learn_deletion(digest(1), at(30));
    assert_eq!(told.held(), Held::Gone);
    assert_eq!(told.pushed(20, 2), Lesson::Corrected);
    assert_eq!(told.held(), on(2));
    assert_eq!(told.facts().len(), 2);
}

#[test]
fn a_push_that_comes_in_after_the_deletion_of_its_image_is_known_to_be_over() {
    let mut told = Told::default();
    told.0.learn_deletion(digest(1), at(20));
    assert_eq!(told.pushed(10, 1), Lesson::PresumedDeleted { from: on(1) });
    assert_eq!(told.held(), Held::Gone);
}

#[test]
fn a_deletion_while_a_listing_was_read_leaves_open_which_came_first() {
    let mut told = Told::default();
    told.listed(30, 40, &[1], Extent::Complete);
    told.0.learn_deletion(digest(1), at(35));
    assert_eq!(Some(told.held()), Held::of([None, Some(digest(1))]));
}

#[test]
fn a_gap_is_no_wider_than_from_the_last_listing_to_this_one() {
    let mut told = Told::default();
    told.pushed(10, 1);
    for from in [100, 200, 300] {
        told.listed(from, from + 5, &[1], Extent::Complete);
    }
    told.listed(400, 405, &[2], Extent::Complete);
    assert_eq!(told.facts().last(), Some(&fact(on(2), between(300, 405), Learnt::Inventory)));
    assert_eq!(told.facts().len(), 2);
}

#[test]
fn a_tag_that_a_listing_finds_new_began_after_the_listing_that_had_not_got_it() {
    let mut told = Told::default();
    told.listed(100, 105, &[], Extent::Complete);
    assert_eq!(told.listed(200, 205, &[1], Extent::Complete), Some(Lesson::Began));
    assert_eq!(told.facts(), [fact(on(1), between(100, 205), Learnt::Inventory)]);
}

#[test]
fn what_a_tag_was_on_at_a_time_is_known_one_of_several_in_a_gap_or_unknown() {
    let mut told = Told::default();
    told.pushed(10, 1);
    told.pushed(20, 2);
    told.deleted(30, 2);
    told.listed(50, 55, &[3], Extent::Complete);
    let digest_at = |second| told.0.digest_at(&tag(), at(second));
    assert_eq!(digest_at(5), TagAt::Unknown);
    assert_eq!(digest_at(10), TagAt::Unknown, "it may have been before the push in that second");
    assert_eq!(digest_at(11), TagAt::Image(digest(1)));
    let Some(Held::OneOf(either)) = Held::of([Some(digest(1)), Some(digest(2))]) else { panic!("two") };
    assert_eq!(digest_at(20), TagAt::OneOf(either));
    assert_eq!(digest_at(29), TagAt::Image(digest(2)));
    assert_eq!(digest_at(40), TagAt::Gap { before: Some(Held::Gone), after: on(3) });
    assert_eq!(digest_at(56), TagAt::Image(digest(3)));
    assert_eq!(told.0.digest_at(&Tag::as_given("never"), at(56)), TagAt::Unknown);

    let mut gone = Told::default();
    gone.pushed(10, 1);
    gone.deleted(20, 1);
    assert_eq!(gone.0.digest_at(&tag(), at(21)), TagAt::Absent);
}

#[test]
fn the_facts_between_two_times_are_those_that_any_part_of_can_be_in_them() {
    let mut told = Told::default();
    for (second, image) in [(10, 1), (20, 2), (30, 3)] {
        told.pushed(second, image);
    }
    let held = |from, until| -> Vec<Held> {
        told.0.facts_between(at(from), at(until)).map(|(_, fact)| fact.held).collect()
    };
    assert_eq!(held(0, 9), []);
    assert_eq!(held(0, 10), [on(1)]);
    assert_eq!(held(21, 29), [on(2)]);
    assert_eq!(held(20, 30), [on(1), on(2), on(3)]);
    assert_eq!(held(99, 100), [on(3)]);
}

#[test]
fn a_ledger_that_is_restored_goes_on_as_the_one_that_was_kept() {
    let mut told = Told::default();
    told.pushed(10, 1);
    told.0.learn_deletion(digest(2), at(15));
    told.listed(20, 25, &[1], Extent::Complete);
    let kept = &told.0;
    let mut restored = Told(RepositoryLedger::restore(
        kept.tags().clone(),
        kept.deletions().clone(),
        kept.mutability().clone(),
        kept.reconciled(),
    ));
    assert_eq!(restored.0, told.0);
    for ledger in [&mut told, &mut restored] {
        ledger.pushed(12, 2);
        ledger.0.learn_deletion(digest(1), at(40));
    }
    assert_eq!(restored.0, told.0);
}

#[test]
fn an_inventory_teaches_tags_and_the_setting_and_one_that_failed_only_the_setting() {
    let mut repository = Repository::new("team/app");
    repository.tag_mutability = Fact::Present(setting("IMMUTABLE"));
    repository.images = vec![Image { tags: vec![tag()], ..Image::new(digest(1)) }];
    let mut ledger = RepositoryLedger::default();
    assert_eq!(ledger.learn_inventory(&repository, window(10, 15)).len(), 1);
    assert_eq!(ledger.reconciled(), Some(window(10, 15)));

    repository.listing = Listing::Failed("no permission".to_owned());
    repository.images.clear();
    repository.tag_mutability = Fact::Present(setting("MUTABLE"));
    assert_eq!(ledger.learn_inventory(&repository, window(20, 25)), []);
    assert_eq!(ledger.reconciled(), Some(window(10, 15)));
    assert_eq!(ledger.mutability().spells().len(), 2);

    repository.listing = Listing::CutOff;
    assert_eq!(ledger.learn_inventory(&repository, window(30, 35)), []);
    assert_eq!(ledger.heads().next().map(|(_, head)| head.held().clone()), Some(on(1)));
}

fn setting(mode: &str) -> TagMutability {
    TagMutability { mode: mode.to_owned(), exclusion_filters: Vec::new() }
}

fn spells(seen: &[(i64, &str)]) -> MutabilityHistory {
    let mut history = MutabilityHistory::default();
    for (second, mode) in seen {
        history.learn(at(*second), &setting(mode));
    }
    history
}

#[test]
fn a_setting_that_was_switched_off_and_on_is_three_spells_with_the_times_between_which_it_changed() {
    let history = spells(&[(10, "IMMUTABLE"), (20, "IMMUTABLE"), (30, "MUTABLE"), (40, "IMMUTABLE")]);
    let modes: Vec<&str> = history.spells().iter().map(|spell| spell.setting.mode.as_str()).collect();
    assert_eq!(modes, ["IMMUTABLE", "MUTABLE", "IMMUTABLE"]);
    assert_eq!(
        [0, 1, 2].map(|place| history.began(place)),
        [Some(Began::By(at(10))), Some(between(20, 30)), Some(between(30, 40)),]
    );
    assert_eq!(history.at(at(15)), Some(&setting("IMMUTABLE")));
    assert_eq!(history.at(at(25)), None);
    assert_eq!(history.at(at(5)), None);
    assert_eq!(history.at(at(99)), Some(&setting("IMMUTABLE")));
}

#[test]
fn the_order_in_which_settings_are_learnt_makes_no_difference_to_which_spells_there_were() {
    let seen = [(10, "IMMUTABLE"), (20, "IMMUTABLE"), (30, "MUTABLE"), (40, "IMMUTABLE")];
    let modes = |history: &MutabilityHistory| -> Vec<String> {
        history.spells().iter().map(|spell| spell.setting.mode.clone()).collect()
    };
    let in_order = spells(&seen);
    let mut reversed = seen;
    reversed.reverse();
    assert_eq!(spells(&reversed), in_order);
    for rotation in 1..seen.len() {
        let mut rotated = seen;
        rotated.rotate_left(rotation);
        assert_eq!(modes(&spells(&rotated)), modes(&in_order), "{rotated:?}");
    }
    let restored: MutabilityHistory = in_order.spells().iter().rev().cloned().collect();
    assert_eq!(restored, in_order);
}

#[test]
fn the_window_of_a_listing_is_as_wide_as_the_margin_of_the_clocks_and_whole_seconds() {
    let half = TimeDelta::milliseconds(500);
    let found = ListingWindow::new(at(10) + half, at(20) + half, TimeDelta::seconds(5));
    assert_eq!(found, window(5, 26));
    assert!(found.holds(at(5)) && found.holds(at(26)));
    assert!(!found.holds(at(4)) && !found.holds(at(27)));
    assert_eq!(ListingWindow::new(at(10), at(10), TimeDelta::seconds(-5)), window(10, 10));
}

#[test]
fn what_is_stored_of_an_observation_is_read_back() {
    let until = at(9);
    for said in [
        Said::Pushed(digest(1)),
        Said::Deleted(digest(1)),
        Said::DigestDeleted(digest(1)),
        Said::Listed { digest: digest(1), until },
        Said::NotListed { until },
    ] {
        let observation = Observation { at: at(1), said };
        let until = (observation.learnt() == Learnt::Inventory).then_some(observation.until());
        assert_eq!(Said::from_parts(said.word(), said.digest(), until), Some(said));
    }
    assert_eq!(Said::from_parts("pushed", None, None), None);
    assert_eq!(Said::from_parts("forgotten", Some(digest(1)), None), None);
    for learnt in [Learnt::Event, Learnt::Inventory, Learnt::Deletion] {
        assert_eq!(Learnt::from_word(learnt.word()), Some(learnt));
    }
}
