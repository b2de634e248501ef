//! Pushing: digests, tags, mutability, references.

use fake_ecr::digest;
use serde_json::json;

use crate::client::{ACCOUNT, Client, REGION, index, manifest, referrer};

#[test]
fn a_digest_is_that_of_the_text_and_a_size_that_of_its_parts() {
    let client = Client::with_app();
    let text = manifest("a", 990);
    let pushed = client.push(&text, Some("v1"));
    assert_eq!(pushed, digest(text.as_bytes()));
    let image = &client.ok("DescribeImages", json!({ "repositoryName": "app" }))["imageDetails"][0];
    assert_eq!(image["imageSizeInBytes"], 1000);
    assert_eq!(image["artifactMediaType"], "application/vnd.oci.image.config.v1+json");
}

#[test]
fn an_index_is_as_big_as_its_biggest_child() {
    let client = Client::with_app();
    let (small, big) = (client.push(&manifest("a", 10), None), client.push(&manifest("b", 90), None));
    let index = client.push(&index(&[&small, &big]), Some("v1"));
    let ids = json!({ "repositoryName": "app", "imageIds": [{ "imageDigest": index }] });
    assert_eq!(client.ok("DescribeImages", ids)["imageDetails"][0]["imageSizeInBytes"], 100);
}

#[test]
fn what_a_manifest_names_has_to_be_there() {
    let client = Client::with_app();
    let nowhere = digest(b"nowhere");
    let refused =
        client.refused("PutImage", json!({ "repositoryName": "app", "imageManifest": index(&[&nowhere]) }));
    assert_eq!(refused, "ReferencedImagesNotFoundException");
    client.admin("POST", "/_fake/settings", &json!({ "layers_required": true }));
    let refused =
        client.refused("PutImage", json!({ "repositoryName": "app", "imageManifest": manifest("a", 1) }));
    assert_eq!(refused, "LayersNotFoundException");
}

#[test]
fn a_new_tag_keeps_the_push_time_and_a_tag_that_moves_leaves_its_image() {
    let client = Client::with_app();
    let one = client.push(&manifest("one", 1), Some("v1"));
    client.fake().advance(chrono::TimeDelta::days(1));
    client.push(&manifest("one", 1), Some("v2"));
    let images = client.fake().images(ACCOUNT, REGION, "app");
    assert_eq!(images[0].tags, ["v1", "v2"]);
    assert_eq!(images[0].pushed_at, crate::client::at(crate::client::NOW));
    let two = client.push(&manifest("two", 1), Some("v1"));
    let mut expected = vec![(one, vec!["v2".to_owned()]), (two, vec!["v1".to_owned()])];
    expected.sort();
    assert_eq!(client.tags_by_digest(), expected);
    let again = json!({ "repositoryName": "app", "imageManifest": manifest("two", 1), "imageTag": "v1" });
    assert_eq!(client.refused("PutImage", again), "ImageAlreadyExistsException");
}

#[test]
fn an_immutable_tag_cannot_be_pushed_again_even_with_the_same_digest() {
    let client = Client::new();
    client.ok(
        "CreateRepository",
        json!({
            "repositoryName": "app", "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
            "imageTagMutabilityExclusionFilters": [{ "filterType": "WILDCARD", "filter": "dev-*" }],
        }),
    );
    client.push(&manifest("one", 1), Some("v1"));
    let again = json!({ "repositoryName": "app", "imageManifest": manifest("one", 1), "imageTag": "v1" });
    assert_eq!(client.refused("PutImage", again), "ImageTagAlreadyExistsException");
    client.push(&manifest("one", 1), Some("dev-1"));
    client.push(&manifest("two", 1), Some("dev-1"));
    client.ok(
        "PutImageTagMutability",
        json!({
            "repositoryName": "app", "imageTagMutability": "MUTABLE_WITH_EXCLUSION",
            "imageTagMutabilityExclusionFilters": [{ "filterType": "WILDCARD", "filter": "v*" }],
        }),
    );
    let moved = json!({ "repositoryName": "app", "imageManifest": manifest("two", 1), "imageTag": "v1" });
    assert_eq!(client.refused("PutImage", moved), "ImageTagAlreadyExistsException");
}

#[test]
fn referrers_are_listed_by_subject_and_type() {
    let client = Client::with_app();
    let subject = client.push(&manifest("one", 1), Some("v1"));
    let signature = client.push(&referrer(&subject, "application/signature"), None);
    client.push(&referrer(&subject, "application/sbom"), None);
    let listed = client.ok(
        "ListImageReferrers",
        json!({
            "repositoryName": "app", "subjectId": { "imageDigest": subject },
            "filter": { "artifactTypes": ["application/signature"] },
        }),
    );
    assert_eq!(listed["referrers"].as_array().unwrap().len(), 1);
    assert_eq!(listed["referrers"][0]["digest"], json!(signature));
    assert_eq!(listed["referrers"][0]["annotations"]["made"], "for a test");
    let subjects = client.ok(
        "DescribeImages",
        json!({
            "repositoryName": "app", "imageIds": [{ "imageDigest": signature }],
        }),
    );
    assert_eq!(subjects["imageDetails"][0]["subjectManifestDigest"], json!(subject));
}

#[test]
fn a_pull_is_remembered_unless_the_role_is_excluded() {
    let mut client = Client::with_app();
    client.push(&manifest("one", 1), Some("v1"));
    client.fake().add_principal("AKIAROLE", ACCOUNT, &format!("arn:aws:sts::{ACCOUNT}:assumed-role/scan/s"));
    let role = format!("arn:aws:iam::{ACCOUNT}:role/ops/scan");
    client.ok("RegisterPullTimeUpdateExclusion", json!({ "principalArn": role }));
    let get = json!({ "repositoryName": "app", "imageIds": [{ "imageTag": "v1" }, { "imageTag": "v2" }] });
    client.key = "AKIAROLE".into();
    let answer = client.ok("BatchGetImage", get.clone());
    assert_eq!(answer["images"][0]["imageManifest"], json!(manifest("one", 1)));
    assert_eq!(answer["failures"][0]["failureCode"], "ImageNotFound");
    assert_eq!(client.fake().images(ACCOUNT, REGION, "app")[0].pulled_at, None);
    client.key = "AKIAOTHER".into();
    client.ok("BatchGetImage", get);
    assert_eq!(client.fake().images(ACCOUNT, REGION, "app")[0].pulled_at, Some(client.fake().now()));
}
