//! `preview --verify` while images come and go, over several accounts, and where nothing is answered.

use std::time::{Duration, Instant};

use chrono::TimeDelta;
use fake_ecr::{FaultKind, FaultTimes, RepositoryRecord, Settings};
use serde_json::{Value, json};

use crate::server::{ACCOUNT, Live, REGION};
use crate::support::Run;

const OTHER_ACCOUNT: &str = "210987654321";
const VERIFY: &str = "preview --verify --format json --calls-per-second 5000";

/// A registry, collected, of which ECR has a preview at once.
fn collected(seed: u64) -> Live {
    let live = Live::generated(8, 60, seed);
    let settings = live.fake().settings();
    live.fake().set_settings(Settings { preview: TimeDelta::zero(), ..settings });
    live.collect("").expect(0);
    live
}

/// A repository that has a policy.
fn with_policy(live: &Live) -> String {
    let run = live.folder.run("preview --format json --now 2026-11-01").expect(0);
    let documents = run.json();
    let document = documents.as_array().and_then(|all| all.first()).expect("a preview");
    document["repositoryName"].as_str().expect("a name").to_owned()
}

/// Deletes an image each time that ECR is asked for a preview, so often; returns what came of the command.
fn verify_while_deleting(live: &Live, name: &str, times: u64) -> Run {
    live.fail("GetLifecyclePolicyPreview", FaultKind::Slow(Duration::from_millis(500)), FaultTimes::Every(1));
    let mut command = live.command(&format!("{VERIFY} --repository {name}"));
    let child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn();
    let child = child.expect("the command starts");
    let began = Instant::now();
    for asked in 1..=times {
        while live.calls("StartLifecyclePolicyPreview") < asked {
            assert!(began.elapsed() < Duration::from_secs(30), "it asks");
            std::thread::yield_now();
        }
        let held = live.fake().images(ACCOUNT, REGION, name);
        let is_loose = |digest: &String| !held.iter().any(|index| index.children.contains(digest));
        let one = held.iter().find(|image| image.children.is_empty() && is_loose(&image.digest));
        let ids = json!([{"imageDigest": one.expect("an image").digest}]);
        let answer = live.post("BatchDeleteImage", &json!({"repositoryName": name, "imageIds": ids}));
        assert!(answer.contains("\"failures\":[]"), "{answer}");
    }
    Run::of(&child.wait_with_output().expect("it ends"))
}

#[test]
fn what_is_deleted_while_ecr_is_asked_is_asked_again_and_no_disagreement() {
    let live = collected(13);
    let name = with_policy(&live);
    let before = live.fake().images(ACCOUNT, REGION, &name).len();
    let answer = verify_while_deleting(&live, &name, 1).expect(0).json();
    assert_eq!(live.calls("StartLifecyclePolicyPreview"), 2);
    assert_eq!(answer["repositories"][0]["images"], json!(before - 1), "{answer:#}");
    assert_eq!(answer["repositories"][0]["disagreements"], json!([]), "{answer:#}");
    let evidence = live.evidence();
    let (_, kept) = evidence.first().expect("a document");
    assert!(kept["answer"]["repositories"][0]["answered_at"].is_string(), "{kept:#}");
}

#[test]
fn what_never_stands_still_is_a_part_that_could_not_be_done_and_no_evidence() {
    let live = collected(13);
    let name = with_policy(&live);
    let run = verify_while_deleting(&live, &name, 3).expect(4);
    assert_eq!(live.calls("StartLifecyclePolicyPreview"), 3);
    assert!(run.stderr.contains("changed while ECR was asked, 3 times"), "{}", run.stderr);
    assert_eq!(run.json(), json!({"reproduced_by": null, "repositories": []}));
    assert_eq!(live.evidence(), Vec::<(String, Value)>::new());
}

#[test]
fn a_registry_of_another_account_is_left_out_and_the_others_are_asked() {
    let live = collected(13);
    let name = with_policy(&live);
    let record = live.fake().repository(ACCOUNT, REGION, &name).expect("a repository");
    let images = live.fake().images(ACCOUNT, REGION, &name);
    let record = RepositoryRecord { name: "theirs".to_owned(), ..record };
    live.fake().load_repository(OTHER_ACCOUNT, REGION, record, images);
    let theirs = "arn:aws:sts::210987654321:assumed-role/Demurrage/run";
    live.fake().add_principal("AKIAOTHER", OTHER_ACCOUNT, theirs);
    let mut command = live.command(&format!("collect --region {REGION}"));
    command.env("AWS_ACCESS_KEY_ID", "AKIAOTHER");
    Run::of(&command.output().expect("the command starts")).expect(0);
    // One that does not say whose it is.
    crate::support::registry(&live.folder);
    std::fs::remove_file(live.folder.path("aws/describe-registry.json")).expect("a file");
    for file in [
        "describe-repositories",
        "repositories/team/app/describe-images",
        "repositories/team/web/describe-images",
    ] {
        let path = live.folder.path("aws").join(file).with_extension("json");
        let text = std::fs::read_to_string(&path).expect("a text");
        std::fs::write(&path, text.replace("\"registryId\":\"123456789012\",", "")).expect("a file");
    }
    live.folder.run("import aws --region eu-west-1").expect(0);
    let run = live.run(VERIFY).expect(4);
    assert!(run.stderr.contains(&format!("{OTHER_ACCOUNT} {REGION}: left out")), "{}", run.stderr);
    assert!(run.stderr.contains("eu-west-1: left out, as its inventory does not say"), "{}", run.stderr);
    let answer = run.json();
    let asked = answer["repositories"].as_array().expect("an array");
    assert!(!asked.is_empty() && asked.iter().all(|one| one["registry_id"] == ACCOUNT), "{answer:#}");
    assert_eq!(live.evidence().len(), 1);
}

#[test]
fn where_nothing_was_answered_nothing_is_said_of_the_settings() {
    let live = collected(13);
    let run = live.run("preview --verify --repository nosuch").expect(0);
    assert!(run.stderr.contains("no repository of the store has such a name"), "{}", run.stderr);
    live.deny(&["StartLifecyclePolicyPreview"]);
    let run = live.run("preview --verify").expect(4);
    assert!(!run.stdout.contains("all together"), "{}", run.stdout);
    assert_eq!(live.run(VERIFY).expect(4).json()["reproduced_by"], Value::Null);
}
