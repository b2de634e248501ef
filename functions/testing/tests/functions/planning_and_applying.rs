//! `collect-workloads`, `build-plan` and `apply-plan`: what is in use, what goes, and what stays whatever rules say.

use std::fs;

use chrono::{TimeDelta, Utc};
use demurrage_aws::accounts::AccountSessions;
use demurrage_aws::apply::Lease;
use demurrage_aws::ledger::TagLedger;
use demurrage_contract::documents::{AuditedDocument, WholeDocument, WorkloadsDocument, names};
use demurrage_contract::{
    ApplyAnswer, ApplyInput, ApplyOutput, Failure, FailureKind, PlanInput, PlanMode, RunId, Status,
    WorkloadsInput, WorkloadsLine,
};
use demurrage_core::in_use::{SourceState, Use, UseRecord, UseSource};
use demurrage_serve::Call;
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

pub(crate) fn image(tag: &str, age_days: i64) -> ImageRecord {
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
pub(crate) async fn world(policy: Option<&str>) -> World {
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

pub(crate) fn use_it(world: &World) {
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

pub(crate) fn hash_of(planned: &demurrage_contract::PlanOutput) -> String {
    planned.hash.clone().unwrap()
}

pub(crate) fn plan(world: &World, mode: PlanMode) -> demurrage_contract::PlanOutput {
    let input = PlanInput { run: None, mode, expires_in_hours: None };
    build_plan::handle(&world.store, &build_plan::Settings::default(), &input, &call("plan")).unwrap()
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

pub(crate) fn plan_of(world: &World, run: &RunId, call: &Call) -> demurrage_contract::PlanOutput {
    let machine = "arn:aws:states:ap-northeast-2:123456789012:stateMachine:demurrage-apply".to_owned();
    let settings = build_plan::Settings { apply_state_machine: Some(machine) };
    let input = PlanInput { run: Some(run.clone()), mode: PlanMode::Approve, expires_in_hours: None };
    build_plan::handle(&world.store, &settings, &input, call).unwrap()
}

/// A run that has collected everything, and asked what is in use where `asked`.
pub(crate) async fn collected(world: &World, name: &str, asked: bool) -> RunId {
    let (run, lines) = world.planned(name).await;
    for line in &lines {
        world.work(line, &mut Steps::without_end()).await.unwrap();
    }
    if asked {
        let document = WorkloadsDocument {
            account: ACCOUNT.to_owned(),
            region: SEOUL.to_owned(),
            read_at: Utc::now(),
            record: String::new(),
            uses: 1,
            sources: Vec::new(),
            calls: Vec::new(),
        };
        world.documents(&run).agree(&names::workloads(ACCOUNT, SEOUL), document).unwrap();
    }
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn the_plan_of_a_run_is_made_once_from_the_inventories_of_that_run() {
    let world = world(None).await;
    use_it(&world);
    let run = collected(&world, "of-a-run", true).await;
    assert_eq!(world.store.newest().unwrap(), [], "the parts are there, and no inventory yet");
    world.counted();
    let planned = plan_of(&world, &run, &call("one"));
    assert_eq!((planned.images, planned.kept, planned.more), (1, 1, false), "{planned:?}");
    assert!(world.counted().is_empty(), "a plan asks no registry");
    let whole: WholeDocument = world.documents(&run).read(&names::whole(ACCOUNT, SEOUL)).unwrap().unwrap();
    assert!(whole.stored.standard_bytes != 0, "{whole:?}");
    assert!(world.store.deployment().unwrap().unwrap().apply_state_machine.ends_with("-apply"));
    let files = world.files();
    assert_eq!(plan_of(&world, &run, &call("two")), planned, "a call that comes again gives the same plan");
    assert!(world.files() == files);
    // Whoever reports finds the inventories, and puts none together.
    let reported = world.report(&run, &call("r")).await.unwrap();
    assert_eq!(world.store.newest().unwrap().len(), 1);
    assert!(!reported.more);
    let applied = apply(&world, &hash_of(&planned), PlanMode::Approve).await.unwrap();
    assert_eq!((applied.expired, applied.left, applied.status), (1, 0, Status::Complete), "{applied:?}");
    assert_eq!(tags(&world), ["1.1.0", "1.2.0"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_in_which_nobody_came_back_from_reading_what_is_in_use_has_no_plan() {
    let world = world(None).await;
    // Of before the run everything is known.
    use_it(&world);
    let run = collected(&world, "unasked", false).await;
    let planned = plan_of(&world, &run, &call("one"));
    assert_eq!((planned.hash, planned.actions, planned.status), (None, 0, Status::Partial));
    assert!(!planned.admitted && !planned.more);
    assert_eq!(world.store.plans().unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_barrier_settles_as_not_known_keeps_every_image() {
    let world = world(None).await;
    use_it(&world);
    let run = collected(&world, "settled", false).await;
    let settle = WorkloadsInput::Settle(run.clone());
    let call = call("s");
    let settled = Box::pin(workloads::handle(&world.store, &world.clients.accounts, &settle, &call));
    assert_eq!(settled.await.unwrap().unknown, 1);
    let planned = plan_of(&world, &run, &call);
    assert_eq!((planned.actions, planned.refused, planned.status), (0, 1, Status::Partial), "{planned:?}");
    assert!(planned.hash.is_some(), "a plan says what it refuses, and why");
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_that_clusters_put_into_the_bucket_are_read_once_and_are_as_old_as_they_are() {
    let world = world(None).await;
    let run = collected(&world, "clusters", true).await;
    let clusters = world.store.documents(&["clusters"]).unwrap();
    let list = r#"{"kind": "List", "items": [{"kind": "Pod", "metadata": {"namespace": "shop", "name": "cart"},
        "spec": {"containers": [{"name": "app", "image": "shop/cart:1"}]}}]}"#;
    clusters.put("prod.json", list.as_bytes()).unwrap();
    clusters.put("cut.json", &list.as_bytes()[..40]).unwrap();
    let settle = WorkloadsInput::Settle(run);
    let of_clusters = || -> Vec<UseRecord> {
        let all = world.store.uses().unwrap().into_iter().map(|(_, record)| record);
        all.filter(|record| record.sources.iter().any(|it| it.source == UseSource::Kubernetes)).collect()
    };
    assert_eq!(of_clusters(), []);
    let mut seen = Vec::new();
    for _ in 0..2 {
        let call = call("s");
        let settled = workloads::handle(&world.store, &world.clients.accounts, &settle, &call);
        assert_eq!(Box::pin(settled).await.unwrap().unknown, 0);
        let found = of_clusters();
        assert_eq!(found.len(), 2, "{found:#?}");
        seen.push(found);
    }
    assert_eq!(seen[0], seen[1], "nothing is read twice");
    let of = |name: &str| {
        let is_it = |record: &&UseRecord| record.sources[0].name.as_deref() == Some(name);
        seen[0].iter().find(is_it).unwrap().clone()
    };
    let put_at = clusters.get_dated("prod.json").unwrap().unwrap().put_at;
    assert_eq!((of("prod").read_at, of("prod").uses.len()), (put_at, 1));
    assert!(matches!(&of("cut").sources[0].state, SourceState::Failed(cause) if cause.contains("cut.json")));
}
