//! Creation templates and rules of pull-through caches, page by page.

use serde_json::{Value, json};

use crate::client::{ACCOUNT, Client};

const TEMPLATES: &str = "repositoryCreationTemplates";
const RULES: &str = "pullThroughCacheRules";
const PREFIX: &str = "ecrRepositoryPrefix";

/// The prefixes of all pages of two.
fn prefixes(client: &Client, operation: &str, list: &str, member: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut body = json!({ "maxResults": 2 });
    loop {
        let page = client.ok(operation, body.clone());
        let entries = page[list].as_array().unwrap();
        assert!(entries.len() <= 2);
        found.extend(entries.iter().map(|entry| entry[member].as_str().unwrap().to_owned()));
        match page.get("nextToken") {
            Some(token) => body["nextToken"] = token.clone(),
            None => return found,
        }
    }
}

#[test]
fn creation_templates_are_given_back_with_what_they_have_by_default() {
    let client = Client::new();
    assert_eq!(client.ok("DescribeRepositoryCreationTemplates", json!({}))[TEMPLATES], json!([]));
    let applied = json!(["PULL_THROUGH_CACHE"]);
    for prefix in ["team/", "ROOT", "b"] {
        let body = json!({ "prefix": prefix, "appliedFor": applied });
        let made = client.ok("CreateRepositoryCreationTemplate", body);
        assert_eq!(made["registryId"], ACCOUNT);
    }
    let found = prefixes(&client, "DescribeRepositoryCreationTemplates", TEMPLATES, "prefix");
    assert_eq!(found, ["ROOT", "b", "team/"]);
    let one = client.ok("DescribeRepositoryCreationTemplates", json!({ "prefixes": ["b", "gone"] }));
    let one = one[TEMPLATES].as_array().unwrap();
    assert_eq!(one.len(), 1);
    assert_eq!(one[0]["imageTagMutability"], "MUTABLE");
    assert_eq!(one[0]["encryptionConfiguration"]["encryptionType"], "AES256");
    assert_eq!(one[0]["appliedFor"], applied);
}

#[test]
fn a_template_of_a_prefix_that_has_one_or_for_nothing_is_refused() {
    let client = Client::new();
    let make = |body: Value| client.refused("CreateRepositoryCreationTemplate", body);
    client.ok("CreateRepositoryCreationTemplate", json!({ "prefix": "a", "appliedFor": ["REPLICATION"] }));
    let twice = json!({ "prefix": "a", "appliedFor": ["REPLICATION"] });
    assert_eq!(make(twice), "TemplateAlreadyExistsException");
    for body in [
        json!({ "prefix": "b" }),
        json!({ "prefix": "b", "appliedFor": ["PUSH"] }),
        json!({ "prefix": "B", "appliedFor": ["REPLICATION"] }),
        json!({ "prefix": "b", "appliedFor": ["REPLICATION"], "imageTagMutability": "MUTABLE_WITH_EXCLUSION" }),
    ] {
        assert_eq!(make(body), "InvalidParameterException");
    }
}

#[test]
fn rules_of_pull_through_caches_are_given_back_and_one_that_is_not_there_is_refused() {
    let client = Client::new();
    assert_eq!(client.ok("DescribePullThroughCacheRules", json!({}))[RULES], json!([]));
    let rule = |prefix: &str| json!({ PREFIX: prefix, "upstreamRegistryUrl": "quay.io" });
    for prefix in ["quay", "k8s", "public"] {
        assert_eq!(client.ok("CreatePullThroughCacheRule", rule(prefix))["registryId"], ACCOUNT);
    }
    let found = prefixes(&client, "DescribePullThroughCacheRules", RULES, PREFIX);
    assert_eq!(found, ["k8s", "public", "quay"]);
    let one = client.ok("DescribePullThroughCacheRules", json!({ "ecrRepositoryPrefixes": ["quay"] }));
    assert_eq!(one[RULES][0]["upstreamRegistryUrl"], "quay.io");
    let gone = json!({ "ecrRepositoryPrefixes": ["quay", "gone"] });
    let refused = client.refused("DescribePullThroughCacheRules", gone);
    assert_eq!(refused, "PullThroughCacheRuleNotFoundException");
    let again = client.refused("CreatePullThroughCacheRule", rule("quay"));
    assert_eq!(again, "PullThroughCacheRuleAlreadyExistsException");
    let long = client.refused("CreatePullThroughCacheRule", rule(&"a".repeat(31)));
    assert_eq!(long, "InvalidParameterException");
}
