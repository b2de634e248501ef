//! A share ends in time, whatever the service does, and says what is missing.

use std::num::NonZeroU32;
use std::time::Duration;

use demurrage_aws::collect::{CollectedShare, Time};
use demurrage_aws::{Exclusion, SessionOptions};
use demurrage_core::{Fact, ImageStatus, Inventory, Listing};
use fake_ecr::{Fault, FaultKind, FaultTimes};
use tokio::time::Instant;

use crate::in_shares::{INVENTORY, InShares, any_time};
use crate::support::World;

/// How much later than its time a share may end on a machine that is busy with other tests.
const TOLERANCE: Duration = Duration::from_secs(10);

/// No answer comes to the call with this number and to each multiple of it.
fn hangs(world: &World, operation: &str, every: u64) {
    let (kind, times) = (FaultKind::Timeout, FaultTimes::Every(every));
    let operation = operation.to_owned();
    world.fake().add_fault(Fault { operation, account: None, region: None, kind, times });
}

/// All the repositories, with an end after this, and without an end to what is begun before.
async fn until(run: &mut InShares<'_>, list: Duration) -> CollectedShare {
    let began = Instant::now();
    let time = Time { list_until: began + list, ..any_time() };
    let collected = run.share(run.survey.repositories.clone(), time).await;
    assert!(began.elapsed() < list + TOLERANCE, "{:?}", began.elapsed());
    collected
}

fn active(inventory: &Inventory) -> u64 {
    let images = inventory.repositories.iter().flat_map(|repository| &repository.images);
    images.filter(|image| image.status == ImageStatus::Active).count() as u64
}

fn late(name: &str, manifests: u64) -> String {
    format!("{name}: {manifests} manifests were not read: the time was up; the next run goes on")
}

#[tokio::test(flavor = "multi_thread")]
async fn no_manifest_is_read_after_the_time_and_each_repository_says_so_once() {
    let world = World::generated(3, 1_200, 8);
    let mut run = InShares::begin(&world, INVENTORY).await;
    world.counted();
    let time = Time { read_until: Instant::now(), ..any_time() };
    let collected = run.share(run.survey.repositories.clone(), time).await;
    assert_eq!(world.counted().get("BatchGetImage"), None);
    let inventory = run.assemble();
    assert_eq!((collected.done, collected.repositories_unread), (3, 0));
    assert_eq!(collected.unread.active, active(&inventory));
    let per_repository = inventory.repositories.iter().map(|repository| {
        assert_eq!(repository.notes.len(), 1, "{:?}", repository.notes);
        let active = repository.images.iter().filter(|image| image.status == ImageStatus::Active);
        late(&repository.name, active.count() as u64)
    });
    assert_eq!(collected.problems, per_repository.collect::<Vec<_>>());
    let batches = collected.calls.iter().find(|line| line.operation == "BatchGetImage").unwrap();
    assert_eq!((batches.expected, batches.tally.sent), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_repository_stops_in_the_middle_and_the_next_run_reads_the_rest() {
    let world = World::generated(1, 8_000, 5);
    let slow = SessionOptions { calls_per_second: NonZeroU32::new(8), ..SessionOptions::default() };
    let session = world.session_with(slow).await;
    let mut first = InShares::begin_as(&world, session, INVENTORY).await;
    world.counted();
    let time = Time { read_until: Instant::now() + Duration::from_millis(2_500), ..any_time() };
    let collected = first.share(first.survey.repositories.clone(), time).await;
    let read_first = world.counted()["BatchGetImage"];
    let (all, unread) = (active(&first.assemble()), collected.unread.active);
    assert!(0 < read_first && 0 < unread, "{read_first} batches, {unread} of {all} unread");
    assert_eq!(unread, all - read_first * 100, "whole batches were read");
    assert_eq!(collected.problems, [late(&world.names[0], unread)]);
    let mut second = InShares::begin(&world, "a-second").await;
    let collected = second.share(second.survey.repositories.clone(), any_time()).await;
    assert_eq!((collected.unread.active, collected.problems), (0, vec![]));
    assert_eq!(read_first + world.counted()["BatchGetImage"], all.div_ceil(100));
}

#[tokio::test(flavor = "multi_thread")]
async fn batches_that_are_never_answered_are_read_by_the_next_run() {
    let world = World::generated(1, 2_500, 5);
    let mut first = InShares::begin(&world, INVENTORY).await;
    hangs(&world, "BatchGetImage", 5);
    let collected = until(&mut first, Duration::from_secs(3)).await;
    let inventory = first.assemble();
    let unread = collected.unread.active;
    assert!(0 < unread && unread < active(&inventory), "{unread}");
    assert_eq!(inventory.repositories[0].listing, Listing::Complete);
    assert_eq!(collected.problems, [late(&world.names[0], unread)]);
    world.fake().clear_faults();
    world.counted();
    let mut second = InShares::begin(&world, "a-second").await;
    assert_eq!(second.share(second.survey.repositories.clone(), any_time()).await.unread.active, 0);
    assert_eq!(world.counted()["BatchGetImage"], unread.div_ceil(100));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listing_that_is_not_answered_any_more_is_cut_off_with_what_has_come() {
    let world = World::generated(1, 2_500, 5);
    let mut run = InShares::begin(&world, INVENTORY).await;
    hangs(&world, "DescribeImages", 2);
    let collected = until(&mut run, Duration::from_secs(3)).await;
    assert_eq!((collected.done, collected.repositories_unread), (1, 1));
    let repository = &run.assemble().repositories[0];
    assert_eq!((&repository.listing, repository.images.len()), (&Listing::CutOff, 1_000));
    assert_ne!(repository.lifecycle_policy, Fact::NotEvaluated);
    let note = "after 1 page of images `DescribeImages` failed: the time was up";
    assert!(repository.notes.iter().any(|said| said == note), "{:?}", repository.notes);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_answers_nothing_is_waited_for_until_the_time_is_up_and_no_longer() {
    for operation in ["GetLifecyclePolicy", "DescribeImages"] {
        let world = World::generated(40, 4, 5);
        let mut run = InShares::begin(&world, INVENTORY).await;
        hangs(&world, operation, 1);
        let collected = until(&mut run, Duration::from_secs(1)).await;
        assert!(
            0 < collected.done && collected.done < 40,
            "{} are done, the others handed on",
            collected.done
        );
        assert_eq!(collected.repositories_unread, collected.done as u64);
        let inventory = run.assemble();
        for repository in &inventory.repositories {
            let cause = "`DescribeImages` failed: the time was up";
            assert_eq!(repository.listing, Listing::Failed(cause.to_owned()), "{operation}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_says_whether_reading_leaves_a_trace_only_the_first_repository_is_begun() {
    let world = World::generated(4, 4, 5);
    let mut run = InShares::begin(&world, INVENTORY).await;
    hangs(&world, "ListPullTimeUpdateExclusions", 1);
    world.counted();
    let collected = until(&mut run, Duration::from_secs(1)).await;
    assert!(matches!(collected.exclusion, Exclusion::Unreadable(_)), "{:?}", collected.exclusion);
    assert_eq!((collected.done, collected.repositories_unread), (1, 1));
    assert_eq!(collected.problems[0], "`ListPullTimeUpdateExclusions` failed: the time was up");
    let asked: Vec<String> = world.counted().into_keys().collect();
    assert_eq!(asked, ["ListPullTimeUpdateExclusions"], "after its time it asks nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_whose_listing_the_clock_ends_is_left_to_the_next_share_where_it_is_not_the_first() {
    let world = World::generated(3, 40, 2);
    let mut run = InShares::begin(&world, INVENTORY).await;
    world.counted();
    // One of the listings hangs, whichever asks second.
    hangs(&world, "DescribeImages", 2);
    let collected = until(&mut run, Duration::from_secs(4)).await;
    // The first one had all the time that there was; another one ends the share before it.
    assert_eq!(collected.done < 3, collected.repositories_unread == 0, "{} are done", collected.done);
    let rest = run.survey.repositories[collected.done..].to_vec();
    world.fake().clear_faults();
    if !rest.is_empty() {
        let again = run.share(rest, any_time()).await;
        assert_eq!((collected.done + again.done, again.repositories_unread), (3, 0));
    }
    let whole = run.assemble().repositories.iter().filter(|one| one.listing == Listing::Complete).count();
    assert_eq!(whole as u64, 3 - collected.repositories_unread);
}
