//! Cursors answer what the whole inventory answers, asked for each image in turn.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};

use demurrage_core::{Digest, Image, Inventory, Manifest};
use demurrage_store::{Store, StoreError};
use parquet::arrow::ArrowWriter;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use parquet::file::properties::WriterProperties;
use proptest::prelude::*;

use crate::made;

/// Names of which some begin as others do, and of which the order is not that of their lengths.
const NAMES: [&str; 6] = ["a", "a-b", "a/b", "a0", "ab", "b"];

/// Images by number; those with a manifest by the layers and children that it names.
type Images = BTreeMap<u32, Option<(u32, u32)>>;

fn registry() -> impl Strategy<Value = Inventory> {
    let image = prop::option::weighted(0.7, (0..4_u32, 0..4_u32));
    let images = prop::collection::btree_map(0..12_u32, image, 0..8);
    prop::collection::btree_map(prop::sample::select(&NAMES[..]), images, 0..NAMES.len()).prop_map(
        |repositories: BTreeMap<&str, Images>| {
            let repository = |(name, images): (&str, Images)| {
                let image = |(number, shape): (u32, Option<(u32, u32)>)| {
                    let manifest = shape.map(|(layers, children)| made::manifest(number, layers, children));
                    made::image(number, manifest)
                };
                made::repository(name, images.into_iter().map(image).collect::<Vec<Image>>())
            };
            made::inventory(repositories.into_iter().map(repository).collect())
        },
    )
}

/// The slow answer: looks through everything.
fn literal(inventory: &Inventory, name: &str, digest: Digest) -> Option<Manifest> {
    let repository = inventory.repositories.iter().find(|repository| repository.name == name)?;
    let image = repository.images.iter().find(|image| image.digest == digest)?;
    image.manifest.as_deref().cloned()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn cursors_answer_as_a_search_through_the_whole_inventory(
        inventory in registry(),
        asked in prop::collection::btree_set((prop::sample::select(&NAMES[..]), 0..12_u32), 0..40),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path());
        let entry = store.add(&inventory).expect("it is written");
        let mut cursor = store.manifests(&entry).expect("a cursor");
        for &(name, number) in &asked {
            let digest = made::digest(number);
            let found = cursor.seek(name, digest).expect("an answer");
            prop_assert_eq!(found, literal(&inventory, name, digest));
        }
        let mut known = store.known_manifests(&entry).expect("a cursor");
        for name in asked.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>() {
            let digests = known.repository(name).expect("an answer");
            let all = (0..12).map(made::digest);
            let expected: Vec<Digest> =
                all.filter(|digest| literal(&inventory, name, *digest).is_some()).collect();
            prop_assert_eq!(digests, expected);
        }
    }
}

#[test]
fn what_is_asked_out_of_order_is_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let entry = store.add(&made::small()).expect("it is written");
    let mut cursor = store.manifests(&entry).expect("a cursor");
    cursor.seek("app", made::digest(3)).expect("an answer").expect("a manifest");
    for number in [3, 1] {
        let refused = cursor.seek("app", made::digest(number));
        assert!(matches!(refused, Err(StoreError::Order { .. })), "{refused:?}");
    }
    cursor.seek("web", made::digest(1)).expect("an answer").expect("a manifest");
    let mut known = store.known_manifests(&entry).expect("a cursor");
    assert_eq!(known.repository("web").expect("an answer"), vec![made::digest(1)]);
    for name in ["web", "app"] {
        let refused = known.repository(name);
        assert!(matches!(refused, Err(StoreError::Order { .. })), "{refused:?}");
    }
}

/// Writes the rows of a file of an inventory in the reverse order, and that into its description, as a writer
/// of version 1 may have done.
fn reverse(folder: &std::path::Path, name: &str) {
    let path = folder.join(name);
    let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).expect("a file"));
    let reader = reader.expect("a Parquet file");
    let metadata = reader.metadata().file_metadata().key_value_metadata().cloned();
    let batch = reader.build().expect("a reader").next().expect("rows").expect("rows");
    let properties = WriterProperties::builder().set_key_value_metadata(metadata).build();
    let mut writer = ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).expect("a writer");
    for number in (0..batch.num_rows()).rev() {
        writer.write(&batch.slice(number, 1)).expect("a row is written");
    }
    let bytes = writer.into_inner().expect("a file");
    fs::write(&path, &bytes).expect("a file is written");
    let description = folder.join("inventory.json");
    let text = fs::read_to_string(&description).expect("a file");
    let mut json: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    json["files"][name] = serde_json::json!({ "bytes": bytes.len(), "crc32": crc32fast::hash(&bytes) });
    json["format_version"] = serde_json::json!(1);
    fs::write(description, json.to_string()).expect("a file is written");
}

#[test]
fn a_file_of_version_1_whose_rows_are_out_of_order_is_refused_before_anything_is_answered() {
    for name in ["images.parquet", "descriptors.parquet"] {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Store::new(folder.path());
        let entry = store.add(&made::small()).expect("it is written");
        reverse(&entry.folder, name);
        let entry = store.find(entry.name()).expect("it is there");
        let opened = store.manifests(&entry);
        assert!(matches!(opened, Err(StoreError::Corrupt { .. })), "{name}: {opened:?}");
        let opened = store.known_manifests(&entry);
        assert_eq!(opened.is_err(), name == "images.parquet", "{opened:?}");
    }
}
