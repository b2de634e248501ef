//! `demurrage check-push`, against a server that behaves as ECR does.

use fake_ecr::{FaultKind, FaultTimes};
use serde_json::{Value, json};

use crate::server::{Live, REGION};
use crate::support::Run;

/// A registry with `team/app`, in which `v1` and `latest` are on one image.
fn live(mutability: &Value) -> (Live, String) {
    let live = Live::empty();
    let mut repository = json!({ "repositoryName": "team/app" });
    for (name, value) in mutability.as_object().expect("an object") {
        repository[name] = value.clone();
    }
    live.post("CreateRepository", &repository);
    let digest = push(&live, "v1", "one");
    assert_eq!(push(&live, "latest", "one"), digest);
    (live, digest)
}

/// Pushes an image that is an index of nothing; its digest.
fn push(live: &Live, tag: &str, text: &str) -> String {
    let manifest = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [],
        "annotations": { "text": text }});
    let asked = json!({"repositoryName": "team/app", "imageTag": tag, "imageManifest": manifest.to_string(),
        "imageManifestMediaType": "application/vnd.oci.image.index.v1+json"});
    let answer = live.post("PutImage", &asked);
    let (_, from) = answer.split_once("\"imageDigest\":\"").unwrap_or_else(|| panic!("{answer}"));
    from.split('"').next().expect("a digest").to_owned()
}

fn check(live: &Live, rest: &str) -> Run {
    live.run(&format!("check-push {rest} --region {REGION}"))
}

const OTHER: &str = "sha256:2222222222222222222222222222222222222222222222222222222222222222";

#[test]
fn a_tag_that_cannot_move_is_refused_before_ecr_refuses_it_and_the_same_image_needs_no_push() {
    let (live, digest) = live(&json!({ "imageTagMutability": "IMMUTABLE" }));
    let run = check(&live, "team/app v2").expect(0);
    assert_eq!(run.stdout, "push: team/app:v2 is new\n");
    let run = check(&live, "team/app v1").expect(1);
    assert!(run.stdout.contains("ImageTagAlreadyExistsException"), "{}", run.stdout);
    check(&live, &format!("team/app v1 --digest {OTHER}")).expect(1);
    let run = check(&live, &format!("team/app v1 --digest {digest}")).expect(5);
    assert!(run.stdout.starts_with("nothing to push: "), "{}", run.stdout);
    // What it says is what ECR does.
    let manifest = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [],
        "annotations": { "text": "one" }});
    let asked =
        json!({"repositoryName": "team/app", "imageTag": "v1", "imageManifest": manifest.to_string()});
    assert!(live.post("PutImage", &asked).contains("ImageTagAlreadyExistsException"));
}

#[test]
fn a_tag_moves_only_where_the_rules_let_it() {
    let (live, digest) = live(&json!({ "imageTagMutability": "MUTABLE" }));
    let run = check(&live, "team/app latest --format json").expect(0);
    let answer = run.json();
    assert_eq!((&answer["answer"], &answer["current_digest"]), (&json!("MOVES"), &json!(digest)));
    let run = check(&live, "team/app v1").expect(1);
    assert!(run.stdout.contains("the rules promise that it never moves"), "{}", run.stdout);
    live.folder.write("free.toml", "[audit]\nmutability = []\n");
    check(&live, "team/app v1 --config free.toml").expect(0);
}

#[test]
fn exclusions_free_what_they_match() {
    let filters = json!([{ "filterType": "WILDCARD", "filter": "latest" }]);
    let (live, _) = live(&json!({ "imageTagMutability": "IMMUTABLE_WITH_EXCLUSION",
        "imageTagMutabilityExclusionFilters": filters }));
    check(&live, "team/app latest").expect(0);
    check(&live, "team/app v1").expect(1);
}

#[test]
fn a_repository_that_is_not_there_is_made_by_a_template_or_not_at_all() {
    let (live, _) = live(&json!({ "imageTagMutability": "MUTABLE" }));
    let run = check(&live, "team/new v1").expect(1);
    assert!(run.stdout.contains("no creation template"), "{}", run.stdout);
    live.post(
        "CreateRepositoryCreationTemplate",
        &json!({ "prefix": "team", "appliedFor": ["CREATE_ON_PUSH"] }),
    );
    let run = check(&live, "team/new v1").expect(0);
    assert!(run.stdout.contains("creation template `team`"), "{}", run.stdout);
    check(&live, "teams/new v1").expect(1);
}

#[test]
fn an_archived_image_comes_back_by_its_push() {
    let (live, digest) = live(&json!({ "imageTagMutability": "MUTABLE" }));
    let asked = json!({ "repositoryName": "team/app", "imageId": { "imageDigest": digest }, "targetStorageClass": "ARCHIVE" });
    assert!(live.post("UpdateImageStorageClass", &asked).contains("ARCHIVED"));
    let run = check(&live, &format!("team/app v1 --digest {digest}")).expect(0);
    assert!(run.stdout.contains("pushing restores it"), "{}", run.stdout);
}

#[test]
fn it_writes_nothing_and_reads_no_manifest() {
    let (live, digest) = live(&json!({ "imageTagMutability": "IMMUTABLE" }));
    live.fake().reset_calls();
    check(&live, &format!("team/app v1 --digest {digest}")).expect(5);
    let mut asked: Vec<String> = live.fake().calls().keys().map(|key| key.operation.clone()).collect();
    asked.sort();
    assert_eq!(asked, ["DescribeImages", "DescribeRepositories"]);
}

#[test]
fn offline_the_newest_inventory_answers_and_nobody_is_asked() {
    let (live, digest) = live(&json!({ "imageTagMutability": "IMMUTABLE" }));
    live.collect("").expect(0);
    push(&live, "v2", "two");
    live.fake().reset_calls();
    let offline = |rest: &str| live.run(&format!("check-push {rest} --offline"));
    assert_eq!(offline("team/app v2").expect(0).stdout, "push: team/app:v2 is new\n", "it was pushed since");
    offline("team/app v1").expect(1);
    let answer = offline(&format!("team/app v1 --digest {digest} --format json")).expect(5).json();
    assert_eq!(answer["answer"], "ALREADY_THERE");
    assert_eq!(answer["image_tag_mutability"], "IMMUTABLE");
    assert!(answer["taken_at"].is_string(), "{answer}");
    let run = offline("team/new v1").expect(4);
    assert!(run.stdout.contains("the inventory has no such repository"), "{}", run.stdout);
    assert!(live.fake().calls().is_empty());
    offline("team/app v1 --region eu-west-1").expect(2);
    offline("team/app v1 --calls-per-second 5").expect(2);
    check(&live, "team/app v1 --store store").expect(2);
}

#[test]
fn what_cannot_be_asked_or_read_has_a_code_of_its_own() {
    let (live, _) = live(&json!({ "imageTagMutability": "IMMUTABLE" }));
    check(&live, "team/app two,words").expect(2);
    check(&live, "team/app v1 --digest sha256:1").expect(2);
    let host = "123456789012.dkr.ecr.ap-northeast-2.amazonaws.com/team/app v1";
    let run = check(&live, host).expect(2);
    assert!(run.stderr.contains("write `team/app`"), "{}", run.stderr);
    live.deny(&["DescribeRepositoryCreationTemplates"]);
    check(&live, "team/new v1").expect(4);
    live.deny(&["DescribeImages"]);
    let run = check(&live, "team/app v1").expect(3);
    assert!(run.stderr.contains("ecr:DescribeImages"), "{}", run.stderr);
    live.fail("DescribeRepositories", FaultKind::AccessDenied, FaultTimes::Every(1));
    check(&live, "team/app v1").expect(3);
}
