//! `report-metrics` of runs whose shares have no outcome: they are named, and nothing that is there is lost.

use demurrage_contract::documents::{FailedDocument, names};
use demurrage_contract::{Failure, FailureKind, InventoryLine, Invocation, RunId, Status};
use demurrage_core::Listing;
use serde_json::Value;

use crate::run::{Steps, execution};
use crate::world::{DUBLIN, SEOUL, World, call, late, number};

fn summary(world: &World, run: &RunId) -> Value {
    world.documents(run).read(names::SUMMARY_JSON).unwrap().unwrap()
}

/// Twelve repositories in four shares.
async fn four_shares() -> World {
    let mut world = World::of(12, 10).await;
    world.discover.share_images = number(450);
    world
}

/// Works on all lines but one, and returns that.
async fn all_but(world: &World, name: &str, left_out: usize) -> (RunId, InventoryLine) {
    world.discover(&execution(name), &call("d")).await.unwrap();
    let (run, mut lines) = world.planned(name).await;
    let left_out = lines.remove(left_out);
    for line in &lines {
        world.work(line, &mut Steps::without_end()).await.unwrap();
    }
    (run, left_out)
}

/// What serving a call leaves where it fails.
fn fail(world: &World, call: &impl Invocation, message: &str) {
    let failure = Failure::new(FailureKind::TooLarge, message);
    let document = FailedDocument { invocation: call.name(), failure };
    let documents = world.documents(&call.run().unwrap());
    documents.put(&names::failed(&call.name()), &serde_json::to_vec(&document).unwrap()).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_without_a_word_is_named_and_its_repositories_are_in_the_inventory_as_failed() {
    let world = four_shares().await;
    let whole = world.collected_at_once(SEOUL).await;
    let (run, line) = all_but(&world, "lost", 1).await;
    let output = world.report(&run, &call("r")).await.unwrap();
    assert_eq!((output.status, output.more), (Status::Partial, false));
    let share = world.share(&run, line.share);
    let (first, last) = (share.repositories[0].name(), share.repositories[2].name());
    let summary = summary(&world, &run);
    let [failed] = &summary["failedShares"].as_array().unwrap()[..] else { panic!("{summary}") };
    assert_eq!(failed["share"], line.share);
    assert_eq!((&failed["repositories"], &failed["firstRepositoryName"]), (&3.into(), &first.into()));
    assert_eq!(failed["lastRepositoryName"], last);
    assert!(failed["cause"].as_str().unwrap().contains("no outcome"), "{failed}");
    assert_eq!(summary["registries"][0]["repositoriesUnread"], 3);
    assert_eq!(summary["registries"][0]["repositories"], 12);
    assert_eq!(summary["registries"][0]["images"], 90);
    let read = world.inventory(&run, SEOUL);
    assert_eq!(read.repositories.len(), 12);
    for (read, whole) in read.repositories.iter().zip(&whole.repositories) {
        let is_lost = share.repositories.iter().any(|one| one.name() == read.name);
        if is_lost {
            assert!(matches!(&read.listing, Listing::Failed(cause) if cause.contains("no outcome")));
            assert_eq!((&read.name, &read.arn, read.created_at), (&whole.name, &whole.arn, whole.created_at));
        } else {
            assert!(read == whole, "{}", read.name);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_after_one_with_a_lost_share_takes_manifests_from_the_one_before() {
    let mut world = four_shares().await;
    world.go("first", Steps::without_end()).await.unwrap();
    // Now that their images are known, repositories weigh less.
    world.discover.share_images = number(180);
    let (run, _) = all_but(&world, "second", 2).await;
    world.report(&run, &call("r")).await.unwrap();
    world.counted();
    let third = world.go("third", Steps::without_end()).await.unwrap();
    assert_eq!(world.counted().get("BatchGetImage"), None);
    assert_eq!(third.status, Status::Complete);
    assert!(world.inventory(&third.run, SEOUL) == world.collected_at_once(SEOUL).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cause_that_a_function_left_is_said() {
    let world = four_shares().await;
    let (run, line) = all_but(&world, "cause", 3).await;
    fail(&world, &line, "it takes more memory than there is");
    world.report(&run, &call("r")).await.unwrap();
    let cause = "it takes more memory than there is (Demurrage.TooLarge)";
    assert_eq!(summary(&world, &run)["failedShares"][0]["cause"], cause);
    let read = world.inventory(&run, SEOUL);
    let failed = read
        .repositories
        .iter()
        .filter(|one| matches!(&one.listing, Listing::Failed(c) if c.contains(cause)));
    assert_eq!(failed.count(), 3);
    let figures = world.recorder.figures();
    let value = |name: &str| figures.iter().find(|figure| figure.name == name).unwrap().value.to_string();
    assert_eq!((value("SharesFailed"), value("RepositoriesUnread")), ("1".to_owned(), "3".to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_was_read_and_not_evaluated_is_in_the_inventory_and_failed() {
    let world = four_shares().await;
    let whole = world.collected_at_once(SEOUL).await;
    let (run, line) = all_but(&world, "unsaid", 0).await;
    let collected = world.collect(&line, &call("c")).await.unwrap();
    // Some of it was evaluated before the failure, and what cannot be evaluated is priced.
    let next = world.evaluate(&collected.evaluate, &late("e")).unwrap().next;
    world.compute(&collected.compute, &call("p")).unwrap();
    fail(&world, &next, "a page is damaged");
    assert_eq!(world.report(&run, &call("r")).await.unwrap().status, Status::Partial);
    let summary = summary(&world, &run);
    assert_eq!(
        summary["failedShares"][0]["cause"],
        "it was read, and not evaluated: a page is damaged (Demurrage.TooLarge)"
    );
    assert_eq!(summary["registries"][0]["repositoriesUnread"], 0);
    assert!(world.inventory(&run, SEOUL) == whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_was_read_and_not_priced_is_in_the_inventory_and_failed() {
    let world = four_shares().await;
    let whole = world.collected_at_once(SEOUL).await;
    let (run, line) = all_but(&world, "unpriced", 2).await;
    let collected = world.collect(&line, &call("c")).await.unwrap();
    world.evaluate(&collected.evaluate, &call("e")).unwrap();
    // Some of it was priced before the failure.
    let next = world.compute(&collected.compute, &late("p")).unwrap().next;
    fail(&world, &next, "a page is damaged");
    assert_eq!(world.report(&run, &call("r")).await.unwrap().status, Status::Partial);
    let summary = summary(&world, &run);
    assert_eq!(summary["failedShares"].as_array().unwrap().len(), 1);
    assert_eq!(summary["failedShares"][0]["share"], line.share);
    assert_eq!(
        summary["failedShares"][0]["cause"],
        "it was read, and not priced: a page is damaged (Demurrage.TooLarge)"
    );
    assert_eq!(summary["registries"][0]["repositoriesUnread"], 0);
    assert!(world.inventory(&run, SEOUL) == whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_share_that_was_neither_evaluated_nor_priced_the_first_is_the_cause() {
    let world = four_shares().await;
    let (run, line) = all_but(&world, "neither", 0).await;
    let collected = world.collect(&line, &call("c")).await.unwrap();
    fail(&world, &collected.evaluate, "the first page is damaged");
    fail(&world, &collected.compute, "the second page is damaged");
    assert_eq!(world.report(&run, &call("r")).await.unwrap().status, Status::Partial);
    assert_eq!(
        summary(&world, &run)["failedShares"][0]["cause"],
        "it was read, and not evaluated: the first page is damaged (Demurrage.TooLarge)"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_was_read_and_not_audited_is_named_and_what_was_found_elsewhere_is_told() {
    let world = four_shares().await;
    let (run, line) = all_but(&world, "unaudited", 1).await;
    let collected = world.collect(&line, &call("c")).await.unwrap();
    world.evaluate(&collected.evaluate, &call("e")).unwrap();
    world.compute(&collected.compute, &call("p")).unwrap();
    fail(&world, &collected.audit, "the table refuses");
    assert_eq!(world.report(&run, &call("r")).await.unwrap().status, Status::Partial);
    let summary = summary(&world, &run);
    let cause = "it was read, and not audited: the table refuses (Demurrage.TooLarge)";
    assert_eq!(summary["failedShares"][0]["cause"], cause);
    assert_eq!(summary["registries"][0]["repositoriesUnread"], 0);
    let audits = &summary["registries"][0]["audits"];
    assert_eq!((&audits["isWhole"], &audits["repositories"]), (&false.into(), &9.into()));
    // What was found is a figure, and what nobody knows to be nothing is none.
    let figures = world.recorder.figures();
    let is_there = |name: &str| figures.iter().any(|figure| figure.name == name);
    assert!(is_there("PromisesBroken") && is_there("AllPromisesBroken"));
    assert!(!is_there("TagsMoved") && !is_there("AllTagsMoved"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_was_handed_over_to_nobody_is_there_as_far_as_it_was_read() {
    let world = four_shares().await;
    let (run, line) = all_but(&world, "half", 1).await;
    let hurried = crate::world::calls_after(51, &["c"]).await;
    let collected = world.collect(&line, &hurried[0]).await.unwrap();
    assert!(collected.more);
    world.evaluate(&collected.evaluate, &call("e")).unwrap();
    world.compute(&collected.compute, &call("p")).unwrap();
    world.audit(&collected.audit, &call("a")).await.unwrap();
    fail(&world, &collected.next, "the role may not");
    assert_eq!(world.report(&run, &call("r")).await.unwrap().status, Status::Partial);
    let summary = summary(&world, &run);
    assert_eq!(summary["failedShares"][0]["cause"], "the role may not (Demurrage.TooLarge)");
    assert_eq!(summary["registries"][0]["repositoriesUnread"], 2);
    let read = world.inventory(&run, SEOUL);
    let failed = read.repositories.iter().filter(|one| matches!(one.listing, Listing::Failed(_)));
    assert_eq!((read.repositories.len(), failed.count()), (12, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_after_the_run_was_put_together_does_not_change_its_outcome() {
    let mut world = World::of_regions(&[(SEOUL, 6, 5), (DUBLIN, 6, 5)]).await;
    world.discover.share_images = number(450);
    let (run, line) = all_but(&world, "too-late", 3).await;
    assert_eq!(line.region, DUBLIN);
    let first = world.report(&run, &late("r")).await.unwrap();
    assert!(first.more);
    world.work(&line, &mut Steps::without_end()).await.unwrap();
    let output = world.report(&run, &call("r2")).await.unwrap();
    assert_eq!(output.status, Status::Partial);
    let before = summary(&world, &run);
    assert_eq!(before["failedShares"].as_array().unwrap().len(), 1);
    assert_eq!(before["registries"][1]["repositoriesUnread"], 3);
    let failed = world.inventory(&run, DUBLIN).repositories;
    assert_eq!(failed.iter().filter(|one| matches!(one.listing, Listing::Failed(_))).count(), 3);
    world.remove(&run, names::NOTIFIED);
    assert_eq!(world.report(&run, &call("r3")).await.unwrap(), output);
    assert_eq!(summary(&world, &run), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_which_no_share_came_to_an_outcome_is_reported() {
    let world = four_shares().await;
    let (run, lines) = world.planned("nothing").await;
    let output = world.report(&run, &call("r")).await.unwrap();
    assert_eq!(output.status, Status::Partial);
    let summary = summary(&world, &run);
    assert_eq!(summary["failedShares"].as_array().unwrap().len(), lines.len());
    assert_eq!(summary["registries"][0]["repositoriesUnread"], 12);
    assert_eq!(summary["registries"][0]["isPullExcluded"], false);
    let read = world.inventory(&run, SEOUL);
    assert!(read.repositories.iter().all(|one| matches!(one.listing, Listing::Failed(_))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_could_not_be_listed_makes_a_run_partial() {
    let world = World::of_regions(&[(SEOUL, 3, 5), (DUBLIN, 3, 5)]).await;
    let always = fake_ecr::FaultTimes::Every(1);
    world.fault(Some(DUBLIN), "DescribeRepositories", fake_ecr::FaultKind::AccessDenied, always);
    let output = world.go("listed", Steps::without_end()).await.unwrap();
    assert_eq!(output.status, Status::Partial);
    let summary = summary(&world, &output.run);
    assert_eq!(summary["unreadRegistries"][0]["region"], DUBLIN);
    assert_eq!(summary["registries"].as_array().unwrap().len(), 1);
    assert_eq!(world.store.inventories().unwrap().len(), 1);
}
