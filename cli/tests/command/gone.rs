//! `demurrage aws-deleted`: what is explained, what is not, and what cannot be told.

use chrono::TimeDelta;
use fake_ecr::{ImageRecord, ImageStatus, ManifestText, RepositoryRecord, digest};
use serde_json::{Value, json};

use crate::server::{ACCOUNT, Live, REGION};
use crate::support::{Run, keep};

/// Every image that went.
fn went(run: &Run) -> Vec<Value> {
    let document = run.json();
    let repositories = document["repositories"].as_array().expect("repositories");
    repositories.iter().flat_map(|row| row["images"].as_array().expect("images").clone()).collect()
}

fn verdicts(run: &Run) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut verdicts: Vec<_> =
        went(run).iter().map(|image| (text(&image["verdict"]), text(&image["sentence"]))).collect();
    verdicts.dedup();
    verdicts
}

fn image(live: &Live, days_ago: i64, tags: &[&str], manifest: &Value) -> ImageRecord {
    let text = manifest.to_string();
    let children = manifest["manifests"].as_array().into_iter().flatten();
    ImageRecord {
        digest: digest(text.as_bytes()),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        pushed_at: live.fake().now() - TimeDelta::days(days_ago),
        pulled_at: None,
        archived_at: None,
        activated_at: None,
        activating_until: None,
        status: ImageStatus::Active,
        size_bytes: 1,
        media_type: manifest["mediaType"].as_str().expect("a media type").to_owned(),
        artifact_type: None,
        subject: None,
        children: children.map(|child| child["digest"].as_str().expect("a digest").to_owned()).collect(),
        manifest: ManifestText::Held(text.into()),
    }
}

/// An image that is told from others by its number.
fn plain(live: &Live, days_ago: i64, tags: &[&str], number: u64) -> ImageRecord {
    let config = json!({"mediaType": "application/vnd.oci.image.config.v1+json",
        "digest": digest(number.to_string().as_bytes()), "size": 1});
    let manifest = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": config, "layers": []});
    image(live, days_ago, tags, &manifest)
}

/// An index of two images, and these.
fn multi(live: &Live, days_ago: i64, tags: &[&str], number: u64) -> Vec<ImageRecord> {
    let children = [plain(live, days_ago, &[], number), plain(live, days_ago, &[], number + 1)];
    let rows: Vec<Value> = children
        .iter()
        .map(|child| json!({"mediaType": child.media_type, "digest": child.digest, "size": 1}))
        .collect();
    let index = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": rows});
    children.into_iter().chain([image(live, days_ago, tags, &index)]).collect()
}

/// A registry of one repository `team/app`, with this policy.
fn one_repository(policy: Option<&Value>, images: impl FnOnce(&Live) -> Vec<ImageRecord>) -> Live {
    let live = Live::empty();
    load(&live, "team/app", policy, images(&live));
    live
}

fn load(live: &Live, name: &str, policy: Option<&Value>, images: Vec<ImageRecord>) {
    let record = RepositoryRecord {
        name: name.to_owned(),
        created_at: live.fake().now(),
        mutability: "MUTABLE".to_owned(),
        exclusion_filters: Vec::new(),
        scan_on_push: false,
        encryption_type: "AES256".to_owned(),
        kms_key: None,
        lifecycle_policy: policy.map(Value::to_string),
        lifecycle_evaluated_at: None,
        repository_policy: None,
        resource_tags: std::collections::BTreeMap::new(),
    };
    live.fake().load_repository(ACCOUNT, REGION, record, images);
}

/// Somebody deletes what this tag stands at.
fn delete(live: &Live, tag: &str) {
    let body = json!({"repositoryName": "team/app", "imageIds": [{"imageTag": tag}]});
    let answer = live.post("BatchDeleteImage", &body);
    assert!(answer.contains("\"failures\":[]"), "{answer}");
    live.fake().advance(TimeDelta::minutes(1));
}

/// Older than 30 days.
fn older() -> Value {
    json!({"rules": [{"rulePriority": 1, "description": "what is older than thirty days is used by nobody",
        "selection": {"tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 30},
        "action": {"type": "expire"}}]})
}

#[test]
fn what_the_policy_deleted_is_explained_and_what_somebody_deleted_is_not() {
    let live = Live::generated(12, 60, 4);
    live.collect("").expect(0);
    live.fake().advance(TimeDelta::days(2));
    let acted = live.fake().run_lifecycle(ACCOUNT, REGION, None);
    live.fake().advance(TimeDelta::hours(1));
    live.collect("").expect(0);
    let run = live.folder.run("aws-deleted --format json");
    let went = went(&run);
    assert!(!went.is_empty(), "the policies act: {acted:?}");
    let unexplained: Vec<&Value> = went.iter().filter(|image| image["verdict"] != "EXPLAINED").collect();
    assert_eq!(unexplained, Vec::<&Value>::new());
    run.expect(0);

    // Somebody deletes the newest image of a repository by hand.
    let name = live.names.iter().find(|name| 5 < live.fake().images(ACCOUNT, REGION, name).len());
    let name = name.expect("a repository");
    let held = live.fake().images(ACCOUNT, REGION, name);
    let loose = |image: &&ImageRecord| {
        image.children.is_empty() && !held.iter().any(|index| index.children.contains(&image.digest))
    };
    let newest =
        held.iter().filter(loose).max_by_key(|image| image.pushed_at).expect("an image").digest.clone();
    let answer = live
        .post("BatchDeleteImage", &json!({"repositoryName": name, "imageIds": [{"imageDigest": newest}]}));
    assert!(answer.contains("\"failures\":[]"), "{answer}");
    live.fake().advance(TimeDelta::minutes(1));
    live.collect("").expect(0);
    let run = live.folder.run("aws-deleted").expect(1);
    let short: String = newest.chars().skip("sha256:".len()).take(12).collect();
    let row_text = run.stdout.lines().find(|line| line.contains(&short)).unwrap_or_default();
    assert!(row_text.contains("nothing explains it"), "{}", run.stdout);
}

/// Two indexes with their children, of which the policy keeps both, and an image that is older.
fn two_indexes(live: &Live) -> Vec<ImageRecord> {
    let mut images = multi(live, 2, &["t2"], 10);
    images.extend(multi(live, 3, &["t3"], 20));
    images
}

#[test]
fn after_a_first_look_without_manifests_a_count_explains_no_delete_by_hand() {
    let live = one_repository(Some(&keep(2)), two_indexes);
    live.run(&format!("collect --region {REGION}")).expect(0);
    delete(&live, "t3");
    live.run(&format!("collect --region {REGION}")).expect(0);
    let run = live.folder.run("aws-deleted --format json").expect(4);
    let sentence = "cannot be told: the children of 2 indexes are unknown";
    assert_eq!(verdicts(&run), [("CANNOT_BE_TOLD".to_owned(), sentence.to_owned())]);
    let run = live.folder.run("aws-deleted").expect(4);
    assert!(run.stdout.contains(sentence), "{}", run.stdout);
    assert!(run.stderr.contains("nothing explains 0 images; of 1 image it cannot be told"), "{}", run.stderr);
}

#[test]
fn with_manifests_a_delete_by_hand_is_explained_by_no_setting_that_what_stands_refutes() {
    let live = one_repository(Some(&keep(2)), two_indexes);
    live.collect("").expect(0);
    delete(&live, "t3");
    live.collect("").expect(0);
    let run = live.folder.run("aws-deleted --format json").expect(1);
    let verdict = ("UNEXPLAINED", "nothing explains it: no rule of the policy takes it");
    assert_eq!(verdicts(&run), [(verdict.0.to_owned(), verdict.1.to_owned())]);
}

#[test]
fn what_only_another_setting_takes_is_named_and_not_explained() {
    // Thirty and a half days: older to the instant, not in whole days.
    let live = one_repository(Some(&older()), |live| {
        let half = plain(live, 30, &["old"], 1);
        let half = ImageRecord { pushed_at: half.pushed_at - TimeDelta::hours(12), ..half };
        vec![half, plain(live, 2, &["new"], 2)]
    });
    live.collect("").expect(0);
    live.fake().run_lifecycle(ACCOUNT, REGION, None);
    live.fake().advance(TimeDelta::minutes(1));
    live.collect("").expect(0);
    let run = live.folder.run("aws-deleted --format json").expect(0);
    assert_eq!(verdicts(&run), [("EXPLAINED".to_owned(), "rule 1".to_owned())]);
    let run = live.folder.run("aws-deleted --age whole_days --format json").expect(1);
    let sentence = "not explained: rule 1, only under age=instant";
    assert_eq!(verdicts(&run), [("ONLY_UNDER_OTHER_SETTINGS".to_owned(), sentence.to_owned())]);
    assert_eq!(went(&run)[0]["cause"]["settings"], json!(["age=instant"]));
    let run = live.folder.run("aws-deleted --age whole_days").expect(1);
    assert!(run.stdout.contains(sentence), "{}", run.stdout);
}

#[test]
fn a_policy_that_was_not_read_is_not_one_that_takes_nothing_and_none_is_not_one() {
    let images = |live: &Live| vec![plain(live, 3, &["a"], 1), plain(live, 2, &["b"], 2)];
    let live = one_repository(Some(&keep(1)), images);
    live.deny(&["GetLifecyclePolicy"]);
    live.collect("").expect(4);
    delete(&live, "a");
    live.collect("").expect(4);
    let run = live.folder.run("aws-deleted --format json").expect(4);
    let sentence = "cannot be told: the policy was not read";
    assert_eq!(verdicts(&run), [("CANNOT_BE_TOLD".to_owned(), sentence.to_owned())]);

    let live = one_repository(None, images);
    live.collect("").expect(0);
    delete(&live, "a");
    live.collect("").expect(0);
    let run = live.folder.run("aws-deleted --format json").expect(1);
    let sentence = "nothing explains it: there is no policy";
    assert_eq!(verdicts(&run), [("UNEXPLAINED".to_owned(), sentence.to_owned())]);
}

#[test]
fn a_repository_that_was_deleted_is_seen_also_by_who_may_not_read_the_registry_s_settings() {
    let live = one_repository(Some(&older()), |live| vec![plain(live, 40, &["a"], 1)]);
    load(&live, "team/web", None, vec![plain(&live, 2, &["b"], 2)]);
    live.deny(&["GetRegistryPolicy"]);
    live.collect("").expect(4);
    live.post("DeleteRepository", &json!({"repositoryName": "team/web", "force": true}));
    live.fake().advance(TimeDelta::minutes(1));
    live.collect("").expect(4);
    let run = live.folder.run("aws-deleted --format json").expect(1);
    let document = run.json();
    assert_eq!(document["repositories"][0]["repository_name"], "team/web");
    assert_eq!(document["repositories"][0]["repository_is_gone"], true);
    assert_eq!(document["left_out"], json!([]));
    let run = live.folder.run("aws-deleted").expect(1);
    assert!(run.stdout.contains("the repository itself is gone"), "{}", run.stdout);
}

#[test]
fn a_repository_that_an_import_lacks_is_unknown_and_not_gone() {
    let live = one_repository(None, |live| vec![plain(live, 40, &["a"], 1)]);
    load(&live, "team/web", None, vec![plain(&live, 2, &["b"], 2)]);
    live.collect("").expect(0);
    live.folder.write_json("aws/describe-registry.json", &json!({"registryId": ACCOUNT}));
    let repository = json!({"repositoryName": "team/web", "registryId": ACCOUNT});
    live.folder.write_json("aws/describe-repositories.json", &json!({"repositories": [repository]}));
    let file = "aws/repositories/team/web/describe-images.json";
    live.folder.write_json(file, &json!({"imageDetails": []}));
    live.folder.run(&format!("import aws --region {REGION} --taken-at 2026-12-01")).expect(0);
    let run = live.folder.run("aws-deleted --format json").expect(4);
    let document = run.json();
    assert_eq!(document["repositories"][0]["repository_name"], "team/web");
    assert_eq!(document["repositories"][0]["repository_is_gone"], false);
    let reason = "it is not in the later inventory, which may lack repositories that are there";
    assert_eq!(
        document["left_out"],
        json!([{"registry_id": ACCOUNT, "region": REGION, "repository_name": "team/app", "reason": reason}])
    );
    assert!(run.stderr.contains(&format!("1 repository left out: {reason}: team/app")), "{}", run.stderr);
}

#[test]
fn a_repository_that_could_not_be_listed_is_left_out_with_the_cause() {
    let live = one_repository(None, |live| vec![plain(live, 40, &["a"], 1)]);
    live.collect("").expect(0);
    live.deny(&["DescribeImages"]);
    live.collect("").expect(4);
    let run = live.folder.run("aws-deleted --format json").expect(4);
    let document = run.json();
    assert_eq!(document["repositories"], json!([]));
    let reason = document["left_out"][0]["reason"].as_str().expect("a reason");
    assert!(reason.starts_with("its images are not in the later inventory ("), "{reason}");
    assert!(reason.contains("AccessDenied"), "{reason}");
}

#[test]
fn the_newest_inventory_is_none_to_begin_with_and_a_name_that_is_not_there_is_said() {
    let live = one_repository(None, |live| vec![plain(live, 40, &["a"], 1)]);
    live.collect("").expect(0);
    live.fake().advance(TimeDelta::minutes(1));
    live.collect("").expect(0);
    let folders = std::fs::read_dir(live.folder.path("store/inventories")).expect("a store").flatten();
    let mut names: Vec<String> =
        folders.map(|folder| folder.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    let run = live.folder.run(&format!("aws-deleted --since {}", names[1])).expect(2);
    let expected = format!("`{}` is the newest inventory of {REGION}", names[1]);
    assert!(run.stderr.contains(&expected), "{}", run.stderr);
    live.folder.run(&format!("aws-deleted --since {}", names[0])).expect(0);
    let run = live.folder.run("aws-deleted --repository nosuch").expect(0);
    assert!(run.stderr.contains("no repository of the earlier inventory has such a name"), "{}", run.stderr);
}
