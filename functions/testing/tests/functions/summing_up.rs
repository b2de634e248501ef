//! What a run says of its plan, of registries as a whole and of settings; and that all of it is what the command says over
//! the same store.

use std::env;
use std::process::Command;

use chrono::{TimeDelta, Utc};
use demurrage_contract::documents::{WholeDocument, names};
use demurrage_contract::{
    AuditTask, DiscoverInput, ReportInput, ReportOutput, RunId, RunRequest, Status, WorkLine,
};
use demurrage_core::plan::Mode;
use demurrage_store::Table;
use serde_json::{Value, json};

use crate::planning_and_applying::{collected, hash_of, image, plan_of, use_it, world};
use crate::run::execution;
use crate::world::{ACCOUNT, DUBLIN, SEOUL, World, call, number, repository_record};
use crate::{planning, report};

async fn report_of(world: &World, run: &RunId, plan: Option<&str>) -> ReportOutput {
    let input = ReportInput { run: run.clone(), plan: plan.map(str::to_owned) };
    report::handle(&world.store, &world.publisher, &world.report, &input, &call("r")).await.unwrap()
}

fn summary(world: &World, run: &RunId) -> Value {
    world.documents(run).read(names::SUMMARY_JSON).unwrap().unwrap()
}

/// The figure of a metric of the deployment; nothing where there is none.
fn figures(world: &World, wanted: &[&str]) -> Vec<Option<String>> {
    let figures = world.recorder.figures();
    let one = |name: &&str| {
        let found = figures.iter().find(|figure| figure.name == **name && figure.of == ["demurrage"]);
        found.map(|figure| figure.value.to_string())
    };
    wanted.iter().map(one).collect()
}

const OF_PLANS: [&str; 3] = ["PlanImages", "PlanGuardsTripped", "PlansWaiting"];

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_waits_is_told_with_the_command_that_approves_it() {
    let world = world(None).await;
    use_it(&world);
    let run = collected(&world, "told", true).await;
    let planned = plan_of(&world, &run, &call("one"));
    let hash = hash_of(&planned);
    let output = report_of(&world, &run, Some(&hash)).await;
    assert_eq!(output.status, Status::Complete);
    let summary = summary(&world, &run);
    let command = format!("demurrage approve {hash} --store {}", world.store.shown());
    let told = ["hash", "images", "waits", "approval"].map(|name| summary["plan"][name].clone());
    assert_eq!(told, [json!(hash), json!(1), json!(true), json!(command)]);
    let tripped = summary["plan"]["tripped"].as_array().unwrap().len();
    assert_eq!(tripped as u64, planned.tripped);
    let wanted = ["1".to_owned(), tripped.to_string(), "1".to_owned()].map(Some);
    assert_eq!(figures(&world, &OF_PLANS), wanted);
    let [notice] = &world.recorder.notices()[..] else { panic!("one notice") };
    assert!(notice.contains(&format!("demurrage%20approve%20{hash}%20--store")), "{notice}");
    let whole = &summary["registries"][0]["whole"];
    let costs = &summary["registries"][0]["costs"];
    let bytes = |of: &Value, name: &str| of[name].as_u64().unwrap();
    assert_eq!(bytes(whole, "storedBytes"), bytes(costs, "storedBytes") + bytes(costs, "archivedBytes"));
    assert!(bytes(whole, "mountedBytes") <= bytes(whole, "storedBytes"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_a_plan_has_no_figure_of_one() {
    let world = world(None).await;
    let run = collected(&world, "without", false).await;
    report_of(&world, &run, None).await;
    assert_eq!(summary(&world, &run)["plan"], Value::Null);
    assert_eq!(figures(&world, &OF_PLANS), [None, None, None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_that_cannot_be_read_is_a_problem_of_the_run_and_the_rest_is_told() {
    let world = world(None).await;
    let run = collected(&world, "unreadable", true).await;
    let hash = "0".repeat(64);
    assert_eq!(report_of(&world, &run, Some(&hash)).await.status, Status::Partial);
    let summary = summary(&world, &run);
    let problem = summary["problems"][0].as_str().unwrap();
    assert!(problem.contains(&hash), "{problem}");
    assert_eq!((&summary["plan"], &summary["registries"][0]["images"]), (&Value::Null, &json!(4)));
}

/// A run about settings alone, of which every second registry was audited.
async fn settings_of(world: &World, name: &str, audited: usize) -> RunId {
    let request = RunRequest { settings_only: true, ..RunRequest::default() };
    let input = DiscoverInput { request, ..execution(name) };
    let run = world.discover(&input, &call("d")).await.unwrap().run;
    for line in world.work_lines(&run).into_iter().take(audited) {
        let WorkLine::Settings(line) = line else { panic!("{line:?}") };
        world.audit_task(&AuditTask::Settings(line), &call("a")).await.unwrap();
    }
    run
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_about_settings_tells_findings_by_metrics_alone_and_makes_no_inventory() {
    let world = World::of_regions(&[(SEOUL, 6, 4), (DUBLIN, 3, 4)]).await;
    let run = settings_of(&world, "settings", 2).await;
    let output = report_of(&world, &run, None).await;
    assert_eq!((output.status, output.more), (Status::Complete, false));
    assert_eq!(world.store.newest().unwrap(), []);
    let files = world.files();
    let athena = files.keys().filter(|path| path.starts_with("athena"));
    assert_eq!(athena.count(), 0, "of {} tables nothing is listed", Table::ALL.len());
    assert_eq!(world.recorder.notices().len(), 0);
    let summary = summary(&world, &run);
    assert_eq!(summary["settingsOnly"], true);
    for registry in summary["registries"].as_array().unwrap() {
        assert_eq!((&registry["costs"], &registry["whole"]), (&Value::Null, &Value::Null));
        assert_eq!(registry["audits"]["repositories"], registry["repositories"]);
    }
    let figures = world.recorder.figures();
    let medium = |name: &str| figures.iter().filter(|figure| figure.name == name).count();
    assert_eq!((medium("Repositories"), medium("Failures")), (2, 1));
    for absent in ["RunDuration", "SharesFailed", "Images", "StorageCost", "NaiveStoredBytes"] {
        assert_eq!(medium(absent), 0, "{absent}");
    }
    assert_eq!(report_of(&world, &run, None).await, output);
    assert!(world.files() == files);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_whose_settings_nobody_audited_makes_the_run_partial() {
    let world = World::of_regions(&[(SEOUL, 2, 2), (DUBLIN, 2, 2)]).await;
    let run = settings_of(&world, "half", 1).await;
    assert_eq!(report_of(&world, &run, None).await.status, Status::Partial);
    let problems = summary(&world, &run)["problems"].clone();
    assert_eq!(problems, json!([format!("{ACCOUNT} {DUBLIN}: nobody came back from auditing its settings")]));
}

/// What the command writes about a store as JSON.
fn command(world: &World, words: &[&str]) -> Value {
    let mut program = env::current_exe().unwrap();
    // Beside the folder of the tests: it is built with the workspace.
    program.pop();
    program.pop();
    program.push(format!("demurrage{}", env::consts::EXE_SUFFIX));
    let mut command = Command::new(&program);
    // The name of the configuration is part of a plan: here it is the file of this folder.
    command.current_dir(world.root()).args(words).args(["--format", "json", "--store"]).arg(world.root());
    let output = command.output().unwrap_or_else(|error| panic!("{}: {error}", program.display()));
    let text = String::from_utf8(output.stdout).unwrap();
    serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

fn money(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_shares_a_registry_is_cut_into_its_costs_and_its_plan_are_those_of_the_command() {
    let mut hashes = Vec::new();
    for share_images in [20, 70, 1_000_000] {
        let mut world = World::of(24, 12).await;
        world.discover.share_images = number(share_images);
        // These opted in, and share layers.
        for name in ["shop/cart", "shop/pay", "team-500/zz"] {
            let mut record = repository_record(name, "MUTABLE");
            record.resource_tags.insert("demurrage".to_owned(), "enforce".to_owned());
            let tags = ["1.0.0", "1.1.0", "1.2.0", "1.3.0"].into_iter().zip([400, 300, 200, 1]);
            let images = tags.map(|(tag, age_days)| image(tag, age_days)).collect();
            world.fake().load_repository(ACCOUNT, SEOUL, record, images);
        }
        let rules = "[[retention]]\nname = \"old\"\nrepositories = [\"*\"]\n\
                     expire = [{ tags = [\"*\"], pushed_older_than = \"30d\" }, { untagged = true, pushed_older_than = \"7d\" }]\n";
        std::fs::create_dir_all(world.root()).unwrap();
        std::fs::write(world.root().join("demurrage.toml"), rules).unwrap();
        use_it(&world);
        let run = collected(&world, "same", true).await;
        plan_of(&world, &run, &call("one"));
        report_of(&world, &run, None).await;

        let told = summary(&world, &run)["registries"][0].clone();
        let cost = command(&world, &["cost", "--now", "2026-11-20T03:00:00.250Z"]);
        let (registry, total) = (&cost["registries"][0], &cost["total"]);
        for (ours, theirs) in [("storedBytes", "stored_bytes"), ("archivedBytes", "archived_bytes")] {
            assert_eq!(told["costs"][ours], total[theirs], "{share_images}: {theirs}");
        }
        assert_eq!(money(&told["costs"]["storageUsdPerMonth"]), money(&total["storage_usd_per_month"]));
        let whole: WholeDocument =
            world.documents(&run).read(&names::whole(ACCOUNT, SEOUL)).unwrap().unwrap();
        assert_eq!(json!(whole.is_exact), registry["is_exact"]);
        assert_eq!(json!(whole.blob_mounting), registry["blob_mounting"]["setting"]);
        let replication: Vec<Value> = whole
            .replicas
            .iter()
            .flatten()
            .map(|to| json!([to.registry, to.region, to.low, to.high]))
            .collect();
        let theirs: Vec<Value> = registry["replication"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|to| {
                json!([to["registry"], to["region"], to["low_usd_per_month"], to["high_usd_per_month"]])
            })
            .collect();
        assert_eq!(replication, theirs);

        // At the same instant, for as long.
        let now = Utc::now();
        let planned =
            planning::plan(&world.store, Mode::Approve, now, now + TimeDelta::hours(24), &call("p"));
        let planned = planned.unwrap().unwrap().plan;
        assert_ne!(planned.images(), 0, "{:?} {:?}", planned.refused, planned.kept);
        let at = now.to_rfc3339();
        let theirs = command(&world, &["plan", "--mode", "approve", "--now", &at]);
        let described = |hash: &str| world.store.plan(hash).unwrap().plan;
        assert_eq!(described(theirs["hash"].as_str().unwrap()), described(&planned.hash.to_string()));
        hashes.push((planned.images(), planned.bytes_freed()));
    }
    hashes.dedup();
    assert_eq!(hashes.len(), 1, "{hashes:?}");
}
