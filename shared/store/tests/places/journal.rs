//! Journals, holds and orders to stop, in a folder and in a bucket.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use demurrage_core::journal::{Call, Dropped, Entry, ImageId, Outcome, SavedImage};
use demurrage_core::plan::{Hold, RepositoryAddress};
use demurrage_core::{Digest, ImageStatus, Tag, instant};
use demurrage_store::{HoldEnd, Journal, Put, StopOrder, Store, StoreError};
use object_store::memory::InMemory;

use crate::bucket::runtime;
use crate::made;

const PLAN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_564_800 + second, 0).expect("a time")
}

fn repository() -> RepositoryAddress {
    RepositoryAddress { account: None, region: "eu-west-1".to_owned(), name: "app".to_owned() }
}

fn image(number: u32) -> SavedImage {
    SavedImage {
        digest: made::digest(number),
        tags: vec![Tag::as_given("v1")],
        manifest: Some(format!("{{\"number\": {number}}}")),
        media_type: None,
        pushed_at: None,
        last_pulled_at: None,
        size_bytes: None,
        parents: Vec::new(),
        subject: None,
        status: ImageStatus::Active,
        rule: "rule 1".to_owned(),
        reason: "it is old".to_owned(),
    }
}

fn id(digest: Digest) -> ImageId {
    ImageId { digest: Some(digest), tag: None }
}

fn delete(image: &SavedImage) -> Call {
    Call::Delete { ids: vec![id(image.digest)] }
}

fn intend(journal: &mut Journal, number: u32) -> Result<u64, StoreError> {
    let image = image(number);
    journal.intend(at(number.into()), &repository(), delete(&image), vec![image])
}

fn outcome(number: u64) -> Outcome {
    let done = vec![id(made::digest(u32::try_from(number).expect("a small number")))];
    Outcome { number, at: at(100), done, failures: Vec::new(), error: None }
}

/// A store in a folder and one in a bucket, and what has to live as long as they do.
fn stores() -> (Vec<Store>, (tempfile::TempDir, tokio::runtime::Runtime)) {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = runtime();
    let bucket =
        Store::bucket(Arc::new(InMemory::new()), "a/store", runtime.handle().clone(), "s3://bucket/a/store");
    (vec![Store::new(folder.path().join("store")), bucket], (folder, runtime))
}

fn walked(store: &Store) -> Vec<Entry> {
    store.journal_walk(PLAN).expect("a journal").map(|entry| entry.expect("an entry")).collect()
}

#[test]
fn what_was_written_is_there_when_the_journal_is_opened_again() {
    let (stores, _kept) = stores();
    for store in stores {
        let mut journal = Journal::open(&store, PLAN).expect("a journal");
        assert_eq!(journal.entries(), []);
        assert_eq!(intend(&mut journal, 1).expect("it is written"), 1);
        journal.conclude(&outcome(1)).expect("it is written");
        journal.conclude(&outcome(1)).expect("the same once more is the same");
        assert_eq!(intend(&mut journal, 2).expect("it is written"), 2);
        let dropped = Dropped {
            at: at(3),
            repository: repository(),
            digest: made::digest(3),
            why: "it was pulled".to_owned(),
        };
        journal.drop_images(&[]).expect("nothing to write");
        journal.drop_images(std::slice::from_ref(&dropped)).expect("it is written");
        assert!(!journal.is_finished());

        let again = Journal::open(&store, PLAN).expect("a journal");
        assert_eq!(again.entries(), journal.entries());
        let open: Vec<u64> = again.open_entries().map(|entry| entry.intent.number).collect();
        assert_eq!(open, [2]);
        assert_eq!(again.entries()[0].intent.images[0].manifest, None, "it has an outcome");
        assert!(again.entries()[1].intent.images[0].manifest.is_some(), "it has none");
        let all = walked(&store);
        assert_eq!(all[0].outcome, Some(outcome(1)));
        assert!(all[0].intent.images[0].manifest.is_some());
        let mut walk = store.journal_walk(PLAN).expect("a journal");
        assert_eq!(walk.next_dropped().expect("it is read"), Some(vec![dropped]));
        assert_eq!(walk.next_dropped().expect("it is read"), None);
        assert_eq!(store.journals().expect("a store"), [PLAN]);
        assert_eq!(store.journal_first(PLAN).expect("it is read"), Some(at(1)));

        journal.conclude(&outcome(2)).expect("it is written");
        journal.finish(&vec!["all of it"]).expect("it is written");
        let finished = Journal::open(&store, PLAN).expect("a journal");
        assert!(finished.is_finished());
        assert_eq!(finished.report().expect("a report"), Some(vec!["all of it".to_owned()]));
    }
}

#[test]
fn the_second_who_writes_in_a_journal_is_told_and_changes_nothing() {
    let (stores, _kept) = stores();
    for store in stores {
        let mut one = Journal::open(&store, PLAN).expect("a journal");
        let mut other = Journal::open(&store, PLAN).expect("a journal");
        intend(&mut one, 1).expect("it is written");
        let before = walked(&store);
        let refused = intend(&mut other, 1).expect_err("the number is taken");
        assert!(matches!(refused, StoreError::Taken { .. }), "{refused}");
        assert!(refused.to_string().contains("0000000001-intent.json"), "{refused}");
        assert_eq!(walked(&store), before);
        one.conclude(&outcome(1)).expect("it is written");
        let changed = Outcome { error: Some("another".to_owned()), ..outcome(1) };
        assert!(matches!(one.conclude(&changed), Err(StoreError::Taken { .. })));
        assert!(
            matches!(one.conclude(&outcome(7)), Err(StoreError::Order { .. })),
            "there is no such intent"
        );
    }
}

#[test]
fn an_object_in_the_middle_that_is_damaged_or_missing_is_named_and_what_is_half_written_is_not_seen() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let mut journal = Journal::open(&store, PLAN).expect("a journal");
    for number in 1..=100 {
        intend(&mut journal, number).expect("it is written");
        journal.conclude(&outcome(number.into())).expect("it is written");
    }
    let place = folder.path().join("journals").join(PLAN);
    // What a crash leaves of a file that had no name yet, and what others may put there.
    fs::write(place.join(".tmpA1b2C3"), "{\"format_ver").expect("it is written");
    fs::write(place.join("lock"), "process 1").expect("it is written");
    assert_eq!(Journal::open(&store, PLAN).expect("a journal").entries().len(), 100);

    let damaged = place.join("0000000042-outcome.json");
    let text = fs::read(&damaged).expect("it is read");
    fs::write(&damaged, &text[..text.len() / 2]).expect("it is written");
    let message = Journal::open(&store, PLAN).expect_err("it is damaged").to_string();
    assert!(message.contains("0000000042-outcome.json` is damaged"), "{message}");
    fs::write(&damaged, &text).expect("it is written");

    fs::remove_file(place.join("0000000007-intent.json")).expect("it is removed");
    let message = Journal::open(&store, PLAN).expect_err("it is missing").to_string();
    assert!(message.contains("0000000007-intent.json` is damaged: it is missing"), "{message}");
    fs::copy(place.join("0000000008-intent.json"), place.join("0000000007-intent.json")).expect("a copy");
    let message = Journal::open(&store, PLAN).expect_err("it is another").to_string();
    assert!(message.contains("its number is another one"), "{message}");
}

#[test]
fn the_last_order_says_whether_to_stop_and_a_damaged_one_is_no_leave_to_go_on() {
    let (stores, (folder, _runtime)) = stores();
    let order = |reason: &str| StopOrder { at: at(1), by: "mina".to_owned(), reason: reason.to_owned() };
    for store in &stores {
        assert_eq!(store.stop().expect("a store"), None);
        assert_eq!(store.put_stop(&order("incident 12")).expect("it is put"), 1);
        assert_eq!(store.stop().expect("a store"), Some(order("incident 12")));
        assert_eq!(store.lift_stop(&order("it is over")).expect("it is put"), 2);
        assert_eq!(store.stop().expect("a store"), None);
        assert_eq!(store.put_stop(&order("incident 13")).expect("it is put"), 3);
        assert_eq!(store.stop().expect("a store"), Some(order("incident 13")));
    }
    let last = folder.path().join("store/stops/0000000003-order.json");
    let text = fs::read_to_string(&last).expect("it is read");
    for wrong in [text.replace("\"stop\"", "\"perhaps\""), String::new()] {
        fs::write(&last, wrong).expect("it is written");
        assert!(matches!(stores[0].stop(), Err(StoreError::Corrupt { .. })));
    }
    fs::write(&last, text.replace("\"format_version\": 1", "\"format_version\": 2")).expect("it is written");
    assert!(matches!(stores[0].stop(), Err(StoreError::Newer { .. })));
}

#[test]
fn a_hold_is_in_force_until_its_time_or_its_end_and_is_never_deleted() {
    let (stores, _kept) = stores();
    for store in stores {
        let hold = |tag: &str, until: i64| Hold {
            account: None,
            region: None,
            repository: "app".to_owned(),
            tag: Tag::as_given(tag),
            digests: Vec::new(),
            until: at(until),
            reason: "incident 12".to_owned(),
            by: "mina".to_owned(),
            made_at: at(0),
        };
        let tags = |now: i64| -> Vec<String> {
            store.holds(at(now)).expect("a store").iter().map(|hold| hold.tag.to_string()).collect()
        };
        assert_eq!(tags(0), Vec::<String>::new());
        assert_eq!(store.add_hold(&hold("v1", 100)).expect("it is put"), 1);
        assert_eq!(store.add_hold(&hold("v2", 200)).expect("it is put"), 2);
        assert_eq!(tags(99), ["v1", "v2"]);
        assert_eq!(tags(100), ["v2"]);
        let end = HoldEnd { at: at(50), by: "jun".to_owned(), reason: "it is over".to_owned() };
        assert_eq!(store.end_hold(1, &end).expect("it is put"), Put::New);
        let again = HoldEnd { reason: "again".to_owned(), ..end.clone() };
        assert_eq!(store.end_hold(1, &again).expect("it was there"), Put::AlreadyThere);
        assert_eq!(tags(60), ["v2"]);
        let all = store.stored_holds().expect("a store");
        assert_eq!(all.len(), 2);
        assert_eq!(all[0].ended, Some(end));
    }
}

#[test]
fn many_who_hold_at_once_get_numbers_of_their_own() {
    let (stores, _kept) = stores();
    let until = instant::parse("2027-01-01").expect("a time");
    for store in stores {
        std::thread::scope(|scope| {
            for writer in 0..8 {
                let store = &store;
                scope.spawn(move || {
                    let tag = Tag::as_given(&format!("v{writer}"));
                    let (reason, by) = ("incident".to_owned(), "mina".to_owned());
                    let (account, region, repository) = (None, None, "app".to_owned());
                    let digests = Vec::new();
                    let hold =
                        Hold { account, region, repository, tag, digests, until, reason, by, made_at: at(0) };
                    store.add_hold(&hold).expect("it is put");
                });
            }
        });
        let mut numbers: Vec<u64> =
            store.stored_holds().expect("a store").iter().map(|stored| stored.number).collect();
        numbers.sort_unstable();
        assert_eq!(numbers, (1..=8).collect::<Vec<_>>());
    }
}

#[test]
fn the_bytes_in_a_bucket_are_those_in_a_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = runtime();
    let memory = Arc::new(InMemory::new());
    let there = Store::bucket(memory.clone(), "s", runtime.handle().clone(), "s3://bucket/s");
    let here = Store::new(folder.path());
    for store in [&here, &there] {
        let mut journal = Journal::open(store, PLAN).expect("a journal");
        intend(&mut journal, 1).expect("it is written");
        journal.conclude(&outcome(1)).expect("it is written");
    }
    let mut files = made::files(Path::new(folder.path()));
    let mut objects = crate::bucket::objects(&runtime, &*memory, "s");
    let intent = format!("journals/{PLAN}/0000000001-intent.json");
    // Each writer has a mark of its own.
    let text = |bytes: Option<Vec<u8>>| String::from_utf8(bytes.expect("an intent")).expect("text");
    let (one, other) = (text(files.remove(&intent)), text(objects.remove(&intent)));
    let unmarked = |text: &str| {
        let (before, after) = text.split_once("\"writer\":\"").expect("a writer");
        format!("{before}{}", after.get(16..).expect("a mark"))
    };
    assert_ne!(one, other);
    assert_eq!(unmarked(&one), unmarked(&other));
    assert_eq!(files, objects);
}
