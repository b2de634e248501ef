//! The vectors of the project, which are facts and nobody's code, asked of the server.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use fake_ecr::{Clock, ImageRecord, ImageStatus, ManifestText, RepositoryRecord};
use serde_json::{Value, json};

use crate::client::{ACCOUNT, Client, REGION, at};

/// The vectors of a folder, by file name.
fn vectors(folder: &str) -> BTreeMap<String, Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors").join(folder);
    std::fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
        })
        .collect()
}

/// The text of a vector, which may be given in parts.
fn text(vector: &Value) -> String {
    let part = |part: &Value| match part {
        Value::String(text) => text.clone(),
        part => {
            let count = usize::try_from(part["repeat"].as_u64().unwrap()).unwrap();
            part["of"].as_str().unwrap().repeat(count)
        }
    };
    match vector.get("text_parts") {
        Some(parts) => parts.as_array().unwrap().iter().map(part).collect(),
        None => vector["text"].as_str().unwrap().to_owned(),
    }
}

#[test]
fn the_server_accepts_the_policies_that_the_vectors_accept() {
    let client = Client::with_app();
    let vectors = vectors("policy");
    assert!(100 < vectors.len());
    for (name, vector) in vectors {
        let body = json!({ "repositoryName": "app", "lifecyclePolicyText": text(&vector) });
        let answer = client.call("PutLifecyclePolicy", &body).unwrap();
        let accepted = answer.status == 200;
        if name.starts_with("wrapped-") {
            // The output of the command line is read in place of a policy by this project, not by ECR.
            assert!(!accepted, "{name}");
            continue;
        }
        assert_eq!(json!(accepted), vector["accepted"], "{name}: {}", answer.text());
        let refused = answer.json()["__type"] == "InvalidParameterException";
        assert!(accepted || refused, "{name}: {}", answer.text());
    }
}

/// A digest for an id of a vector; digests are in the order of the ids.
fn digest(id: &str) -> String {
    let mut text = String::new();
    for byte in id.bytes() {
        write!(text, "{byte:02x}").unwrap();
    }
    format!("sha256:{text:0<64}")
}

fn image(given: &Value, now: DateTime<Utc>) -> ImageRecord {
    let ago = |name: &str| {
        let days = given[format!("{name}_days_ago")].as_f64().map(|days| days * 86_400_000.0);
        let seconds = given[format!("{name}_seconds_ago")].as_f64().map(|seconds| seconds * 1000.0);
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of some years")]
        days.or(seconds).map(|millis| now - TimeDelta::milliseconds(millis.round() as i64))
    };
    let strings = |name: &str| -> Vec<String> {
        let list = given[name].as_array().cloned().unwrap_or_default();
        list.iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    ImageRecord {
        digest: digest(given["id"].as_str().unwrap()),
        tags: strings("tags"),
        pushed_at: ago("pushed").unwrap(),
        pulled_at: ago("pulled"),
        archived_at: ago("archived"),
        activated_at: ago("activated"),
        activating_until: None,
        status: match given["status"].as_str() {
            None | Some("ACTIVE") => ImageStatus::Active,
            Some("ARCHIVED") => ImageStatus::Archived,
            Some(_) => ImageStatus::Activating,
        },
        size_bytes: 1,
        media_type: "application/vnd.oci.image.manifest.v1+json".into(),
        artifact_type: None,
        subject: given["subject"].as_str().map(digest),
        children: strings("children").iter().map(|id| digest(id)).collect(),
        manifest: ManifestText::Held("{}".into()),
    }
}

fn repository(created_at: DateTime<Utc>) -> RepositoryRecord {
    RepositoryRecord {
        name: "app".into(),
        created_at,
        mutability: "MUTABLE".into(),
        exclusion_filters: Vec::new(),
        scan_on_push: false,
        encryption_type: "AES256".into(),
        kms_key: None,
        lifecycle_policy: None,
        lifecycle_evaluated_at: None,
        repository_policy: None,
        resource_tags: BTreeMap::new(),
    }
}

/// What the vector expects of the images that are acted on: digest → action and rule.
fn expected(vector: &Value) -> BTreeMap<String, (String, u64)> {
    let verdicts = vector["expect"].as_object().unwrap().iter();
    verdicts
        .filter_map(|(id, verdict)| {
            let action = verdict["action"].as_str()?;
            Some((digest(id), (action.to_owned(), verdict["rule"].as_u64().unwrap())))
        })
        .collect()
}

#[test]
fn a_preview_says_what_the_vectors_expect_of_the_default_switches() {
    let client = Client::new();
    client.admin("POST", "/_fake/settings", &json!({ "preview_seconds": 0 }));
    let dated = |image: &Value| !image["pushed_days_ago"].is_null() || !image["pushed_seconds_ago"].is_null();
    let mut asked = 0;
    for (name, vector) in vectors("lifecycle") {
        let images = vector["images"].as_array().unwrap();
        let default = ["ignored", "follow", "activated", "instant"];
        let switches = vector["switches"].as_object().cloned().unwrap_or_default();
        let is_default = switches.values().all(|value| default.contains(&value.as_str().unwrap()));
        // ECR always knows when an image was pushed.
        if !is_default || !images.iter().all(dated) {
            continue;
        }
        asked += 1;
        let now = at(vector["now"].as_str().unwrap());
        client.fake().set_clock(Clock::Fixed(now));
        let records = images.iter().map(|given| image(given, now)).collect();
        client.fake().load_repository(ACCOUNT, REGION, repository(now), records);
        let text = json!({ "rules": vector["rules"] }).to_string() + &" ".repeat(100);
        let policy = json!({ "repositoryName": "app", "lifecyclePolicyText": text });
        client.ok("StartLifecyclePolicyPreview", policy);
        let answer = client.ok("GetLifecyclePolicyPreview", json!({ "repositoryName": "app" }));
        assert_eq!(answer["status"], "COMPLETE");
        let rows = answer["previewResults"].as_array().unwrap();
        let found: BTreeMap<String, (String, u64)> = rows
            .iter()
            .map(|row| {
                let action = row["action"]["type"].as_str().unwrap().to_owned();
                let rule = row["appliedRulePriority"].as_u64().unwrap();
                (row["imageDigest"].as_str().unwrap().to_owned(), (action, rule))
            })
            .collect();
        assert_eq!(found, expected(&vector), "{name}");
        if let Some(order) = vector["order"].as_array() {
            let order: Vec<String> = order.iter().map(|id| digest(id.as_str().unwrap())).collect();
            let listed: Vec<&str> = rows.iter().map(|row| row["imageDigest"].as_str().unwrap()).collect();
            assert_eq!(listed, order, "{name}");
        }
    }
    assert!(80 < asked, "{asked}");
}
