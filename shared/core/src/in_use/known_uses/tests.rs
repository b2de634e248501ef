//! Which records count, and that none is dropped that may have more to say.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::{current_records, current_uses};
use crate::in_use::{SourceRecord, SourceState, Use, UseRecord, UseRules, UseSource};

fn start() -> DateTime<Utc> {
    crate::instant::parse("2026-11-25").unwrap()
}

/// A record of a region in which ECS uses an image of the name of the record.
fn record(name: &str, region: &str, hour: i64, states: &[(UseSource, SourceState)]) -> UseRecord {
    let used = |(source, _): &(UseSource, SourceState)| Use {
        reference: format!("a/{name}-{source}:1").parse().unwrap(),
        evidence: String::new(),
        source: *source,
        since: None,
    };
    let source = |(source, state): &(UseSource, SourceState)| SourceRecord {
        source: *source,
        name: None,
        state: state.clone(),
    };
    UseRecord {
        account: Some("123456789012".to_owned()),
        region: Some(region.to_owned()),
        turn: 0,
        read_at: start() + TimeDelta::hours(hour),
        sources: states.iter().map(source).collect(),
        uses: states.iter().map(used).collect(),
    }
}

fn used(records: &[UseRecord], rules: &UseRules) -> Vec<String> {
    current_uses(records, rules).into_iter().map(|it| it.reference.to_string()).collect()
}

fn read(source: UseSource) -> (UseSource, SourceState) {
    (source, SourceState::Read)
}

fn failed(source: UseSource) -> (UseSource, SourceState) {
    (source, SourceState::Failed(String::new()))
}

#[test]
fn a_complete_reading_takes_the_place_of_the_ones_before_and_a_failed_one_adds() {
    let records = [
        record("one", "r", 1, &[read(UseSource::Ecs)]),
        record("two", "r", 2, &[read(UseSource::Ecs)]),
        record("three", "r", 3, &[failed(UseSource::Ecs)]),
        record("four", "r", 4, &[failed(UseSource::Ecs)]),
    ];
    assert_eq!(used(&records, &UseRules::default()), ["a/two-ecs:1", "a/three-ecs:1", "a/four-ecs:1"]);
    assert_eq!(current_records(&records), [1, 2, 3]);
}

#[test]
fn each_source_and_each_region_has_readings_of_its_own() {
    let records = [
        record("one", "r", 1, &[read(UseSource::Ecs), read(UseSource::Lambda)]),
        record("two", "r", 2, &[read(UseSource::Ecs)]),
        record("three", "s", 0, &[read(UseSource::Ecs)]),
    ];
    assert_eq!(used(&records, &UseRules::default()), ["a/one-lambda:1", "a/two-ecs:1", "a/three-ecs:1"]);
    assert_eq!(current_records(&records), [0, 1, 2]);
    let rules = UseRules { gone: ["123456789012/s".to_owned()].into(), ..UseRules::default() };
    assert_eq!(used(&records, &rules), ["a/one-lambda:1", "a/two-ecs:1"]);
}

#[test]
fn a_use_of_a_source_that_its_record_does_not_name_counts() {
    let mut odd = record("one", "r", 1, &[read(UseSource::Ecs)]);
    odd.sources.clear();
    let records = [odd, record("two", "r", 2, &[read(UseSource::Ecs)])];
    assert_eq!(used(&records, &UseRules::default()), ["a/one-ecs:1", "a/two-ecs:1"]);
    assert_eq!(current_records(&records), [0, 1]);
}

#[test]
fn a_record_of_a_clock_that_is_ahead_does_not_take_the_place_of_one_that_was_put_after_it() {
    let at = |turn, name: &str, minutes| UseRecord {
        turn,
        read_at: start() + TimeDelta::minutes(minutes),
        ..record(name, "r", 0, &[read(UseSource::Ecs)])
    };
    // Read before the other, by a clock that is nine minutes ahead.
    let (ahead, honest) = (at(1, "ahead", 9), at(2, "honest", 1));
    assert_eq!(used(&[ahead.clone(), honest.clone()], &UseRules::default()), ["a/honest-ecs:1"]);
    assert_eq!(used(&[ahead, honest, at(3, "next", 2)], &UseRules::default()), ["a/next-ecs:1"], "at once");
    // Both began before the other was there.
    let (one, two) = (at(4, "one", 3), at(4, "two", 4));
    assert_eq!(used(&[one, two], &UseRules::default()), ["a/one-ecs:1", "a/two-ecs:1"]);
    let (old_form, new_form) = (at(0, "old", 30), at(1, "new", 2));
    assert_eq!(used(&[old_form, new_form], &UseRules::default()), ["a/new-ecs:1"]);
}

#[test]
fn a_list_of_a_cluster_takes_the_place_of_one_that_is_older_by_its_date_and_was_put_before() {
    let list = |turn, name: &str, hour| UseRecord {
        turn,
        ..record(name, "r", hour, &[read(UseSource::Kubernetes)])
    };
    let (new, old) = (list(1, "new", 5), list(2, "old", 4));
    assert_eq!(
        used(&[new.clone(), old.clone()], &UseRules::default()),
        ["a/new-kubernetes:1", "a/old-kubernetes:1"],
        "an old file that is read now is no newer"
    );
    assert_eq!(used(&[new, old, list(3, "next", 6)], &UseRules::default()), ["a/next-kubernetes:1"]);
}

/// Sources of a record: none, read or failed.
fn states() -> impl Strategy<Value = Vec<(UseSource, SourceState)>> {
    let one = |source| prop_oneof![Just(None), Just(Some(read(source))), Just(Some(failed(source)))];
    (one(UseSource::Ecs), one(UseSource::Lambda), one(UseSource::Inspector))
        .prop_map(|(a, b, c)| [a, b, c].into_iter().flatten().collect())
}

proptest! {
    #[test]
    fn the_records_that_count_say_all_that_all_of_them_say(
        all in prop::collection::vec((0..2_u8, 0..6_i64, states()), 0..8)
    ) {
        let records: Vec<UseRecord> = all
            .iter()
            .enumerate()
            .map(|(number, (region, hour, states))| {
                record(&format!("n{number}"), if *region == 0 { "r" } else { "s" }, *hour, states)
            })
            .collect();
        let rules = UseRules::default();
        let kept: Vec<UseRecord> =
            current_records(&records).into_iter().map(|place| records[place].clone()).collect();
        prop_assert_eq!(used(&kept, &rules), used(&records, &rules));

        // Literally: a use goes if and only if a complete reading of the same source and region came later.
        let mut expected = Vec::new();
        for record in &records {
            for found in &record.uses {
                let is_superseded = records.iter().any(|other| {
                    other.region == record.region
                        && record.read_at < other.read_at
                        && other.sources.iter().any(|it| it.source == found.source && it.state == SourceState::Read)
                });
                if !is_superseded {
                    expected.push(found.reference.to_string());
                }
            }
        }
        prop_assert_eq!(used(&records, &rules), expected);
    }
}
