//! Deleting: tags, images, what protects them, what is told of it.

use serde_json::{Value, json};

use crate::client::{Client, index, manifest};

fn delete(client: &Client, ids: &Value) -> Value {
    client.ok("BatchDeleteImage", json!({ "repositoryName": "app", "imageIds": ids }))
}

#[test]
fn the_last_tag_takes_the_image_with_it() {
    let client = Client::with_app();
    let digest = client.push(&manifest("one", 1), Some("v1"));
    client.push(&manifest("one", 1), Some("v2"));
    let gone = delete(&client, &json!([{ "imageTag": "v1" }]));
    assert_eq!(gone["imageIds"], json!([{ "imageDigest": digest, "imageTag": "v1" }]));
    assert_eq!(client.tags_by_digest(), [(digest, vec!["v2".to_owned()])]);
    delete(&client, &json!([{ "imageTag": "v2" }]));
    assert_eq!(client.tags_by_digest(), []);
}

#[test]
fn a_digest_and_a_tag_have_to_agree() {
    let client = Client::with_app();
    let one = client.push(&manifest("one", 1), Some("v1"));
    client.push(&manifest("two", 1), Some("v2"));
    let answer =
        delete(&client, &json!([{ "imageDigest": one, "imageTag": "v2" }, {}, { "imageDigest": "x" }]));
    let codes: Vec<&str> =
        answer["failures"].as_array().unwrap().iter().map(|f| f["failureCode"].as_str().unwrap()).collect();
    assert_eq!(codes, ["ImageTagDoesNotMatchDigest", "MissingDigestAndTag", "InvalidImageDigest"]);
    assert_eq!(client.tags_by_digest().len(), 2);
}

#[test]
fn a_child_goes_only_in_a_call_after_its_index() {
    let client = Client::with_app();
    let child = client.push(&manifest("one", 1), Some("child"));
    let parent = client.push(&index(&[&child]), Some("v1"));
    for id in [json!({ "imageTag": "child" }), json!({ "imageDigest": child })] {
        let answer = delete(&client, &json!([id]));
        assert_eq!(answer["failures"][0]["failureCode"], "ImageReferencedByManifestList");
        let reason = answer["failures"][0]["failureReason"].as_str().unwrap();
        assert_eq!(reason, format!("Requested image referenced by manifest list: [{parent}]"));
    }
    let answer = delete(&client, &json!([{ "imageDigest": parent }, { "imageDigest": child }]));
    assert_eq!(answer["imageIds"].as_array().unwrap().len(), 1);
    assert_eq!(answer["failures"][0]["failureCode"], "ImageReferencedByManifestList");
    assert_eq!(delete(&client, &json!([{ "imageDigest": child }]))["failures"], json!([]));
}

#[test]
fn more_than_a_hundred_ids_are_refused() {
    let client = Client::with_app();
    let ids = vec![json!({ "imageTag": "v1" }); 101];
    for operation in ["BatchDeleteImage", "BatchGetImage", "DescribeImages"] {
        let refused = client.refused(operation, json!({ "repositoryName": "app", "imageIds": ids }));
        assert_eq!(refused, "InvalidParameterException");
    }
}

#[test]
fn a_repository_with_images_goes_only_by_force() {
    let client = Client::with_app();
    client.push(&manifest("one", 1), None);
    let name = json!({ "repositoryName": "app" });
    assert_eq!(client.refused("DeleteRepository", name.clone()), "RepositoryNotEmptyException");
    client.ok("DeleteRepository", json!({ "repositoryName": "app", "force": true }));
    assert_eq!(client.refused("DescribeImages", name), "RepositoryNotFoundException");
}

#[test]
fn events_tell_of_each_push_and_of_each_tag_that_goes() {
    let client = Client::with_app();
    let digest = client.push(&manifest("one", 1), Some("v1"));
    client.push(&manifest("one", 1), Some("v2"));
    client.push(&manifest("two", 1), None);
    delete(&client, &json!([{ "imageDigest": digest }]));
    let events = client.fake().events();
    let told: Vec<(&Value, &Value)> =
        events.iter().map(|event| (&event["detail"]["action-type"], &event["detail"]["image-tag"])).collect();
    let expected = [
        (json!("PUSH"), json!("v1")),
        (json!("PUSH"), json!("v2")),
        (json!("PUSH"), Value::Null),
        (json!("DELETE"), json!("v1")),
        (json!("DELETE"), json!("v2")),
    ];
    assert_eq!(told, expected.iter().map(|(action, tag)| (action, tag)).collect::<Vec<_>>());
    assert_eq!(events[0]["source"], "aws.ecr");
    assert_eq!(events[0]["resources"], json!([]));
    assert_eq!(events[0]["time"], crate::client::NOW);
}
