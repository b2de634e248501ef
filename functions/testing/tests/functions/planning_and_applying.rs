//! `collect-workloads`, `build-plan` and `apply-plan`: what is in use, what goes, and what stays whatever rules say.

use std::fs;

use chrono::{TimeDelta, Utc};
use demurrage_aws::accounts::AccountSessions;
use demurrage_aws::apply::Lease;
use demurrage_aws::ledger::TagLedger;
use demurrage_contract::documents::{AuditedDocument, WorkloadsDocument, names};
use demurrage_contract::{
    ApplyAnswer, ApplyInput, ApplyOutput, Failure, FailureKind, PlanInput, PlanMode, Status, WorkloadsInput,
    WorkloadsLine,
};
use demurrage_core::in_use::{Use, UseSource};
use fake_ecr::{ImageRecord, ImageStatus, ManifestText, digest};
use serde_json::Value;

use crate::applying::Edge;
use crate::run::Steps;
use crate::world::{ACCOUNT, SEOUL, World, call, repository_record};
use crate::{apply_plan, build_plan, dynamodb, workloads};

const IMAGE: &str = "application/vnd.oci.image.manifest.v1+json";
const REPOSITORY: &str = "shop/cart";
const RULES: &str = "[[retention]]\nname = \"old\"\nrepositories = [\"shop/*\"]\n\
                     expire = [{ tags = [\"*\"], pushed_older_than = \"30d\" }]\n";
const POLICY: &str = r#"{"rules": [{"rulePriority": 1, "selection": {"tagStatus": "any", "countType": "sinceImagePushed",
    "countUnit": "days", "countNumber": 30}, "action": {"type": "expire"}}]}"#;

fn image(tag: &str, age_days: i64) -> ImageRecord {
    let blob = |what: &str| digest(format!("{tag} {what}").as_bytes());
    let text = format!(
        r#"{{"schemaVersion":2,"mediaType":"{IMAGE}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{}","size":10}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{}","size":990}}]}}"#,
        blob("config"),
        blob("layer")
    );
    ImageRecord {
        digest: digest(text.as_bytes()),
        tags: vec![tag.to_owned()],
        pushed_at: Utc::now() - TimeDelta::days(age_days),
        pulled_at: None,
        archived_at: None,
        activated_at: None,
        activating_until: None,
        status: ImageStatus::Active,
        size_bytes: 1_000,
        media_type: IMAGE.to_owned(),
        artifact_type: None,
        subject: None,
        children: Vec::new(),
        manifest: ManifestText::Held(text.into()),
    }
}

/// A repository that opted in, with two old images and a new one, of which a service uses the second.
async fn world(policy: Option<&str>) -> World {
    let world = World::of(1, 1).await;
    let mut record = repository_record(REPOSITORY, "MUTABLE");
    record.resource_tags.insert("demurrage".to_owned(), "enforce".to_owned());
    record.lifecycle_policy = policy.map(str::to_owned);
    let images = vec![image("1.0.0", 400), image("1.1.0", 300), image("1.2.0", 1)];
    world.fake().load_repository(ACCOUNT, SEOUL, record, images);
    fs::create_dir_all(world.root()).unwrap();
    fs::write(world.root().join("demurrage.toml"), RULES).unwrap();
    world
}

fn use_it(world: &World) {
    let reference = format!("{ACCOUNT}.dkr.ecr.{SEOUL}.amazonaws.com/{REPOSITORY}:1.1.0");
    let used = Use {
        reference: reference.parse().unwrap(),
        evidence: "service cart of cluster prod".to_owned(),
        source: UseSource::Ecs,
        since: None,
    };
    world.read_uses(SEOUL, vec![used]);
}

fn tags(world: &World) -> Vec<String> {
    let images = world.fake().images(ACCOUNT, SEOUL, REPOSITORY);
    let mut tags: Vec<String> = images.into_iter().flat_map(|image| image.tags).collect();
    tags.sort();
    tags
}

async fn apply(world: &World, hash: &str, mode: PlanMode) -> Result<ApplyOutput, Failure> {
    let ledger = TagLedger::open_at(SEOUL, &world.table.at(), dynamodb::TABLE).await;
    let own = AccountSessions::new(world.session().clone(), None);
    let edge = Edge { changes: own.clone(), reads: own, ledger };
    let lease = async |hash: String| Ok(Lease::of_folder(&world.store, &hash).unwrap());
    let input = ApplyInput { hash: hash.to_owned(), mode, phase: None, part: None };
    let answer = Box::pin(apply_plan::handle(&world.store, &edge, lease, &input, &call("apply"))).await?;
    match answer {
        ApplyAnswer::Came(came) => Ok(came),
        ApplyAnswer::Admitted(admitted) => panic!("{admitted:?}"),
    }
}

fn hash_of(planned: &demurrage_contract::PlanOutput) -> String {
    planned.hash.clone().unwrap()
}

fn plan(world: &World, mode: PlanMode) -> demurrage_contract::PlanOutput {
    let input = PlanInput { run: None, mode, expires_in_hours: None };
    build_plan::handle(&world.store, &input, &call("plan")).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_old_and_in_no_use_goes_and_nothing_else() {
    let world = world(None).await;
    use_it(&world);
    Box::pin(world.go("plan", Steps::without_end())).await.unwrap();
    let before = world.counted();
    assert!(!before.is_empty());
    let planned = plan(&world, PlanMode::Approve);
    assert!(world.counted().is_empty(), "a plan asks no registry");
    assert_eq!((planned.images, planned.kept, planned.tripped), (1, 1, 0), "{planned:?}");
    let looked_at = apply(&world, &hash_of(&planned), PlanMode::Observe).await.unwrap();
    assert_eq!((looked_at.expired, looked_at.status), (0, Status::Complete));
    assert!(world.counted().is_empty(), "looking at a plan asks no registry");
    assert_eq!(tags(&world), ["1.0.0", "1.1.0", "1.2.0"]);
    let applied = apply(&world, &hash_of(&planned), PlanMode::Approve).await.unwrap();
    assert_eq!((applied.expired, applied.left, applied.more), (1, 0, false), "{applied:?}");
    assert_eq!((applied.status, applied.halt.as_deref()), (Status::Complete, None));
    assert_eq!(tags(&world), ["1.1.0", "1.2.0"]);
    world.counted();
    let again = apply(&world, &hash_of(&planned), PlanMode::Approve).await.unwrap();
    assert_eq!(again, applied);
    assert_eq!(world.counted().get("BatchDeleteImage"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_knowing_what_is_in_use_nothing_is_planned() {
    let world = world(None).await;
    Box::pin(world.go("unknown", Steps::without_end())).await.unwrap();
    let planned = plan(&world, PlanMode::Approve);
    assert_eq!((planned.actions, planned.refused, planned.status), (0, 1, Status::Partial), "{planned:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn in_mode_enforce_nothing_goes_that_no_earlier_plan_chose() {
    let world = world(None).await;
    use_it(&world);
    Box::pin(world.go("enforce", Steps::without_end())).await.unwrap();
    let planned = plan(&world, PlanMode::Enforce);
    assert_eq!((planned.actions, planned.pending), (0, 1), "{planned:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_of_another_mode_or_that_nobody_made_is_refused() {
    let world = world(None).await;
    use_it(&world);
    Box::pin(world.go("modes", Steps::without_end())).await.unwrap();
    let planned = plan(&world, PlanMode::Observe);
    for (hash, mode) in [
        (hash_of(&planned), PlanMode::Approve),
        (hash_of(&planned), PlanMode::Enforce),
        ("0".repeat(64), PlanMode::Observe),
        (hash_of(&planned).chars().take(12).collect(), PlanMode::Observe),
    ] {
        let failure = apply(&world, &hash, mode).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadInput, "{failure}");
    }
    // It could not be applied, and that is all that is said of it.
    let looked_at = apply(&world, &hash_of(&planned), PlanMode::Observe).await.unwrap();
    assert_eq!(looked_at.halt.as_deref(), Some("not_applicable"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_in_use_that_its_policy_takes_is_found_and_counted() {
    let world = world(Some(POLICY)).await;
    use_it(&world);
    let (run, lines) = world.planned("in-use").await;
    for line in &lines {
        world.work(line, &mut Steps::without_end()).await.unwrap();
    }
    let audited: AuditedDocument = world.documents(&run).read(&names::audited(0, 0, 0)).unwrap().unwrap();
    let cart = audited.repositories.iter().find(|one| one.name == REPOSITORY).unwrap();
    assert_eq!((cart.images_in_use, cart.images_in_use_going), (Some(1), Some(1)), "{cart:?}");
    let found = cart.findings.iter().find(|one| one.audit == "lifecycle-expires-in-use").unwrap();
    assert_eq!(
        (found.severity.as_str(), found.message.as_str()),
        (
            "critical",
            "rule 1 expires `1.1.0` in its next run, and it is in use: service cart of cluster prod"
        )
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_uses_images_and_does_not_answer_is_named_and_no_failure_of_the_run() {
    let world = World::of(3, 4).await;
    let (run, _) = world.planned("unread").await;
    let line = WorkloadsLine {
        run: run.clone(),
        registry: 0,
        account: ACCOUNT.to_owned(),
        region: SEOUL.to_owned(),
    };
    let input = WorkloadsInput::Line(line);
    // The server knows no other service than ECR.
    let read = async |attempt| {
        Box::pin(workloads::handle(&world.store, &world.clients.accounts, &input, &call(attempt)))
            .await
            .unwrap()
    };
    let output = read("one").await;
    assert_eq!((output.status, output.known, output.unknown), (Status::Partial, 0, 1));
    let name = names::workloads(ACCOUNT, SEOUL);
    let document: WorkloadsDocument = world.documents(&run).read(&name).unwrap().unwrap();
    assert!(document.failures().iter().any(|failure| failure.starts_with("`ecs`: ")), "{document:?}");
    let files = world.files();
    assert_eq!(read("two").await, output, "a call that comes again gets the same answer");
    assert_eq!(world.files(), files);
    let reported = Box::pin(world.go("unread", Steps::without_end())).await.unwrap();
    assert_eq!(reported.status, Status::Complete);
    let summary: Value = world.documents(&run).read(names::SUMMARY_JSON).unwrap().unwrap();
    let unread = summary["registries"][0]["unreadUses"].as_array().unwrap();
    assert_eq!(unread.len(), document.failures().len());
    assert_eq!(summary["registries"][0]["audits"]["imagesInUse"], 0);
}
