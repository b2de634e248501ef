//! `demurrage retention`.

use serde_json::json;

use crate::support::{Folder, digest, image, images, registry};

const RULES: &str = r#"
[[retention]]
name = "builds"
repositories = ["team/*"]
keep = [{ tags = ["v2"] }]
expire = [{ tags = ["*"], pushed_older_than = "30d" }]
"#;

fn imported() -> Folder {
    let folder = Folder::new();
    registry(&folder);
    folder.run("import aws --region ap-northeast-2 --taken-at 2026-11-01T00:00:00Z").expect(0);
    folder.write("demurrage.toml", RULES);
    folder
}

#[test]
fn an_image_is_explained_clause_by_clause_with_the_values() {
    let folder = imported();
    let run = folder.run("retention explain team/app:v1 --now 2026-11-01").expect(0);
    let expected = "goes: retention `builds` chooses it: `v1` is tagged `*` and pushed more than 30 days ago \
                    (pushed 2026-01-01 00:00 UTC)";
    assert!(run.stdout.contains(expected), "{}", run.stdout);
    assert!(run.stdout.contains("keep 1: tagged `v2`"), "{}", run.stdout);
    assert!(run.stdout.contains("tags: it does not match"), "{}", run.stdout);
    let by = "tags: it matches; pushed_older_than: 2026-01-01 00:00 UTC (304 days ago)";
    assert!(run.stdout.contains(by), "{}", run.stdout);
    let run = folder.run("retention explain team/app:v2 --now 2026-11-01 --format json").expect(0);
    let document = &run.json()[0];
    assert_eq!(document["action"], json!(null));
    assert_eq!(document["rule"], "builds");
    assert_eq!(document["reason"], "kept");
    assert_eq!(document["image_digest"], digest('b'));
    assert_eq!(document["rules"][0]["keep"][0]["for"][0]["met"], "yes");
}

#[test]
fn all_images_of_a_repository_have_a_line() {
    let folder = imported();
    let run = folder.run("retention explain team/app --now 2026-11-01 --format json").expect(0);
    let fates: Vec<_> = run.json().as_array().unwrap().iter().map(|image| image["action"].clone()).collect();
    assert_eq!(fates, [json!("expire"), json!(null)]);
    let run = folder.run("retention explain team/app --now 2026-11-01").expect(0);
    assert_eq!(run.stdout.lines().count(), 4, "{}", run.stdout);
}

#[test]
fn what_is_in_use_meets_the_condition_with_its_evidence() {
    let folder = imported();
    folder.write("demurrage.toml", RULES.replace("tags = [\"v2\"]", "in_use = true"));
    folder.write("running.txt", "team/app:v1\n");
    let run = folder.run("retention explain team/app:v1 --now 2026-11-01 --in-use running.txt").expect(0);
    assert!(run.stdout.contains("stays: retention `builds` keeps it: `v1` is in use"), "{}", run.stdout);
    assert!(run.stdout.contains("in_use: team/app:v1 (running.txt:1)"), "{}", run.stdout);
    // The fixture is of an account of which nobody read what runs.
    assert!(run.stderr.contains("what is in use is not all known"), "{}", run.stderr);
}

#[test]
fn a_policy_has_what_ecr_can_do_and_keeps_what_a_keep_may_mean() {
    let folder = imported();
    let run = folder.run("retention compile --now 2026-11-01 --out policies --format json").expect(0);
    let document = run.json();
    let repositories = document["repositories"].as_array().unwrap();
    let names: Vec<_> = repositories.iter().map(|repository| &repository["repository_name"]).collect();
    assert_eq!(names, ["team/app", "team/web"]);
    let written = folder.path("policies/123456789012/ap-northeast-2/team/app.json");
    let text = std::fs::read_to_string(written).unwrap();
    let policy: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(policy, repositories[0]["policy"]);
    let patterns: Vec<_> = policy["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| &rule["selection"]["tagPatternList"][0])
        .collect();
    assert_eq!(patterns, ["latest", "sha256-*", "v2", "*"]);
    assert!(run.stderr.contains("keeps neither the newest image nor the last one"), "{}", run.stderr);
    assert!(run.stderr.contains("1 repository has a policy already"), "{}", run.stderr);
    // What the policy does is what a preview of it says.
    let preview = folder
        .run("preview --repository team/app --now 2026-11-01 --policy policies/123456789012/ap-northeast-2/team/app.json --format json")
        .expect(0);
    let going = preview.json()[0]["previewResults"].clone();
    assert_eq!(going.as_array().unwrap().len(), 1);
    assert_eq!(going[0]["imageDigest"], digest('a'));
}

#[test]
fn where_a_keep_asks_for_use_nothing_is_handed_over() {
    let folder = imported();
    folder.write("demurrage.toml", RULES.replace("tags = [\"v2\"]", "in_use = true"));
    let run = folder.run("retention compile --now 2026-11-01 --out policies").expect(5);
    let expected = "ECR cannot tell what retention `builds` keep 1 (in use) keeps";
    assert!(run.stdout.contains(expected), "{}", run.stdout);
    assert!(run.stdout.contains("nothing for ECR: no policy"), "{}", run.stdout);
    assert!(!folder.path("policies").exists());
}

#[test]
fn signatures_that_are_found_by_their_tags_stay() {
    let folder = imported();
    // A signature that is found by its tag is older than what it signs; but a policy keeps all of those.
    let list = images(&[
        image('a', &["v1"], "2026-10-30T00:00:00Z"),
        image('d', &[&format!("sha256-{}.sig", "a".repeat(64))], "2026-01-01T00:00:00Z"),
    ]);
    folder.write_json("aws/repositories/team/app/describe-images.json", &list);
    folder.run("import aws --region ap-northeast-2 --taken-at 2026-11-02T00:00:00Z").expect(0);
    folder.run("retention compile --now 2026-11-02 --out policies").expect(0);
    let policy = "policies/123456789012/ap-northeast-2/team/app.json";
    let preview = folder
        .run(&format!("preview --repository team/app --now 2026-11-02 --policy {policy} --format json"));
    assert_eq!(preview.expect(0).json()[0]["previewResults"], json!([]));
}

#[test]
fn without_rules_the_command_says_how_to_write_some() {
    let folder = imported();
    folder.write("demurrage.toml", "[audit]\n");
    let run = folder.run("retention explain team/app").expect(2);
    assert!(run.stderr.contains("demurrage.toml has no retention rules"), "{}", run.stderr);
    assert!(run.stderr.contains("[[retention]]"), "{}", run.stderr);
    folder.write("demurrage.toml", RULES.replace("team/*", "shop/*"));
    let run = folder.run("retention explain team/app").expect(0);
    assert!(run.stderr.contains("no retention rule is about team/app"), "{}", run.stderr);
    folder.run("retention compile").expect(5);
    folder.run("retention explain team/none").expect(2);
}
