//! What is kept of a registry itself: answers as they came, whole.

use demurrage_aws::collect::PullTimes;
use demurrage_core::Fact;
use fake_ecr::{Clock, Fault, FaultKind, FaultTimes};
use serde_json::{Value, json};

use crate::support::{ACCOUNT, REGION, World};

const OPERATIONS: [&str; 2] = ["DescribeRepositoryCreationTemplates", "DescribePullThroughCacheRules"];

fn parsed(fact: &Fact<String>) -> Value {
    serde_json::from_str(fact.present().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn creation_templates_and_rules_of_caches_are_kept_as_the_api_sent_them() {
    let world = World::generated(2, 2, 1);
    let empty = world.read(&world.collect().await).registry;
    let none = json!({ "registryId": ACCOUNT, "repositoryCreationTemplates": [] });
    assert_eq!(parsed(&empty.creation_templates), none);
    assert_eq!(parsed(&empty.pull_through_cache_rules), json!({ "pullThroughCacheRules": [] }));

    // With members that nobody knows yet.
    let template =
        json!({ "prefix": "ROOT", "appliedFor": ["REPLICATION"], "createdAt": 1.5, "later": true });
    let rule = json!({ "ecrRepositoryPrefix": "quay", "upstreamRegistryUrl": "quay.io", "later": [1] });
    world.fake().load_prefixes(ACCOUNT, REGION, vec![template.clone()], vec![rule.clone()]);
    world.fake().advance(chrono::TimeDelta::seconds(2));
    let found = world.read(&world.collect().await).registry;
    assert_eq!(parsed(&found.creation_templates)["repositoryCreationTemplates"], json!([template]));
    assert_eq!(parsed(&found.pull_through_cache_rules)["pullThroughCacheRules"], json!([rule]));
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_page_of_templates_and_rules_becomes_one_answer_of_the_same_shape() {
    let world = World::generated(1, 1, 1);
    let prefix = |number: usize| format!("team-{number:04}");
    let templates = (0..2_001).map(|number| json!({ "prefix": prefix(number), "appliedFor": [] })).collect();
    let rules = (0..1_001).map(|number| json!({ "ecrRepositoryPrefix": prefix(number) })).collect();
    world.fake().load_prefixes(ACCOUNT, REGION, templates, rules);
    let collected = world.collect().await;
    let expected = |operation: &str| collected.calls.iter().find(|line| line.operation == operation).unwrap();
    assert_eq!(OPERATIONS.map(|operation| expected(operation).expected), [3, 2]);
    assert_eq!(OPERATIONS.map(|operation| expected(operation).tally.sent), [3, 2]);
    let found = world.read(&collected).registry;
    let (templates, rules) = (parsed(&found.creation_templates), parsed(&found.pull_through_cache_rules));
    let prefixes = |answer: &Value, list: &str, member: &str| -> Vec<String> {
        let entries = answer[list].as_array().unwrap();
        entries.iter().map(|entry| entry[member].as_str().unwrap().to_owned()).collect()
    };
    let of_templates = prefixes(&templates, "repositoryCreationTemplates", "prefix");
    assert_eq!(of_templates, (0..2_001).map(prefix).collect::<Vec<_>>());
    let of_rules = prefixes(&rules, "pullThroughCacheRules", "ecrRepositoryPrefix");
    assert_eq!(of_rules, (0..1_001).map(prefix).collect::<Vec<_>>());
    assert_eq!((templates["registryId"].as_str(), templates.get("nextToken")), (Some(ACCOUNT), None));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_set_of_permissions_leaves_them_not_evaluated_and_is_named() {
    let world = World::generated(2, 3, 1);
    world.fake().set_clock(Clock::default());
    for operation in OPERATIONS {
        let (operation, kind, times) = (operation.to_owned(), FaultKind::AccessDenied, FaultTimes::Every(1));
        world.fake().add_fault(Fault { operation, account: None, region: None, kind, times });
    }
    let session = world.session().await;
    let collected = world.collect_as(&session, &world.store, PullTimes::LeaveAsTheyAre).await;
    assert_eq!(collected.problems.len(), 2, "{:?}", collected.problems);
    for (problem, operation) in collected.problems.iter().zip(OPERATIONS) {
        assert!(problem.starts_with(&format!("`{operation}` failed: ")), "{problem}");
    }
    let inventory = world.read(&collected);
    assert_eq!(inventory.registry.creation_templates, Fact::NotEvaluated);
    assert_eq!(inventory.registry.pull_through_cache_rules, Fact::NotEvaluated);
    assert_eq!((inventory.repositories.len(), collected.entry.images()), (2, 6), "and the rest is read");
}
