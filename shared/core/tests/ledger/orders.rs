//! The order in which events come in, how often, and how much a store reads, make no difference.

use std::collections::BTreeMap;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use demurrage_core::Tag;
use demurrage_core::ledger::{
    Began, Held, Learnt, Observation, Standing, TagAt, TagFact, TagHistory, Teaching,
};

use crate::dice::Dice;
use crate::key_value::{KeyValue, Reads};
use crate::world::{DeletionEvents, Plan, World, tag, window};

fn small(deletion: DeletionEvents, pause_ms_max: usize) -> Plan {
    Plan { actions: 60, tags: 4, digests: 4, pause_ms_max, deletion }
}

fn learnt<'a>(reads: Reads, teachings: impl IntoIterator<Item = &'a Teaching>) -> KeyValue {
    let mut store = KeyValue::new(reads);
    for teaching in teachings {
        store.learn(teaching);
    }
    store
}

fn kept(store: &KeyValue, plan: Plan) -> Vec<(Tag, Vec<Observation>, Option<Standing>)> {
    let of = |tag: Tag| {
        let standing = store.heads().get(&tag).map(|head| head.standing.clone());
        (tag.clone(), store.kept(&tag), standing)
    };
    (0..plan.tags).map(tag).map(of).collect()
}

#[test]
fn whatever_the_order_and_the_repetitions_the_same_is_kept() {
    for seed in 0..1_000 {
        let mut dice = Dice::new(seed);
        let plan = small(DeletionEvents::Either, [0, 300, 2_000][dice.below(3)]);
        let world = World::new(plan, &mut dice);
        let in_order: Vec<Teaching> = world.events.iter().map(|(_, teaching)| teaching.clone()).collect();
        let mut shuffled = [in_order.as_slice(), &in_order[..in_order.len() / 3]].concat();
        dice.shuffle(&mut shuffled);
        let one = kept(&learnt(Reads::Enough, &in_order), plan);
        let other = kept(&learnt(Reads::Enough, &shuffled), plan);
        // A deletion is kept where it changed something when it came in, so late pushes leave more of them; what they
        // come to is the same.
        for ((tag, one, one_stands), (_, other, other_stands)) in one.iter().zip(&other) {
            let facts = |kept: &[Observation]| kept.iter().copied().collect::<TagHistory>().facts();
            assert_eq!(facts(one), facts(other), "seed {seed}: {tag}");
            assert_eq!(one_stands, other_stands, "seed {seed}: {tag}");
        }
    }
}

#[test]
fn a_store_that_reads_all_of_a_tag_keeps_what_one_that_reads_enough_does() {
    for seed in 0..1_000 {
        let mut dice = Dice::new(seed);
        let plan = small(DeletionEvents::Either, [0, 300, 2_000][dice.below(3)]);
        let world = World::new(plan, &mut dice);
        let mut shuffled: Vec<Teaching> = world.events.iter().map(|(_, teaching)| teaching.clone()).collect();
        dice.shuffle(&mut shuffled);
        let enough = kept(&learnt(Reads::Enough, &shuffled), plan);
        let everything = kept(&learnt(Reads::Everything, &shuffled), plan);
        for (enough, everything) in enough.iter().zip(&everything) {
            assert_eq!(enough.1, everything.1, "seed {seed}");
            assert_eq!(enough.2, everything.2, "seed {seed}: {:#?}", enough.1);
        }
    }
}

/// Seconds of a tag in which nothing else happened to it, so that events tell all of it.
fn facts_of_the_truth(world: &World, tag: &Tag) -> Vec<TagFact> {
    let truth = world.truth.get(tag).into_iter().flatten();
    truth
        .map(|fact| TagFact {
            held: Held::one(fact.value),
            began: Began::At(fact.began.trunc_subsecs(0)),
            learnt: Learnt::Event,
        })
        .collect()
}

fn shares_a_second(world: &World) -> bool {
    let mut seconds: Vec<DateTime<Utc>> = world.events.iter().map(|(at, _)| at.trunc_subsecs(0)).collect();
    seconds.sort();
    seconds.dedup();
    seconds.len() < world.events.iter().map(|(at, _)| at).collect::<std::collections::BTreeSet<_>>().len()
}

#[test]
fn where_nothing_is_lost_and_no_second_is_shared_the_history_is_the_truth() {
    let mut compared = 0;
    for seed in 0..1_000 {
        let mut dice = Dice::new(seed);
        let plan = Plan { actions: 25, ..small(DeletionEvents::Either, 60_000) };
        let world = World::new(plan, &mut dice);
        if shares_a_second(&world) {
            continue;
        }
        compared += 1;
        let mut shuffled: Vec<Teaching> = world.events.iter().map(|(_, teaching)| teaching.clone()).collect();
        dice.shuffle(&mut shuffled);
        let mut store = learnt(Reads::Enough, &shuffled);
        for after in 0..2 {
            for tag in world.truth.keys() {
                let mut facts = store.facts(tag);
                for fact in &mut facts {
                    fact.learnt = Learnt::Event;
                }
                assert_eq!(facts, facts_of_the_truth(&world, tag), "seed {seed}: {tag}");
            }
            let writes = store.writes;
            store.learn_listing(
                &world.listing(window(world.ended + TimeDelta::seconds(2 + after), 0), &mut dice),
            );
            assert_eq!(store.writes, writes, "a listing that sees what is known writes nothing");
        }
    }
    assert!(compared > 400, "only {compared} worlds were compared");
}

#[test]
fn one_event_for_a_deleted_image_ends_as_one_for_each_of_its_tags_does() {
    for seed in 0..1_000 {
        let facts_and_heads = |deletion| {
            let mut dice = Dice::new(seed);
            let plan = Plan { actions: 25, ..small(deletion, 60_000) };
            let world = World::new(plan, &mut dice);
            let mut shuffled: Vec<Teaching> =
                world.events.iter().map(|(_, teaching)| teaching.clone()).collect();
            dice.shuffle(&mut shuffled);
            let mut store = learnt(Reads::Enough, &shuffled);
            store.learn_listing(&world.listing(window(world.ended + TimeDelta::seconds(2), 60), &mut dice));
            let of = |tag: &Tag| {
                let facts =
                    store.facts(tag).into_iter().map(|fact| (fact.held, fact.began)).collect::<Vec<_>>();
                let head = store.heads().get(tag).map(|head| (head.held().clone(), head.standing.since));
                (facts, head)
            };
            (
                shares_a_second(&world),
                world.truth.keys().map(|tag| (tag.clone(), of(tag))).collect::<BTreeMap<_, _>>(),
            )
        };
        let (shares, one) = facts_and_heads(DeletionEvents::One);
        let (_, each) = facts_and_heads(DeletionEvents::ForEachTag);
        if !shares {
            assert_eq!(one, each, "seed {seed}");
        }
    }
}

#[test]
fn where_nothing_is_lost_what_a_tag_was_on_at_a_time_is_the_truth_or_one_of_what_it_is_said_to_be() {
    for seed in 0..1_000 {
        let mut dice = Dice::new(seed);
        let plan = small(DeletionEvents::Either, [300, 2_000][dice.below(2)]);
        let world = World::new(plan, &mut dice);
        let store = learnt(Reads::Enough, world.events.iter().map(|(_, teaching)| teaching));
        let length_ms = usize::try_from((world.ended - crate::world::start()).num_milliseconds()).unwrap();
        for tag in world.truth.keys() {
            let history: TagHistory = store.kept(tag).into_iter().collect();
            for _ in 0..20 {
                let time = crate::world::start()
                    + TimeDelta::milliseconds(i64::try_from(dice.below(length_ms + 1_000)).unwrap());
                let value = world.value(tag, time);
                let at = history.at(time);
                let is_true = match &at {
                    TagAt::Image(digest) => value == Some(*digest),
                    TagAt::Absent | TagAt::PresumedAbsent => value.is_none(),
                    TagAt::OneOf(several) => several.values().contains(&value),
                    TagAt::Gap { .. } => false,
                    TagAt::Unknown => world.truth[tag][0].began.trunc_subsecs(0) >= time.trunc_subsecs(0),
                };
                assert!(
                    is_true,
                    "seed {seed}: {tag} at {time}: {at:?}, truly {value:?}\n{:#?}",
                    history.facts()
                );
            }
        }
    }
}
