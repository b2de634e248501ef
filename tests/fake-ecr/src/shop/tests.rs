//! What the shop promises: its size, its determinism, and that ECR could hold it.

use super::{
    Written,
    catalogue::CATALOGUE,
    clock,
    digest::Digest,
    documents,
    image::{Image, Life},
    policy::Policy,
    repository::{Lifecycle, Manifests, Repository},
    workshop,
};
use chrono::{DateTime, Utc};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};

const SEED: u64 = 1;

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_480_200, 0).unwrap()
}

fn registry(now: DateTime<Utc>, seed: u64) -> Vec<(&'static Repository, Vec<Image>)> {
    CATALOGUE.iter().map(|repository| (repository, workshop::images(repository, now, seed))).collect()
}

/// The hash, written here again so that no mistake of the library is repeated.
fn sha256(text: &[u8]) -> String {
    Sha256::digest(text).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// Every file of every repository, as one text.
fn text(now: DateTime<Utc>, seed: u64) -> String {
    let mut text = String::new();
    for (repository, images) in registry(now, seed) {
        text.push_str(&documents::description(repository, &images, now).compact());
        for (name, document) in documents::files(repository, &images, now, seed) {
            text.push_str(name);
            text.push_str(&document.compact());
        }
    }
    text
}

fn policies() -> impl Iterator<Item = &'static Policy> {
    CATALOGUE.iter().filter_map(|repository| match repository.lifecycle {
        Lifecycle::Policy(policy) => Some(policy),
        Lifecycle::None | Lifecycle::NotRead => None,
    })
}

#[test]
fn same_now_and_seed_give_the_same_bytes_and_another_seed_others() {
    let first = text(now(), SEED);
    assert!(first == text(now(), SEED));
    assert!(first != text(now(), SEED + 1));
}

#[test]
fn digests_do_not_depend_on_now() {
    let digests = |now| -> BTreeSet<Digest> {
        registry(now, SEED).iter().flat_map(|(_, images)| images.iter().map(|image| image.digest)).collect()
    };
    assert_eq!(digests(now()), digests(clock::later(now(), 40 * clock::DAY_SECONDS + 12_345)));
}

#[test]
fn there_are_40_repositories_and_about_12_000_images() {
    let sizes: Vec<usize> = registry(now(), SEED).iter().map(|(_, images)| images.len()).collect();
    assert_eq!(sizes.len(), 40);
    let images: usize = sizes.iter().sum();
    assert!((11_500..=12_500).contains(&images), "{images} images");
    assert_eq!(sizes.iter().filter(|size| **size > 1_500).count(), 4);
    assert!(sizes.iter().all(|size| *size >= 20));
}

#[test]
fn lifecycle_is_unknown_for_two_repositories_and_absent_in_five() {
    let count = |wanted: fn(&Lifecycle) -> bool| {
        CATALOGUE.iter().filter(|repository| wanted(&repository.lifecycle)).count()
    };
    assert_eq!(count(|lifecycle| matches!(lifecycle, Lifecycle::None)), 5);
    assert_eq!(count(|lifecycle| matches!(lifecycle, Lifecycle::NotRead)), 2);
}

#[test]
fn manifests_are_missing_for_two_repositories_with_indexes() {
    let registry = registry(now(), SEED);
    let unread: Vec<_> =
        registry.iter().filter(|(repository, _)| repository.manifests == Manifests::NotRead).collect();
    assert_eq!(unread.len(), 2);
    for (repository, images) in unread {
        assert!(images.iter().any(Image::is_index), "{}", repository.name);
    }
}

#[test]
fn policy_texts_are_of_a_length_that_ecr_accepts() {
    for policy in policies() {
        let text = policy.text();
        assert!((100..=30_720).contains(&text.len()), "{text}");
        let parsed: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(parsed["rules"].as_array().unwrap().len(), policy.rules.len());
    }
}

#[test]
fn tags_and_digests_are_unique() {
    let mut digests = BTreeSet::new();
    for (repository, images) in registry(now(), SEED) {
        let mut tags = BTreeSet::new();
        for image in images {
            assert!(digests.insert(image.digest), "{} {}", repository.name, image.digest);
            for tag in image.tags {
                assert!(tag.len() <= 128);
                assert!(tags.insert(tag.clone()), "{}:{tag}", repository.name);
            }
        }
    }
}

#[test]
fn times_are_in_order_and_none_is_in_the_future() {
    for (repository, images) in registry(now(), SEED) {
        for image in images {
            let place = format!("{} {}", repository.name, image.digest);
            let pushed = image.when.pushed;
            assert!(pushed < now(), "{place}");
            assert!(image.when.pulled.is_none_or(|pulled| pushed <= pulled && pulled <= now()), "{place}");
            match image.when.life {
                Life::Active => {}
                Life::Archived(archived) | Life::Activating { archived } => {
                    assert!(pushed < archived && archived < now(), "{place}");
                }
                Life::Restored { archived, activated } => {
                    assert!(pushed < archived && archived < activated && activated < now(), "{place}");
                }
            }
        }
    }
}

#[test]
fn sizes_are_the_sum_of_the_layers_or_the_largest_child() {
    for (repository, images) in registry(now(), SEED) {
        let bytes: BTreeMap<String, u64> =
            images.iter().map(|image| (image.digest.to_string(), image.bytes)).collect();
        for image in &images {
            let manifest: Value = serde_json::from_str(&image.manifest).unwrap();
            let expected = match manifest["manifests"].as_array() {
                Some(children) => {
                    children.iter().filter_map(|child| bytes.get(child["digest"].as_str()?).copied()).max()
                }
                None => manifest["layers"]
                    .as_array()
                    .map(|layers| layers.iter().filter_map(|layer| layer["size"].as_u64()).sum()),
            };
            assert_eq!(Some(image.bytes), expected, "{} {}", repository.name, image.digest);
        }
    }
}

#[test]
fn digests_are_the_hashes_of_the_manifests() {
    for (_, images) in registry(now(), SEED) {
        for image in images {
            let hash = sha256(image.manifest.as_bytes());
            assert_eq!(image.digest.to_string(), format!("sha256:{hash}"));
        }
    }
}

#[test]
fn records_are_what_the_files_say() {
    let registry = registry(now(), SEED);
    let records = super::registry(now(), SEED);
    assert_eq!(records.len(), registry.len());
    for (repository, images) in &registry {
        let (record, image_records) =
            records.iter().find(|(record, _)| record.name == repository.name).unwrap();
        let text = documents::description(repository, images, now()).compact();
        let description: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(description["createdAt"], clock::iso_seoul(record.created_at));
        assert_eq!(description["imageTagMutability"], record.mutability);
        assert_eq!(description["encryptionConfiguration"]["encryptionType"], record.encryption_type);
        assert_eq!(image_records.len(), images.len());
        for (image, record) in images.iter().zip(image_records) {
            let detail: Value =
                serde_json::from_str(&image.detail(super::REGISTRY_ID, repository.name).compact()).unwrap();
            assert_eq!(detail["imageDigest"], record.digest);
            assert_eq!(detail["imageSizeInBytes"], record.size_bytes);
            assert_eq!(detail["imagePushedAt"], clock::iso_seoul(record.pushed_at));
            assert_eq!(detail["imageStatus"], format!("{:?}", record.status).to_uppercase());
            let time = |time: Option<DateTime<Utc>>| time.map(clock::iso_seoul);
            assert_eq!(detail["lastArchivedAt"].as_str().map(str::to_owned), time(record.archived_at));
            assert_eq!(detail["lastActivatedAt"].as_str().map(str::to_owned), time(record.activated_at));
            assert_eq!(detail["subjectManifestDigest"].as_str(), record.subject.as_deref());
            let manifest: Value = serde_json::from_str(&image.manifest).unwrap();
            let children = manifest["manifests"].as_array().map_or(0, Vec::len);
            assert_eq!(children, record.children.len());
        }
    }
}

#[test]
fn one_rule_replicates_deletions_and_all_destinations_are_abroad() {
    let settings = super::registry_settings();
    let replication: Value = serde_json::from_str(&settings.replication_configuration).unwrap();
    let rules = replication["rules"].as_array().unwrap();
    let deleting = rules.iter().filter(|rule| rule["deleteReplication"]["enabled"] == true).count();
    assert_eq!(deleting, 1);
    let regions: BTreeSet<&str> = rules
        .iter()
        .flat_map(|rule| rule["destinations"].as_array().unwrap())
        .map(|destination| destination["region"].as_str().unwrap())
        .collect();
    assert_eq!(regions, BTreeSet::from(["ap-northeast-1", "us-east-1"]));
    let scanning: Value = serde_json::from_str(&settings.scanning_configuration).unwrap();
    assert_eq!(scanning["scanType"], "BASIC");
    let policy: Value = serde_json::from_str(&settings.registry_policy).unwrap();
    assert_eq!(policy["Version"], "2012-10-17");
}

#[test]
fn written_files_are_json_and_counted() {
    let folder = std::env::temp_dir().join(format!("fake-ecr-shop-{}", std::process::id()));
    let written = super::write_files(&folder, now(), SEED).unwrap();
    let read = |name: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(folder.join(name)).unwrap()).unwrap()
    };
    let repositories = read("describe-repositories.json")["repositories"].as_array().unwrap().clone();
    let images: usize = repositories
        .iter()
        .map(|repository| {
            let name = repository["repositoryName"].as_str().unwrap();
            let images = read(&format!("repositories/{name}/describe-images.json"));
            images["imageDetails"].as_array().unwrap().len()
        })
        .sum();
    assert_eq!(written, Written { repositories: repositories.len(), images });
    assert_eq!(read("get-account-setting-BLOB_MOUNTING.json")["name"], "BLOB_MOUNTING");
    let templates = read("describe-repository-creation-templates.json");
    assert_eq!(templates["repositoryCreationTemplates"][0]["prefix"], "ROOT");
    let rules = read("describe-pull-through-cache-rules.json");
    assert_eq!(rules["pullThroughCacheRules"][0]["upstreamRegistry"], "docker-hub");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn platforms_that_customers_see_are_scanned_and_nothing_else_is() {
    let scans = super::scans(now(), SEED);
    assert_eq!(scans, super::scans(now(), SEED));
    assert_ne!(scans, super::scans(now(), SEED + 1));
    let scanned: BTreeSet<&str> = scans.iter().map(|scan| &*scan.digest).collect();
    let mut seen = 0;
    for (repository, images) in registry(now(), SEED) {
        let is_seen = ["shop/", "payments/", "web/"].iter().any(|area| repository.name.starts_with(area));
        for image in &images {
            let is_scanned = scanned.contains(&*image.digest.to_string());
            seen += usize::from(is_scanned);
            let is_layered = image.manifest.contains("layer.v1.tar+gzip");
            let is_old = now() - image.when.pushed > chrono::TimeDelta::minutes(4);
            let is_expected = is_seen && !image.is_index() && is_layered && is_old;
            let is_active = matches!(image.when.life, Life::Active);
            assert_eq!(is_scanned, is_expected && is_active, "{} {}", repository.name, image.digest);
        }
    }
    assert_eq!(seen, scans.len());
    let count = |status: &str| scans.iter().filter(|scan| scan.record.status == status).count();
    assert!(0 < count("FAILED") && count("FAILED") * 20 < count("COMPLETE"));
    let critical = |scan: &super::Scan| scan.record.severity_counts.get("CRITICAL").copied().unwrap_or(0);
    assert!(scans.iter().any(|scan| critical(scan) == 0) && scans.iter().any(|scan| critical(scan) != 0));
    for scan in &scans {
        assert_eq!(scan.record.completed_at.is_some(), scan.record.status == "COMPLETE");
        assert!(scan.record.completed_at.is_none_or(|at| at <= now()));
    }
}

#[test]
fn templates_and_rules_say_the_same_in_files_and_for_the_server() {
    use super::prefixes::{Times, cache_rules, creation_templates};
    let (files, service) = (Times::OfTheCli, Times::OfTheService);
    for (files, server) in [
        (creation_templates(now(), files), creation_templates(now(), service)),
        (cache_rules(now(), files), cache_rules(now(), service)),
    ] {
        assert_eq!(files.len(), server.len());
        for (file, server) in files.iter().zip(&server) {
            let [mut file, mut server]: [Value; 2] =
                [file, server].map(|entry| serde_json::from_str(&entry.compact()).unwrap());
            for name in ["createdAt", "updatedAt"] {
                let at = DateTime::from_timestamp(server[name].as_i64().unwrap(), 0).unwrap();
                assert_eq!(file[name], clock::iso_seoul(at));
                file[name] = Value::Null;
                server[name] = Value::Null;
            }
            assert_eq!(file, server);
        }
    }
}
