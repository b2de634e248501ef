//! Several listings, each while things go on, and events that come in late: also after the next listing, and the one
//! after that.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::ledger::{Head, Learnt, RepositoryLedger, TagListing, Teaching};

use crate::dice::Dice;
use crate::key_value::{KeyValue, Reads};
use crate::statements::{gaps_are_marked, heads_are_the_truth, history_is_a_part_of_the_truth, told};
use crate::world::{DeletionEvents, Plan, World, start, window};

/// What a ledger is told, in the order of time.
enum Message {
    Event(Teaching),
    Listing(TagListing),
}

/// What comes in, when: events some time after they happened, listings when they end.
fn messages(world: &World, late_seconds_max: usize, lost_percent: usize, dice: &mut Dice) -> Vec<Message> {
    let mut messages: Vec<(DateTime<Utc>, Message)> = Vec::new();
    for (at, teaching) in &world.events {
        if dice.percent(lost_percent) {
            continue;
        }
        for _ in 0..=usize::from(dice.percent(20)) {
            // Most are quick, as events are.
            let late = if dice.percent(70) { 2 } else { late_seconds_max };
            let delay = i64::try_from(dice.below(late * 1_000)).unwrap();
            messages.push((*at + TimeDelta::milliseconds(delay), Message::Event(teaching.clone())));
        }
    }
    let mut from = start();
    while from < world.ended {
        from += TimeDelta::seconds(i64::try_from(20 + dice.below(60)).unwrap());
        let window = window(from, i64::try_from(dice.below(15)).unwrap());
        let read = i64::try_from(dice.below(10)).unwrap();
        messages
            .push((window.until + TimeDelta::seconds(read), Message::Listing(world.listing(window, dice))));
    }
    messages.sort_by_key(|(at, _)| *at);
    let late = world.ended + TimeDelta::seconds(i64::try_from(late_seconds_max + 200).unwrap());
    messages.push((late, Message::Listing(world.listing(window(late, 10), dice))));
    messages.into_iter().map(|(_, message)| message).collect()
}

fn holds(seed: u64, late_seconds_max: usize) {
    let mut dice = Dice::new(seed);
    let plan = Plan {
        actions: 200,
        tags: 5,
        digests: 5,
        pause_ms_max: [500, 5_000][dice.below(2)],
        deletion: DeletionEvents::Either,
    };
    let world = World::new(plan, &mut dice);
    let lost_percent = [0, 5, 40][dice.below(3)];
    let messages = messages(&world, late_seconds_max, lost_percent, &mut dice);
    let mut enough = KeyValue::new(Reads::Enough);
    let mut everything = KeyValue::new(Reads::Everything);
    let mut in_memory = RepositoryLedger::default();
    for message in &messages {
        match message {
            Message::Event(teaching) => {
                enough.learn(teaching);
                everything.learn(teaching);
                match teaching {
                    Teaching::Tag { tag, observation } => drop(in_memory.learn(tag, *observation)),
                    Teaching::Deletion { digest, at } => drop(in_memory.learn_deletion(*digest, *at)),
                    Teaching::Nothing => {}
                }
            }
            Message::Listing(listing) => {
                enough.learn_listing(listing);
                everything.learn_listing(listing);
                in_memory.learn_listing(listing);
            }
        }
    }
    assert_eq!(enough.heads(), everything.heads(), "seed {seed}");
    let heads: BTreeMap<_, Head> = in_memory.heads().map(|(tag, head)| (tag.clone(), head.clone())).collect();
    assert_eq!(&heads, enough.heads(), "seed {seed}");
    heads_are_the_truth(&world, &heads);
    let events = messages.iter().filter_map(|message| match message {
        Message::Event(teaching) => Some(teaching),
        Message::Listing(_) => None,
    });
    let of_seconds = told(events);
    for (tag, truth) in &world.truth {
        assert_eq!(enough.kept(tag), everything.kept(tag), "seed {seed}: {tag}");
        let facts = enough.facts(tag);
        history_is_a_part_of_the_truth(tag, truth, &facts);
        gaps_are_marked(tag, &facts, &of_seconds);
        let last = facts.last().map(|fact| (&fact.held, fact.began, fact.learnt));
        let head = heads.get(tag).map(|head| (head.held(), head.standing.since, head.standing.learnt));
        let never_there = head.is_some_and(|(_, _, learnt)| learnt == Learnt::Inventory) && facts.is_empty();
        assert!(last == head || never_there, "seed {seed}: {tag}: {last:?} {head:?}");
    }
}

#[test]
fn with_listings_in_between_and_events_that_come_after_the_next_one_the_statements_hold() {
    for seed in 0..1_000 {
        holds(seed, 30);
    }
}

#[test]
fn with_events_that_come_many_listings_late_the_statements_hold() {
    for seed in 0..1_000 {
        holds(seed, 400);
    }
}
