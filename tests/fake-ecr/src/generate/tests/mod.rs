//! What a generated registry promises.

mod layers;
mod settings;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Options, Registry};
use crate::{ImageRecord, ImageStatus, ManifestText};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_480_200, 0).unwrap()
}

fn registry(repositories: usize, images_per_repository: usize) -> Registry {
    Registry::new(Options { repositories, images_per_repository, seed: 7, now: now() })
}

fn number(image: &ImageRecord) -> u64 {
    match image.manifest {
        ManifestText::Generated(number) => number,
        ManifestText::Held(_) => panic!("generated images are not held"),
    }
}

/// The hash, written here again so that no mistake of the library is repeated.
fn sha256(text: &[u8]) -> String {
    Sha256::digest(text).iter().fold(String::new(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// Every image of every repository, with its manifest.
fn everything(registry: &Registry) -> Vec<(usize, Vec<(ImageRecord, Value)>)> {
    let images = |i| {
        let images = registry.images(i);
        let with_manifest = |image: ImageRecord| {
            let manifest = serde_json::from_str(&registry.manifest(i, number(&image))).unwrap();
            (image, manifest)
        };
        (i, images.into_iter().map(with_manifest).collect())
    };
    (0..registry.len()).map(images).collect()
}

#[test]
fn same_options_give_the_same_records_and_another_seed_others() {
    let first = registry(5, 130);
    let other = Registry::new(Options { seed: 8, ..first.options() });
    for i in 0..5 {
        assert_eq!(first.repository(i), registry(5, 130).repository(i));
        assert_eq!(first.images(i), registry(5, 130).images(i));
        assert_ne!(first.images(i), other.images(i));
    }
}

#[test]
fn records_of_one_seed_never_change() {
    // Who changes the generator sees here that other people's figures change.
    let registry = registry(300, 100);
    let mut text = String::new();
    for i in [0, 17, 299] {
        text.push_str(&registry.repository(i).lifecycle_policy.unwrap_or_default());
        for image in registry.images(i) {
            let ImageRecord { digest, tags, pushed_at, size_bytes, .. } = image;
            let _ = writeln!(text, "{digest} {tags:?} {pushed_at} {size_bytes}");
        }
    }
    assert_eq!(sha256(text.as_bytes()), "4866cfb89efe37d369c8a4c157a0793d883f5fd2c23efc03d66ef3d29b4b0780");
}

#[test]
fn digests_do_not_depend_on_now() {
    let early = registry(20, 100);
    let late = Registry::new(Options { now: now() + TimeDelta::days(45), ..early.options() });
    let digests = |registry: &Registry, i| -> Vec<String> {
        registry.images(i).into_iter().map(|image| image.digest).collect()
    };
    for i in 0..20 {
        assert_eq!(digests(&early, i), digests(&late, i));
    }
}

#[test]
fn every_repository_has_exactly_the_images_asked_for() {
    for images in [0, 1, 2, 63, 64, 65, 100, 1_000] {
        let registry = registry(7, images);
        for i in 0..7 {
            let mut numbers: Vec<u64> = registry.images(i).iter().map(number).collect();
            numbers.sort_unstable();
            assert_eq!(numbers, (0..u64::try_from(images).unwrap()).collect::<Vec<_>>());
        }
        assert_eq!(registry.manifest(0, u64::try_from(images).unwrap()), "");
    }
}

#[test]
fn digests_are_the_hashes_of_the_manifests_and_unique_in_a_repository() {
    let registry = registry(60, 100);
    for i in 0..60 {
        let mut digests = BTreeSet::new();
        for image in registry.images(i) {
            let text = registry.manifest(i, number(&image));
            let hash = sha256(text.as_bytes());
            assert_eq!(image.digest, format!("sha256:{hash}"));
            assert!(digests.insert(image.digest));
        }
    }
}

#[test]
fn manifests_say_what_the_records_say() {
    for (i, images) in everything(&registry(80, 100)) {
        let bytes: BTreeMap<&str, u64> =
            images.iter().map(|(image, _)| (image.digest.as_str(), image.size_bytes)).collect();
        for (image, manifest) in &images {
            assert_eq!(manifest["schemaVersion"], 2, "repository {i}");
            assert_eq!(manifest["mediaType"], image.media_type);
            assert_eq!(manifest["subject"]["digest"].as_str(), image.subject.as_deref());
            let children: Vec<&str> = manifest["manifests"]
                .as_array()
                .map(|children| children.iter().map(|child| child["digest"].as_str().unwrap()).collect())
                .unwrap_or_default();
            assert_eq!(children, image.children);
            let size = if children.is_empty() {
                let layers = manifest["layers"].as_array().unwrap();
                layers.iter().chain([&manifest["config"]]).map(|blob| blob["size"].as_u64().unwrap()).sum()
            } else {
                children.iter().map(|child| bytes[child]).max().unwrap()
            };
            assert_eq!(image.size_bytes, size);
            if let Some(artifact_type) = &image.artifact_type {
                let stated = manifest.get("artifactType").unwrap_or(&manifest["config"]["mediaType"]);
                assert_eq!(stated, artifact_type);
            }
        }
    }
}

#[test]
fn children_are_pushed_before_their_index_and_referrers_after_their_subject() {
    let (mut children, mut referrers, mut attestations) = (0, 0, 0);
    for (_, images) in everything(&registry(80, 100)) {
        let pushed: BTreeMap<&str, (DateTime<Utc>, usize)> = images
            .iter()
            .map(|(image, manifest)| {
                let manifest_bytes = serde_json::to_string(manifest).unwrap().len();
                (image.digest.as_str(), (image.pushed_at, manifest_bytes))
            })
            .collect();
        for (image, manifest) in &images {
            for child in &image.children {
                assert!(pushed[child.as_str()].0 < image.pushed_at);
                children += 1;
            }
            if let Some(subject) = &image.subject {
                assert!(pushed[subject.as_str()].0 < image.pushed_at);
                referrers += 1;
            }
            for descriptor in manifest["manifests"].as_array().into_iter().flatten() {
                let child = descriptor["digest"].as_str().unwrap();
                assert_eq!(descriptor["size"], pushed[child].1);
                if let Some(of) = descriptor["annotations"]["vnd.docker.reference.digest"].as_str() {
                    assert!(image.children.iter().any(|child| child == of));
                    attestations += 1;
                }
            }
        }
    }
    assert!(1_000 < children && 50 < referrers && 400 < attestations);
}

#[test]
fn times_are_in_order_and_none_but_the_end_of_a_restore_is_in_the_future() {
    let registry = registry(200, 100);
    let (mut ties, mut archived, mut restored, mut activating, mut never_pulled) = (0, 0, 0, 0, 0);
    for i in 0..registry.len() {
        let created = registry.repository(i).created_at;
        let images = registry.images(i);
        assert!(images.is_sorted_by_key(|image| image.pushed_at));
        ties += images.windows(2).filter(|pair| pair[0].pushed_at == pair[1].pushed_at).count();
        for image in images {
            assert!(created < image.pushed_at && image.pushed_at < now());
            assert!(image.pulled_at.is_none_or(|at| image.pushed_at <= at && at < now()));
            never_pulled += usize::from(image.pulled_at.is_none());
            let pulls_end = match (image.status, image.archived_at, image.activated_at) {
                (ImageStatus::Active, None, None) => now(),
                (ImageStatus::Active, Some(at), Some(back)) => {
                    assert!(at < back && back < now());
                    restored += 1;
                    now()
                }
                (ImageStatus::Archived, Some(at), None) => {
                    archived += 1;
                    at
                }
                (ImageStatus::Activating, Some(at), None) => {
                    assert!(image.activating_until.is_some_and(|until| now() < until));
                    activating += 1;
                    at
                }
                impossible => panic!("{impossible:?}"),
            };
            assert!(image.archived_at.is_none_or(|at| image.pushed_at < at && at < now()));
            assert!(image.pulled_at.is_none_or(|at| at <= pulls_end));
        }
    }
    assert!(200 < ties && 400 < archived && 20 < restored && 5 < activating && 4_000 < never_pulled);
}

#[test]
fn tags_stand_at_one_image_each_and_come_in_families() {
    let registry = registry(120, 200);
    let mut families: BTreeMap<&str, usize> = BTreeMap::new();
    let mut untagged = 0;
    for i in 0..registry.len() {
        let images = registry.images(i);
        let digests: BTreeSet<String> = images.iter().map(|image| image.digest.replace(':', "-")).collect();
        let mut seen = BTreeSet::new();
        for image in images {
            untagged += usize::from(image.tags.is_empty());
            for tag in image.tags {
                assert!(tag.len() <= 128);
                if let Some(subject) = tag.strip_suffix(".sig") {
                    assert!(digests.contains(subject));
                }
                let family = ["main-", "pr-", "prod-", "feature-", "nightly-", "build-", "sha256-", "v"]
                    .into_iter()
                    .find(|prefix| tag.starts_with(prefix));
                let family = family.unwrap_or_else(|| match tag.as_str() {
                    "latest" | "main" | "prod" => "moving",
                    commit => {
                        assert_eq!(commit.len(), 40, "{commit}");
                        "commit"
                    }
                });
                *families.entry(family).or_default() += 1;
                assert!(seen.insert(tag.clone()), "{}:{tag}", registry.name(i));
            }
        }
    }
    assert_eq!(families.len(), 10, "{families:?}");
    assert!(families.values().all(|count| 50 < *count), "{families:?}");
    assert!(5_000 < untagged);
}

#[test]
fn fixed_tags_of_immutable_repositories_do_not_include_moving_ones() {
    let registry = registry(200, 100);
    for i in 0..registry.len() {
        let immutable = registry.repository(i).mutability == "IMMUTABLE";
        let moving = registry
            .images(i)
            .iter()
            .any(|image| image.tags.iter().any(|tag| matches!(tag.as_str(), "latest" | "main" | "prod")));
        assert!(!(immutable && moving), "{}", registry.name(i));
    }
}
