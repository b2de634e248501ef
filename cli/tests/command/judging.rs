//! `demurrage lint`, `compare` and `explain`: exit codes and what they say.

use crate::support::{Folder, image, images, keep, registry};
use serde_json::{Value, json};

fn rule(priority: u64, selection: &Value, days: u64) -> Value {
    let mut rule = json!({"rulePriority": priority, "description": "a rule of this test of the command",
        "selection": selection, "action": {"type": "expire"}});
    rule["selection"]["countType"] = json!("sinceImagePushed");
    rule["selection"]["countUnit"] = json!("days");
    rule["selection"]["countNumber"] = json!(days);
    rule
}

fn ids(document: &Value) -> Vec<String> {
    let findings = document[0]["findings"].as_array().cloned().unwrap_or_default();
    findings.iter().map(|finding| finding["id"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn a_clean_policy_ends_with_0_findings_with_1_and_a_rejected_one_with_2() {
    let folder = Folder::new();
    folder.write_json("clean.json", &keep(20));
    folder.write_json("and.json", &json!({"rules": [rule(1, &json!({"tagStatus": "tagged", "tagPatternList": ["prod*", "staging*"]}), 9)]}));
    let mut rejected = keep(20);
    rejected["rules"][0]["selection"]["countNumber"] = json!(0);
    folder.write_json("rejected.json", &rejected);
    folder.run("lint clean.json").expect(0);
    let run = folder.run("lint and.json --format json").expect(1);
    assert_eq!(ids(&run.json()), ["and-list", "tags-uncapped", "untagged-uncapped"]);
    folder.run("lint and.json --fail-on error").expect(0);
    let archive = json!({"rules": [keep(5)["rules"][0], {"rulePriority": 2, "action": {"type": "expire"}, "selection":
        {"tagStatus": "any", "storageClass": "archive", "countType": "sinceImageTransitioned", "countUnit": "days",
         "countNumber": 90}}]});
    folder.write_json("info.json", &archive);
    assert_eq!(ids(&folder.run("lint info.json --format json").expect(1).json()), ["never-acts"]);
    folder.run("lint info.json --fail-on low").expect(0);
    let run = folder.run("lint clean.json and.json rejected.json").expect(2);
    assert!(run.stdout.contains("numeric instance is lower than the required minimum"), "{}", run.stdout);
}

#[test]
fn each_finding_shows_itself_and_only_where_it_should() {
    let any = json!({"tagStatus": "any"});
    let tagged = |list: &[&str]| json!({"tagStatus": "tagged", "tagPatternList": list});
    let count = |mut rule: Value, number: u64| {
        rule["selection"]["countType"] = json!("imageCountMoreThan");
        rule["selection"]["countNumber"] = json!(number);
        rule["selection"].as_object_mut().expect("an object").remove("countUnit");
        rule
    };
    let archive = |mut rule: Value| {
        rule["action"] = json!({"type": "transition", "targetStorageClass": "archive"});
        rule
    };
    let cases = [
        ("never-acts", vec![rule(1, &tagged(&["v 1"]), 9), count(rule(2, &any, 1), 5)], true),
        (
            "shadowed",
            vec![rule(1, &tagged(&["pr*"]), 9), rule(2, &tagged(&["prod-*"]), 9), count(rule(3, &any, 1), 5)],
            true,
        ),
        (
            "shadowed",
            vec![rule(1, &tagged(&["prod-*"]), 9), rule(2, &tagged(&["pr*"]), 9), count(rule(3, &any, 1), 5)],
            false,
        ),
        ("tags-uncapped", vec![rule(1, &json!({"tagStatus": "untagged"}), 9)], true),
        ("tags-uncapped", vec![count(rule(1, &any, 1), 5)], false),
        (
            "window-filled",
            vec![count(rule(1, &tagged(&["prod*"]), 1), 9999), count(rule(2, &any, 1), 20)],
            true,
        ),
        ("window-filled", vec![count(rule(1, &tagged(&["prod*"]), 1), 9999), rule(2, &any, 20)], false),
        ("can-empty", vec![rule(1, &any, 30)], true),
        ("can-empty", vec![rule(1, &json!({"tagStatus": "untagged"}), 9), count(rule(2, &any, 1), 5)], false),
        ("archive-saves-nothing", vec![archive(rule(1, &any, 30))], true),
        ("and-list", vec![rule(1, &tagged(&["v*", "*-arm64"]), 9)], false),
    ];
    let folder = Folder::new();
    for (id, rules, shows) in cases {
        folder.write_json("policy.json", &json!({ "rules": rules }));
        let run = folder.run("lint policy.json --format json");
        assert_eq!(
            ids(&run.json()).iter().any(|found| found == id),
            shows,
            "{id}: {rules:?}\n{}",
            run.stdout
        );
    }
}

#[test]
fn lint_of_a_store_knows_what_a_rule_matches() {
    let folder = Folder::new();
    registry(&folder);
    let policy = json!({"rules": [rule(1, &json!({"tagStatus": "tagged", "tagPatternList": ["prod*"]}), 9),
        rule(2, &json!({"tagStatus": "any"}), 30)]});
    folder.write_json(
        "aws/repositories/team/app/get-lifecycle-policy.json",
        &json!({"lifecyclePolicyText": policy.to_string()}),
    );
    folder.run("import aws --region ap-northeast-2").expect(0);
    let run = folder.run("lint --now 2026-11-01 --format json").expect(1);
    let found = ids(&run.json());
    assert!(
        found.contains(&"matches-nothing".to_owned()) && found.contains(&"empties-now".to_owned()),
        "{found:?}"
    );
}

#[test]
fn compare_ends_with_1_only_where_an_image_fares_worse() {
    let folder = Folder::new();
    folder.write_json("one.json", &keep(1));
    folder.write_json("two.json", &keep(2));
    let list = [
        image('a', &["v1"], "2026-01-01"),
        image('b', &["v2"], "2026-01-02"),
        image('c', &["v3"], "2026-01-03"),
    ];
    folder.write_json("images.json", &images(&list));
    let run =
        folder.run("compare two.json one.json --images images.json --now 2026-11-01 --format json").expect(1);
    assert_eq!(run.json()[0]["changes"][0]["worse"], true);
    assert_eq!(run.json()[0]["changes"].as_array().map(Vec::len), Some(1));
    let run =
        folder.run("compare one.json two.json --images images.json --now 2026-11-01 --format json").expect(0);
    assert_eq!(run.json()[0]["changes"][0]["worse"], false);
    let run =
        folder.run("compare one.json one.json --images images.json --now 2026-11-01 --format json").expect(0);
    assert_eq!(run.json(), json!([]));
    folder.run("compare none one.json --images images.json --now 2026-11-01").expect(1);
    folder.run("compare one.json none --images images.json --now 2026-11-01").expect(0);
}

#[test]
fn a_terraform_plan_is_compared_repository_by_repository() {
    let folder = Folder::new();
    registry(&folder);
    folder.run("import aws --region ap-northeast-2").expect(0);
    let change = |repository: &str, before: Value, after: Value| {
        json!({"address": format!("aws_ecr_lifecycle_policy.{repository}"), "type": "aws_ecr_lifecycle_policy",
               "change": {"actions": ["update"], "before": before, "after": after, "after_unknown": {}}})
    };
    let side = |count: u64| json!({"repository": "team/app", "policy": keep(count).to_string()});
    let plan = |changes: &[Value]| json!({"format_version": "1.2", "resource_changes": changes});
    folder.write_json("plan.json", &plan(&[change("app", side(5), side(1))]));
    let run = folder.run("compare --terraform-plan plan.json --now 2026-11-01 --format json").expect(1);
    assert_eq!(run.json()[0]["changes"].as_array().map(Vec::len), Some(1));
    folder.write_json("plan.json", &plan(&[change("app", side(1), side(5))]));
    folder.run("compare --terraform-plan plan.json --now 2026-11-01").expect(0);
    let elsewhere = json!({"repository": "team/unseen", "policy": keep(1).to_string()});
    folder.write_json("plan.json", &plan(&[change("unseen", Value::Null, elsewhere)]));
    let run = folder.run("compare --terraform-plan plan.json --now 2026-11-01").expect(4);
    assert!(run.stderr.contains("team/unseen"), "{}", run.stderr);
    let mut unknown = change("later", Value::Null, json!({"repository": "team/app"}));
    unknown["change"]["after_unknown"] = json!({"policy": true});
    folder.write_json("plan.json", &plan(&[unknown]));
    folder.run("compare --terraform-plan plan.json --now 2026-11-01").expect(4);
    let mut forgotten = change("app", side(1), Value::Null);
    forgotten["change"]["actions"] = json!(["forget"]);
    folder.write_json("plan.json", &plan(&[forgotten]));
    let run = folder.run("compare --terraform-plan plan.json --now 2026-11-01 --format json").expect(0);
    assert_eq!(run.json(), json!([]));
    folder.write_json("plan.json", &json!({"format_version": "1.0", "values": {}}));
    folder.run("compare --terraform-plan plan.json --now 2026-11-01").expect(2);
    let run = folder.run("compare none attached --now 2026-11-01").expect(4);
    assert!(run.stderr.contains("team/web: its attached policy was not read"), "{}", run.stderr);
    folder.write_json("plan.json", &keep(1));
    folder.run("compare --terraform-plan plan.json --now 2026-11-01").expect(2);
}

#[test]
fn explain_says_why_and_what_comes_next() {
    let folder = Folder::new();
    folder.write_json("policy.json", &keep(2));
    let list = [
        image('a', &["v1"], "2026-01-01"),
        image('b', &["v2"], "2026-01-02"),
        image('c', &["v3"], "2026-01-03"),
    ];
    folder.write_json("images.json", &images(&list));
    let common = "--images images.json --policy policy.json --now 2026-11-01";
    let run = folder.run(&format!("explain team/app:v2 {common} --format json")).expect(0);
    assert_eq!(run.json()[0]["reason"], json!({"name": "within_count", "rank": 2, "limit": 2}));
    assert_eq!(run.json()[0]["next"], json!({"when": "after_pushes", "pushes": 1}));
    let run = folder.run(&format!("explain team/app:v1 {common}")).expect(0);
    insta::assert_snapshot!("explain_one", run.stdout);
    let run = folder.run(&format!("explain team/app {common}")).expect(0);
    insta::assert_snapshot!("explain_all", run.stdout);
}
