//! Which images a tag keeps for what was deployed by it, by examples and by a literal reading of histories.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::{PULL_TIME, images_then};
use crate::in_use::{Protection, Use, UseGraph, UseSource};
use crate::ledger::{Held, Observation, RepositoryLedger, Said, TagAt};
use crate::lifecycle::Relations;
use crate::{Digest, Image, RegistryKind, Repository, Tag};

fn digest(number: u32) -> Digest {
    format!("sha256:{number:064x}").parse().unwrap()
}

/// A time, in minutes.
fn at(minutes: i64) -> DateTime<Utc> {
    crate::instant::parse("2026-11-01").unwrap() + TimeDelta::minutes(minutes)
}

fn tag() -> Tag {
    Tag::as_given("prod")
}

fn pushed(number: u32, minutes: i64) -> Observation {
    Observation { at: at(minutes), said: Said::Pushed(digest(number)) }
}

fn listed(number: u32, minutes: i64) -> Observation {
    let until = at(minutes + 15);
    Observation { at: at(minutes), said: Said::Listed { digest: digest(number), until } }
}

fn ledger(observations: impl IntoIterator<Item = Observation>) -> RepositoryLedger {
    let mut ledger = RepositoryLedger::default();
    for observation in observations {
        ledger.learn(&tag(), observation);
    }
    ledger
}

fn then(ledger: &RepositoryLedger, minutes: i64) -> Vec<u32> {
    let number = |digest: &Digest| (0..9).find(|number| super::tests::digest(*number) == *digest).unwrap();
    images_then(ledger, &tag(), at(minutes)).iter().map(number).collect()
}

#[test]
fn a_tag_keeps_the_image_that_it_was_on_when_its_use_began() {
    let ledger = ledger([pushed(1, 0), pushed(2, 600), pushed(3, 1200)]);
    assert_eq!(then(&ledger, 300), [1]);
    assert_eq!(then(&ledger, 900), [2]);
    assert_eq!(then(&ledger, 5000), [3]);
}

#[test]
fn an_image_that_came_while_machines_were_starting_counts_beside_the_one_before() {
    let ledger = ledger([pushed(1, 0), pushed(2, 600), pushed(3, 1200)]);
    assert_eq!(then(&ledger, 540), [1, 2], "one hour before");
    assert_eq!(then(&ledger, 539), [1]);
    assert_eq!(then(&ledger, 600), [1, 2], "in that second either may have been first");
}

#[test]
fn between_two_listings_either_image_may_have_been_the_one() {
    let ledger = ledger([listed(1, 0), listed(2, 600)]);
    assert_eq!(then(&ledger, 300), [1, 2]);
}

#[test]
fn where_nothing_is_known_of_that_time_every_later_image_counts() {
    let ledger = ledger([pushed(1, 600), pushed(2, 1200), listed(3, 5000)]);
    assert_eq!(then(&ledger, 0), [1, 2, 3]);
    assert_eq!(then(&RepositoryLedger::default(), 0), [0; 0]);
}

#[test]
fn where_the_tag_was_on_nothing_what_it_was_on_later_counts() {
    let gone = Observation { at: at(300), said: Said::Deleted(digest(1)) };
    let ledger = ledger([pushed(1, 0), gone, pushed(2, 1200), pushed(3, 1800)]);
    assert_eq!(then(&ledger, 600), [2, 3]);
}

#[test]
fn the_image_then_and_the_image_now_stay_and_those_between_go() {
    let image = |number: u32, tags: &[&str]| Image {
        tags: tags.iter().map(|tag| Tag::as_given(tag)).collect(),
        ..Image::new(digest(number))
    };
    let images = vec![image(1, &[]), image(2, &[]), image(3, &["prod"])];
    let repository = Repository { images, ..Repository::new("shop/cart") };
    let relations = Relations::of(&repository.images);
    let used = |since| Use {
        reference: "shop/cart:prod".parse().unwrap(),
        evidence: String::new(),
        source: UseSource::Ecs,
        since,
    };
    let ledger = ledger([pushed(1, 0), pushed(2, 600), pushed(3, 1200)]);
    let of = |since, ledger| {
        let graph = UseGraph::of(vec![used(since)]);
        graph.of_repository_at(RegistryKind::Private, &repository, &relations, ledger).protections
    };
    let in_use = || Some(Protection::InUse(vec![0]));
    assert_eq!(of(Some(at(300)), Some(&ledger)), [in_use(), None, in_use()]);
    assert_eq!(of(None, Some(&ledger)), [None, None, in_use()], "when it began is not known");
    assert_eq!(of(Some(at(300)), None), [None, None, in_use()]);
    assert_eq!(of(Some(at(1500)), Some(&ledger)), [None, None, in_use()], "then is now");
}

fn observations() -> impl Strategy<Value = Vec<Observation>> {
    let one = (0..4_u32, 0..20_i64, 0..4_u8).prop_map(|(number, slot, kind)| {
        let minutes = slot * 30;
        match kind {
            0 => listed(number, minutes),
            1 => Observation { at: at(minutes), said: Said::Deleted(digest(number)) },
            _ => pushed(number, minutes),
        }
    });
    prop::collection::vec(one, 0..6)
}

/// What a tag may have been on at one time, by what the ledger says of that time alone.
fn literally(at: &TagAt) -> Option<Vec<Digest>> {
    let images = |held: &Held| held.values().into_iter().flatten().collect::<Vec<Digest>>();
    match at {
        TagAt::Image(digest) => Some(vec![*digest]),
        TagAt::OneOf(several) => Some(several.values().iter().copied().flatten().collect()),
        TagAt::Gap { before, after } => Some(before.iter().flat_map(images).chain(images(after)).collect()),
        TagAt::Absent | TagAt::PresumedAbsent | TagAt::Unknown => None,
    }
}

proptest! {
    #[test]
    fn every_image_that_the_ledger_says_of_any_minute_in_which_it_may_have_been_pulled_counts(
        all in observations(), since in 0..700_i64
    ) {
        let ledger = ledger(all.iter().copied());
        let found = images_then(&ledger, &tag(), at(since));
        let at_once = literally(&ledger.digest_at(&tag(), at(since)));
        let minutes = if at_once.is_some() { PULL_TIME.num_minutes() } else { 2000 };
        for minute in since..=since + minutes {
            for digest in literally(&ledger.digest_at(&tag(), at(minute))).unwrap_or_default() {
                prop_assert!(found.contains(&digest), "minute {}: {}", minute, digest);
            }
        }
        // And none that it was on only before, or only later.
        let heard: Vec<Digest> = (since - 60..=since + minutes + 60)
            .flat_map(|minute| literally(&ledger.digest_at(&tag(), at(minute))).unwrap_or_default())
            .collect();
        // What was taken away from an image was on it until then.
        let was_taken = |digest: &Digest| {
            all.iter().any(|it| it.said == Said::Deleted(*digest) && at(since) <= it.at)
        };
        for digest in &found {
            prop_assert!(heard.contains(digest) || was_taken(digest), "{}", digest);
        }
    }
}
