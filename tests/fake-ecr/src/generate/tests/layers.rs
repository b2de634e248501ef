//! How many layers images have, and which they share.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{everything, number, registry};

#[test]
fn layer_counts_are_those_of_docker_hub() {
    let registry = registry(1_500, 20);
    let mut counts: Vec<usize> = everything(&registry)
        .iter()
        .flat_map(|(_, images)| images)
        .filter(|(image, manifest)| image.subject.is_none() && is_container(manifest))
        .map(|(_, manifest)| manifest["layers"].as_array().unwrap().len())
        .collect();
    counts.sort_unstable();
    let quantile = |percent: usize| counts[counts.len() * percent / 100];
    assert!((7..=9).contains(&quantile(50)), "median {}", quantile(50));
    assert!((15..=21).contains(&quantile(90)), "p90 {}", quantile(90));
    assert!(counts[0] == 2 && *counts.last().unwrap() == 120);
}

/// True for images that run: attestations and artifacts have layers of other types.
fn is_container(manifest: &Value) -> bool {
    let layer_type = manifest["layers"][0]["mediaType"].as_str().unwrap_or_default();
    layer_type.ends_with("tar+gzip") || layer_type.ends_with("tar.gzip")
}

#[test]
fn layers_are_shared_as_builds_share_them() {
    let (mut stored, mut summed) = (0_u64, 0_u64);
    let (mut small, mut medium, mut large) = (0, 0, 0);
    let mut across: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
    for (i, images) in everything(&registry(200, 100)) {
        let mut unique = BTreeMap::new();
        for layer in images
            .iter()
            .filter(|(_, manifest)| is_container(manifest))
            .flat_map(|(_, manifest)| manifest["layers"].as_array().unwrap())
        {
            let (digest, bytes) = (layer["digest"].as_str().unwrap(), layer["size"].as_u64().unwrap());
            summed += bytes;
            if unique.insert(digest.to_owned(), bytes).is_some() {
                continue;
            }
            stored += bytes;
            across.entry(digest.to_owned()).or_default().insert(i);
            match bytes {
                0..0x10_0000 => small += 1,
                0x10_0000..0x400_0000 => medium += 1,
                _ => large += 1,
            }
        }
    }
    // Within repositories, as ECR stores them.
    let ratio = summed * 10 / stored;
    assert!((30..=200).contains(&ratio), "{ratio} tenths");
    let all = small + medium + large;
    assert!((35..=55).contains(&(small * 100 / all)), "{small} of {all}");
    assert!((30..=50).contains(&(medium * 100 / all)), "{medium} of {all}");
    assert!((8..=25).contains(&(large * 100 / all)), "{large} of {all}");
    assert!(1_000 < across.values().filter(|repositories| 1 < repositories.len()).count());
}

#[test]
fn one_to_three_layers_are_new_in_a_push() {
    for (i, images) in everything(&registry(60, 100)) {
        let mut unique = BTreeSet::new();
        let mut containers: Vec<_> = images.iter().filter(|(_, manifest)| is_container(manifest)).collect();
        containers.sort_by_key(|(image, _)| number(image));
        for (_, manifest) in containers {
            let layers = manifest["layers"].as_array().unwrap();
            let fresh =
                layers.iter().rev().take(3).filter(|layer| unique.insert(layer["digest"].to_string()));
            assert!(1 <= fresh.count(), "repository {i}");
        }
    }
}
