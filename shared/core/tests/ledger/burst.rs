//! One burst of events, badly delivered, and one listing after it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use demurrage_core::Tag;
use demurrage_core::ledger::{EcrEvent, Head, RepositoryLedger, Said, TagFact, TagHistory, Teaching};

use crate::dice::Dice;
use crate::key_value::{KeyValue, Reads};
use crate::statements::{gaps_are_marked, heads_are_the_truth, history_is_a_part_of_the_truth, told};
use crate::world::{DeletionEvents, Plan, World, window};

/// How a burst is delivered, in percent of its events.
const REPEATED: usize = 20;
const LOST: usize = 5;

/// What is left of the events: some lost, some doubled, all out of order.
fn delivered(world: &World, dice: &mut Dice) -> Vec<Teaching> {
    let mut delivered = Vec::new();
    for (_, teaching) in &world.events {
        if dice.percent(LOST) {
            continue;
        }
        delivered.push(teaching.clone());
        if dice.percent(REPEATED) {
            delivered.push(teaching.clone());
        }
    }
    dice.shuffle(&mut delivered);
    delivered
}

/// The text of an event, as ECR sends it.
fn event(teaching: &Teaching) -> EcrEvent {
    let (at, digest, action, tag) = match teaching {
        Teaching::Tag { tag, observation } => {
            let action = match observation.said {
                Said::Pushed(_) => "PUSH",
                Said::Deleted(_) => "DELETE",
                Said::Listed { .. } | Said::NotListed { .. } | Said::DigestDeleted(_) => panic!("no event"),
            };
            (observation.at, observation.said.digest().unwrap(), action, format!(r#","image-tag":"{tag}""#))
        }
        Teaching::Deletion { digest, at } => (*at, *digest, "DELETE", String::new()),
        Teaching::Nothing => panic!("no event"),
    };
    let text = format!(
        r#"{{"id":"1","source":"aws.ecr","detail-type":"ECR Image Action","account":"123456789012","region":"eu-west-1",
        "time":"{}","resources":[],"detail":{{"result":"SUCCESS","repository-name":"team/app",
        "action-type":"{action}","image-digest":"{digest}"{tag}}}}}"#,
        at.format("%Y-%m-%dT%H:%M:%SZ")
    );
    EcrEvent::parse(&text).unwrap()
}

fn holds(seed: u64, actions: usize) {
    let mut dice = Dice::new(seed);
    let plan = Plan {
        actions,
        tags: 20 + dice.below(80),
        digests: 50 + dice.below(3_000),
        pause_ms_max: [0, 1, 300, 3000][dice.below(4)],
        deletion: [DeletionEvents::One, DeletionEvents::ForEachTag, DeletionEvents::Either][dice.below(3)],
    };
    let world = World::new(plan, &mut dice);
    let delivered = delivered(&world, &mut dice);

    let mut in_memory = RepositoryLedger::default();
    let mut in_a_store = KeyValue::new(Reads::Enough);
    for teaching in &delivered {
        in_memory.learn_event(&event(teaching));
        in_a_store.learn(teaching);
    }
    let listing = world.listing(window(world.ended + TimeDelta::seconds(2), 60), &mut dice);
    in_memory.learn_listing(&listing);
    in_a_store.learn_listing(&listing);

    let heads: BTreeMap<_, _> = in_memory.heads().map(|(tag, head)| (tag.clone(), head.clone())).collect();
    assert_eq!(heads, *in_a_store.heads(), "seed {seed}");
    heads_are_the_truth(&world, &heads);
    let told: BTreeSet<_> = told(&delivered);
    for (tag, truth) in &world.truth {
        let kept: Vec<_> = in_memory.history(tag).into_iter().flat_map(TagHistory::observations).collect();
        assert_eq!(kept, in_a_store.kept(tag).iter().collect::<Vec<_>>(), "seed {seed}: {tag}");
        let facts = in_a_store.facts(tag);
        check(seed, tag, &facts, &heads);
        history_is_a_part_of_the_truth(tag, truth, &facts);
        gaps_are_marked(tag, &facts, &told);
    }
    assert!(in_a_store.writes <= 2 * delivered.len() + 3 * world.truth.len(), "seed {seed}");
}

/// The head says what the last fact of the history does.
fn check(seed: u64, tag: &Tag, facts: &[TagFact], heads: &BTreeMap<Tag, Head>) {
    let last = facts.last().map(|fact| (&fact.held, fact.began, fact.learnt));
    let head = heads.get(tag).map(|head| (head.held(), head.standing.since, head.standing.learnt));
    assert_eq!(last, head, "seed {seed}: {tag}");
}

/// How many bursts of full size: a few, unless `LEDGER_SEEDS` says otherwise.
#[expect(clippy::disallowed_methods, reason = "how often a test is run is not the core's to know")]
fn seeds() -> u64 {
    std::env::var("LEDGER_SEEDS").map_or(8, |seeds| seeds.parse().unwrap())
}

#[test]
fn after_a_bad_burst_of_ten_thousand_events_and_one_listing_the_three_statements_hold() {
    for seed in 0..seeds() {
        holds(seed, 10_000);
    }
}

#[test]
fn after_a_thousand_smaller_bursts_they_hold_too() {
    for seed in 0..1_000 {
        holds(1_000_000 + seed, 400);
    }
}
