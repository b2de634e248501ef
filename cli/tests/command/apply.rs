//! Plans that are carried out: the whole way from a registry over a store to a registry with fewer images.

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use chrono::{DateTime, TimeDelta, Utc};
use fake_ecr::{
    Clock, FaultKind, ImageRecord, ImageStatus, ManifestText, RepositoryRecord, digest as digest_of,
};
use serde_json::{Value, json};

use crate::server::{ACCOUNT, Live, REGION};
use crate::support::{Run, keep};

/// No source of uses is asked for: this server has none.
const CONFIGURATION: &str = "[in_use]\nsources = []\n";

/// A registry, its inventory, and a plan over it; the store can be taken to another registry that is the same.
struct Planned {
    live: Live,
    images: Vec<ImageRecord>,
    hash: String,
}

fn clock() -> DateTime<Utc> {
    DateTime::from(std::time::SystemTime::now())
}

fn repository() -> RepositoryRecord {
    RepositoryRecord {
        name: "app".to_owned(),
        created_at: clock() - TimeDelta::days(400),
        mutability: "MUTABLE".to_owned(),
        exclusion_filters: Vec::new(),
        scan_on_push: false,
        encryption_type: "AES256".to_owned(),
        kms_key: None,
        lifecycle_policy: None,
        lifecycle_evaluated_at: None,
        repository_policy: None,
        resource_tags: std::collections::BTreeMap::new(),
    }
}

fn image(number: i64) -> ImageRecord {
    let media_type = "application/vnd.oci.image.manifest.v1+json";
    let blob = |what: &str| digest_of(format!("{number} {what}").as_bytes());
    let text = json!({"schemaVersion": 2, "mediaType": media_type,
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": blob("config"), "size": 10},
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": blob("layer"), "size": 990}]});
    let text = text.to_string();
    ImageRecord {
        digest: digest_of(text.as_bytes()),
        tags: if number % 3 == 0 { vec![] } else { vec![format!("v{number}")] },
        pushed_at: clock() - TimeDelta::days(100) + TimeDelta::minutes(number),
        pulled_at: None,
        archived_at: None,
        activated_at: None,
        activating_until: None,
        status: ImageStatus::Active,
        size_bytes: 1_000,
        media_type: media_type.to_owned(),
        artifact_type: None,
        subject: None,
        children: Vec::new(),
        manifest: ManifestText::Held(text.into()),
    }
}

fn server(images: &[ImageRecord]) -> Live {
    let live = Live::empty();
    live.fake().set_clock(Clock::default());
    live.fake().load_repository(ACCOUNT, REGION, repository(), images.to_vec());
    live.exclude();
    live
}

/// A repository of so many images, of which a plan keeps the two newest.
fn planned(count: i64) -> Planned {
    let images: Vec<ImageRecord> = (1..=count).map(image).collect();
    let live = server(&images);
    live.folder.write("demurrage.toml", CONFIGURATION);
    live.folder.write_json("policy.json", &keep(2));
    live.collect("").expect(0);
    let run = live.run("plan --policy policy.json --format json");
    assert!(run.code < 2, "{}", run.stderr);
    let hash = run.json()["hash"].as_str().expect("a hash").to_owned();
    Planned { live, images, hash }
}

impl Planned {
    /// The same registry and the same store once more.
    fn again(&self) -> Self {
        let live = server(&self.images);
        live.folder.write("demurrage.toml", CONFIGURATION);
        copy(&self.live.folder.path("store"), &live.folder.path("store"));
        Self { live, images: self.images.clone(), hash: self.hash.clone() }
    }

    fn arguments(&self) -> String {
        format!("apply {0} --hash {0} --yes --calls-per-second 5000", self.hash)
    }

    fn apply(&self, more: &str) -> Run {
        self.live.run(&format!("{}{more}", self.arguments()))
    }

    fn there(&self) -> Vec<String> {
        let images = self.live.fake().images(ACCOUNT, REGION, "app");
        images.into_iter().map(|image| image.digest).collect()
    }

    /// What was deleted, one entry for each tag and each image without one.
    fn deletions(&self) -> Vec<(String, String)> {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let events = self.live.fake().events();
        let deletions = events.iter().filter(|event| event["detail"]["action-type"] == "DELETE");
        deletions
            .map(|event| (text(&event["detail"]["image-digest"]), text(&event["detail"]["image-tag"])))
            .collect()
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder").flatten() {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

#[test]
fn a_plan_is_carried_out_and_a_second_time_there_is_nothing_to_do() {
    let planned = planned(9);
    let report = planned.apply(" --format json").expect(0).json();
    assert_eq!(report["repositories"][0]["expired"], 7);
    assert_eq!(report["halt"], Value::Null);
    assert_eq!(planned.there().len(), 2);
    let again = planned.apply("").expect(5);
    assert!(again.stderr.contains("was applied already"), "{}", again.stderr);
    let history = planned.live.run("history --format json").expect(0);
    assert!(history.stdout.contains(&planned.images[0].digest), "{}", history.stdout);
}

#[test]
fn what_was_left_is_said_and_is_a_part() {
    let planned = planned(9);
    let mut images = planned.images.clone();
    images[1].tags.push("new".to_owned());
    planned.live.fake().load_repository(ACCOUNT, REGION, repository(), images);
    let run = planned.apply("").expect(4);
    assert!(run.stdout.contains("its tags changed since the plan: +new"), "{}", run.stdout);
    assert_eq!(planned.there().len(), 3);
}

#[test]
fn the_hash_has_to_be_the_plans_and_somebody_has_to_agree() {
    let planned = planned(4);
    let hash = &planned.hash;
    let wrong = planned.live.run(&format!("apply {hash} --hash {} --yes", "0".repeat(64))).expect(2);
    assert!(wrong.stderr.contains("is not the hash of this plan"), "{}", wrong.stderr);
    planned.live.run(&format!("apply {hash} --hash {} --yes", hash.get(..11).expect("digits"))).expect(2);
    let nobody = planned.live.run(&format!("apply {hash} --hash {hash}")).expect(2);
    assert!(nobody.stderr.contains("--yes"), "{}", nobody.stderr);
    planned.live.run(&format!("apply {hash} --hash {hash} --yes --in-use -")).expect(2);
    assert_eq!((planned.there().len(), planned.live.calls("BatchDeleteImage")), (4, 0));
    let short = hash.get(..12).expect("digits");
    planned.live.run(&format!("apply {short} --hash {short} --yes")).expect(0);
    assert_eq!(planned.there().len(), 2);
}

#[test]
fn a_plan_that_was_edited_is_refused() {
    let planned = planned(4);
    let folder = planned.live.folder.path("store/plans").join(&planned.hash);
    let part = folder.join("part-00000.jsonl");
    let text = std::fs::read_to_string(&part).expect("a part");
    let edited = text.replacen(&planned.images[0].digest, &planned.images[3].digest, 1);
    assert_ne!(edited, text);
    std::fs::write(&part, edited).expect("it is written");
    planned.apply("").expect(2);
    assert_eq!((planned.there().len(), planned.live.calls("BatchDeleteImage")), (4, 0));
}

#[test]
fn what_is_in_use_by_now_stays_and_under_another_configuration_everything_does() {
    let planned = planned(9);
    let used = &planned.images[0];
    planned.live.folder.write("used.txt", format!("app@{}\n", used.digest));
    let without = planned.again();
    planned.apply(" --in-use used.txt").expect(4);
    assert!(planned.there().contains(&used.digest));
    without.live.folder.write("demurrage.toml", "# Nothing is protected any more.\n");
    let run = without.apply("").expect(2);
    assert!(run.stderr.contains("which says something else"), "{}{}", run.stdout, run.stderr);
    assert_eq!(without.there().len(), 9);
}

#[test]
fn a_stop_is_heard_and_lifted() {
    let planned = planned(9);
    planned.live.run("stop --reason incident").expect(0);
    let run = planned.apply("").expect(4);
    assert!(run.stdout.contains("incident"), "{}", run.stdout);
    assert_eq!(planned.live.calls("BatchDeleteImage"), 0);
    planned.live.run("stop --lift").expect(0);
    planned.apply("").expect(0);
}

/// Starts it, kills it without a word when the call of this number arrives, and waits; whether it was killed. The call is
/// done, or not.
fn killed_at(planned: &Planned, number: u64, is_done: bool) -> bool {
    let (seen, pid) = (AtomicU64::new(0), Arc::new(Mutex::new(None::<u32>)));
    let known = Arc::clone(&pid);
    planned.live.fake().on_call(move |_, _| {
        if seen.fetch_add(1, Ordering::SeqCst) + 1 != number {
            return None;
        }
        let pid = known.lock().expect("a pid").expect("it runs").to_string();
        Command::new("kill").args(["-9", &pid]).status().expect("kill");
        (!is_done).then_some(FaultKind::Reset)
    });
    let mut child: Child = {
        let mut pid = pid.lock().expect("a pid");
        let mut command = planned.live.command(&planned.arguments());
        let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("it starts");
        *pid = Some(child.id());
        child
    };
    // Who is killed has no code.
    let was_killed = child.wait().expect("it ends").code().is_none();
    planned.live.fake().clear_hook();
    was_killed
}

/// Kills it at this call and starts it again: the same end, and nothing twice.
fn survives(planned: &Planned, number: u64, is_done: bool, end: &[String]) -> bool {
    let case = planned.again();
    let was_killed = killed_at(&case, number, is_done);
    case.apply("").expect(if was_killed { 0 } else { 5 });
    assert_eq!(case.there(), end, "killed at call {number}");
    let mut deletions = case.deletions();
    let all = deletions.len();
    deletions.sort();
    deletions.dedup();
    assert_eq!(deletions.len(), all, "killed at call {number}: something was deleted twice");
    assert_eq!(all, planned.images.len() - end.len());
    case.apply("").expect(5);
    was_killed
}

#[test]
fn killed_at_any_call_and_started_again_it_ends_in_the_same_state_and_does_nothing_twice() {
    let planned = planned(9);
    let peace = planned.again();
    peace.apply("").expect(0);
    let end = peace.there();
    let mut number = 1;
    while survives(&planned, number, true, &end) {
        survives(&planned, number, false, &end);
        number += 1;
    }
    assert_eq!(number, 10, "it makes nine calls, each of which was killed");
}

#[test]
fn an_apply_of_a_thousand_images_is_killed_at_each_of_its_calls_and_comes_to_the_same_end() {
    let planned = planned(1_000);
    let peace = planned.again();
    peace.apply("").expect(0);
    let end = peace.there();
    assert_eq!(end.len(), 2);
    let mut number = 1;
    while survives(&planned, number, true, &end) {
        survives(&planned, number, false, &end);
        number += 1;
    }
    assert!(33 < number, "it makes {} calls", number - 1);
}
