//! Policies, previews, runs.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::client::{ACCOUNT, Client, REGION, index, manifest};

fn keep(count: u64) -> String {
    json!({ "rules": [{
        "rulePriority": 1, "description": "keep the newest of everything",
        "selection": { "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": count },
        "action": { "type": "expire" },
    }]})
    .to_string()
}

fn start(client: &Client, text: &str) -> Value {
    client.ok("StartLifecyclePolicyPreview", json!({ "repositoryName": "app", "lifecyclePolicyText": text }))
}

fn get(client: &Client, more: &Value) -> Value {
    let mut body = json!({ "repositoryName": "app" });
    for (key, value) in more.as_object().unwrap() {
        body[key] = value.clone();
    }
    client.ok("GetLifecyclePolicyPreview", body)
}

#[test]
fn a_preview_takes_its_time_and_is_of_the_images_at_its_start() {
    let client = Client::with_app();
    client.admin(
        "POST",
        "/_fake/settings",
        &json!({ "preview_seconds": 3600, "preview_expiry_seconds": 7200 }),
    );
    let mut digests = Vec::new();
    for number in 0..3 {
        digests.push(client.push(&manifest(&format!("image {number}"), 1), None));
        client.fake().advance(TimeDelta::seconds(1));
    }
    let text = keep(1);
    assert_eq!(
        client.refused("GetLifecyclePolicyPreview", json!({ "repositoryName": "app" })),
        "LifecyclePolicyPreviewNotFoundException"
    );
    assert_eq!(start(&client, &text)["status"], "IN_PROGRESS");
    let again = json!({ "repositoryName": "app", "lifecyclePolicyText": text });
    assert_eq!(
        client.refused("StartLifecyclePolicyPreview", again),
        "LifecyclePolicyPreviewInProgressException"
    );
    let running = get(&client, &json!({}));
    assert_eq!((&running["status"], &running["previewResults"]), (&json!("IN_PROGRESS"), &json!([])));
    client.push(&manifest("later", 1), None);
    client.fake().advance(TimeDelta::hours(1));
    let complete = get(&client, &json!({}));
    let listed: Vec<&str> = complete["previewResults"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["imageDigest"].as_str().unwrap())
        .collect();
    assert_eq!(listed, digests[..2]);
    assert_eq!(complete["summary"], json!({ "expiringImageTotalCount": 2 }));
    assert_eq!(complete["lifecyclePolicyText"], json!(text));
    client.fake().advance(TimeDelta::hours(1));
    assert_eq!(get(&client, &json!({}))["status"], "EXPIRED");
}

#[test]
fn a_preview_comes_in_pages_of_at_most_a_hundred() {
    let client = Client::with_app();
    client.admin("POST", "/_fake/settings", &json!({ "preview_seconds": 0 }));
    for number in 0..103 {
        client.push(&manifest(&format!("image {number}"), 1), None);
    }
    start(&client, &keep(1));
    let first = get(&client, &json!({}));
    assert_eq!(first["previewResults"].as_array().unwrap().len(), 100);
    let rest = get(&client, &json!({ "nextToken": first["nextToken"] }));
    assert_eq!(rest["previewResults"].as_array().unwrap().len(), 2);
    assert_eq!(rest["nextToken"], Value::Null);
    let refused =
        client.refused("GetLifecyclePolicyPreview", json!({ "repositoryName": "app", "maxResults": 101 }));
    assert_eq!(refused, "InvalidParameterException");
}

#[test]
fn a_run_does_what_the_attached_policy_says_and_leaves_its_time() {
    let client = Client::with_app();
    let child = client.push(&manifest("child", 1), None);
    let old = client.push(&index(&[&child]), Some("old"));
    client.fake().advance(TimeDelta::days(1));
    let new = client.push(&manifest("new", 1), Some("new"));
    client.ok("PutLifecyclePolicy", json!({ "repositoryName": "app", "lifecyclePolicyText": keep(1) }));
    let policy = client.ok("GetLifecyclePolicy", json!({ "repositoryName": "app" }));
    assert_eq!(policy["lastEvaluatedAt"], Value::Null);
    let runs = client.fake().run_lifecycle(ACCOUNT, REGION, None);
    assert_eq!(runs[0].expired, [old]);
    let left: Vec<String> = client.tags_by_digest().into_iter().map(|(digest, _)| digest).collect();
    let mut expected = vec![child.clone(), new];
    expected.sort();
    assert_eq!(left, expected, "the child of an index goes on a later run");
    assert_eq!(client.fake().run_lifecycle(ACCOUNT, REGION, Some("app"))[0].expired, [child]);
    let policy = client.ok("GetLifecyclePolicy", json!({ "repositoryName": "app" }));
    assert_eq!(policy["lastEvaluatedAt"], json!(1_795_514_400.0));
}

#[test]
fn a_policy_is_refused_in_the_words_of_the_service() {
    let client = Client::with_app();
    let long = " ".repeat(100);
    let rule = |selection: Value, action: Value| {
        json!({ "rules": [{ "rulePriority": 1, "selection": selection, "action": action }] }).to_string()
            + &long
    };
    let count = json!({ "tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 0 });
    let cases = [
        (format!("x{long}"), "Could not map policyString into LifecyclePolicy."),
        (format!("{{}}{long}"), "object has missing required properties ([\"rules\"])"),
        (
            format!("{{\"rules\":null}}{long}"),
            "instance type (null) does not match any allowed primitive type (allowed: [\"array\"])",
        ),
        (
            rule(count, json!({ "type": "expire" })),
            "numeric instance is lower than the required minimum (minimum: 1, found: 0)",
        ),
        (
            rule(
                json!({ "tagStatus": "tagged", "countType": "imageCountMoreThan", "countNumber": 1 }),
                json!({ "type": "expire" }),
            ),
            "Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED.",
        ),
    ];
    for (text, tail) in cases {
        let body = json!({ "repositoryName": "app", "lifecyclePolicyText": text });
        let message = client.call("PutLifecyclePolicy", &body).unwrap().json()["message"].clone();
        let expected = format!(
            "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy \
             validation failure: {tail}'"
        );
        assert_eq!(message, json!(expected));
    }
}
