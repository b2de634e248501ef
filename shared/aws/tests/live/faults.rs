//! Bad days: the same inventory comes of them, or one that says what is missing.

use std::num::NonZeroU32;
use std::time::{Duration, Instant};

use demurrage_aws::SessionOptions;
use demurrage_aws::collect::{CollectError, Extent, Progress, PullTimes, Stop, collect_private};
use demurrage_core::{Inventory, Listing};
use fake_ecr::{Clock, Fault, FaultKind, FaultTimes};

use crate::support::{REGION, World, now};

fn fault(operation: &str, kind: FaultKind, times: FaultTimes) -> Fault {
    Fault { operation: operation.to_owned(), account: None, region: None, kind, times }
}

/// The same but for when it was taken, and what was said of it.
fn facts(inventory: Inventory) -> Inventory {
    Inventory { notes: Vec::new(), taken_at: now(), ..inventory }
}

/// A registry whose clock is right. Where it is not, the SDK takes a refusal for a signature of another time,
/// and tries again.
fn in_time(repositories: usize, images_per_repository: usize) -> World {
    let world = World::generated(repositories, images_per_repository, 6);
    world.fake().set_clock(Clock::default());
    world
}

/// Collects anew from a registry that throttles: it is met, it is not the rule, and the inventory is the same.
async fn collected_though_throttled(world: &World, peace: &Inventory) {
    let session = world.session().await;
    let store = world.other_store("throttled");
    let collected = world.collect_as(&session, &store, PullTimes::LeaveAsTheyAre).await;
    assert!(facts(store.read(&collected.entry, |_| true).unwrap()) == *peace);
    let throttled: u64 = collected.calls.iter().map(|line| line.tally.throttled).sum();
    let sent: u64 = collected.calls.iter().map(|line| line.tally.sent).sum();
    assert!(0 < throttled && throttled < sent / 2, "{throttled} of {sent}");
}

/// A thousand repositories, first in peace, then under each fault, then throttled.
#[tokio::test(flavor = "multi_thread")]
async fn a_thousand_repositories_are_the_same_under_throttling_and_under_each_fault() {
    let world = World::generated(1_000, 4, 9);
    let peace = facts(world.read(&world.collect().await));
    let chance = |seed| FaultTimes::Probability { probability: 0.01, seed };
    let rare = |count| FaultTimes::Count(count);
    let days: [(&str, FaultKind, FaultTimes); 6] = [
        ("500", FaultKind::ServerError, chance(1)),
        ("reset", FaultKind::Reset, chance(2)),
        ("truncated", FaultKind::Truncated, chance(3)),
        ("slow", FaultKind::Slow(Duration::from_millis(50)), chance(4)),
        ("timeout", FaultKind::Timeout, rare(3)),
        ("expired token", FaultKind::ExpiredToken, rare(3)),
    ];
    for (name, kind, times) in days {
        world.fake().clear_faults();
        world.fake().add_fault(fault("*", kind, times));
        let options =
            SessionOptions { attempt_timeout: Some(Duration::from_secs(2)), ..SessionOptions::default() };
        let session = world.session_with(options).await;
        let store = world.other_store(name);
        let collected = world.collect_as(&session, &store, PullTimes::LeaveAsTheyAre).await;
        let found = facts(store.read(&collected.entry, |_| true).unwrap());
        assert!(found == peace, "{name}: {:?}", collected.problems);
        assert_eq!(collected.problems, Vec::<String>::new(), "{name}");
        let failed: u64 = collected.calls.iter().map(|line| line.tally.failed).sum();
        assert_eq!(0 < failed, !matches!(kind, FaultKind::Slow(_)), "{name}: the fault was met");
    }
    world.fake().clear_faults();
    world.fake().set_rate("*", 300.0, 50.0);
    collected_though_throttled(&world, &peace).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_throttles_by_rate_is_collected_at_its_rate() {
    let world = World::generated(300, 4, 9);
    let peace = facts(world.read(&world.collect().await));
    world.fake().set_rate("*", 100.0, 20.0);
    collected_though_throttled(&world, &peace).await;
    // A pace below the rate is never throttled.
    let calm = SessionOptions { calls_per_second: NonZeroU32::new(80), ..SessionOptions::default() };
    let session = world.session_with(calm).await;
    let collected = world.collect_as(&session, &world.other_store("calm"), PullTimes::LeaveAsTheyAre).await;
    assert_eq!(collected.calls.iter().map(|line| line.tally.throttled).sum::<u64>(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_are_throttled_by_chance_do_not_slow_the_others_down() {
    let world = World::generated(40, 4, 9);
    let peace = facts(world.read(&world.collect().await));
    for (seed, probability) in [(1, 0.01), (2, 0.25)] {
        world.fake().clear_faults();
        world.fake().add_fault(fault(
            "*",
            FaultKind::Throttled,
            FaultTimes::Probability { probability, seed },
        ));
        let began = Instant::now();
        collected_though_throttled(&world, &peace).await;
        // Adaptive retries of the SDK took ten minutes for the second.
        assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_cannot_be_listed_is_recorded_and_the_others_are_read() {
    let world = in_time(20, 10);
    // Whichever asks first is refused for good.
    world.fake().add_fault(fault("DescribeImages", FaultKind::AccessDenied, FaultTimes::Count(1)));
    let collected = world.collect().await;
    let inventory = world.read(&collected);
    let failed: Vec<_> =
        inventory.repositories.iter().filter(|r| matches!(r.listing, Listing::Failed(_))).collect();
    assert_eq!((failed.len(), inventory.repositories.len()), (1, 20));
    assert_eq!(collected.problems.len(), 1);
    assert!(collected.problems[0].starts_with(&failed[0].name), "{:?}", collected.problems);
    // The next day its manifests are still known from the day before, though the last inventory lacks it.
    world.fake().clear_faults();
    let whole = world.collect().await;
    assert_eq!(whole.problems, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_that_were_read_before_one_failed_are_kept_and_marked() {
    let world = in_time(1, 2_500);
    world.fake().add_fault(fault("DescribeImages", FaultKind::AccessDenied, FaultTimes::Every(2)));
    let collected = world.collect().await;
    let inventory = world.read(&collected);
    assert_eq!(inventory.repositories[0].listing, Listing::CutOff);
    assert_eq!(inventory.repositories[0].images.len(), 1_000);
    assert_eq!(collected.problems.len(), 2, "{:?}", collected.problems);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_whose_repositories_cannot_be_listed_is_not_stored() {
    let world = in_time(2_500, 1);
    world.fake().add_fault(fault("DescribeRepositories", FaultKind::AccessDenied, FaultTimes::Every(2)));
    let session = world.session().await;
    let outcome = collect_private(
        &session,
        &session.ecr(REGION),
        &world.store,
        Extent::default(),
        &Progress::default(),
        &Stop::default(),
    )
    .await;
    assert!(matches!(outcome, Err(CollectError::Call(_))), "{outcome:?}");
    assert_eq!(world.store.inventories().unwrap().len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_setting_that_may_not_be_read_is_not_evaluated_and_said() {
    let world = in_time(3, 4);
    world.fake().add_fault(fault("GetLifecyclePolicy", FaultKind::AccessDenied, FaultTimes::Every(1)));
    world.fake().add_fault(fault(
        "ListPullTimeUpdateExclusions",
        FaultKind::AccessDenied,
        FaultTimes::Every(1),
    ));
    let session = world.session().await;
    let collected = world.collect_as(&session, &world.store, PullTimes::LeaveAsTheyAre).await;
    let inventory = world.read(&collected);
    for repository in &inventory.repositories {
        assert_eq!(repository.lifecycle_policy, demurrage_core::Fact::NotEvaluated);
        assert_eq!(repository.listing, Listing::Complete);
    }
    assert_eq!(collected.problems.len(), 4, "{:?}", collected.problems);
    assert_ne!(collected.unread.active, 0, "an exclusion that cannot be looked up is none");
}
