//! Records of what is in use: all that counts is read, and nothing damaged is passed over.

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use demurrage_core::in_use::{SourceRecord, SourceState, Use, UseRecord, UseSource};
use demurrage_core::instant;
use demurrage_store::{Dated, Store, StoreError};
use object_store::memory::InMemory;

use crate::bucket::{objects, runtime};
use crate::made;

/// A record of ECS and Lambda in a region; ECS in this state.
fn record(region: &str, read_at: &str, ecs: SourceState) -> UseRecord {
    let source = |source, state| SourceRecord { source, name: None, state };
    UseRecord {
        account: Some("123456789012".to_owned()),
        region: Some(region.to_owned()),
        turn: 0,
        read_at: instant::parse(read_at).expect("a time"),
        sources: vec![source(UseSource::Ecs, ecs), source(UseSource::Lambda, SourceState::Read)],
        uses: vec![Use {
            reference: "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop/cart:1.0"
                .parse()
                .expect("a reference"),
            evidence: format!("read {read_at}"),
            source: UseSource::Ecs,
            since: None,
        }],
    }
}

fn read(region: &str, read_at: &str) -> UseRecord {
    record(region, read_at, SourceState::Read)
}

fn failed(region: &str, read_at: &str) -> UseRecord {
    record(region, read_at, SourceState::Failed("denied".to_owned()))
}

fn cluster(name: &str, read_at: &str) -> UseRecord {
    let state = SourceState::Read;
    UseRecord {
        account: None,
        region: None,
        sources: vec![SourceRecord { source: UseSource::Kubernetes, name: Some(name.to_owned()), state }],
        ..read("", read_at)
    }
}

/// The records, without the turns that the store gave them.
fn uses(store: &Store) -> Vec<UseRecord> {
    let all = store.uses().expect("records").into_iter();
    all.map(|(_, record)| UseRecord { turn: 0, ..record }).collect()
}

fn folder() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    (folder, store)
}

/// The files of records, in the order of their names.
fn files(folder: &tempfile::TempDir) -> Vec<PathBuf> {
    let listing = fs::read_dir(folder.path().join("use")).expect("a folder");
    let mut files: Vec<PathBuf> = listing.map(|file| file.expect("a file").path()).collect();
    files.sort();
    files
}

#[test]
fn a_folder_and_a_bucket_hold_the_same_records_and_give_back_those_that_count() {
    let runtime = runtime();
    let (held, here) = folder();
    let memory = Arc::new(InMemory::new());
    let there =
        Store::bucket(Arc::<InMemory>::clone(&memory), "team", runtime.handle().clone(), "s3://bucket/team");
    let all = [
        read("eu-west-1", "2026-11-25T01:00:00Z"),
        read("eu-west-1", "2026-11-25T02:00:00Z"),
        failed("eu-west-1", "2026-11-25T03:00:00Z"),
        read("us-east-1", "2026-11-24T01:00:00Z"),
        cluster("prod", "2026-11-23T01:00:00Z"),
        failed("eu-west-1", "2026-11-25T04:00:00Z"),
    ];
    for store in [&here, &there] {
        assert_eq!(uses(store), []);
        for record in &all {
            let shown = store.add_use(record).expect("it is put");
            assert!(shown.starts_with(&format!("{}/use/t000000000", store.shown())), "{shown}");
        }
        let [_, complete, missed, there, cluster, missed_again] = &all;
        let counting = [complete, missed, there, cluster, missed_again].map(Clone::clone);
        assert_eq!(uses(store), counting, "the one before the last complete reading counts no more");
    }
    assert_eq!(made::files(held.path()), objects(&runtime, &*memory, "team"));
}

#[test]
fn records_of_one_second_stand_beside_one_another() {
    let (_held, store) = folder();
    let record = read("eu-west-1", "2026-11-25T01:00:00Z");
    let (first, second) = (store.add_use(&record).expect("put"), store.add_use(&record).expect("put"));
    assert_ne!(first, second);
    assert_eq!(uses(&store), [record], "each has a turn of its own");
}

#[test]
fn a_reading_that_began_before_another_was_put_does_not_take_its_place_whatever_their_clocks_say() {
    let (_held, store) = folder();
    let turn = store.use_turn().expect("a turn");
    let ahead = UseRecord { turn, ..read("eu-west-1", "2026-11-25T01:09:00Z") };
    let meanwhile =
        UseRecord { turn: store.use_turn().expect("a turn"), ..read("eu-west-1", "2026-11-25T01:00:00Z") };
    store.add_use(&meanwhile).expect("put");
    store.add_use(&ahead).expect("put");
    assert_eq!(store.uses().expect("records").len(), 2, "both count: {turn}");
    let next =
        UseRecord { turn: store.use_turn().expect("a turn"), ..read("eu-west-1", "2026-11-25T01:02:00Z") };
    assert_eq!(next.turn, turn + 1);
    store.add_use(&next).expect("put");
    let left: Vec<UseRecord> = store.uses().expect("records").into_iter().map(|(_, record)| record).collect();
    assert_eq!(left, [next], "a clock that was ahead is no longer looked at");
}

#[test]
fn records_of_older_versions_whose_names_say_no_turn_are_read_by_their_dates() {
    let (held, store) = folder();
    let folder = held.path().join("use");
    fs::create_dir_all(&folder).expect("made");
    for hour in ["01", "02"] {
        let text = read("eu-west-1", &format!("2026-11-25T{hour}:00:00Z")).to_json();
        let of = "123456789012-eu-west-1-ecs-lambda";
        let name = format!("20261125T{hour}0000Z-0000-{of}.{:08x}.json", crc32fast::hash(text.as_bytes()));
        fs::write(folder.join(name), text).expect("written");
    }
    assert_eq!(uses(&store), [read("eu-west-1", "2026-11-25T02:00:00Z")]);
    let ahead = read("eu-west-1", "2026-11-25T01:30:00Z");
    store.add_use(&ahead).expect("put");
    assert_eq!(uses(&store), [ahead]);
}

#[test]
fn clusters_whose_names_look_alike_in_a_file_name_are_two() {
    let (_held, store) = folder();
    let long = "x".repeat(300);
    let all = [
        cluster("team/a", "2026-11-25T01:00:00Z"),
        cluster("team-a", "2026-11-25T02:00:00Z"),
        cluster(&long, "2026-11-25T03:00:00Z"),
        cluster(&format!("{long}x"), "2026-11-25T04:00:00Z"),
        cluster("프로덕션", "2026-11-25T05:00:00Z"),
    ];
    for record in &all {
        store.add_use(record).expect("it is put");
    }
    assert_eq!(uses(&store), all);
}

#[test]
fn a_reading_without_a_source_does_not_hide_what_was_read_of_it_before() {
    let (_held, store) = folder();
    let mut with_inspector = read("eu-west-1", "2026-11-25T01:00:00Z");
    let (source, state) = (UseSource::Inspector, SourceState::Read);
    with_inspector.sources.push(SourceRecord { source, name: None, state });
    let without = read("eu-west-1", "2026-11-25T02:00:00Z");
    store.add_use(&with_inspector).expect("put");
    store.add_use(&without).expect("put");
    assert_eq!(uses(&store), [with_inspector, without]);
}

#[test]
fn a_damaged_record_is_an_error_that_names_it_and_never_passed_over() {
    let (held, store) = folder();
    store.add_use(&read("eu-west-1", "2026-11-25T01:00:00Z")).expect("put");
    let [file] = &files(&held)[..] else { panic!("one file") };
    let text = fs::read_to_string(file).expect("a record");
    let name = file.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
    for damaged in [
        text.replace("shop/cart:1.0", "shop/cart:1.1"),
        text.get(..text.len() / 2).expect("a half").to_owned(),
        String::new(),
    ] {
        fs::write(file, damaged).expect("written");
        let error = store.uses().expect_err("it is damaged");
        assert!(matches!(error, StoreError::Corrupt { .. }), "{error}");
        assert!(error.to_string().contains(&name), "{error}");
    }
    fs::write(file, &text).expect("written");
    assert_eq!(store.uses().expect("it is whole again").len(), 1);
    fs::rename(file, file.with_file_name("mine.json")).expect("renamed");
    assert!(store.uses().expect_err("no checksum").to_string().contains("mine.json"));
}

#[test]
fn a_record_that_counts_no_more_is_not_read() {
    let (held, store) = folder();
    for hour in 0..9 {
        store.add_use(&read("eu-west-1", &format!("2026-11-25T0{hour}:00:00Z"))).expect("put");
    }
    for file in files(&held).iter().take(8) {
        fs::write(file, "damaged").expect("written");
    }
    assert_eq!(uses(&store), [read("eu-west-1", "2026-11-25T08:00:00Z")]);
    store.add_use(&failed("eu-west-1", "2026-11-25T09:00:00Z")).expect("put");
    assert_eq!(uses(&store).len(), 2, "only to the last complete one");
}

#[test]
fn what_is_being_written_is_no_record_and_a_newer_form_is_one_that_is_refused() {
    let (held, store) = folder();
    store.add_use(&read("eu-west-1", "2026-11-25T01:00:00Z")).expect("put");
    fs::write(held.path().join("use").join(".tmpAbCd12"), "half").expect("written");
    assert_eq!(uses(&store).len(), 1);
    let text = r#"{"format_version": 2}"#;
    let name = format!("20261125T020000Z-0000-x.{:08x}.json", crc32fast::hash(text.as_bytes()));
    fs::write(held.path().join("use").join(&name), text).expect("written");
    let error = store.uses().expect_err("a newer form").to_string();
    assert!(error.contains(&name) && error.contains("format 2"), "{error}");
}

#[test]
fn a_document_has_the_time_at_which_it_was_put_there() {
    let runtime = runtime();
    let (_held, here) = folder();
    let there =
        Store::bucket(Arc::new(InMemory::new()), "team", runtime.handle().clone(), "s3://bucket/team");
    let hour_ago =
        chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()) - chrono::TimeDelta::hours(1);
    for store in [here, there] {
        let documents = store.documents(&["clusters"]).expect("documents");
        assert_eq!(documents.get_dated("prod.json").expect("nothing"), None);
        documents.put("prod.json", b"{}").expect("put");
        let Dated { bytes, put_at } = documents.get_dated("prod.json").expect("read").expect("there");
        assert_eq!(bytes, b"{}");
        assert!(hour_ago < put_at && put_at < hour_ago + chrono::TimeDelta::hours(2), "{put_at}");
    }
}
