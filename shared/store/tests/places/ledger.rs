//! What inventories tell about tags is kept as the core decides, in one file that is old or new as a whole.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use chrono::TimeDelta;
use demurrage_core::ledger::{ListingWindow, RepositoryLedger};
use demurrage_core::{
    ExclusionFilter, Fact, Inventory, Listing, RegistryKind, RepositoriesListing, Repository, Tag,
    TagMutability, instant,
};
use demurrage_store::{InventoryEntry, LedgerOutcome, Store, StoreError};
use object_store::memory::InMemory;

use crate::bucket::runtime;
use crate::crashes::Failing;
use crate::made;

const ACCOUNT: &str = "123456789012";
const REGION: &str = "ap-northeast-2";

/// A repository with these tags, each on the image of this number.
fn repository(name: &str, mode: &str, tags: &[(&str, u32)]) -> Repository {
    let mut repository = Repository::new(name);
    let exclusion_filters =
        vec![ExclusionFilter { filter_type: "WILDCARD".to_owned(), filter: "latest".to_owned() }];
    repository.tag_mutability = Fact::Present(TagMutability { mode: mode.to_owned(), exclusion_filters });
    let numbers: BTreeSet<u32> = tags.iter().map(|(_, number)| *number).collect();
    for number in numbers {
        let mut image = made::image(number, Some(made::manifest(number, 2, 1)));
        let of = tags.iter().filter(|(_, of)| *of == number);
        image.tags = of.map(|(tag, _)| Tag::as_given(tag)).collect();
        repository.images.push(image);
    }
    repository
}

fn inventory(day: u32, repositories: Vec<Repository>) -> Inventory {
    let taken_at = instant::parse(&format!("2026-11-{day:02}T03:04:05.678Z")).expect("a time");
    Inventory { taken_at, ..made::inventory(repositories) }
}

/// Four days: tags move, go and come again, a setting changes, a listing fails, one is cut off, a repository goes.
fn days() -> Vec<Inventory> {
    let stay = || repository("stay", "IMMUTABLE", &[("v1", 1), ("v2", 2)]);
    let mut failed = Repository::new("app");
    failed.listing = Listing::Failed("no access".to_owned());
    let mut cut_off = repository("web", "MUTABLE", &[("v1", 3)]);
    cut_off.listing = Listing::CutOff;
    // While the pages were read, the tag moved.
    let twice = repository("app", "IMMUTABLE_WITH_EXCLUSION", &[("latest", 1), ("v1", 5), ("v1", 6)]);
    vec![
        inventory(1, vec![repository("app", "IMMUTABLE", &[("latest", 1), ("v1", 1)]), stay()]),
        inventory(2, vec![twice, stay(), repository("web", "MUTABLE", &[("v1", 3), ("v2", 4)])]),
        inventory(3, vec![failed, stay(), cut_off]),
        inventory(4, vec![repository("app", "MUTABLE", &[("latest", 7)]), stay()]),
    ]
}

fn window(inventory: &Inventory) -> ListingWindow {
    ListingWindow::new(inventory.taken_at, inventory.taken_at + TimeDelta::minutes(15), TimeDelta::zero())
}

/// What the ledger in memory makes of it.
fn expected(inventories: &[Inventory]) -> BTreeMap<String, RepositoryLedger> {
    let mut ledgers: BTreeMap<String, RepositoryLedger> = BTreeMap::new();
    for inventory in inventories {
        for repository in &inventory.repositories {
            let ledger = ledgers.entry(repository.name.clone()).or_default();
            ledger.learn_inventory(repository, window(inventory));
        }
        for (name, ledger) in &mut ledgers {
            if inventory.repositories.iter().all(|repository| repository.name != *name) {
                ledger.learn_inventory(&Repository::new(name), window(inventory));
            }
        }
    }
    ledgers
}

fn kept(store: &Store) -> BTreeMap<String, RepositoryLedger> {
    let ledger = store.ledger(RegistryKind::Private, Some(ACCOUNT), REGION).expect("a ledger");
    let mut all = BTreeMap::new();
    let Some(mut walk) = ledger.walk().expect("it is read") else { return all };
    while let Some((name, ledger)) = walk.next_repository().expect("it is read") {
        all.insert(name, ledger);
    }
    all
}

fn path(store: &Store) -> String {
    store.ledger(RegistryKind::Private, Some(ACCOUNT), REGION).expect("a ledger").shown()
}

/// A store in a folder with these inventories, and none learnt.
fn filled(folder: &tempfile::TempDir, inventories: &[Inventory]) -> (Store, Vec<InventoryEntry>) {
    let store = Store::new(folder.path());
    let add = |inventory| store.add(inventory).expect("it is written");
    let entries = inventories.iter().map(add).collect();
    (store, entries)
}

#[test]
fn a_store_keeps_what_the_ledger_in_memory_learns_in_a_folder_and_in_a_bucket() {
    let runtime = runtime();
    let folder = tempfile::tempdir().expect("a folder");
    let here = Store::new(folder.path());
    let memory = Arc::new(InMemory::new());
    let guarded = Arc::new(Failing::never(memory));
    let there = Store::bucket(guarded, "team/store", runtime.handle().clone(), "s3://bucket/team/store");
    for store in [&here, &there] {
        assert!(kept(store).is_empty());
        let mut so_far = Vec::new();
        for inventory in days() {
            let entry = store.add(&inventory).expect("it is written");
            let learned = store.learn(&entry).expect("it is learnt");
            assert_eq!(learned.outcome, LedgerOutcome::Learnt);
            so_far.push(inventory);
            assert_eq!(kept(store), expected(&so_far));
        }
    }
    assert_eq!(path(&there), format!("s3://bucket/team/store/ledger/{ACCOUNT}/{REGION}/ledger.parquet"));
    let facts = kept(&here)["app"].history(&Tag::as_given("v1")).map(|history| history.facts().len());
    assert_eq!(facts, Some(3), "on one image, on one of two, and gone");
}

#[test]
fn the_same_inventory_twice_adds_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, entries) = filled(&folder, &days()[..1]);
    assert_eq!(store.learn(&entries[0]).expect("it is learnt").outcome, LedgerOutcome::Learnt);
    let bytes = fs::read(path(&store)).expect("a file");
    let again = store.learn(&entries[0]).expect("it is known");
    assert_eq!((again.outcome, again.changes), (LedgerOutcome::Known, 0));
    assert_eq!(fs::read(path(&store)).expect("a file"), bytes);
}

#[test]
fn inventories_in_any_order_end_in_the_same_bytes() {
    let days = days();
    let in_order = tempfile::tempdir().expect("a folder");
    let (store, entries) = filled(&in_order, &days);
    store.learn(&entries[3]).expect("it is learnt");
    let bytes = fs::read(path(&store)).expect("a file");
    assert_eq!(kept(&store), expected(&days));
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]] {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path());
        for place in order {
            let entry = store.add(&days[place]).expect("it is written");
            let learned = store.learn(&entry).expect("it is learnt");
            assert!(!matches!(learned.outcome, LedgerOutcome::Known | LedgerOutcome::TooOld));
        }
        assert_eq!(fs::read(path(&store)).expect("a file"), bytes, "{order:?}");
    }
}

#[test]
fn what_another_writer_wrote_over_is_learnt_with_the_next_inventory() {
    let folder = tempfile::tempdir().expect("a folder");
    let days = days();
    let (store, first) = filled(&folder, &days[..1]);
    store.learn(&first[0]).expect("it is learnt");
    let old = fs::read(path(&store)).expect("a file");
    let second = store.add(&days[1]).expect("it is written");
    store.learn(&second).expect("it is learnt");
    fs::write(path(&store), old).expect("a file is written");
    let third = store.add(&days[2]).expect("it is written");
    let learned = store.learn(&third).expect("it is learnt");
    assert_eq!(learned.outcome, LedgerOutcome::Rebuilt { inventories: 3 });
    assert_eq!(kept(&store), expected(&days[..3]));
}

#[test]
fn what_is_learnt_stays_when_its_inventory_is_taken_away_and_older_ones_come_too_late() {
    let folder = tempfile::tempdir().expect("a folder");
    let days = days();
    let (store, entries) = filled(&folder, &days[1..3]);
    for entry in &entries {
        store.learn(entry).expect("it is learnt");
    }
    fs::remove_dir_all(&entries[0].folder).expect("a folder is removed");
    let before = kept(&store);
    let late = store.add(&days[0]).expect("it is written");
    assert_eq!(store.learn(&late).expect("it is looked at").outcome, LedgerOutcome::TooOld);
    assert_eq!(kept(&store), before);
    let next = store.add(&days[3]).expect("it is written");
    assert_eq!(store.learn(&next).expect("it is learnt").outcome, LedgerOutcome::Learnt);
    assert_eq!(kept(&store), expected(&days[1..]));
}

#[test]
fn without_its_file_a_repository_is_told_by_the_inventories() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, entries) = filled(&folder, &days());
    let ledger = store.ledger_of(&entries[0]).expect("a ledger");
    for (name, expected) in expected(&days()) {
        assert_eq!(ledger.repository(&name).expect("it is read"), expected, "{name}");
    }
    assert_eq!(ledger.repository("novel").expect("it is read"), RepositoryLedger::default());
    store.learn(&entries[3]).expect("it is learnt");
    assert_eq!(ledger.repository("web").expect("it is read"), expected(&days())["web"]);
    assert_eq!(ledger.repository("novel").expect("it is read"), RepositoryLedger::default());
}

#[test]
fn an_inventory_that_may_lack_repositories_teaches_no_absence() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut days = days();
    days[3].repositories_listing = RepositoriesListing::CutOff;
    let (store, entries) = filled(&folder, &days);
    store.learn(&entries[3]).expect("it is learnt");
    assert_eq!(kept(&store)["web"], expected(&days[..3])["web"]);
}

#[test]
fn inventories_minutes_apart_are_both_learnt_and_one_whose_times_are_known_keeps_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut days = days();
    days.truncate(2);
    days[1].taken_at = days[0].taken_at + TimeDelta::minutes(5);
    let (store, entries) = filled(&folder, &days[..1]);
    store.learn(&entries[0]).expect("it is learnt");
    let second = store.add(&days[1]).expect("it is written");
    let until = days[1].taken_at + TimeDelta::seconds(20);
    let within = ListingWindow::new(days[1].taken_at, until, TimeDelta::zero());
    let learned = store.learn_within(&second, within).expect("it is learnt");
    assert_eq!(learned.outcome, LedgerOutcome::Rebuilt { inventories: 2 });
    assert_eq!(kept(&store)["app"].reconciled(), Some(within));
}

#[test]
fn a_damaged_file_a_cut_one_and_one_of_a_newer_format_are_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let (store, entries) = filled(&folder, &days());
    store.learn(&entries[3]).expect("it is learnt");
    let whole = fs::read(path(&store)).expect("a file");
    let ledger = store.ledger_of(&entries[0]).expect("a ledger");
    let refused = |bytes: &[u8]| {
        fs::write(path(&store), bytes).expect("a file is written");
        let learning = store.learn(&entries[0]).expect_err("it is refused");
        assert_eq!(fs::read(path(&store)).expect("a file"), bytes, "{learning}");
        ledger.walk().expect_err("it is refused")
    };
    let mut flipped = whole.clone();
    flipped[100] ^= 1;
    for bytes in [flipped.as_slice(), &whole[..whole.len() / 2], b""] {
        let error = refused(bytes);
        assert!(
            matches!(&error, StoreError::Corrupt { path, .. } if path.ends_with("ledger.parquet")),
            "{error}"
        );
    }
    let mut newer = whole;
    let key = b"format_version";
    let at = newer.windows(key.len()).position(|bytes| bytes == key).expect("it says its version");
    let digit = newer[at..].iter().position(|&byte| byte == b'1').expect("the version is 1") + at;
    newer[digit] = b'9';
    assert!(matches!(refused(&newer), StoreError::Newer { found: 9, known: 1, .. }));
}

#[test]
fn whichever_request_is_lost_the_ledger_is_the_old_or_the_new_one() {
    let runtime = runtime();
    let open = |objects| Store::bucket(objects, "store", runtime.handle().clone(), "s3://bucket/store");
    let days = days();
    for fails_at in 0.. {
        let memory = Arc::new(InMemory::new());
        let healthy = open(Arc::new(Failing::never(Arc::<InMemory>::clone(&memory))));
        let first = healthy.add(&days[0]).expect("it is written");
        healthy.learn(&first).expect("it is learnt");
        let second = healthy.add(&days[1]).expect("it is written");
        let failing = Failing::at(memory, fails_at);
        let requests = failing.requests();
        let learned = open(Arc::new(failing)).learn(&second);
        let found = kept(&healthy);
        let [is_old, is_new] = [1, 2].map(|days_learnt| found == expected(&days[..days_learnt]));
        assert!(is_new || (is_old && learned.is_err()), "{fails_at}");
        healthy.learn(&second).expect("it is learnt or known");
        assert_eq!(kept(&healthy), expected(&days[..2]));
        if requests.load(Ordering::SeqCst) <= fails_at {
            learned.expect("it is learnt");
            assert_eq!(fails_at, 3, "an upload begins, has a part, and ends");
            break;
        }
    }
}

/// Runs where `DEMURRAGE_PYTHON` names a Python that has `duckdb`: the gate sees to that.
#[test]
fn duckdb_reads_the_ledger_as_it_is() {
    let Some(python) = std::env::var_os("DEMURRAGE_PYTHON") else {
        assert!(std::env::var_os("CI").is_none(), "the gate names a Python with duckdb");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let (store, entries) = filled(&folder, &days());
    store.learn(&entries[3]).expect("it is learnt");
    let script = "import duckdb, sys\n\
        for row in duckdb.sql(f\"select tag, digest is null, count(*) from '{sys.argv[1]}/ledger/*/*/ledger.parquet' \
        where kind = 'head' and repository_name = 'app' group by all order by 1\").fetchall(): print(*row)\n\
        for row in duckdb.sql(f\"select image_tag_mutability, exclusion_filters[1], epoch(seen_at) from \
        '{sys.argv[1]}/ledger/*/*/ledger.parquet' where kind = 'mutability' and repository_name = 'stay'\").fetchall(): \
        print(*row)\n";
    let output =
        Command::new(python).args(["-c", script]).arg(folder.path()).output().expect("Python starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let seconds = days()[0].taken_at.timestamp();
    let expected = format!("latest False 1\nv1 True 1\nIMMUTABLE latest {seconds}.0\n");
    assert_eq!(text, expected, "{}", String::from_utf8_lossy(&output.stderr));
}
