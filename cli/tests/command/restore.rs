//! `demurrage restore` and `demurrage history`, against a server that behaves as ECR does.

use std::process::Stdio;
use std::time::Duration;

use chrono::{DateTime, Utc};
use demurrage_aws::restore::RESTORE_ACTIONS;
use demurrage_core::journal::{Call, ImageId, Outcome, SavedImage};
use demurrage_core::plan::RepositoryAddress;
use demurrage_core::{Digest, ImageStatus, Tag};
use demurrage_store::{Journal, Store};
use fake_ecr::{FaultKind, FaultTimes};
use serde_json::{Value, json};

use crate::server::{ACCOUNT, Live, REGION};
use crate::support::Run;

const PLAN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const NAME: &str = "team/app";
const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Blobs of one letter, or of an empty object: their digests, and their bytes in base64.
const EMPTY: (&str, &str) =
    ("sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a", "e30=");
const A: (&str, &str) = ("sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb", "YQ==");
const B: (&str, &str) = ("sha256:3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d", "Yg==");

/// A registry with `team/app`, whose blobs are there.
fn live(mutability: &str) -> Live {
    let live = Live::empty();
    live.post("CreateRepository", &json!({"repositoryName": NAME, "imageTagMutability": mutability}));
    for (digest, base64) in [EMPTY, A, B] {
        let id = body(&live, "InitiateLayerUpload", json!({}))["uploadId"].clone();
        let last = i32::from(base64 == EMPTY.1);
        let part = json!({"uploadId": id, "partFirstByte": 0, "partLastByte": last, "layerPartBlob": base64});
        body(&live, "UploadLayerPart", part);
        body(&live, "CompleteLayerUpload", json!({"uploadId": id, "layerDigests": [digest]}));
    }
    live
}

/// What the API answers about `team/app`.
fn body(live: &Live, operation: &str, mut asked: Value) -> Value {
    asked["repositoryName"] = json!(NAME);
    let answer = live.post(operation, &asked);
    let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
    assert!(head.contains(" 200 "), "{operation}: {answer}");
    serde_json::from_str(body).expect("JSON")
}

/// An image as it is pushed.
struct Pushed {
    digest: Digest,
    text: String,
    media_type: &'static str,
    tags: Vec<Tag>,
    parents: Vec<Digest>,
    subject: Option<Digest>,
}

fn push(live: &Live, manifest: &Value, media_type: &'static str, tags: &[&str]) -> Pushed {
    let text = manifest.to_string();
    let mut asked = json!({"imageManifest": text, "imageManifestMediaType": media_type});
    let mut digest = None;
    for tag in tags {
        asked["imageTag"] = json!(tag);
        digest = Some(body(live, "PutImage", asked.clone())["image"]["imageId"]["imageDigest"].clone());
    }
    let digest =
        digest.unwrap_or_else(|| body(live, "PutImage", asked)["image"]["imageId"]["imageDigest"].clone());
    let digest = digest.as_str().expect("a digest").parse().expect("a digest");
    let tags = tags.iter().map(|tag| Tag::as_given(tag)).collect();
    Pushed { digest, text, media_type, tags, parents: Vec::new(), subject: None }
}

/// A manifest of a configuration and a layer; `number` tells it from others.
fn manifest(layer: &str, number: u32) -> Value {
    let blob = |digest: &str| json!({"mediaType": "application/octet-stream", "digest": digest, "size": 1});
    json!({"schemaVersion": 2, "mediaType": IMAGE, "config": blob(EMPTY.0), "layers": [blob(layer)],
        "annotations": {"number": number.to_string()}})
}

fn image(live: &Live, layer: &str, number: u32, tags: &[&str]) -> Pushed {
    push(live, &manifest(layer, number), IMAGE, tags)
}

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_793_491_200, 0).expect("a time")
}

fn saved(pushed: &Pushed) -> SavedImage {
    SavedImage {
        digest: pushed.digest,
        tags: pushed.tags.clone(),
        manifest: Some(pushed.text.clone()),
        media_type: Some(pushed.media_type.to_owned()),
        pushed_at: Some(now()),
        last_pulled_at: None,
        size_bytes: Some(1),
        parents: pushed.parents.clone(),
        subject: pushed.subject,
        status: ImageStatus::Active,
        rule: "retention `builds`".to_owned(),
        reason: "it was pushed 120 days ago".to_owned(),
    }
}

fn store(live: &Live) -> Store {
    Store::new(live.folder.path("store"))
}

fn journal(live: &Live) -> Journal {
    Journal::open(&store(live), PLAN).expect("a journal")
}

fn address() -> RepositoryAddress {
    let (account, region) = (Some(ACCOUNT.to_owned()), REGION.to_owned());
    RepositoryAddress { account, region, name: NAME.to_owned() }
}

fn ids(pushed: &Pushed) -> Vec<ImageId> {
    let digest = Some(pushed.digest);
    if pushed.tags.is_empty() {
        return vec![ImageId { digest, tag: None }];
    }
    pushed.tags.iter().map(|tag| ImageId { digest, tag: Some(tag.clone()) }).collect()
}

/// Deletes images as a plan does: written down before, one call, written down after.
fn delete(live: &Live, images: &[&Pushed]) {
    let mut journal = journal(live);
    let all: Vec<ImageId> = images.iter().flat_map(|image| ids(image)).collect();
    let call = Call::Delete { ids: all.clone() };
    let saved = images.iter().map(|image| saved(image)).collect();
    let number = journal.intend(now(), &address(), call, saved).expect("it is written");
    let named = |id: &ImageId| {
        let mut named = json!({"imageDigest": id.digest.expect("a digest").to_string()});
        if let Some(tag) = &id.tag {
            named["imageTag"] = json!(tag.as_str());
        }
        named
    };
    let asked = json!({"imageIds": all.iter().map(named).collect::<Vec<_>>()});
    assert_eq!(body(live, "BatchDeleteImage", asked)["failures"], json!([]));
    let outcome = Outcome { number, at: now(), done: all, failures: Vec::new(), error: None };
    journal.conclude(&outcome).expect("it is written");
}

fn restore(live: &Live, more: &str) -> Run {
    live.run_within(&RESTORE_ACTIONS, &format!("restore {PLAN}{more} --calls-per-second 5000"))
}

/// Digest and sorted tags of each image.
fn there(live: &Live) -> Vec<(String, Vec<String>)> {
    let images = live.fake().images(ACCOUNT, REGION, NAME).into_iter();
    let sorted = |mut tags: Vec<String>| {
        tags.sort_unstable();
        tags
    };
    images.map(|image| (image.digest, sorted(image.tags))).collect()
}

#[test]
fn what_was_deleted_is_shown_first_comes_back_with_its_tags_and_then_nothing_is_left_to_do() {
    for mutability in ["MUTABLE", "IMMUTABLE"] {
        let live = live(mutability);
        let one = image(&live, A.0, 1, &["v1", "v1.0"]);
        image(&live, B.0, 2, &["v2"]);
        let before = there(&live);
        delete(&live, &[&one]);
        let shown = restore(&live, "").expect(0);
        assert!(shown.stdout.contains("possible"), "{}", shown.stdout);
        assert!(shown.stderr.contains("nothing was done; `--yes` does it"), "{}", shown.stderr);
        assert_eq!(there(&live).len(), 1, "nothing was done");
        let done = restore(&live, " --yes --format json").expect(0).json();
        assert_eq!(done["repositories"][0]["images"][0]["tags_put"], json!(["v1", "v1.0"]));
        assert_eq!(there(&live), before);
        restore(&live, " --yes").expect(5);
        assert_eq!(live.calls("PutImage"), 3 + 3, "three of the pushes, three of the restoration");
    }
}

#[test]
fn an_image_whose_layer_is_gone_does_not_come_back_and_the_others_do() {
    let live = live("MUTABLE");
    let (one, two) = (image(&live, A.0, 1, &["v1"]), image(&live, B.0, 2, &["v2"]));
    delete(&live, &[&one, &two]);
    assert!(live.fake().remove_layer(ACCOUNT, REGION, NAME, A.0));
    let shown = restore(&live, "").expect(4);
    insta::assert_snapshot!("restore", shown.stdout);
    restore(&live, " --yes").expect(4);
    assert_eq!(there(&live), [(two.digest.to_string(), vec!["v2".to_owned()])]);
    // The one that can come back alone is all that was asked for.
    restore(&live, " team/app:v2").expect(5);
}

/// An index of two images, its tag, and a signature of it.
fn multi_arch(live: &Live) -> (Pushed, Vec<Pushed>, Pushed) {
    let mut children = vec![image(live, A.0, 11, &[]), image(live, B.0, 12, &[])];
    let child = |child: &Pushed| json!({"mediaType": IMAGE, "digest": child.digest.to_string(), "size": child.text.len()});
    let manifests: Vec<Value> = children.iter().map(child).collect();
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
    let index = push(live, &index, INDEX, &["multi"]);
    for child in &mut children {
        child.parents = vec![index.digest];
    }
    let mut signed = manifest(A.0, 13);
    signed["subject"] =
        json!({"mediaType": INDEX, "digest": index.digest.to_string(), "size": index.text.len()});
    let mut signature = push(live, &signed, IMAGE, &[]);
    signature.subject = Some(index.digest);
    (index, children, signature)
}

#[test]
fn an_index_comes_back_after_its_children_and_before_its_signature() {
    let live = live("MUTABLE");
    let (index, children, signature) = multi_arch(&live);
    let before = there(&live);
    delete(&live, &[&index]);
    delete(&live, &children.iter().collect::<Vec<_>>());
    delete(&live, &[&signature]);
    assert_eq!(there(&live), []);
    let done = restore(&live, " --yes --format json").expect(0).json();
    let images = done["repositories"][0]["images"].as_array().expect("images").clone();
    let order: Vec<&str> = images.iter().filter_map(|image| image["image_digest"].as_str()).collect();
    assert_eq!(order[2..], [index.digest.to_string(), signature.digest.to_string()]);
    assert_eq!(there(&live), before);
}

#[test]
fn an_index_that_is_named_brings_its_children_and_not_its_signature() {
    let live = live("MUTABLE");
    let (index, children, signature) = multi_arch(&live);
    delete(&live, &[&index]);
    delete(&live, &children.iter().collect::<Vec<_>>());
    delete(&live, &[&signature]);
    restore(&live, " team/app:multi --yes").expect(0);
    let digests: Vec<String> = there(&live).into_iter().map(|(digest, _)| digest).collect();
    assert!(digests.contains(&index.digest.to_string()));
    assert!(!digests.contains(&signature.digest.to_string()));
    assert_eq!(digests.len(), 3);
    restore(&live, " team/app:other").expect(2);
}

#[test]
fn a_tag_that_is_on_another_image_now_stays_there() {
    let live = live("MUTABLE");
    let one = image(&live, A.0, 1, &["latest", "v1"]);
    delete(&live, &[&one]);
    let two = image(&live, B.0, 2, &["latest"]);
    let shown = restore(&live, " --yes").expect(0);
    let stays = format!("`latest` stays on {}", two.digest.short());
    assert!(shown.stdout.contains(&stays), "{}", shown.stdout);
    let tags = |digest: &Digest| {
        let all = there(&live);
        all.into_iter().find(|(there, _)| *there == digest.to_string()).map(|(_, tags)| tags)
    };
    assert_eq!(tags(&one.digest), Some(vec!["v1".to_owned()]));
    assert_eq!(tags(&two.digest), Some(vec!["latest".to_owned()]));
}

#[test]
fn what_was_archived_is_brought_back_from_the_archive_class() {
    let live = live("MUTABLE");
    let one = image(&live, A.0, 1, &["v1"]);
    let mut journal = journal(&live);
    let call = Call::Archive { digest: one.digest };
    let number = journal.intend(now(), &address(), call, vec![saved(&one)]).expect("it is written");
    let class = json!({"imageId": {"imageDigest": one.digest.to_string()}, "targetStorageClass": "ARCHIVE"});
    body(&live, "UpdateImageStorageClass", class);
    let done = vec![ImageId { digest: Some(one.digest), tag: None }];
    let outcome = Outcome { number, at: now(), done, failures: Vec::new(), error: None };
    journal.conclude(&outcome).expect("it is written");
    restore(&live, " --yes").expect(0);
    let status = live.fake().images(ACCOUNT, REGION, NAME)[0].status;
    assert_eq!(status, fake_ecr::ImageStatus::Activating);
    restore(&live, " --yes").expect(5);
}

#[test]
fn an_image_that_would_leave_a_window_because_of_it_is_named() {
    let live = live("MUTABLE");
    let (one, two) = (image(&live, A.0, 1, &["v1"]), image(&live, B.0, 2, &["v2"]));
    let policy = json!({"rules": [{"rulePriority": 7, "selection": {"tagStatus": "any",
        "countType": "imageCountMoreThan", "countNumber": 1}, "action": {"type": "expire"}}]});
    delete(&live, &[&one]);
    body(&live, "PutLifecyclePolicy", json!({"lifecyclePolicyText": policy.to_string()}));
    live.fake().advance(chrono::TimeDelta::days(1));
    let shown = restore(&live, "").expect(1);
    let told = format!(
        "! the attached lifecycle policy would then delete {} (`v2`), at its next run by its rule 7",
        two.digest.short()
    );
    assert!(shown.stdout.contains(&told), "{}", shown.stdout);
}

#[test]
fn killed_in_the_middle_and_run_again_it_ends_in_the_same_state() {
    let live = live("IMMUTABLE");
    let all: Vec<Pushed> =
        (1..=4).map(|number| image(&live, A.0, number, &[&format!("v{number}")])).collect();
    let before = there(&live);
    delete(&live, &all.iter().collect::<Vec<_>>());
    for killed_at in 1..=8 {
        let calls = live.calls("PutImage") + killed_at;
        live.fake().clear_faults();
        // Of one that hangs nobody knows whether it was made: this one was not, and the next was.
        let hangs =
            if killed_at % 2 == 1 { FaultKind::Timeout } else { FaultKind::Slow(Duration::from_mins(1)) };
        live.fail("PutImage", hangs, FaultTimes::Every(killed_at));
        let mut child = live
            .command(&format!("restore {PLAN} --yes --calls-per-second 5000"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the command starts");
        while live.calls("PutImage") < calls && child.try_wait().expect("a state").is_none() {
            std::thread::yield_now();
        }
        child.kill().expect("it is killed");
        child.wait().expect("it has ended");
    }
    live.fake().clear_faults();
    let run = restore(&live, " --yes");
    assert!(run.code == 0 || run.code == 5, "{}{}", run.stdout, run.stderr);
    assert_eq!(there(&live), before);
    let name = format!("restore-{PLAN}");
    let journal = Journal::open(&store(&live), &name).expect("a journal");
    assert_eq!(journal.open_entries().count(), 0, "what came of each call is known");
    let lost = |entry: &demurrage_core::journal::Entry| {
        entry.outcome.as_ref().is_some_and(|outcome| outcome.error.is_some())
    };
    assert!(journal.entries().iter().any(lost), "some answers were lost");
}

#[test]
fn a_journal_is_named_by_its_hash_its_beginning_or_its_place() {
    let live = live("MUTABLE");
    let one = image(&live, A.0, 1, &["v1"]);
    delete(&live, &[&one]);
    let place = live.folder.path("store/journals").join(PLAN).display().to_string();
    for name in [PLAN, PLAN.get(..12).unwrap(), &place] {
        live.run(&format!("restore {name}")).expect(0);
    }
    for wrong in [PLAN.get(..11).unwrap(), "ffffffffffff", "restore"] {
        live.run(&format!("restore {wrong}")).expect(2);
    }
    restore(&live, " --yes").expect(0);
    let refused = live.run(&format!("restore restore-{PLAN}")).expect(2);
    assert!(refused.stderr.contains("is the journal of a restoration"), "{}", refused.stderr);
}

#[test]
fn access_that_is_denied_ends_it_and_the_history_tells_what_was_tried() {
    let live = live("MUTABLE");
    let one = image(&live, A.0, 1, &["v1"]);
    delete(&live, &[&one]);
    live.deny(&["PutImage"]);
    let run = restore(&live, " --yes").expect(3);
    assert!(run.stderr.contains("allow `ecr:PutImage`"), "{}", run.stderr);
    live.fake().clear_faults();
    restore(&live, " --yes").expect(0);
    let history = live.run("history --format json").expect(0).json();
    let told: Vec<(&str, &str)> = history
        .as_array()
        .expect("rows")
        .iter()
        .map(|row| (row["what"].as_str().expect("text"), row["rule"].as_str().expect("text")))
        .collect();
    let from = "journal 0123456789ab";
    let expected =
        [("deleted", "retention `builds`"), ("failed", from), ("restored", from), ("tagged", from)];
    assert_eq!(told, expected);
}
