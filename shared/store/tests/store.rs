//! What is read is what was written; files of a newer format, and damaged ones, are refused by name.

use std::fs;
use std::sync::Arc;

use arrow_array::{ArrayRef, RecordBatch, StringArray};
use demurrage_core::{
    Child, Descriptor, Digest, ExclusionFilter, Fact, Image, ImageStatus, Inventory, Listing, Manifest,
    ManifestKind, Platform, RegistryFacts, Repository, ScanStatus, ScanSummary, SeverityCounts, Tag,
    TagMutability, instant,
};
use demurrage_store::{Store, StoreError};
use parquet::arrow::ArrowWriter;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

#[cfg(test)]
mod made {
    use super::*;

    pub(crate) fn digest(byte: u8) -> Digest {
        Digest::from_bytes([byte; 32])
    }

    fn descriptor(byte: u8, media_type: &str) -> Descriptor {
        Descriptor {
            digest: digest(byte),
            media_type: media_type.to_owned(),
            size_bytes: u64::from(byte) << 40,
        }
    }

    pub(crate) fn manifest(kind: ManifestKind) -> Manifest {
        let platform =
            Platform { os: "linux".into(), architecture: "arm64".into(), variant: Some("v8".into()) };
        let plain = Platform { variant: None, ..platform.clone() };
        Manifest {
            kind,
            artifact_type: Some("application/x-sbom".to_owned()),
            config: Some(descriptor(10, "application/config")),
            layers: vec![descriptor(11, "layer"), descriptor(12, ""), descriptor(11, "layer")],
            blobs: vec![descriptor(13, "blob")],
            children: vec![
                Child { descriptor: descriptor(14, "child"), platform: Some(platform), attests: None },
                Child {
                    descriptor: descriptor(15, "child"),
                    platform: Some(plain),
                    attests: Some(digest(14)),
                },
                Child { descriptor: descriptor(16, "child"), platform: None, attests: None },
            ],
            subject: Some(digest(17)),
        }
    }

    pub(crate) fn full_image(byte: u8) -> Image {
        Image {
            digest: digest(byte),
            tags: vec![Tag::as_given("v1"), Tag::as_given("두 단어")],
            pushed_at: instant::parse("2026-01-01T00:00:00.123456Z"),
            last_pulled_at: instant::parse("2026-02-01"),
            archived_at: instant::parse("2026-03-01"),
            activated_at: instant::parse("1969-04-01"),
            status: ImageStatus::Archived,
            size_bytes: Some(u64::MAX),
            manifest_media_type: Some("application/x".to_owned()),
            artifact_media_type: Some("application/y".to_owned()),
            subject: Some(digest(99)),
            scan: Some(Box::new(ScanSummary {
                status: Some(ScanStatus::Complete),
                completed_at: instant::parse("2026-01-01T00:01:00.5Z"),
                severity_counts: SeverityCounts {
                    critical: u32::from(byte),
                    high: u32::MAX,
                    medium: 3,
                    low: 4,
                    informational: 5,
                    undefined: 6,
                },
            })),
            manifest: Some(Box::new(manifest(ManifestKind::OciIndex))),
        }
    }

    pub(crate) fn inventory(region: &str, taken_at: &str) -> Inventory {
        let mut full = Repository::new("team/app");
        full.registry_id = Some("123456789012".to_owned());
        full.arn = Some("arn:aws:ecr:x".to_owned());
        full.created_at = instant::parse("2020-01-01");
        full.tag_mutability = Fact::Present(TagMutability {
            mode: "IMMUTABLE_WITH_EXCLUSION".to_owned(),
            exclusion_filters: vec![ExclusionFilter {
                filter_type: "WILDCARD".into(),
                filter: "latest".into(),
            }],
        });
        full.encryption_type = Some("KMS".to_owned());
        full.kms_key = Some("key".to_owned());
        full.scan_on_push = Some(true);
        full.lifecycle_policy = Fact::Present("{\"rules\": []}".to_owned());
        full.lifecycle_last_evaluated_at = instant::parse("2026-05-01");
        full.repository_policy = Fact::Absent;
        full.resource_tags = Fact::Present([("team".to_owned(), "결제".to_owned())].into());
        full.listing = Listing::CutOff;
        full.notes = vec!["a note".to_owned()];
        let mut never_scanned = Image::new(digest(1));
        never_scanned.scan = Some(Box::new(ScanSummary::never()));
        let unknown = Image { scan: None, ..full_image(3) };
        full.images = vec![never_scanned, full_image(2), unknown];
        let mut failed = Repository::new("team/failed");
        failed.listing = Listing::Failed("no access".to_owned());
        Inventory {
            kind: demurrage_core::RegistryKind::Private,
            registry_id: Some("123456789012".to_owned()),
            region: region.to_owned(),
            taken_at: instant::parse(taken_at).expect("a time"),
            registry: RegistryFacts {
                description: Fact::Present("{}".to_owned()),
                policy: Fact::Absent,
                scanning: Fact::NotEvaluated,
                account_settings: vec!["{}".to_owned()],
                pull_time_exclusions: Fact::NotEvaluated,
                creation_templates: Fact::Present("{\"repositoryCreationTemplates\": []}".to_owned()),
                pull_through_cache_rules: Fact::Absent,
            },
            repositories_listing: demurrage_core::RepositoriesListing::CutOff,
            repositories: vec![full, failed, Repository::new("team/web")],
            notes: vec!["seen".to_owned()],
        }
    }
}

use made::inventory;

#[test]
fn what_is_read_is_what_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path().join("new/store"));
    assert_eq!(store.newest().expect("an empty store"), Vec::new());
    let written = inventory("ap-northeast-2", "2026-11-01T10:00:00Z");
    let entry = store.add(&written).expect("it is written");
    assert_eq!((entry.repositories(), entry.images()), (3, 3));
    assert_eq!(store.newest().expect("a store"), vec![entry.clone()]);
    assert_eq!(store.read(&entry, |_| true).expect("it is read"), written);
    let some = store.read(&entry, |name| name == "team/web").expect("it is read");
    assert_eq!(some.repositories.len(), 1);
}

#[test]
fn the_newest_of_each_registry_is_the_one_taken_last_and_of_equal_times_the_one_written_last() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let add = |region: &str, taken_at: &str| store.add(&inventory(region, taken_at)).expect("it is written");
    add("ap-northeast-2", "2026-11-02T10:00:00Z");
    let late = add("ap-northeast-2", "2026-11-02T10:00:00Z");
    add("ap-northeast-2", "2026-11-01T10:00:00Z");
    let other = add("us-east-1", "2026-10-01T10:00:00Z");
    assert_eq!(store.newest().expect("a store"), vec![late, other]);
    assert_eq!(store.inventories().expect("a store").len(), 4, "none replaces another");
}

#[test]
fn a_parquet_file_of_a_newer_format_is_refused_by_its_version() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let entry = store.add(&inventory("ap-northeast-2", "2026-11-02")).expect("it is written");
    let path = entry.folder.join("images.parquet");
    let column: ArrayRef = Arc::new(StringArray::from(vec!["x"]));
    let batch = RecordBatch::try_from_iter([("novel", column)]).expect("a batch");
    let version = |text: &str| Some(vec![KeyValue::new("format_version".to_owned(), text.to_owned())]);
    for (metadata, says) in [
        (version("4"), "format version 4"),
        (version("two"), "no format version"),
        (None, "no format version"),
    ] {
        let properties = WriterProperties::builder().set_key_value_metadata(metadata).build();
        let mut writer =
            ArrowWriter::try_new(Vec::new(), batch.schema(), Some(properties)).expect("a writer");
        writer.write(&batch).expect("a batch is written");
        let bytes = writer.into_inner().expect("a file");
        fs::write(&path, &bytes).expect("a file is written");
        let error = store.read(&entry, |_| true).expect_err("it is refused");
        assert!(error.to_string().contains(says), "{error}");
        assert_eq!(fs::read(&path).expect("a file"), bytes);
    }
}

#[test]
fn a_description_that_is_no_description_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let entry = store.add(&inventory("ap-northeast-2", "2026-11-02")).expect("it is written");
    let path = entry.folder.join("inventory.json");
    for text in ["", "{", "[]", "{\"format_version\": 1}"] {
        fs::write(&path, text).expect("a file is written");
        assert!(matches!(store.newest(), Err(StoreError::Corrupt { .. })), "{text}");
    }
    fs::write(&path, "{\"format_version\": 7, \"all\": \"else is new\"}").expect("a file is written");
    assert!(matches!(store.newest(), Err(StoreError::Newer { found: 7, .. })));
}

#[test]
fn a_file_that_is_gone_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let entry = store.add(&inventory("ap-northeast-2", "2026-11-02")).expect("it is written");
    fs::remove_file(entry.folder.join("descriptors.parquet")).expect("a file is removed");
    let error = store.read(&entry, |_| true).expect_err("it is refused");
    assert!(error.to_string().contains("descriptors.parquet"), "{error}");
}

#[test]
fn a_store_of_version_1_is_read_as_private_registries() {
    let store = Store::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/version-1"));
    let entries = store.newest().expect("a store");
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].kind, demurrage_core::RegistryKind::Private);
    let mut expected = inventory("ap-northeast-2", "2026-11-01T10:00:00Z");
    // What versions of this program that wrote version 1 did not know.
    expected.registry.creation_templates = Fact::NotEvaluated;
    expected.registry.pull_through_cache_rules = Fact::NotEvaluated;
    for image in &mut expected.repositories[0].images {
        image.scan = None;
    }
    assert_eq!(store.read(&entries[0], |_| true).expect("it is read"), expected);
    let mut known = store.known_manifests(&entries[0]).expect("a cursor");
    assert_eq!(known.repository("team/app").expect("an answer"), vec![made::digest(2), made::digest(3)]);
    let mut manifests = store.manifests(&entries[0]).expect("a cursor");
    let found = manifests.seek("team/app", made::digest(3)).expect("an answer");
    assert_eq!(found, Some(made::manifest(ManifestKind::OciIndex)));
}

#[test]
fn a_description_of_version_2_without_a_kind_of_registry_that_is_known_is_damaged() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Store::new(folder.path());
    let entry = store.add(&inventory("ap-northeast-2", "2026-11-02")).expect("it is written");
    let path = entry.folder.join("inventory.json");
    let text = fs::read_to_string(&path).expect("a file");
    for (from, to) in [("\"registry_kind\": \"private\",", ""), ("\"private\"", "\"secret\"")] {
        assert!(text.contains(from), "{text}");
        fs::write(&path, text.replace(from, to)).expect("a file is written");
        assert!(matches!(store.newest(), Err(StoreError::Corrupt { .. })), "{to}");
    }
}
