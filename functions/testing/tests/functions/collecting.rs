//! `collect-inventory` on good days: a share is read once, by whoever and in however many calls.

use std::collections::BTreeMap;

use demurrage_aws::collect::{PullTimes, ScanFindings};
use demurrage_contract::documents::{CollectedDocument, names};
use demurrage_contract::{EvaluateInput, FailureKind, InventoryLine, Status, WorkLine};
use serde_json::Value;

use crate::run::{Steps, inventory};
use crate::world::{SEOUL, World, call, call_with, calls_after};

fn parts(world: &World) -> usize {
    let files = world.files();
    files.keys().filter(|path| path.ends_with("images.parquet")).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_is_collected_twice_is_read_once() {
    let world = World::of(6, 20).await;
    let (run, lines) = world.planned("twice").await;
    let first = world.collect(&lines[0], &call("one")).await.unwrap();
    assert_eq!(
        (first.status, first.more, &first.next),
        (Status::Complete, false, &WorkLine::Inventory(lines[0].clone()))
    );
    assert_eq!(first.evaluate, EvaluateInput { run: run.clone(), share: 0, segment: 0, from: 0 });
    let files = world.files();
    world.counted();
    assert_eq!(world.collect(&lines[0], &call("two")).await.unwrap(), first);
    assert_eq!(world.counted(), BTreeMap::new());
    assert!(world.files() == files, "and there is no second part");
    let document: CollectedDocument = world.documents(&run).read(&names::collected(0, 0)).unwrap().unwrap();
    assert_eq!((document.part.repositories(), document.part.images()), (6, 120));
    assert!(document.is_pull_excluded);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_attempt_that_ended_before_it_said_so_is_made_again_beside_it() {
    let world = World::of(6, 20).await;
    let (run, lines) = world.planned("again").await;
    let first = world.collect(&lines[0], &call("one")).await.unwrap();
    world.remove(&run, &names::collected(0, 0));
    assert_eq!(world.collect(&lines[0], &call("two")).await.unwrap(), first);
    assert_eq!(parts(&world), 2);
    let rest = world.go("again", Steps::without_end()).await.unwrap();
    assert_eq!(rest.status, Status::Complete);
    assert!(world.inventory(&run, SEOUL) == world.collected_at_once(SEOUL).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_attempts_at_once_agree_on_one_document() {
    let world = World::of(6, 20).await;
    let (run, lines) = world.planned("race").await;
    let (one, two) = (call("one"), call("two"));
    let (one, two) = tokio::join!(world.collect(&lines[0], &one), world.collect(&lines[0], &two));
    assert_eq!(one.unwrap(), two.unwrap());
    assert_eq!(parts(&world), 2, "both have read");
    let document: CollectedDocument = world.documents(&run).read(&names::collected(0, 0)).unwrap().unwrap();
    assert!(["00000-000-one", "00000-000-two"].contains(&document.part.folder()));
    world.go("race", Steps::without_end()).await.unwrap();
    assert!(world.inventory(&run, SEOUL) == world.collected_at_once(SEOUL).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_is_handed_over_at_each_repository_holds_what_one_collection_holds() {
    let world = World::of(4, 20).await;
    let (run, lines) = world.planned("hands").await;
    let (mut line, mut segments) = (lines[0].clone(), Vec::new());
    for hurried in calls_after(51, &["a", "b", "c", "d"]).await {
        let output = world.collect(&line, &hurried).await.unwrap();
        assert_eq!(output.status, Status::Complete);
        let next = InventoryLine { segment: line.segment + 1, from: line.from + 1, ..line.clone() };
        let goes_on = inventory(output.next);
        assert_eq!((output.more, &goes_on), if line.from < 3 { (true, &next) } else { (false, &line) });
        segments.push(output.evaluate);
        line = goes_on;
    }
    assert_eq!(segments.iter().map(|input| input.segment).collect::<Vec<_>>(), [0, 1, 2, 3]);
    let report = world.go("hands", Steps::without_end()).await.unwrap();
    assert_eq!(report.status, Status::Complete);
    assert!(world.inventory(&run, SEOUL) == world.collected_at_once(SEOUL).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_line_gets_wrong_is_bad_input_and_asks_nobody() {
    let world = World::of(3, 2).await;
    let (run, lines) = world.planned("bad").await;
    world.counted();
    let line = &lines[0];
    let bad = [
        InventoryLine { account: "210987654321".to_owned(), ..line.clone() },
        InventoryLine { region: "eu-west-1".to_owned(), ..line.clone() },
        InventoryLine { share: 7, ..line.clone() },
        InventoryLine { from: 3, segment: 1, ..line.clone() },
        InventoryLine { run: "20261120T030000Z-never".parse().unwrap(), ..line.clone() },
    ];
    for line in &bad {
        let failure = world.collect(line, &call("one")).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadInput, "{failure}");
    }
    assert_eq!(world.counted(), BTreeMap::new());
    // A line that begins elsewhere than the segment that is there.
    world.collect(line, &call("one")).await.unwrap();
    let elsewhere = InventoryLine { from: 1, ..line.clone() };
    let failure = world.collect(&elsewhere, &call("two")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::BadInput, "{failure}");
    assert!(world.documents(&run).get(&names::collected(0, 0)).unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn too_little_memory_is_said_before_anybody_is_asked() {
    let world = World::of(3, 2).await;
    let (_, lines) = world.planned("small").await;
    world.counted();
    let files = world.files();
    let failure = world.collect(&lines[0], &call_with("one", 128 * 1024 * 1024)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::TooLarge, "{failure}");
    assert_eq!(world.counted(), BTreeMap::new());
    assert!(world.files() == files);
}

#[tokio::test(flavor = "multi_thread")]
async fn manifests_that_an_earlier_run_has_read_are_handed_on() {
    let world = World::of(8, 30).await;
    let first = world.go("first", Steps::without_end()).await.unwrap();
    assert!(world.counted().contains_key("BatchGetImage"));
    let second = world.go("second", Steps::without_end()).await.unwrap();
    assert_eq!(world.counted().get("BatchGetImage"), None);
    assert!(world.inventory(&second.run, SEOUL) == world.inventory(&first.run, SEOUL));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_pulls_are_recorded_manifests_are_left_alone_unless_they_may_be_read() {
    let mut trace = World::without_exclusion(3, 20).await;
    let (run, lines) = trace.planned("trace").await;
    let output = trace.collect(&lines[0], &call("one")).await.unwrap();
    assert_eq!(trace.counted().get("BatchGetImage"), None);
    let document: CollectedDocument = trace.documents(&run).read(&names::collected(0, 0)).unwrap().unwrap();
    assert!(!document.is_pull_excluded);
    assert!(
        0 < document.manifests_unread && document.manifests_unread <= 60,
        "{}",
        document.manifests_unread
    );
    assert_eq!((output.status, document.part.images()), (Status::Complete, 60));
    trace.extent.pull_times = PullTimes::MayBeFalsified;
    let (run, lines) = trace.planned("may").await;
    trace.collect(&lines[0], &call("one")).await.unwrap();
    assert!(trace.counted().contains_key("BatchGetImage"));
    let document: CollectedDocument = trace.documents(&run).read(&names::collected(0, 0)).unwrap().unwrap();
    assert!(!document.is_pull_excluded);
}

#[tokio::test(flavor = "multi_thread")]
async fn scans_are_asked_about_where_the_deployment_says_so_and_nowhere_else() {
    const OPERATION: &str = "DescribeImageScanFindings";
    let mut world = World::of(4, 20).await;
    let silent = world.go("silent", Steps::without_end()).await.unwrap();
    assert_eq!(world.counted().get(OPERATION), None);
    world.extent.scan_findings = ScanFindings::OfTheNewest;
    let asked = world.go("asked", Steps::without_end()).await.unwrap();
    assert_eq!((silent.status, asked.status), (Status::Complete, Status::Complete));
    assert!(4 <= world.counted()[OPERATION]);
    let known = |run| {
        let images = world.inventory(run, SEOUL).repositories.into_iter().flat_map(|found| found.images);
        images.filter(|image| image.scan.is_some()).count() as u64
    };
    assert_eq!(known(&silent.run), 0);
    assert!(4 <= known(&asked.run));
    let registry = world.inventory(&asked.run, SEOUL).registry;
    assert!(
        registry.creation_templates.present().is_some()
            && registry.pull_through_cache_rules.present().is_some()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn every_field_of_an_output_has_a_value_for_the_state_machine() {
    let world = World::of(2, 20).await;
    let (_, lines) = world.planned("fields").await;
    let hurried = calls_after(51, &["one", "two"]).await;
    let more = world.collect(&lines[0], &hurried[0]).await.unwrap();
    let whole = world.collect(&inventory(more.next.clone()), &hurried[1]).await.unwrap();
    assert_eq!((more.more, whole.more), (true, false));
    for output in [&more, &whole] {
        let output = serde_json::to_value(output).unwrap();
        let next = ["account", "calls_per_second", "from", "region", "run", "segment", "share", "step"];
        assert_eq!(
            keys(&output),
            ["audit", "compute", "evaluate", "more", "next", "run", "segment", "share", "status"]
        );
        assert_eq!(keys(&output["next"]), next);
        assert_eq!(keys(&output["evaluate"]), ["from", "run", "segment", "share"]);
        assert_eq!((&output["compute"], &output["audit"]), (&output["evaluate"], &output["evaluate"]));
    }
}

/// The names of an object's members, none of which is null.
fn keys(value: &Value) -> Vec<&str> {
    let members = value.as_object().unwrap();
    assert!(members.values().all(|value| !value.is_null()), "{value}");
    let mut names: Vec<&str> = members.keys().map(String::as_str).collect();
    names.sort_unstable();
    names
}
