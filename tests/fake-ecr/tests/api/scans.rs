//! Scans: what `DescribeImageScanFindings` and `DescribeImages` say of them.

use serde_json::{Value, json};

use crate::client::{ACCOUNT, Client, REGION, manifest};

/// A server with an image `v1` in `app` that was scanned, and its digest.
fn scanned() -> (Client, String) {
    let client = Client::with_app();
    let digest = client.push(&manifest("one", 1), Some("v1"));
    let scan = json!({
        "account": ACCOUNT, "region": REGION, "repository": "app", "digest": digest,
        "completed_at": "2026-11-23T09:00:00Z", "severity_counts": { "CRITICAL": 1, "LOW": 7 },
    });
    assert_eq!(client.admin("POST", "/_fake/scans", &scan).status, 200);
    (client, digest)
}

fn listed(client: &Client) -> Value {
    let all = json!({ "repositoryName": "app", "filter": { "imageStatus": "ANY" } });
    client.ok("DescribeImages", all).pointer("/imageDetails/0").cloned().unwrap_or_default()
}

fn asked() -> Value {
    json!({ "repositoryName": "app", "imageId": { "imageTag": "v1" }, "maxResults": 1 })
}

#[test]
fn what_a_scan_found_is_told_in_numbers_to_who_asks_for_the_image() {
    let (client, digest) = scanned();
    let found = client.ok("DescribeImageScanFindings", asked());
    assert_eq!(found["imageId"], json!({ "imageDigest": digest, "imageTag": "v1" }));
    assert_eq!(found["imageScanStatus"]["status"], "COMPLETE");
    let findings = &found["imageScanFindings"];
    assert_eq!(findings["findingSeverityCounts"], json!({ "CRITICAL": 1, "LOW": 7 }));
    // 09:00 of the day.
    assert_eq!(findings["imageScanCompletedAt"].as_f64(), Some(1_795_424_400.0));
}

#[test]
fn an_image_without_a_scan_and_one_that_is_not_there_are_refused_by_different_names() {
    let (client, _) = scanned();
    let other = client.push(&manifest("two", 1), None);
    let ask = |id: Value| {
        client.refused("DescribeImageScanFindings", json!({ "repositoryName": "app", "imageId": id }))
    };
    assert_eq!(ask(json!({ "imageDigest": other })), "ScanNotFoundException");
    assert_eq!(ask(json!({ "imageTag": "v9" })), "ImageNotFoundException");
}

#[test]
fn listings_show_scans_where_scanning_is_enhanced_or_by_clair_and_not_by_default() {
    let (client, _) = scanned();
    assert_eq!(listed(&client).get("imageScanStatus"), None);
    client.ok("PutAccountSetting", json!({ "name": "BASIC_SCAN_TYPE_VERSION", "value": "CLAIR" }));
    let row = listed(&client);
    assert_eq!(row["imageScanStatus"]["status"], "COMPLETE");
    assert_eq!(row["imageScanFindingsSummary"]["findingSeverityCounts"]["LOW"], 7);
    client.ok("PutAccountSetting", json!({ "name": "BASIC_SCAN_TYPE_VERSION", "value": "AWS_NATIVE" }));
    assert_eq!(listed(&client).get("imageScanFindingsSummary"), None);
    client.ok("PutRegistryScanningConfiguration", json!({ "scanType": "ENHANCED", "rules": [] }));
    assert_eq!(listed(&client)["imageScanStatus"]["status"], "COMPLETE");
}

#[test]
fn an_archived_image_keeps_no_results() {
    let (client, digest) = scanned();
    let archive = json!({
        "repositoryName": "app", "imageId": { "imageDigest": digest }, "targetStorageClass": "ARCHIVE",
    });
    client.ok("UpdateImageStorageClass", archive);
    let found = client.ok("DescribeImageScanFindings", asked());
    assert_eq!(found["imageScanStatus"]["status"], "IMAGE_ARCHIVED");
    assert_eq!(found.get("imageScanFindings"), None);
}
