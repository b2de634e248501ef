//! `report-metrics`: an inventory, figures and one notice of each run, whatever ends in between.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use demurrage_contract::documents::names;
use demurrage_contract::{FailureKind, RunId, Status};
use demurrage_core::Metric;
use demurrage_store::Table;
use fake_ecr::{FaultKind, FaultTimes};
use serde_json::Value;

use crate::recorder::Figure;
use crate::run::Steps;
use crate::world::{ACCOUNT, DUBLIN, SEOUL, TOPIC, World, call, late, started_at};

fn summary(world: &World, run: &RunId) -> Value {
    world.documents(run).read(names::SUMMARY_JSON).unwrap().unwrap()
}

/// Everything up to the report.
async fn worked(world: &World, name: &str) -> RunId {
    let (run, lines) = world.planned(name).await;
    for line in &lines {
        world.work(line, &mut Steps::without_end()).await.unwrap();
    }
    run
}

async fn two_regions() -> World {
    World::of_regions(&[(SEOUL, 12, 10), (DUBLIN, 8, 10)]).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_complete_run_is_an_inventory_that_equals_a_collection_on_one_machine() {
    let world = two_regions().await;
    let output = world.go("whole", Steps::without_end()).await.unwrap();
    assert_eq!((output.status, output.more), (Status::Complete, false));
    let text = fs::read_to_string(&output.summary).unwrap();
    assert!(text.contains(output.run.as_str()));
    let newest = world.store.newest().unwrap();
    let folders: Vec<_> = newest.iter().map(|entry| entry.name().to_owned()).collect();
    assert_eq!(folders, [SEOUL, DUBLIN].map(|region| names::inventory(&output.run, ACCOUNT, region)));
    for region in [SEOUL, DUBLIN] {
        assert!(world.inventory(&output.run, region) == world.collected_at_once(region).await, "{region}");
    }
    let summary = summary(&world, &output.run);
    let images: Vec<_> = ["images", "repositories", "repositoriesUnread"]
        .map(|name| {
            summary["registries"]
                .as_array()
                .unwrap()
                .iter()
                .map(|r| r[name].as_u64().unwrap())
                .collect::<Vec<_>>()
        })
        .into();
    assert_eq!(images, [[120, 80], [12, 8], [0, 0]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_arrives_once_for_each_of_its_registries_at_the_start_of_the_run() {
    let world = two_regions().await;
    // What is in use is published where it was read.
    for region in [SEOUL, DUBLIN] {
        world.read_uses(region, Vec::new());
    }
    let output = world.go("metrics", Steps::without_end()).await.unwrap();
    let figures = world.recorder.figures();
    assert!(figures.iter().all(|figure| figure.timestamp_seconds == started_at().timestamp()));
    let summary = summary(&world, &output.run);
    // A budget is broken by a push and by no run, and the others are about the plan that a run has.
    let elsewhere =
        [Metric::BudgetsBroken, Metric::PlanImages, Metric::PlanGuardsTripped, Metric::PlansWaiting];
    for metric in Metric::ALL.iter().filter(|metric| !elsewhere.contains(metric)) {
        let of: Vec<&Figure> = figures.iter().filter(|figure| figure.name == metric.name()).collect();
        let whose: Vec<Vec<&str>> =
            of.iter().map(|figure| figure.of.iter().map(String::as_str).collect()).collect();
        if metric.dimensions().names() == ["Deployment"] {
            assert_eq!(whose, [["demurrage"]], "{metric}");
        } else {
            assert_eq!(whose, [[ACCOUNT, SEOUL], [ACCOUNT, DUBLIN]], "{metric}");
        }
    }
    let sum = |name: &str| {
        let of = figures.iter().filter(|figure| figure.name == name);
        of.map(|figure| figure.value).sum::<f64>().to_string()
    };
    assert_eq!(
        (sum("Images"), sum("Repositories"), sum("Failures")),
        ("200".into(), "20".into(), "0".into())
    );
    let in_summary = |name: &str| {
        let registries = summary["registries"].as_array().unwrap();
        registries.iter().map(|registry| registry[name].as_u64().unwrap()).sum::<u64>().to_string()
    };
    assert_eq!(sum("ImagesExpiringNext"), in_summary("imagesExpiringNext"));
    assert_eq!(sum("NaiveStoredBytes"), in_summary("naiveStoredBytes"));
    assert_eq!(sum("RunDuration"), summary["durationSeconds"].to_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_calls_that_are_counted_are_those_that_the_service_saw() {
    let world = World::of(1, 20).await;
    let once = FaultTimes::Count(1);
    // The last of all calls, because the SDK slows down those that come after.
    world.fault(None, "BatchGetImage", FaultKind::Throttled, once);
    world.fault(None, "ListTagsForResource", FaultKind::ServerError, once);
    let output = world.go("calls", Steps::without_end()).await.unwrap();
    assert_eq!(output.status, Status::Complete, "what passes is no problem");
    let saw: u64 = world.counted().values().sum();
    let figures = world.recorder.figures();
    let sum = |name: &str| {
        let of = figures.iter().filter(|figure| figure.name == name);
        of.map(|figure| figure.value).sum::<f64>().to_string()
    };
    assert_eq!((sum("CallsMade"), sum("CallsThrottled")), (saw.to_string(), "1".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_lists_for_queries_name_the_files_of_the_inventory() {
    let world = two_regions().await;
    let output = world.go("lists", Steps::without_end()).await.unwrap();
    for region in [SEOUL, DUBLIN] {
        let entry = world.store.find(&names::inventory(&output.run, ACCOUNT, region)).unwrap();
        for table in Table::ALL {
            let partition =
                format!("athena/{}/day=2026-11-20/account={ACCOUNT}/region={region}", table.name());
            let text = fs::read_to_string(world.root().join(partition).join("files.txt")).unwrap();
            let files: Vec<&str> = text.lines().collect();
            assert_eq!(files, world.store.files_of(&entry, table));
            assert!(!files.is_empty() && files.iter().all(|file| Path::new(file).is_file()), "{files:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_announced_once_and_then_left_alone() {
    let world = two_regions().await;
    let output = world.go("once", Steps::without_end()).await.unwrap();
    let [notice] = &world.recorder.notices()[..] else { panic!("one notice") };
    assert!(notice.contains("Action=Publish") && notice.contains(&TOPIC.replace(':', "%3A")), "{notice}");
    let files = world.files();
    world.recorder.figures();
    assert_eq!(world.report(&output.run, &call("again")).await.unwrap(), output);
    assert_eq!((world.recorder.notices().len(), world.recorder.figures().len()), (0, 0));
    assert!(world.files() == files);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_topic_nobody_is_told() {
    let mut world = two_regions().await;
    world.report.topic_arn = None;
    world.go("quiet", Steps::without_end()).await.unwrap();
    assert_eq!(world.recorder.notices().len(), 0);
    assert_ne!(world.recorder.figures().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_that_is_refused_fails_the_call_and_is_sent_by_the_next() {
    let world = two_regions().await;
    let run = worked(&world, "mail").await;
    world.recorder.refuse_notices(true);
    let failure = world.report(&run, &call("one")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused, "{failure}");
    let before = summary(&world, &run);
    world.recorder.refuse_notices(false);
    assert_eq!(world.report(&run, &call("two")).await.unwrap().status, Status::Complete);
    assert_eq!((world.recorder.notices().len(), summary(&world, &run)), (1, before));
}

/// Takes the last documents away, one more each time: as if the call had ended before it put them.
#[tokio::test(flavor = "multi_thread")]
async fn wherever_a_call_ends_the_next_comes_to_the_same_figures_and_the_same_files() {
    let world = two_regions().await;
    let output = world.go("crash", Steps::without_end()).await.unwrap();
    let (files, figures) = (world.files(), world.recorder.figures());
    let mut last = vec![
        format!("runs/{}/{}", output.run, names::NOTIFIED),
        format!("runs/{}/{}", output.run, names::SUMMARY),
        format!("runs/{}/{}", output.run, names::SUMMARY_JSON),
    ];
    for region in [DUBLIN, SEOUL] {
        let partition = format!("day=2026-11-20/account={ACCOUNT}/region={region}/files.txt");
        last.extend(Table::ALL.iter().rev().map(|table| format!("athena/{}/{partition}", table.name())));
        last.push(format!("inventories/{}/inventory.json", names::inventory(&output.run, ACCOUNT, region)));
    }
    for count in 1..=last.len() {
        for name in &last[..count] {
            fs::remove_file(world.root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        world.recorder.notices();
        assert_eq!(world.report(&output.run, &call("again")).await.unwrap(), output);
        assert!(world.files() == files, "without {:?}", &last[..count]);
        assert_eq!(world.recorder.figures(), figures);
        assert_eq!(world.recorder.notices().len(), 1, "the only thing that is done again");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_calls_at_once_agree() {
    let world = two_regions().await;
    let run = worked(&world, "race").await;
    let (one, two) = (call("one"), call("two"));
    let (one, two) = tokio::join!(world.report(&run, &one), world.report(&run, &two));
    assert_eq!(one.unwrap(), two.unwrap());
    let figures = world.recorder.figures();
    let (mut kinds, mut values) = (BTreeMap::new(), BTreeMap::new());
    for figure in &figures {
        *kinds.entry((&figure.name, &figure.of)).or_insert(0) += 1;
        values.entry((&figure.name, &figure.of)).or_insert_with(Vec::new).push(figure.value.to_string());
    }
    assert!(
        values.values_mut().all(|values| {
            values.dedup();
            values.len() == 1
        }),
        "figures are the same"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_whose_time_is_up_between_registries_hands_over_to_the_same_end() {
    let world = two_regions().await;
    let run = worked(&world, "hands").await;
    let first = world.report(&run, &late("one")).await.unwrap();
    assert_eq!((first.more, &first.run), (true, &run));
    let inventories: Vec<_> = world.store.inventories().unwrap().iter().map(|e| e.region.clone()).collect();
    assert_eq!(inventories, [SEOUL]);
    assert_eq!((world.recorder.figures().len(), world.recorder.notices().len()), (0, 0));
    let output = world.report(&run, &call("two")).await.unwrap();
    assert_eq!((output.more, output.status), (false, Status::Complete));
    for region in [SEOUL, DUBLIN] {
        assert!(world.inventory(&run, region) == world.collected_at_once(region).await, "{region}");
    }
    assert_eq!(world.recorder.notices().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_call_whose_time_is_up_gets_one_registry_further() {
    let world = World::of_regions(&[(SEOUL, 2, 2), (DUBLIN, 2, 2), ("us-east-1", 2, 2)]).await;
    let run = worked(&world, "tired").await;
    let mut calls = 1;
    while world.report(&run, &late("tired")).await.unwrap().more {
        calls += 1;
        assert!(calls <= 4, "it goes round in circles");
    }
    assert_eq!(world.store.inventories().unwrap().len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_never_was_is_bad_input() {
    let world = World::of(1, 1).await;
    let run = "20261120T030000Z-never".parse().unwrap();
    let failure = world.report(&run, &call("one")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::BadInput, "{failure}");
    assert!(failure.message.contains("20261120T030000Z-never"), "{failure}");
    assert!(world.files().is_empty());
}
