//! `apply-plan` as its state machine calls it: a plan is admitted, its parts are applied one by one, and all of it is looked at.

use std::fs;
use std::path::Path;

use chrono::{TimeDelta, Utc};
use demurrage_aws::accounts::AccountSessions;
use demurrage_aws::apply::Lease;
use demurrage_aws::ledger::TagLedger;
use demurrage_contract::{
    ApplyAdmitted, ApplyAnswer, ApplyInput, ApplyOutput, ApplyPhase, Failure, FailureKind, PlanMode, Status,
};
use demurrage_core::apply::ApplyReport;
use demurrage_core::plan::{Mode, PartHead, PartSummary, Plan, PlanHead, aside_text, part_text, plan_text};
use demurrage_serve::Call;
use demurrage_store::{PlanFiles, StopOrder, sha256};
use fake_ecr::{FaultKind, FaultTimes};

use crate::applying::Edge;
use crate::planning_and_applying::{hash_of, image, plan};
use crate::run::Steps;
use crate::world::{ACCOUNT, SEOUL, World, call, late, repository_record};
use crate::{apply_plan, dynamodb};

const RULES: &str = "[[retention]]\nname = \"old\"\nrepositories = [\"shop/*\"]\n\
                     expire = [{ tags = [\"*\"], pushed_older_than = \"30d\" }]\n";
/// The repositories, and how many old images each has; beside them a new one.
const REPOSITORIES: [(&str, i64); 3] = [("shop/a", 3), ("shop/b", 2), ("shop/c", 1)];

/// A registry, and the hash of a plan over it that has a part for each repository.
async fn world(change: impl FnOnce(&mut PlanHead)) -> (World, String) {
    let world = World::of(1, 1).await;
    for (name, old) in REPOSITORIES {
        let mut record = repository_record(name, "MUTABLE");
        record.resource_tags.insert("demurrage".to_owned(), "enforce".to_owned());
        let tag = |number: i64| format!("{}-{number}", name.replace('/', "-"));
        let mut images: Vec<_> = (1..=old).map(|number| image(&tag(number), 400 - number)).collect();
        images.push(image(&tag(0), 1));
        world.fake().load_repository(ACCOUNT, SEOUL, record, images);
    }
    fs::create_dir_all(world.root()).unwrap();
    fs::write(world.root().join("demurrage.toml"), RULES).unwrap();
    world.read_uses(SEOUL, Vec::new());
    Box::pin(world.go("parts", Steps::without_end())).await.unwrap();
    let hash = in_parts(&world, &hash_of(&plan(&world, PlanMode::Approve)), change);
    world.counted();
    (world, hash)
}

/// The same plan with a part for each repository: a real one has parts of thousands of actions.
fn in_parts(world: &World, hash: &str, change: impl FnOnce(&mut PlanHead)) -> String {
    let stored = world.store.plan(hash).unwrap();
    assert!(stored.kept().unwrap().is_empty() && stored.pending().unwrap().is_empty());
    let mut plan = Plan { parts: Vec::new(), ..stored.plan.clone() };
    change(&mut plan.head);
    let head = PartHead { head: plan.head.clone(), aside: sha256(aside_text(&plan).as_bytes()) };
    let mut files = Vec::new();
    for (place, repository) in stored.repositories().unwrap().chunks(1).enumerate() {
        let text = part_text(&head, repository);
        let part = PartSummary::of(place, sha256(text.as_bytes()), repository);
        files.push((part.file.clone(), text));
        plan.parts.push(part);
    }
    let mut hashes: Vec<String> = plan.parts.iter().map(|part| part.hash.to_string()).collect();
    hashes.sort_unstable();
    plan.hash = sha256(hashes.join("\n").as_bytes());
    files.push(("plan.json".to_owned(), plan_text(&plan)));
    let hash = plan.hash.to_string();
    world.store.add_plan(&PlanFiles { plan, files }).unwrap();
    hash
}

async fn called(
    world: &World,
    hash: &str,
    phase: ApplyPhase,
    part: Option<usize>,
    call: &Call,
) -> Result<ApplyAnswer, Failure> {
    let ledger = TagLedger::open_at(SEOUL, &world.table.at(), dynamodb::TABLE).await;
    let own = AccountSessions::new(world.session().clone(), None);
    let edge = Edge { changes: own.clone(), reads: own, ledger };
    let lease = async |name: String| Ok(Lease::of_folder(&world.store, &name).unwrap());
    let input = ApplyInput { hash: hash.to_owned(), mode: PlanMode::Approve, phase: Some(phase), part };
    Box::pin(apply_plan::handle(&world.store, &edge, lease, &input, call)).await
}

async fn admit(world: &World, hash: &str) -> Result<ApplyAdmitted, Failure> {
    match called(world, hash, ApplyPhase::Admit, None, &call("admit")).await? {
        ApplyAnswer::Admitted(admitted) => Ok(admitted),
        ApplyAnswer::Came(came) => panic!("{came:?}"),
    }
}

async fn came(world: &World, hash: &str, part: Option<usize>) -> ApplyOutput {
    let phase = if part.is_some() { ApplyPhase::Part } else { ApplyPhase::Verify };
    match called(world, hash, phase, part, &call("part")).await.unwrap() {
        ApplyAnswer::Came(came) => came,
        ApplyAnswer::Admitted(admitted) => panic!("{admitted:?}"),
    }
}

/// How many images each repository has.
fn counts(world: &World) -> Vec<usize> {
    REPOSITORIES.iter().map(|(name, _)| world.fake().images(ACCOUNT, SEOUL, name).len()).collect()
}

/// The report that an output names.
fn report(output: &ApplyOutput) -> ApplyReport {
    let place = output.report.as_deref().unwrap();
    assert!(Path::new(place).ends_with("report.json"), "{place}");
    serde_json::from_str(&fs::read_to_string(place).unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_smallest_part_goes_first_and_what_all_came_to_is_one_report() {
    let (world, hash) = world(|_| ()).await;
    let admitted = admit(&world, &hash).await.unwrap();
    assert_eq!((admitted.parts, admitted.canary), (3, 2), "{admitted:?}");
    let items = fs::read_to_string(&admitted.items).unwrap();
    let parts: Vec<ApplyInput> = items.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(parts.iter().map(|input| input.part.unwrap()).collect::<Vec<_>>(), [2, 1, 0]);
    assert!(parts.iter().all(|input| input.hash == hash && input.phase == Some(ApplyPhase::Part)));
    assert!(world.counted().is_empty(), "no registry is asked for that");

    let canary = came(&world, &hash, Some(admitted.canary)).await;
    assert_eq!((canary.expired, canary.status, canary.halt.as_deref()), (1, Status::Complete, None));
    assert_eq!(counts(&world), [4, 3, 1], "the others are as they were");
    for part in [1, 0] {
        let applied = came(&world, &hash, Some(part)).await;
        assert_eq!((applied.status, applied.left, applied.more), (Status::Complete, 0, false), "{applied:?}");
    }
    assert_eq!(counts(&world), [1, 1, 1]);
    world.counted();
    assert_eq!(came(&world, &hash, Some(2)).await, canary, "a call that comes again gives the same answer");
    assert_eq!(world.counted().get("BatchDeleteImage"), None);

    // A part that was not looked at yet is not begun when the time is up: it is to be called again.
    let ApplyAnswer::Came(begun) = called(&world, &hash, ApplyPhase::Verify, None, &late("v")).await.unwrap()
    else {
        panic!("it compares");
    };
    assert_eq!((begun.more, begun.report.as_deref()), (true, None));
    let verified = came(&world, &hash, None).await;
    assert_eq!((verified.expired, verified.left, verified.unplanned), (6, 0, 0), "{verified:?}");
    assert_eq!((verified.status, verified.halt.as_deref(), verified.more), (Status::Complete, None, false));
    let whole = report(&verified);
    assert_eq!((whole.plan, whole.repositories.len(), whole.halt), (hash.clone(), 3, None));
    assert_eq!(came(&world, &hash, None).await, verified);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_one_part_meets_ends_the_others_before_they_call_anything() {
    let (world, hash) = world(|_| ()).await;
    admit(&world, &hash).await.unwrap();
    world.fault(Some(SEOUL), "BatchDeleteImage", FaultKind::AccessDenied, FaultTimes::Every(1));
    let canary = came(&world, &hash, Some(2)).await;
    assert_eq!((canary.halt.as_deref(), canary.expired), (Some("call_failed"), 0), "{canary:?}");
    world.fake().clear_faults();
    world.counted();
    for part in [1, 0] {
        let other = came(&world, &hash, Some(part)).await;
        assert_eq!((other.halt.as_deref(), other.expired), (Some("other_part"), 0), "{other:?}");
    }
    assert_eq!(world.counted().get("BatchDeleteImage"), None);
    let verified = came(&world, &hash, None).await;
    assert_eq!((verified.halt.as_deref(), verified.status), (Some("call_failed"), Status::Partial));
    let halt = report(&verified).halt.unwrap();
    assert!(
        halt.detail.starts_with("part 2: ") && halt.detail.contains("BatchDeleteImage"),
        "{}",
        halt.detail
    );
    assert_eq!(counts(&world), [4, 3, 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_to_stop_ends_every_part_and_is_the_reason_in_the_report() {
    let (world, hash) = world(|_| ()).await;
    admit(&world, &hash).await.unwrap();
    let order = StopOrder { at: Utc::now(), by: "kim".to_owned(), reason: "incident 12".to_owned() };
    world.store.put_stop(&order).unwrap();
    for part in [2, 1] {
        let output = came(&world, &hash, Some(part)).await;
        assert_eq!((output.halt.as_deref(), output.expired), (Some("stop_order"), 0), "{output:?}");
    }
    let verified = came(&world, &hash, None).await;
    assert_eq!(verified.halt.as_deref(), Some("stop_order"));
    assert_eq!(report(&verified).halt.unwrap().detail, "kim ordered to stop: incident 12");
    assert_eq!(world.counted().get("BatchDeleteImage"), None);
    // It was nobody's mistake: lifted, the same parts go on.
    world.store.lift_stop(&order).unwrap();
    assert_eq!(came(&world, &hash, Some(2)).await.expired, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_expired_was_changed_or_is_only_looked_at_is_not_admitted() {
    let (world, hash) = world(|_| ()).await;
    let expired = in_parts(&world, &hash, |head| head.expires_at = Utc::now() - TimeDelta::minutes(10));
    let failure = admit(&world, &expired).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::BadInput);
    assert!(failure.message.contains("the plan expired on"), "{failure}");
    let observed = in_parts(&world, &hash, |head| head.mode = Mode::Observe);
    assert_eq!(admit(&world, &observed).await.unwrap_err().kind, FailureKind::BadInput);
    let none = called(&world, &hash, ApplyPhase::Part, Some(3), &call("part")).await.unwrap_err();
    assert_eq!(none.kind, FailureKind::BadInput);
    let place = world.root().join(format!("plans/{hash}/part-00001.jsonl"));
    let text = fs::read_to_string(&place).unwrap();
    fs::write(&place, text.replacen("shop-b-1", "shop-b-2", 1)).unwrap();
    let failure = admit(&world, &hash).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Damaged, "{failure}");
    assert!(world.counted().is_empty());
    assert_eq!(counts(&world), [4, 3, 2]);
}
