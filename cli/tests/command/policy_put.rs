//! `policy put`: what is put, what is refused, and what is attached afterwards.

use std::process::Stdio;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use demurrage_aws::POLICY_PUT_ACTIONS;
use fake_ecr::{FaultKind, FaultTimes, ImageRecord, ImageStatus, Settings};
use serde_json::{Value, json};

use crate::server::{ACCOUNT, Live, REGION};
use crate::support::{Run, keep};

/// What is late, is late by this.
const LATE: Duration = Duration::from_secs(1);
const PUT: &str = "policy put policy.json --format json --region ap-northeast-2 --calls-per-second 5000";

/// A repository with images and a policy, of a registry of which ECR has previews at once.
struct Target {
    live: Live,
    name: String,
}

impl Target {
    /// One whose manifests are known.
    fn collected() -> Self {
        let target = Self::unknown();
        target.live.collect("").expect(0);
        target
    }

    fn unknown() -> Self {
        let live = Live::generated(8, 60, 13);
        let settings = live.fake().settings();
        live.fake().set_settings(Settings { preview: TimeDelta::zero(), ..settings });
        live.folder.write("nothing.txt", "# none\n");
        live.folder.write("demurrage.toml", "[in_use]\nsources = []\n");
        live.folder.write_json("policy.json", &keep(5));
        let is_target = |name: &&String| {
            let record = live.fake().repository(ACCOUNT, REGION, name).expect("a repository");
            let images = live.fake().images(ACCOUNT, REGION, name);
            record.lifecycle_policy.is_some()
                && 20 < images.len()
                && images.iter().any(|image| !image.children.is_empty())
        };
        let name =
            live.names.iter().find(is_target).expect("a repository with a policy and an index").clone();
        Self { live, name }
    }

    fn arguments(&self, more: &str) -> String {
        format!("{PUT} --repository {}{more}", self.name)
    }

    fn put(&self, more: &str) -> Run {
        self.live.run_within(&POLICY_PUT_ACTIONS, &self.arguments(more))
    }

    /// Puts it, and does something else when ECR was asked for this.
    fn put_while(&self, operation: &str, meanwhile: impl FnOnce(&Self)) -> Run {
        let before = self.live.calls(operation);
        let mut command = self.live.command(&self.arguments(" --in-use nothing.txt --yes"));
        let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
        self.wait_for(operation, before + 1);
        meanwhile(self);
        Run::of(&child.wait_with_output().expect("it ends"))
    }

    fn wait_for(&self, operation: &str, calls: u64) {
        let began = Instant::now();
        while self.live.calls(operation) < calls {
            assert!(began.elapsed() < Duration::from_secs(30), "{operation} is called");
            std::thread::yield_now();
        }
    }

    fn late(&self, operation: &str) {
        self.live.fail(operation, FaultKind::Slow(LATE), FaultTimes::Count(1));
    }

    fn attached(&self) -> Option<Value> {
        let record = self.live.fake().repository(ACCOUNT, REGION, &self.name).expect("a repository");
        record.lifecycle_policy.map(|text| serde_json::from_str(&text).expect("JSON"))
    }

    fn images(&self) -> Vec<ImageRecord> {
        self.live.fake().images(ACCOUNT, REGION, &self.name)
    }

    /// What somebody else asks, and gets.
    fn post(&self, operation: &str, mut body: Value) -> Value {
        body["repositoryName"] = json!(self.name);
        let answer = self.live.post(operation, &body);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {body}"))
    }

    /// Nothing was put, for this reason.
    #[track_caller]
    fn assert_refused(&self, run: Run, reason: &str, attached: Option<&Value>) -> Value {
        let answer = run.expect(1).json();
        let reasons: Vec<&str> = answer["refusals"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|one| one["reason"].as_str())
            .collect();
        assert_eq!(answer["outcome"], "REFUSED", "{answer:#}");
        assert_eq!(reasons, [reason], "{answer:#}");
        assert_eq!(self.live.calls("PutLifecyclePolicy"), 0);
        assert_eq!(self.attached().as_ref(), attached);
        answer
    }
}

#[test]
fn a_policy_is_put_where_both_agree_and_nothing_in_use_goes_and_what_was_there_is_kept() {
    let target = Target::collected();
    let before = target.attached().expect("a policy");
    let answer = target.put(" --in-use nothing.txt --yes").expect(0).json();
    assert_eq!(answer["outcome"], "ATTACHED", "{answer:#}");
    assert_eq!(answer["refusals"], json!([]));
    assert_eq!(answer["verification"]["disagreements"], json!([]));
    assert_eq!(target.attached(), Some(keep(5)));
    let results = answer["preview_results"].as_array().expect("a list").len();
    assert!(0 < results && results < target.images().len(), "{results}");
    let evidence = target.live.evidence();
    let names: Vec<&str> = evidence.iter().map(|(name, _)| name.split_once('-').expect("a time").1).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    for (_, kept) in &evidence {
        let old: Value =
            serde_json::from_str(kept["answer"]["attached_before"].as_str().expect("a text")).expect("JSON");
        assert_eq!(old, before);
    }
    let ends: Vec<&Value> = evidence.iter().map(|(_, kept)| &kept["answer"]["outcome"]).collect();
    assert!(ends.contains(&&Value::Null) && ends.contains(&&json!("ATTACHED")), "{ends:?}");
    // And once more: there is nothing to do, and nothing is asked.
    let asked = target.live.calls("StartLifecyclePolicyPreview");
    assert_eq!(target.put(" --in-use nothing.txt --yes").expect(5).json()["outcome"], "ALREADY_ATTACHED");
    assert_eq!(target.live.calls("StartLifecyclePolicyPreview"), asked);
    assert_eq!(target.live.calls("PutLifecyclePolicy"), 1);
}

#[test]
fn while_a_source_was_not_read_it_is_refused_whatever_a_file_names() {
    let target = Target::collected();
    let attached = target.attached();
    target.live.folder.write("demurrage.toml", "");
    for more in [" --yes", " --in-use nothing.txt --yes"] {
        let run = target.put(more);
        assert!(run.stderr.contains("run `demurrage use --region"), "{}", run.stderr);
        assert!(run.stderr.contains("`[in_use] sources = []`"), "{}", run.stderr);
        target.assert_refused(run, "USE_UNKNOWN", attached.as_ref());
    }
}

#[test]
fn an_image_that_is_held_or_protected_is_not_left_to_a_policy_that_would_expire_it() {
    let target = Target::collected();
    let attached = target.attached();
    let policy = json!({"rules": [{"rulePriority": 1,
        "selection": {"tagStatus": "tagged", "tagPatternList": ["*"], "countType": "imageCountMoreThan", "countNumber": 1},
        "action": {"type": "expire"}}]});
    target.live.folder.write_json("policy.json", &policy);
    let mut tagged: Vec<ImageRecord> = target.images();
    tagged.retain(|image| !image.tags.is_empty() && image.status == ImageStatus::Active);
    tagged.sort_by_key(|image| image.pushed_at);
    let tag = tagged.first().expect("an image with a tag").tags.first().expect("a tag").clone();
    let rules = |protected: &str| format!("[in_use]\nsources = []\n[plan]\nprotected_tags = [{protected}]\n");
    target.live.folder.write("demurrage.toml", rules(&format!("'{tag}'")));
    let run = target.put(" --yes");
    assert!(run.stderr.contains(&format!("the tag `{tag}` is protected")), "{}", run.stderr);
    target.assert_refused(run, "HELD_OR_PROTECTED", attached.as_ref());
    target.live.folder.write("demurrage.toml", rules(""));
    let name = &target.name;
    target.live.run(&format!("hold {name}:{tag} --until 2999-01-01 --reason audit")).expect(0);
    let run = target.put(" --yes");
    assert!(run.stderr.contains(&format!("the tag `{tag}` is held until 2999-01-01")), "{}", run.stderr);
    target.assert_refused(run, "HELD_OR_PROTECTED", attached.as_ref());
    target.live.run(&format!("hold end {name}:{tag} --reason over")).expect(0);
    target.put(" --yes").expect(0);
}

#[test]
fn where_an_image_in_use_or_a_part_of_one_would_go_it_is_refused() {
    let target = Target::collected();
    let attached = target.attached();
    target.live.folder.write("demurrage.toml", "");
    let answer = target.assert_refused(target.put(" --yes"), "USE_UNKNOWN", attached.as_ref());
    target.live.folder.write("demurrage.toml", "[in_use]\nsources = []\n");
    let images = target.images();
    let going: Vec<&str> = answer["preview_results"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|result| result["image_digest"].as_str())
        .collect();
    let host = format!("{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/{}", target.name);
    let alone = going.first().expect("an image that goes");
    // A child that runs keeps its index.
    let index = images.iter().find(|image| going.contains(&&*image.digest) && !image.children.is_empty());
    let child = &index.expect("an index that goes").children[0];
    for digest in [*alone, child] {
        target.live.folder.write("running.txt", format!("{host}@{digest}\n"));
        let run = target.put(" --in-use running.txt --yes");
        assert!(run.stderr.contains("in use, or possibly a part of such a one, would go"), "{}", run.stderr);
        target.assert_refused(run, "IN_USE", attached.as_ref());
    }
    let stays = images.iter().find(|image| {
        let is_part = |index: &&ImageRecord| index.children.contains(&image.digest);
        !going.contains(&&*image.digest)
            && !images.iter().any(|index| is_part(&index))
            && image.children.is_empty()
    });
    let stays = &stays.expect("an image that stays").digest;
    target.live.folder.write("running.txt", format!("{host}@{stays}\n"));
    target.put(" --in-use running.txt --yes").expect(0);
}

#[test]
fn where_ecr_says_something_else_of_an_image_it_is_refused() {
    let target = Target::collected();
    let attached = target.attached();
    let doomed = json!({"rules": [{"rulePriority": 1, "description": "what is marked is not needed any more by anybody",
        "selection": {"tagStatus": "tagged", "tagPrefixList": ["doomed-"], "countType": "sinceImagePushed",
            "countUnit": "days", "countNumber": 1},
        "action": {"type": "expire"}}]});
    target.live.folder.write_json("policy.json", &doomed);
    let images = target.images();
    let marked = images.iter().filter(|image| {
        !image.tags.is_empty() && image.children.is_empty() && image.status == ImageStatus::Active
    });
    let digest = marked.min_by_key(|image| image.pushed_at).expect("an image with a tag").digest.clone();
    let manifest = target.post("BatchGetImage", json!({"imageIds": [{"imageDigest": digest}]}));
    let manifest = manifest["images"][0]["imageManifest"].clone();
    // While ECR makes its preview the image has another tag than before and afterwards.
    target.late("DescribeImages");
    target.late("StartLifecyclePolicyPreview");
    let run = target.put_while("DescribeImages", |target| {
        target.post("PutImage", json!({"imageManifest": manifest, "imageTag": "doomed-1"}));
        target.wait_for("StartLifecyclePolicyPreview", 1);
        target.post("BatchDeleteImage", json!({"imageIds": [{"imageTag": "doomed-1"}]}));
    });
    let answer = target.assert_refused(run, "ECR_DISAGREES", attached.as_ref());
    let disagreements = &answer["verification"]["disagreements"];
    assert_eq!(disagreements[0]["image_digest"], json!(digest), "{answer:#}");
    assert_eq!(disagreements[0]["ours"], Value::Null);
}

#[test]
fn where_the_children_of_indexes_are_not_known_and_ecr_says_something_else_it_is_refused() {
    let target = Target::unknown();
    let attached = target.attached();
    // A protected index that was not read may have any image as a part, and refuses by itself.
    target.live.folder.write("demurrage.toml", "[in_use]\nsources = []\n[plan]\nprotected_tags = []\n");
    let run = target.put(" --in-use nothing.txt --yes");
    assert!(run.stderr.contains("demurrage collect"), "{}", run.stderr);
    target.assert_refused(run, "MANIFESTS_UNKNOWN", attached.as_ref());
}

#[test]
fn a_preview_that_somebody_else_has_started_is_not_taken_for_an_answer() {
    let target = Target::collected();
    let attached = target.attached();
    target.late("StartLifecyclePolicyPreview");
    let run = target.put_while("StartLifecyclePolicyPreview", |target| {
        target.post("StartLifecyclePolicyPreview", json!({"lifecyclePolicyText": keep(6).to_string()}));
    });
    target.assert_refused(run, "FOREIGN_PREVIEW", attached.as_ref());
}

#[test]
fn a_policy_that_was_put_meanwhile_stays() {
    let target = Target::collected();
    let theirs = json!({"lifecyclePolicyText": keep(900).to_string()});
    target.late("StartLifecyclePolicyPreview");
    let run = target.put_while("StartLifecyclePolicyPreview", |target| {
        target.post("PutLifecyclePolicy", theirs);
    });
    let answer = run.expect(1).json();
    assert_eq!(answer["refusals"][0]["reason"], "POLICY_CHANGED", "{answer:#}");
    assert_eq!(target.live.calls("PutLifecyclePolicy"), 1, "only theirs");
    assert_eq!(target.attached(), Some(keep(900)));
}

#[test]
fn a_policy_that_was_taken_off_right_after_it_was_put_is_not_said_to_be_attached() {
    let target = Target::collected();
    target.late("PutLifecyclePolicy");
    let run = target.put_while("PutLifecyclePolicy", |target| {
        target.post("DeleteLifecyclePolicy", json!({}));
    });
    let answer = run.expect(1).json();
    assert_eq!(answer["outcome"], "OTHER_ATTACHED", "{answer:#}");
    assert_eq!(answer["attached_after"], Value::Null);
}

#[test]
fn where_putting_is_not_allowed_the_policy_that_was_there_stays_and_that_is_said() {
    let target = Target::collected();
    let attached = target.attached();
    target.live.deny(&["PutLifecyclePolicy"]);
    let run = target.put(" --in-use nothing.txt --yes").expect(3);
    assert!(run.stderr.contains("the policy that was attached is still attached"), "{}", run.stderr);
    assert!(run.stderr.contains("ecr:PutLifecyclePolicy"), "{}", run.stderr);
    assert_eq!(target.attached(), attached);
    assert_eq!(target.live.evidence().len(), 1, "what was looked at before");
}

#[test]
fn nobody_agrees_by_silence() {
    let target = Target::collected();
    let attached = target.attached();
    let run = target.put(" --in-use nothing.txt").expect(2);
    assert!(run.stderr.contains("--yes"), "{}", run.stderr);
    assert_eq!(target.live.calls("PutLifecyclePolicy"), 0);
    assert_eq!(target.attached(), attached);
}

#[test]
fn what_ecr_would_not_accept_and_a_repository_that_is_not_there_are_bad_input() {
    let target = Target::collected();
    let mut policy = keep(5);
    policy["rules"][0]["selection"]["countNumber"] = json!(0);
    target.live.folder.write_json("policy.json", &policy);
    let run = target.put(" --in-use nothing.txt --yes").expect(2);
    assert!(run.stderr.contains("countNumber"), "{}", run.stderr);
    target.live.folder.write_json("policy.json", &keep(5));
    target.live.run(&format!("{PUT} --repository no/such --in-use nothing.txt --yes")).expect(2);
    assert_eq!(target.live.calls("StartLifecyclePolicyPreview"), 0);
}
