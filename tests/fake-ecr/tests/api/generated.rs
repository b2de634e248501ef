//! Generated registries: made when asked for, held once changed.

use std::time::{Duration, Instant};

use fake_ecr::{digest, generate};
use serde_json::{Value, json};

use crate::client::{ACCOUNT, Client, NOW, REGION, at};

fn attached(repositories: usize, images_per_repository: usize) -> (Client, generate::Registry) {
    let client = Client::new();
    let options = generate::Options { repositories, images_per_repository, seed: 5, now: at(NOW) };
    client.fake().attach_generated(ACCOUNT, REGION, generate::Registry::new(options));
    (client, generate::Registry::new(options))
}

/// The digests that all pages of a repository have.
fn pages(client: &Client, repository: &str, size: u64) -> Vec<String> {
    let mut digests = Vec::new();
    let mut token = Value::Null;
    loop {
        let page = client.ok(
            "DescribeImages",
            json!({
                "repositoryName": repository, "maxResults": size, "nextToken": token,
                "filter": { "imageStatus": "ANY" },
            }),
        );
        let rows = page["imageDetails"].as_array().unwrap();
        digests.extend(rows.iter().map(|row| row["imageDigest"].as_str().unwrap().to_owned()));
        token = page["nextToken"].clone();
        if token.is_null() {
            return digests;
        }
    }
}

#[test]
fn all_images_come_once_and_neither_by_digest_nor_by_time() {
    let (client, registry) = attached(2, 120);
    let name = registry.name(1);
    let images = registry.images(1);
    let listed = pages(&client, &name, 7);
    let by_time: Vec<String> = images.iter().map(|image| image.digest.clone()).collect();
    let mut by_digest = by_time.clone();
    by_digest.sort();
    let mut sorted = listed.clone();
    sorted.sort();
    assert_eq!(sorted, by_digest);
    assert!(listed != by_digest && listed != by_time);
    assert_eq!(listed, pages(&client, &name, 1000));
}

#[test]
fn describing_a_hundred_thousand_repositories_makes_no_images() {
    let (client, registry) = attached(100_000, 100_000);
    let began = Instant::now();
    let page = client.ok("DescribeRepositories", json!({ "maxResults": 1000 }));
    // A hundred thousand images take a tenth of a second and more to make, and here they are in each.
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(page["repositories"].as_array().unwrap().len(), 1000);
    assert_eq!(page["repositories"][999]["repositoryName"], json!(registry.name(999)));
    let named = client.ok("DescribeRepositories", json!({ "repositoryNames": [registry.name(99_999)] }));
    assert_eq!(named["repositories"][0]["repositoryName"], json!(registry.name(99_999)));
}

#[test]
fn a_manifest_is_the_text_of_its_digest_and_a_pull_changes_one_image_only() {
    let (client, registry) = attached(3, 40);
    let name = registry.name(2);
    let before = client.fake().images(ACCOUNT, REGION, &name);
    let active = before.iter().find(|image| image.status == fake_ecr::ImageStatus::Active).unwrap();
    let get = json!({ "repositoryName": name, "imageIds": [{ "imageDigest": active.digest }] });
    let image = client.ok("BatchGetImage", get)["images"][0].clone();
    assert_eq!(digest(image["imageManifest"].as_str().unwrap().as_bytes()), active.digest);
    let after = client.fake().images(ACCOUNT, REGION, &name);
    let changed: Vec<&str> = before
        .iter()
        .zip(&after)
        .filter(|(before, after)| before != after)
        .map(|(before, _)| before.digest.as_str())
        .collect();
    assert_eq!(changed, [active.digest.as_str()]);
}

#[test]
fn a_deleted_generated_repository_stays_deleted() {
    let (client, registry) = attached(3, 5);
    client.ok("DeleteRepository", json!({ "repositoryName": registry.name(1), "force": true }));
    let left = client.ok("DescribeRepositories", json!({}));
    let names: Vec<&str> = left["repositories"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["repositoryName"].as_str().unwrap())
        .collect();
    assert_eq!(names, [registry.name(0), registry.name(2)]);
}
