//! Prices of a run from the first call to the metrics, and figures that are not known.

use demurrage_contract::documents::{CostedDocument, RegistryDocument, names};
use demurrage_contract::{RunId, Status};
use demurrage_core::cost::PriceList;
use fake_ecr::{FaultKind, FaultTimes};
use serde_json::{Value, json};

use crate::recorder::Figure;
use crate::run::Steps;
use crate::world::{ACCOUNT, DUBLIN, SEOUL, World, call, number};

const PEKING: &str = "cn-north-1";
const DOLLARS: [&str; 3] = ["StorageCost", "ReclaimableCost", "ReplicationCost"];
const BYTES: [&str; 3] = ["StoredBytes", "ArchivedBytes", "ReclaimableBytes"];

fn costs(world: &World, run: &RunId, registry: usize) -> Value {
    let summary: Value = world.documents(run).read(names::SUMMARY_JSON).unwrap().unwrap();
    summary["registries"][registry]["costs"].clone()
}

/// The names of the figures of costs that came of a region, in the order in which they are above.
fn published<'n>(figures: &[Figure], region: &str, of: &[&'n str]) -> Vec<&'n str> {
    let came =
        |name: &str| figures.iter().any(|figure| figure.name == name && figure.of == [ACCOUNT, region]);
    of.iter().copied().filter(|name| came(name)).collect()
}

/// The embedded list with twice its prices of storage in Seoul, and without tiers.
fn dearer() -> String {
    let mut list: Value = serde_json::from_str(&PriceList::embedded().to_json()).unwrap();
    list["source"] = "another one".into();
    for class in ["storage_gb_month", "archive_gb_month"] {
        list["regions"][SEOUL][class] = json!([{ "up_to_gb": null, "price": "0.2" }]);
    }
    PriceList::from_json(&list.to_string()).unwrap().to_json()
}

fn put_prices(world: &World, text: &str) {
    world.store.documents(&["prices"]).unwrap().put("newest.json", text.as_bytes()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_summary_says_is_what_is_published() {
    let world = World::of_regions(&[(SEOUL, 20, 20), (DUBLIN, 5, 20)]).await;
    let output = world.go("figures", Steps::without_end()).await.unwrap();
    let figures = world.recorder.figures();
    for (place, region) in [SEOUL, DUBLIN].into_iter().enumerate() {
        let costs = costs(&world, &output.run, place);
        let value = |name: &str| {
            let is_it = |one: &&Figure| one.name == name && one.of == [ACCOUNT, region];
            figures.iter().find(is_it).unwrap().value
        };
        let bytes = ["storedBytes", "archivedBytes", "reclaimableBytes"];
        for (metric, said) in BYTES.into_iter().zip(bytes) {
            assert_eq!(value(metric).to_string(), costs[said].to_string(), "{region} {metric}");
        }
        let dollars = ["storageUsdPerMonth", "reclaimableUsdPerMonth", "replicationHighUsdPerMonth"];
        for (metric, said) in DOLLARS.into_iter().zip(dollars) {
            assert_eq!(format!("{:.10}", value(metric)), costs[said].as_str().unwrap(), "{region} {metric}");
        }
        assert!(0.0 < value("StorageCost") && 0.0 < value("ReclaimableCost"), "{costs}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_priced_by_the_list_that_was_the_newest_when_it_began() {
    let world = World::of(10, 20).await;
    let first = world.go("before", Steps::without_end()).await.unwrap();
    let (run, lines) = world.planned("between").await;
    put_prices(&world, &dearer());
    for line in &lines {
        world.work(line, &mut Steps::without_end()).await.unwrap();
    }
    world.report(&run, &call("r")).await.unwrap();
    assert_eq!(costs(&world, &run, 0), costs(&world, &first.run, 0));
    let kept =
        |run: &RunId| String::from_utf8(world.documents(run).get(names::PRICES).unwrap().unwrap()).unwrap();
    assert_eq!(kept(&run), PriceList::embedded().to_json());
    let after = world.go("after", Steps::without_end()).await.unwrap();
    assert_eq!(kept(&after.run), dearer());
    let (before, after) = (costs(&world, &first.run, 0), costs(&world, &after.run, 0));
    assert_eq!(before["storedBytes"], after["storedBytes"]);
    let usd = |costs: &Value| costs["storageUsdPerMonth"].as_str().unwrap().parse::<f64>().unwrap();
    assert!(0.0 < usd(&before) && (usd(&after) - 2.0 * usd(&before)).abs() < 1e-6, "{before} {after}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_list_of_the_store_that_cannot_be_read_keeps_no_run_from_being_priced() {
    let world = World::of(3, 20).await;
    put_prices(&world, "{");
    let output = world.go("damaged", Steps::without_end()).await.unwrap();
    assert_eq!(output.status, Status::Complete);
    assert!(costs(&world, &output.run, 0)["storageUsdPerMonth"].is_string());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_there_is_no_price_bytes_are_published_and_dollars_are_not() {
    let world = World::of_regions(&[(SEOUL, 5, 20), (PEKING, 5, 20)]).await;
    let output = world.go("peking", Steps::without_end()).await.unwrap();
    assert_eq!(output.status, Status::Complete, "that is no failure");
    let figures = world.recorder.figures();
    assert_eq!(published(&figures, SEOUL, &DOLLARS), DOLLARS);
    for region in [SEOUL, PEKING] {
        assert_eq!(published(&figures, region, &BYTES), BYTES, "{region}");
    }
    // Nothing is replicated, and that costs nothing wherever it is.
    assert_eq!(published(&figures, PEKING, &DOLLARS), ["ReplicationCost"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn replication_to_where_there_is_no_price_has_no_figure_and_hides_no_other() {
    let world = World::of(5, 20).await;
    let to = format!(r#"{{"region": "{PEKING}", "registryId": "{ACCOUNT}"}}"#);
    let replication = format!(r#"{{"rules": [{{"destinations": [{to}]}}]}}"#);
    world.fake().load_registry(ACCOUNT, SEOUL, None, None, Some(&replication));
    world.go("replication", Steps::without_end()).await.unwrap();
    let figures = world.recorder.figures();
    assert_eq!(published(&figures, SEOUL, &DOLLARS), ["StorageCost", "ReclaimableCost"]);
    assert_eq!(published(&figures, SEOUL, &BYTES), BYTES);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_replicates_where_the_registry_could_not_be_described_is_not_known() {
    let world = World::of(5, 20).await;
    world.fault(None, "DescribeRegistry", FaultKind::AccessDenied, FaultTimes::Every(1));
    let output = world.go("described", Steps::without_end()).await.unwrap();
    let registry: RegistryDocument =
        world.documents(&output.run).read(&names::registry(ACCOUNT, SEOUL)).unwrap().unwrap();
    assert!(!registry.problems.is_empty());
    let figures = world.recorder.figures();
    assert_eq!(published(&figures, SEOUL, &DOLLARS), ["StorageCost", "ReclaimableCost"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_registry_of_which_a_share_was_not_priced_no_cost_is_published() {
    let mut world = World::of_regions(&[(SEOUL, 6, 20), (DUBLIN, 6, 20)]).await;
    world.discover.share_images = number(450);
    let (run, lines) = world.planned("low").await;
    for line in &lines {
        if line.share == 0 {
            let collected = world.collect(line, &call("c")).await.unwrap();
            world.evaluate(&collected.evaluate, &call("e")).unwrap();
        } else {
            world.work(line, &mut Steps::without_end()).await.unwrap();
        }
    }
    world.report(&run, &call("r")).await.unwrap();
    let figures = world.recorder.figures();
    let is_seoul = lines[0].region == SEOUL;
    let (low, whole) = if is_seoul { (SEOUL, DUBLIN) } else { (DUBLIN, SEOUL) };
    assert_eq!(published(&figures, whole, &BYTES), BYTES);
    assert!(published(&figures, low, &BYTES).is_empty(), "what was read is larger than that");
    assert!(published(&figures, low, &DOLLARS).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_registry_without_one_repository_the_figures_are_those_of_the_others() {
    let world = World::of(6, 20).await;
    world.fault(None, "DescribeImages", FaultKind::AccessDenied, FaultTimes::Count(1));
    let output = world.go("without-one", Steps::without_end()).await.unwrap();
    let document: CostedDocument =
        world.documents(&output.run).read(&names::costed(0, 0, 0)).unwrap().unwrap();
    let stored: Vec<u64> =
        document.repositories.iter().filter_map(|one| Some(one.now?.standard_bytes)).collect();
    assert_eq!((document.repositories.len(), stored.len()), (6, 5));
    let figures = world.recorder.figures();
    let value = |name: &str| figures.iter().find(|one| one.name == name).unwrap().value;
    assert_eq!(value("StoredBytes").to_string(), stored.iter().sum::<u64>().to_string());
    assert_eq!(value("RepositoriesUnread").to_string(), "1");
    assert_eq!(costs(&world, &output.run, 0)["repositoriesInexact"], 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_registry_of_which_no_repository_could_be_read_there_is_no_figure_of_costs() {
    let world = World::of(1, 20).await;
    world.fault(None, "DescribeImages", FaultKind::AccessDenied, FaultTimes::Every(1));
    let output = world.go("none", Steps::without_end()).await.unwrap();
    let figures = world.recorder.figures();
    assert!(published(&figures, SEOUL, &BYTES).is_empty());
    assert!(published(&figures, SEOUL, &DOLLARS).is_empty());
    assert_eq!(published(&figures, SEOUL, &["RepositoriesUnread"]), ["RepositoriesUnread"]);
    assert!(costs(&world, &output.run, 0).is_null());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_policy_was_not_read_it_is_not_known_what_is_freed_and_known_what_is_stored() {
    let world = World::of(6, 20).await;
    world.fault(None, "GetLifecyclePolicy", FaultKind::AccessDenied, FaultTimes::Count(1));
    let output = world.go("policy", Steps::without_end()).await.unwrap();
    let figures = world.recorder.figures();
    assert_eq!(published(&figures, SEOUL, &BYTES), ["StoredBytes", "ArchivedBytes"]);
    assert_eq!(published(&figures, SEOUL, &DOLLARS), ["StorageCost", "ReplicationCost"]);
    let costs = costs(&world, &output.run, 0);
    assert!(costs["reclaimableBytes"].is_null() && costs["reclaimableUsdPerMonth"].is_null(), "{costs}");
    let markdown = world.documents(&output.run).get(names::SUMMARY).unwrap().unwrap();
    assert!(String::from_utf8(markdown).unwrap().contains("| unknown | unknown |"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_says_by_which_prices_it_was_and_that_they_are_old() {
    let world = World::of(2, 20).await;
    let said = |run: &RunId| {
        let summary: Value = world.documents(run).read(names::SUMMARY_JSON).unwrap().unwrap();
        let markdown = world.documents(run).get(names::SUMMARY).unwrap().unwrap();
        let is_warned = String::from_utf8(markdown).unwrap().contains("WARNING: that is more than 90 days");
        (summary["prices"].clone(), is_warned)
    };
    let own = PriceList::embedded();
    let output = world.go("own", Steps::without_end()).await.unwrap();
    let wanted = json!({ "date": own.date.to_string(), "source": own.source, "isOld": false });
    assert_eq!(said(&output.run), (wanted, false));
    // Runs are of 20 November here.
    for (date, is_old) in [("2026-08-22", false), ("2026-08-21", true)] {
        let mut list = PriceList::embedded();
        (list.date, list.source) = (date.parse().unwrap(), "another one".to_owned());
        put_prices(&world, &list.to_json());
        let output = world.go(date, Steps::without_end()).await.unwrap();
        let wanted = json!({ "date": date, "source": "another one", "isOld": is_old });
        assert_eq!(said(&output.run), (wanted, is_old), "{date}");
        let notices = world.recorder.notices();
        let notice = notices.last().unwrap();
        assert_eq!(notice.contains("WARNING"), is_old, "{notice}");
    }
}
