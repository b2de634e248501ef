//! An inventory in parts is the inventory, in a folder and in a bucket.

use std::fs;
use std::sync::Arc;

use demurrage_core::{Inventory, Listing, Repository};
use demurrage_store::{Depth, InventoryEntry, Part, Put, Store, StoreError, Table};
use object_store::ObjectStore;
use object_store::memory::InMemory;
use proptest::prelude::*;
use proptest::sample::Index;

use crate::bucket::runtime;
use crate::made;

const NAME: &str = "20261101T000000Z-1a2b3c4d-123456789012-ap-northeast-2";

fn write(store: &Store, part: &str, repositories: &[Repository]) -> Part {
    let mut writer = store.begin_part(NAME, part).expect("a part");
    for repository in repositories {
        for image in &repository.images {
            writer.image(&repository.name, image).expect("it is its turn");
        }
        writer.repository(repository).expect("it is its turn");
    }
    writer.finish().expect("it is written")
}

fn add(store: &Store, inventory: &Inventory, parts: &[Part]) -> Result<InventoryEntry, StoreError> {
    store.add_parts(NAME, &made::head(inventory), parts, &inventory.registry, &inventory.notes)
}

/// The inventory in parts that end after these numbers of repositories.
fn add_cut(store: &Store, inventory: &Inventory, cuts: &[usize]) -> (InventoryEntry, Vec<Part>) {
    let mut parts = Vec::new();
    let mut begin = 0;
    for (number, &end) in cuts.iter().chain([&inventory.repositories.len()]).enumerate() {
        parts.push(write(store, &format!("{number:05}-000-a"), &inventory.repositories[begin..end]));
        begin = end;
    }
    (add(store, inventory, &parts).expect("it is added"), parts)
}

fn many() -> Inventory {
    let names = ["a", "b", "b/c", "d", "e", "f"];
    let repositories = names.iter().zip(0_u32..).map(|(name, number)| {
        let images = (0..number % 4).map(|image| {
            let manifest = (image != 1).then(|| made::manifest(number * 10 + image, 2, image));
            made::image(number * 10 + image, manifest)
        });
        made::repository(name, images.collect())
    });
    made::inventory(repositories.collect())
}

fn answers_as_a_whole(store: &Store, entry: &InventoryEntry, inventory: &Inventory) {
    assert_eq!(store.read(entry, |_| true).expect("it is read"), *inventory);
    assert_eq!(store.newest().expect("a store"), vec![entry.clone()]);
    assert_eq!(store.find(NAME).expect("it is there"), *entry);
    assert_eq!(entry.repositories(), inventory.repositories.len());
    let mut walk = store.walk(entry, Depth::Blobs).expect("a walk");
    let mut known = store.known_manifests(entry).expect("a cursor");
    let mut manifests = store.manifests(entry).expect("a cursor");
    let counts = store.image_counts(entry).expect("they are read");
    for repository in &inventory.repositories {
        assert_eq!(walk.next_repository().expect("it is read").as_ref(), Some(repository));
        let read: Vec<_> = repository.images.iter().filter(|image| image.manifest.is_some()).collect();
        let digests: Vec<_> = read.iter().map(|image| image.digest).collect();
        assert_eq!(known.repository(&repository.name).expect("an answer"), digests);
        for image in &repository.images {
            let found = manifests.seek(&repository.name, image.digest).expect("an answer");
            assert_eq!(found, image.manifest.as_deref().cloned());
        }
        assert_eq!(counts[&repository.name], repository.images.len() as u64);
    }
    assert_eq!(walk.next_repository().expect("an end"), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn an_inventory_in_any_parts_answers_as_if_it_had_none(cuts in prop::collection::vec(any::<Index>(), 0..5)) {
        let inventory = many();
        let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(inventory.repositories.len() + 1)).collect();
        cuts.sort_unstable();
        let folder = tempfile::tempdir().expect("a folder");
        let here = Store::new(folder.path());
        let runtime = runtime();
        let memory: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
        let there = Store::bucket(memory, "store", runtime.handle().clone(), "s3://bucket/store");
        for store in [&here, &there] {
            let (entry, _) = add_cut(store, &inventory, &cuts);
            answers_as_a_whole(store, &entry, &inventory);
        }
    }
}

#[test]
fn a_walk_that_skips_goes_on_with_the_next_repository() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let inventory = many();
    let (entry, _) = add_cut(&store, &inventory, &[2, 4]);
    for skipped in 0..=inventory.repositories.len() + 1 {
        let mut walk = store.walk(&entry, Depth::Blobs).expect("a walk");
        walk.skip(skipped).expect("they are passed over");
        let found = walk.next_repository().expect("an answer");
        assert_eq!(found.as_ref(), inventory.repositories.get(skipped), "{skipped}");
    }
}

#[test]
fn a_walk_for_children_reads_of_manifests_these_and_the_configuration_and_no_layer() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let mut inventory = many();
    let (entry, parts) = add_cut(&store, &inventory, &[3]);
    let mut walk = store.walk(&entry, Depth::Children).expect("a walk");
    for repository in &mut inventory.repositories {
        for manifest in repository.images.iter_mut().filter_map(|image| image.manifest.as_deref_mut()) {
            (manifest.layers, manifest.blobs) = (Vec::new(), Vec::new());
        }
        assert_eq!(walk.next_repository().expect("it is read").as_ref(), Some(&*repository));
    }
    assert_eq!(parts.iter().map(Part::children_of_largest).max(), Some(2));
}

#[test]
fn cursors_that_begin_in_the_middle_open_no_file_of_the_parts_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let inventory = many();
    let (entry, _) = add_cut(&store, &inventory, &[2, 4]);
    fs::remove_dir_all(entry.folder.join("00000-000-a")).expect("it is removed");
    let last = &inventory.repositories[5];
    assert_eq!(
        store.known_manifests(&entry).expect("a cursor").repository(&last.name).expect("an answer"),
        [last.images[0].digest]
    );
    let found = store.manifests(&entry).expect("a cursor").seek(&last.name, last.images[0].digest);
    assert_eq!(found.expect("an answer"), last.images[0].manifest.as_deref().cloned());
    let error = store.known_manifests(&entry).expect("a cursor").repository("a").expect_err("it is gone");
    assert!(error.to_string().contains("00000-000-a"), "{error}");
}

#[test]
fn a_part_can_be_read_before_its_inventory_exists_and_counts_what_it_has() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let inventory = many();
    let part = write(&store, "00000-000-a", &inventory.repositories[2..4]);
    assert!(store.inventories().expect("a store").is_empty(), "nobody sees it");
    let entry = store.part(NAME, &made::head(&inventory), &part).expect("it is one");
    let read = store.read(&entry, |_| true).expect("it is read");
    assert_eq!(read.repositories, inventory.repositories[2..4]);
    assert_eq!((part.first(), part.last()), (Some("b/c"), Some("d")));
    assert_eq!((part.repositories(), part.images(), part.images_of_largest()), (2, 5, 3));
    let images = || inventory.repositories[2..4].iter().flat_map(|repository| &repository.images);
    assert_eq!(part.image_size_sum_bytes(), images().filter_map(|image| image.size_bytes).sum::<u64>());
    let named = |image: &demurrage_core::Image| {
        let manifest = image.manifest.as_ref()?;
        Some(manifest.config.iter().count() + manifest.layers.len() + manifest.children.len())
    };
    assert_eq!(part.descriptors(), images().filter_map(named).sum::<usize>() as u64);
    let text = serde_json::to_string(&part).expect("it is written");
    assert_eq!(serde_json::from_str::<Part>(&text).expect("it is read"), part);
}

#[test]
fn the_same_parts_are_added_once_and_others_of_the_same_name_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let inventory = many();
    let (entry, parts) = add_cut(&store, &inventory, &[3]);
    let before = made::files(folder.path());
    assert_eq!(add(&store, &inventory, &parts).expect("the same"), entry);
    assert!(matches!(add(&store, &inventory, &parts[..1]), Err(StoreError::Io { .. })));
    assert_eq!(made::files(folder.path()), before);
}

#[test]
fn parts_that_overlap_or_are_out_of_order_make_no_inventory() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let inventory = many();
    let early = write(&store, "early", &inventory.repositories[..3]);
    let late = write(&store, "late", &inventory.repositories[3..]);
    let across = write(&store, "across", &inventory.repositories[2..4]);
    for parts in [vec![late.clone(), early.clone()], vec![early.clone(), across], vec![late.clone(), late]] {
        assert!(matches!(add(&store, &inventory, &parts), Err(StoreError::Order { .. })), "{parts:?}");
    }
    assert!(store.inventories().expect("a store").is_empty());
}

#[test]
fn a_part_that_is_given_up_leaves_nothing_and_one_of_a_name_that_is_taken_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let mut writer = store.begin_part(NAME, "00000-000-a").expect("a part");
    writer.repository(&made::repository("a", Vec::new())).expect("it is its turn");
    drop(writer);
    assert!(made::files(folder.path()).is_empty());
    write(&store, "00000-000-a", &[]);
    assert!(matches!(store.begin_part(NAME, "00000-000-a"), Err(StoreError::Io { .. })));
    for name in ["..", "", "a/b", ".hidden", "a\\b"] {
        assert!(matches!(store.begin_part(NAME, name), Err(StoreError::Name { .. })), "{name}");
        assert!(matches!(store.begin_part(name, "a"), Err(StoreError::Name { .. })), "{name}");
    }
}

#[test]
fn a_description_that_leads_out_of_the_store_is_damaged() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let (entry, _) = add_cut(&store, &many(), &[3]);
    let path = entry.folder.join("inventory.json");
    let text = fs::read_to_string(&path).expect("a file").replace("00001-000-a", "../../elsewhere");
    fs::write(&path, text).expect("a file is written");
    assert!(matches!(store.newest(), Err(StoreError::Corrupt { .. })));
}

#[test]
fn the_files_of_a_table_are_named_part_by_part() {
    let runtime = runtime();
    let memory: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let store = Store::bucket(memory, "store", runtime.handle().clone(), "s3://bucket/store");
    let (entry, _) = add_cut(&store, &many(), &[3]);
    let base = format!("s3://bucket/store/inventories/{NAME}");
    assert_eq!(
        store.files_of(&entry, Table::Images),
        [format!("{base}/00000-000-a/images.parquet"), format!("{base}/00001-000-a/images.parquet")]
    );
    assert_eq!(Table::Descriptors.athena_columns()[5], ("size_bytes".to_owned(), "bigint"));
}

#[test]
fn documents_are_put_once_or_anew_and_who_comes_second_gets_what_the_first_has_put() {
    let folder = tempfile::tempdir().expect("a folder");
    let runtime = runtime();
    let memory: Arc<dyn ObjectStore> = Arc::new(InMemory::new());
    let there = Store::bucket(memory, "store", runtime.handle().clone(), "s3://bucket/store");
    for store in [Store::new(folder.path()), there] {
        let run = store.documents(&["runs", "r1"]).expect("a folder");
        assert_eq!(run.put_new("shares/0.json", b"[1]").expect("it is put"), Put::New);
        assert_eq!(run.put_new("shares/0.json", b"[2]").expect("it is not"), Put::AlreadyThere);
        assert_eq!(run.read::<Vec<u8>>("shares/0.json").expect("it is read"), Some(vec![1]));
        assert_eq!(run.agree("shares/0.json", vec![3_u8]).expect("the first"), vec![1]);
        assert_eq!(run.agree("shares/1.json", vec![3_u8]).expect("the first"), vec![3]);
        let names = ["shares/1.json", "shares/2.json", "shares/0.json"].map(str::to_owned);
        let all = run.read_all::<Vec<u8>>(&names).expect("they are read");
        assert_eq!(all, vec![Some(vec![3]), None, Some(vec![1])]);
        run.put("summary.md", b"one").expect("it is put");
        run.put("summary.md", b"two").expect("it is put");
        assert_eq!(run.get("summary.md").expect("it is there").as_deref(), Some(&b"two"[..]));
        assert!(run.read::<Vec<u8>>("summary.md").is_err(), "it is no JSON");
        assert!(run.shown("summary.md").ends_with("/runs/r1/summary.md"));
        assert!(matches!(run.put("../summary.md", b""), Err(StoreError::Name { .. })));
        assert!(matches!(run.get("/etc/passwd"), Err(StoreError::Name { .. })));
        assert!(store.documents(&["athena", "images", "day=2026-11-24"]).is_ok());
    }
}

#[test]
fn the_newest_inventories_of_a_registry_are_found_among_those_of_others_and_of_people() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let (entry, parts) = add_cut(&store, &many(), &[3]);
    // One of the command, of the same registry and later; one of another region; one that never became one.
    let mut later = many();
    later.taken_at = "2026-11-02T00:00:00Z".parse().expect("a time");
    let of_command = store.add(&later).expect("it is added");
    later.region = "eu-west-1".to_owned();
    store.add(&later).expect("it is added");
    let name = "20261103T000000Z-1a2b3c4d-123456789012-eu-west-1";
    store.add_parts(name, &made::head(&later), &parts, &later.registry, &[]).expect("it is added");
    fs::create_dir(folder.path().join("inventories/20261104T000000Z-1a2b3c4d-123456789012-ap-northeast-2"))
        .expect("a folder");
    let found = |most| store.newest_of("123456789012", "ap-northeast-2", most).expect("a store").0;
    assert_eq!(found(9), [entry, of_command.clone()]);
    assert_eq!(found(1), std::slice::from_ref(&of_command));
    assert!(store.newest_of("210987654321", "ap-northeast-2", 9).expect("a store").0.is_empty());
    fs::write(of_command.folder.join("inventory.json"), "{").expect("a file is written");
    let (found, unreadable) = store.newest_of("123456789012", "ap-northeast-2", 1).expect("a store");
    assert_eq!((found.len(), unreadable.len()), (1, 1));
}

#[test]
fn listings_of_a_range_are_those_and_what_is_not_whole_has_no_count() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let mut inventory = many();
    inventory.repositories[2].listing = Listing::CutOff;
    inventory.repositories[3].listing = Listing::Failed("denied".to_owned());
    let (entry, _) = add_cut(&store, &inventory, &[2, 4]);
    let all: Vec<_> =
        inventory.repositories.iter().map(|one| (one.name.clone(), one.listing.clone())).collect();
    for (first, last) in [(0, 5), (1, 3), (2, 2), (4, 5)] {
        let listed = store.listings(&entry, &all[first].0, &all[last].0).expect("they are read");
        assert_eq!(listed, all[first..=last]);
    }
    assert!(store.listings(&entry, "g", "z").expect("they are read").is_empty());
    let counts = store.image_counts(&entry).expect("they are read");
    assert_eq!(counts.keys().collect::<Vec<_>>(), ["a", "b", "e", "f"]);
}
