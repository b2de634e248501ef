//! Accounts, regions, replication, ECR Public.

use serde_json::{Value, json};

use crate::client::{ACCOUNT, Client, REGION, manifest};

#[test]
fn accounts_and_regions_are_apart_and_another_registry_can_be_named() {
    let mut client = Client::with_app();
    client.region = "us-east-1".into();
    assert_eq!(client.ok("DescribeRepositories", json!({}))["repositories"], json!([]));
    client.region = REGION.into();
    client.key = "210987654321".into();
    assert_eq!(client.ok("DescribeRepositories", json!({}))["repositories"], json!([]));
    let other = client.ok("DescribeRepositories", json!({ "registryId": ACCOUNT }));
    assert_eq!(other["repositories"][0]["registryId"], ACCOUNT);
    assert_eq!(
        other["repositories"][0]["repositoryArn"],
        format!("arn:aws:ecr:{REGION}:{ACCOUNT}:repository/app")
    );
}

fn replicate(client: &Client, deletes: bool) -> Value {
    let configuration = json!({ "rules": [{
        "destinations": [{ "region": "us-east-1", "registryId": ACCOUNT }],
        "repositoryFilters": [{ "filter": "ap", "filterType": "PREFIX_MATCH" }],
        "deleteReplication": { "enabled": deletes },
    }]});
    client.ok("PutReplicationConfiguration", json!({ "replicationConfiguration": configuration }));
    configuration
}

#[test]
fn pushes_are_replicated_and_deletes_only_where_a_rule_says_so() {
    let client = Client::with_app();
    let before = client.push(&manifest("before", 1), Some("before"));
    let configuration = replicate(&client, false);
    assert_eq!(client.ok("DescribeRegistry", json!({}))["replicationConfiguration"], configuration);
    let digest = client.push(&manifest("one", 1), Some("v1"));
    let there = || client.fake().images(ACCOUNT, "us-east-1", "app");
    assert_eq!(there().len(), 1);
    assert_eq!(there()[0].digest, digest);
    assert_ne!(before, digest);
    let id = json!({ "imageDigest": digest });
    let status =
        client.ok("DescribeImageReplicationStatus", json!({ "repositoryName": "app", "imageId": id }));
    assert_eq!(
        status["replicationStatuses"],
        json!([{
            "region": "us-east-1", "registryId": ACCOUNT, "status": "COMPLETE",
        }])
    );
    client.ok("BatchDeleteImage", json!({ "repositoryName": "app", "imageIds": [id] }));
    assert_eq!(there().len(), 1);
    replicate(&client, true);
    let digest = client.push(&manifest("two", 1), Some("v2"));
    assert_eq!(there().len(), 2);
    client
        .ok("BatchDeleteImage", json!({ "repositoryName": "app", "imageIds": [{ "imageDigest": digest }] }));
    assert_eq!(there().len(), 1);
    let events = client.fake().events();
    let replicated = events.iter().find(|event| event["detail"]["action-type"] == "REPLICATE").unwrap();
    assert_eq!(
        (&replicated["region"], &replicated["detail"]["source-region"]),
        (&json!("us-east-1"), &json!(REGION))
    );
}

#[test]
fn a_replication_rule_outside_the_model_is_refused() {
    let client = Client::new();
    let to = |region: &str| json!([{ "region": region, "registryId": ACCOUNT }]);
    for rule in [
        json!({ "destinations": to("us-east-1"), "deleteReplication": {} }),
        json!({ "destinations": to("us-east-1"), "repositoryFilters": [] }),
        json!({ "destinations": to(REGION) }),
        json!({}),
    ] {
        let body = json!({ "replicationConfiguration": { "rules": [rule] } });
        assert_eq!(client.refused("PutReplicationConfiguration", body), "InvalidParameterException");
    }
}

#[test]
fn settings_of_scanning_and_accounts_are_kept() {
    let client = Client::with_app();
    let rules = json!([{
        "scanFrequency": "CONTINUOUS_SCAN", "repositoryFilters": [{ "filter": "pp", "filterType": "WILDCARD" }],
    }]);
    client.ok("PutRegistryScanningConfiguration", json!({ "scanType": "ENHANCED", "rules": rules }));
    let names = json!({ "repositoryNames": ["app", "other"] });
    let answer = client.ok("BatchGetRepositoryScanningConfiguration", names);
    assert_eq!(answer["scanningConfigurations"][0]["scanFrequency"], "CONTINUOUS_SCAN");
    assert_eq!(answer["failures"][0]["failureCode"], "REPOSITORY_NOT_FOUND");
    let basic = json!({ "scanType": "BASIC", "rules": rules });
    assert_eq!(client.refused("PutRegistryScanningConfiguration", basic), "InvalidParameterException");
    client.ok("PutAccountSetting", json!({ "name": "BLOB_MOUNTING", "value": "ENABLED" }));
    assert_eq!(client.ok("GetAccountSetting", json!({ "name": "BLOB_MOUNTING" }))["value"], "ENABLED");
    assert_eq!(client.refused("GetAccountSetting", json!({ "name": "X" })), "InvalidParameterException");
}

#[test]
fn the_last_tag_at_the_source_takes_the_copy_with_all_its_tags() {
    let mut client = Client::with_app();
    replicate(&client, true);
    client.push(&manifest("one", 1), Some("v1"));
    client.region = "us-east-1".into();
    client.push(&manifest("one", 1), Some("only-there"));
    assert_eq!(client.fake().images(ACCOUNT, "us-east-1", "app")[0].tags, ["v1", "only-there"]);
    client.region = REGION.into();
    client.ok("BatchDeleteImage", json!({ "repositoryName": "app", "imageIds": [{ "imageTag": "v1" }] }));
    assert_eq!(client.fake().images(ACCOUNT, "us-east-1", "app"), []);
}

#[test]
fn ecr_public_has_its_own_repositories_and_says_less() {
    let client = Client::with_app();
    let public = |operation: &str, body: Value| {
        let answer = client.target(&format!("SpencerFrontendService.{operation}"), &body).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    };
    assert_eq!(public("DescribeRepositories", json!({}))["repositories"], json!([]));
    let made = public("CreateRepository", json!({ "repositoryName": "open" }));
    assert_eq!(made["repository"]["repositoryArn"], format!("arn:aws:ecr-public::{ACCOUNT}:repository/open"));
    public(
        "PutImage",
        json!({ "repositoryName": "open", "imageManifest": manifest("one", 1), "imageTag": "v1" }),
    );
    let image = &public("DescribeImages", json!({ "repositoryName": "open" }))["imageDetails"][0];
    assert_eq!((&image["imageStatus"], &image["imageTags"]), (&Value::Null, &json!(["v1"])));
    let tags = public("DescribeImageTags", json!({ "repositoryName": "open" }));
    assert_eq!(tags["imageTagDetails"][0]["createdAt"], json!(1_795_428_000.0));
    assert_eq!(client.ok("DescribeRepositories", json!({}))["repositories"][0]["repositoryName"], "app");
}
