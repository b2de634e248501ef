//! The archive class.

use chrono::TimeDelta;
use fake_ecr::ImageStatus;
use serde_json::json;

use crate::client::{ACCOUNT, Client, REGION, index, manifest};

fn update(tag: &str, class: &str) -> serde_json::Value {
    json!({ "repositoryName": "app", "imageId": { "imageTag": tag }, "targetStorageClass": class })
}

#[test]
fn archiving_is_immediate_and_restoring_takes_its_time() {
    let client = Client::with_app();
    client.push(&manifest("one", 1), Some("v1"));
    let archived = client.ok("UpdateImageStorageClass", update("v1", "ARCHIVE"));
    assert_eq!(archived["imageStatus"], "ARCHIVED");
    let listed = client.ok("DescribeImages", json!({ "repositoryName": "app" }));
    assert_eq!(listed["imageDetails"], json!([]));
    let any = json!({ "repositoryName": "app", "filter": { "imageStatus": "ANY" } });
    assert_eq!(client.ok("DescribeImages", any.clone())["imageDetails"][0]["imageStatus"], "ARCHIVED");
    let get = json!({ "repositoryName": "app", "imageIds": [{ "imageTag": "v1" }] });
    assert_eq!(client.ok("BatchGetImage", get)["failures"][0]["failureCode"], "ImageInaccessible");
    let restored = client.ok("UpdateImageStorageClass", update("v1", "STANDARD"));
    assert_eq!(restored["imageStatus"], "ACTIVATING");
    client.fake().advance(TimeDelta::seconds(599));
    assert_eq!(client.ok("DescribeImages", any.clone())["imageDetails"][0]["imageStatus"], "ACTIVATING");
    client.fake().advance(TimeDelta::seconds(1));
    let image = &client.ok("DescribeImages", any)["imageDetails"][0];
    assert_eq!(image["imageStatus"], "ACTIVE");
    assert_eq!(image["lastActivatedAt"], json!(1_795_428_600.0));
    assert_eq!(image["lastArchivedAt"], json!(1_795_428_000.0));
}

#[test]
fn pushing_an_archived_image_brings_it_back_at_once() {
    let client = Client::with_app();
    client.push(&manifest("one", 1), Some("v1"));
    client.ok("UpdateImageStorageClass", update("v1", "ARCHIVE"));
    client.push(&manifest("one", 1), Some("v1"));
    let image = &client.fake().images(ACCOUNT, REGION, "app")[0];
    assert_eq!((image.status, image.activated_at), (ImageStatus::Active, Some(client.fake().now())));
    assert_eq!(image.tags, ["v1"]);
}

#[test]
fn an_index_is_archived_before_its_children() {
    let client = Client::with_app();
    let child = client.push(&manifest("one", 1), Some("child"));
    client.push(&index(&[&child]), Some("v1"));
    let refused = client.refused("UpdateImageStorageClass", update("child", "ARCHIVE"));
    assert_eq!(refused, "ImageStorageClassUpdateNotSupportedException");
    client.ok("UpdateImageStorageClass", update("v1", "ARCHIVE"));
    client.ok("UpdateImageStorageClass", update("child", "ARCHIVE"));
}
