//! What is written while it is read is what is written at once; what comes out of order is refused.

use std::fs::File;

use demurrage_core::{Digest, Inventory, RegistryKind, instant};
use demurrage_store::{InventoryWriter, Store, StoreError};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

use crate::made;

fn feed(writer: &mut InventoryWriter, inventory: &Inventory) {
    for repository in &inventory.repositories {
        for image in &repository.images {
            writer.image(&repository.name, image).expect("it is written");
        }
        writer.repository(repository).expect("it is written");
    }
}

/// More than one row group of descriptors, with manifests of eleven rows that do not fit evenly.
fn large() -> Inventory {
    let images = (0..7_000).map(|number| made::image(number, Some(made::manifest(number, 10, 0)))).collect();
    made::inventory(vec![made::repository("large", images), made::repository("small", Vec::new())])
}

#[test]
fn an_inventory_fed_image_by_image_has_the_bytes_of_one_that_is_added() {
    let folder = tempfile::tempdir().expect("a folder");
    for (number, inventory) in [made::small(), large(), made::inventory(Vec::new())].iter().enumerate() {
        let added = Store::new(folder.path().join(format!("added-{number}")));
        let fed = Store::new(folder.path().join(format!("fed-{number}")));
        added.add(inventory).expect("it is written");
        let mut writer = fed.begin(&made::head(inventory)).expect("it begins");
        feed(&mut writer, inventory);
        let entry = writer.finish(&inventory.registry, &inventory.notes).expect("it is finished");
        assert!(made::files(added.shown().as_ref()) == made::files(fed.shown().as_ref()));
        assert!(fed.read(&entry, |_| true).expect("it is read") == *inventory);
        assert_eq!(fed.newest().expect("a store"), vec![entry]);
    }
}

#[test]
fn row_groups_are_of_about_65536_rows_and_divide_no_manifest() {
    let folder = tempfile::tempdir().expect("a folder");
    let entry = Store::new(folder.path()).add(&large()).expect("it is written");
    let open = || {
        let file = File::open(entry.folder.join("descriptors.parquet")).expect("a file");
        ParquetRecordBatchReaderBuilder::try_new(file).expect("a Parquet file")
    };
    let metadata = open().metadata().clone();
    let sizes: Vec<i64> =
        metadata.row_groups().iter().map(parquet::file::metadata::RowGroupMetaData::num_rows).collect();
    assert_eq!(sizes.iter().sum::<i64>(), 77_000);
    assert!(sizes.len() == 2 && (65_536..65_536 + 8 * 11).contains(&sizes[0]), "{sizes:?}");
    assert_eq!(sizes[0] % 11, 0, "eleven rows to each manifest");
}

#[test]
fn a_row_group_of_large_policies_ends_before_it_is_large() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    // Text without a pattern: forty megabytes of it stay forty.
    let policy = |number: u32| {
        let digests = (0..140).map(|part| made::digest(number * 1_000 + part).to_string());
        demurrage_core::Fact::Present(digests.collect::<String>())
    };
    let repositories: Vec<_> = (0..6_000_u32)
        .map(|number| {
            let mut repository = made::repository(&format!("r{number:04}"), Vec::new());
            repository.repository_policy = policy(number);
            repository
        })
        .collect();
    let inventory = made::inventory(repositories);
    let entry = store.add(&inventory).expect("it is written");
    let file = File::open(entry.folder.join("repositories.parquet")).expect("a file");
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).expect("a Parquet file");
    let groups = reader.metadata().row_groups();
    let largest = groups.iter().map(parquet::file::metadata::RowGroupMetaData::compressed_size).max();
    assert!(2 <= groups.len() && largest < Some(24 << 20), "{largest:?} in {} groups", groups.len());
    assert!(store.repositories(&entry).expect("they are read") == inventory.repositories);
}

#[test]
fn what_comes_out_of_order_is_refused_and_leaves_what_came_before() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let inventory = made::small();
    let mut writer = store.begin(&made::head(&inventory)).expect("it begins");
    let refused = |result: Result<(), StoreError>| {
        assert!(matches!(result, Err(StoreError::Order { .. })), "{result:?}");
    };
    let [app, empty, web] = &inventory.repositories[..] else { panic!("three repositories") };
    writer.image("app", &app.images[0]).expect("it is written");
    refused(writer.image("app", &app.images[0]));
    refused(writer.image("empty", &app.images[1]));
    refused(writer.repository(empty));
    writer.image("app", &app.images[1]).expect("it is written");
    refused(writer.image("app", &app.images[0]));
    writer.image("app", &app.images[2]).expect("it is written");
    writer.image("app", &app.images[3]).expect("it is written");
    writer.repository(app).expect("it is written");
    refused(writer.repository(app));
    refused(writer.image("app", &made::image(9, None)));
    refused(writer.image("aaa", &made::image(9, None)));
    writer.repository(empty).expect("it is written");
    refused(writer.image("empty", &made::image(9, None)));
    writer.image("web", &web.images[0]).expect("it is written");
    writer.repository(web).expect("it is written");
    let entry = writer.finish(&inventory.registry, &inventory.notes).expect("it is finished");
    assert_eq!(store.read(&entry, |_| true).expect("it is read"), inventory);
}

#[test]
fn images_whose_repository_does_not_come_make_no_inventory() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let inventory = made::small();
    let mut writer = store.begin(&made::head(&inventory)).expect("it begins");
    writer.image("app", &made::image(1, None)).expect("it is written");
    let finished = writer.finish(&inventory.registry, &[]);
    assert!(matches!(finished, Err(StoreError::Order { .. })), "{finished:?}");
    assert!(made::files(folder.path()).is_empty());
}

#[test]
fn a_writer_that_is_dropped_leaves_the_store_as_it_was() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let inventory = made::small();
    store.add(&inventory).expect("it is written");
    let before = made::files(folder.path());
    let mut writer = store.begin(&made::head(&inventory)).expect("it begins");
    feed(&mut writer, &inventory);
    assert_ne!(made::files(folder.path()), before, "its files are there while it lives");
    drop(writer);
    assert_eq!(made::files(folder.path()), before);
    assert_eq!(std::fs::read_dir(folder.path().join("inventories")).expect("a folder").count(), 1);
}

#[test]
fn an_inventory_is_found_by_its_name_or_by_the_end_of_its_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let first = store.add(&made::small()).expect("it is written");
    let second = store.add(&made::small()).expect("it is written");
    assert_eq!((first.name(), second.name()), ("20261101T000000Z-0000", "20261101T000000Z-0001"));
    let path = second.folder.display().to_string();
    for wanted in
        ["20261101T000000Z-0001", "inventories/20261101T000000Z-0001/", "20261101T000000Z-0001/", &path]
    {
        assert_eq!(store.find(wanted).expect(wanted), second);
    }
    let unfinished = folder.path().join("inventories/20261101T000000Z-0002");
    std::fs::create_dir(unfinished).expect("a folder is made");
    for wanted in ["20261101T000000Z-0002", "20261101T000000Z", "other/20261101T000000Z-0001", "..", "", "/"]
    {
        let found = store.find(wanted);
        assert!(matches!(found, Err(StoreError::NoSuch { .. })), "{wanted}: {found:?}");
    }
}

#[test]
fn repositories_are_read_without_their_images() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let mut inventory = made::small();
    let entry = store.add(&inventory).expect("it is written");
    for repository in &mut inventory.repositories {
        repository.images.clear();
    }
    assert_eq!(store.repositories(&entry).expect("they are read"), inventory.repositories);
}

#[test]
fn a_public_registry_is_another_one_than_the_private_of_its_account_and_region() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let private = store.add(&made::small()).expect("it is written");
    let mut inventory = made::small();
    inventory.kind = RegistryKind::Public;
    inventory.taken_at = instant::parse("2026-11-02").expect("a time");
    let public = store.add(&inventory).expect("it is written");
    assert_eq!(public.kind, RegistryKind::Public);
    assert_eq!(store.newest().expect("a store"), vec![private, public.clone()]);
    assert_eq!(store.read(&public, |_| true).expect("it is read"), inventory);
}

#[test]
fn a_file_that_changed_is_refused_by_every_reader() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let entry = store.add(&made::small()).expect("it is written");
    for name in ["images.parquet", "descriptors.parquet", "repositories.parquet"] {
        let path = entry.folder.join(name);
        let mut bytes = std::fs::read(&path).expect("a file");
        bytes[20] ^= 1;
        std::fs::write(&path, bytes).expect("a file is written");
    }
    let refused = [
        store.read(&entry, |_| true).map(drop),
        store.repositories(&entry).map(drop),
        store.known_manifests(&entry).map(drop),
        store.manifests(&entry).map(drop),
    ];
    for result in refused {
        assert!(result.expect_err("it is refused").to_string().contains("its checksum"));
    }
}

#[test]
fn evidence_is_kept_under_new_names_for_ever() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    assert_eq!(store.evidence().expect("a store"), Vec::new());
    let taken_at = instant::parse("2026-11-01").expect("a time");
    let add = |hint: &str, text: &str| store.add_evidence(hint, taken_at, text).expect("it is kept");
    let place = add("preview team/app", "{}");
    assert!(place.ends_with("evidence/20261101T000000Z-0000-preview-team-app.json"), "{place}");
    add("preview team/app", "{\"second\": true}");
    add(&"긴".repeat(300), "[]");
    let dashes = "-".repeat(100);
    assert_eq!(
        store.evidence().expect("a store"),
        [
            (format!("20261101T000000Z-0000-{dashes}.json"), "[]".to_owned()),
            ("20261101T000000Z-0000-preview-team-app.json".to_owned(), "{}".to_owned()),
            ("20261101T000000Z-0001-preview-team-app.json".to_owned(), "{\"second\": true}".to_owned()),
        ]
    );
    assert_eq!(made::files(folder.path()).len(), 3, "nothing else is left");
    assert_eq!(store.inventories().expect("a store"), Vec::new());
}

#[test]
fn digests_of_tests_are_in_the_order_of_their_numbers() {
    let digests: Vec<Digest> = (0..1_000).map(made::digest).collect();
    assert!(digests.is_sorted());
}
