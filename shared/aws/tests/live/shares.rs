//! A registry in shares: together they hold what one collection holds, whoever hands over to whom.

use std::collections::{BTreeMap, BTreeSet};

use demurrage_aws::collect::{
    CollectError, Extent, Progress, PullTimes, SHARE_ACTIONS, SURVEY_ACTIONS, ScanFindings, Share, Stop,
    collect_share, survey,
};
use demurrage_aws::{CallLine, Exclusion, Server as At, Session, SessionOptions};
use demurrage_core::{Listing, Repository};
use fake_ecr::{Fault, FaultKind, FaultTimes};

use crate::in_shares::{INVENTORY, InShares, any_time};
use crate::support::{ACCOUNT, REGION, ROLE, World};

#[tokio::test(flavor = "multi_thread")]
async fn three_shares_hold_together_what_one_collection_holds() {
    let world = World::generated(30, 60, 7);
    let whole = world.read(&world.collect().await);
    let mut run = InShares::begin(&world, INVENTORY).await;
    assert_eq!(run.survey.exclusion, Exclusion::Present { arn: ROLE.to_owned() });
    let of_three: Vec<Vec<Repository>> = run.survey.repositories.chunks(11).map(<[_]>::to_vec).collect();
    assert_eq!(of_three.len(), 3);
    for repositories in of_three {
        let count = repositories.len();
        let collected = run.share(repositories, any_time()).await;
        assert_eq!(collected.done, count);
        assert_eq!((collected.problems, collected.repositories_unread), (vec![], 0));
        assert_eq!((collected.unread.active, collected.exclusion), (0, run.survey.exclusion.clone()));
    }
    assert!(run.assemble() == whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn handing_over_at_every_repository_loses_nothing() {
    let world = World::generated(24, 30, 5);
    let whole = world.read(&world.collect().await);
    let mut run = InShares::begin(&world, INVENTORY).await;
    let mut left = run.survey.repositories.clone();
    while !left.is_empty() {
        let mut time = any_time();
        time.begin_until = tokio::time::Instant::now();
        let collected = run.share(left.clone(), time).await;
        assert_eq!((collected.done, collected.part.repositories()), (1, 1));
        left.drain(..collected.done);
    }
    assert_eq!(run.parts.len(), 24);
    assert!(run.assemble() == whole);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_of_no_repositories_is_a_part_without_any() {
    let world = World::generated(2, 2, 5);
    let mut run = InShares::begin(&world, INVENTORY).await;
    let collected = run.share(Vec::new(), any_time()).await;
    assert_eq!((collected.done, collected.part.repositories()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_shares_have_read_is_read_by_no_later_one() {
    let world = World::generated(12, 60, 11);
    let mut first = InShares::begin(&world, INVENTORY).await;
    first.share(first.survey.repositories.clone(), any_time()).await;
    let before = first.assemble();
    world.counted();
    let mut second = InShares::begin(&world, "a-second").await;
    for half in second.survey.repositories.chunks(6).map(<[_]>::to_vec).collect::<Vec<_>>() {
        assert_eq!(second.share(half, any_time()).await.unread.active, 0);
    }
    assert_eq!(world.counted().get("BatchGetImage"), None);
    assert!(second.assemble() == before, "and every manifest is handed on");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_takes_manifests_from_shares_and_shares_from_a_collection() {
    let world = World::generated(6, 60, 11);
    let mut run = InShares::begin(&world, INVENTORY).await;
    run.share(run.survey.repositories.clone(), any_time()).await;
    run.assemble();
    world.counted();
    let collected = world.collect().await;
    assert_eq!((collected.unread.active, world.counted().get("BatchGetImage")), (0, None));
    let mut last = InShares::begin(&world, "a-second").await;
    last.earlier = vec![collected.entry];
    last.share(last.survey.repositories.clone(), any_time()).await;
    assert_eq!(world.counted().get("BatchGetImage"), None);
}

/// One line for each operation, in numbers: by the formula, and as the client counted.
fn lines(calls: &[CallLine]) -> BTreeMap<String, u64> {
    for line in calls {
        assert_eq!(line.tally.sent, line.expected, "{}", line.operation);
    }
    calls.iter().map(|line| (line.operation.to_owned(), line.expected)).collect()
}

fn operations(actions: &[&str]) -> BTreeSet<String> {
    actions.iter().filter_map(|action| action.strip_prefix("ecr:")).map(str::to_owned).collect()
}

/// One client makes all calls, and what it counts goes on: each survey and share tells of its own.
#[tokio::test(flavor = "multi_thread")]
async fn the_calls_of_a_survey_and_of_each_share_are_those_of_their_formulas_and_actions() {
    let world = World::generated(37, 60, 3);
    let mut run = InShares::begin(&world, INVENTORY).await;
    run.extent.scan_findings = ScanFindings::OfTheNewest;
    world.counted();
    let again = survey(&run.session, &run.ecr).await.unwrap();
    let counted = world.counted();
    assert_eq!(lines(&again.calls), counted);
    assert_eq!(operations(&SURVEY_ACTIONS), counted.into_keys().collect());
    for repositories in again.repositories.chunks(20).map(<[_]>::to_vec).collect::<Vec<_>>() {
        let collected = run.share(repositories, any_time()).await;
        let counted = world.counted();
        assert_eq!(lines(&collected.calls), counted);
        assert_eq!(operations(&SHARE_ACTIONS), counted.into_keys().collect());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_asks_for_itself_whether_its_reading_leaves_a_trace() {
    let world = World::generated(8, 40, 4);
    let mut run = InShares::begin(&world, INVENTORY).await;
    assert!(run.survey.exclusion.leaves_no_trace());
    let key = "AKIAANOTHERROLE";
    world.fake().add_principal(key, ACCOUNT, "arn:aws:sts::123456789012:assumed-role/Another/run");
    let at = Some(At { url: world.server.url(), access_key_id: key.to_owned() });
    run.session = Session::open(REGION, SessionOptions { at, ..SessionOptions::default() }).await.unwrap();
    run.ecr = run.session.ecr(REGION);
    world.counted();
    let collected = run.share(run.survey.repositories.clone(), any_time()).await;
    assert_eq!(collected.exclusion, Exclusion::Absent);
    assert_eq!(world.counted().get("BatchGetImage"), None);
    assert!(collected.unread.indexes != 0 && collected.unread.indexes < collected.unread.active);
    assert_eq!(collected.problems, Vec::<String>::new());
    run.extent.pull_times = PullTimes::MayBeFalsified;
    let allowed = run.share(run.survey.repositories.clone(), any_time()).await;
    assert_eq!((allowed.exclusion, allowed.unread.active), (Exclusion::Absent, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_was_deleted_after_the_survey_is_recorded_as_failed_and_no_problem() {
    let world = World::generated(4, 6, 4);
    let mut run = InShares::begin(&world, INVENTORY).await;
    let mut repositories = run.survey.repositories.clone();
    repositories.push(Repository::new("zzz/gone"));
    let collected = run.share(repositories, any_time()).await;
    assert_eq!((collected.done, collected.repositories_unread, collected.repositories_gone), (5, 0, 1));
    let cause = "it was deleted while the registry was read";
    assert_eq!(collected.problems, Vec::<String>::new());
    let listing = &run.assemble().repositories[4].listing;
    assert_eq!(*listing, Listing::Failed(cause.to_owned()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_that_is_stopped_leaves_no_part() {
    let world = World::generated(6, 6, 4);
    let mut run = InShares::begin(&world, INVENTORY).await;
    let (kind, times) = (FaultKind::Timeout, FaultTimes::Every(2));
    let operation = "DescribeImages".to_owned();
    world.fake().add_fault(Fault { operation, account: None, region: None, kind, times });
    let (stop, progress) = (Stop::default(), Progress::default());
    let share = Share {
        inventory: INVENTORY,
        part: "part",
        repositories: run.survey.repositories.clone(),
        earlier: Vec::new(),
        extent: Extent::default(),
        time: any_time(),
    };
    let (asked, seen) = (stop.clone(), progress.clone());
    tokio::spawn(async move {
        while seen.seen().listed_images == 0 {
            tokio::task::yield_now().await;
        }
        asked.now();
    });
    let outcome = collect_share(&run.session, &run.ecr, &world.store, share, &progress, &stop).await;
    assert!(matches!(outcome, Err(CollectError::Interrupted)), "{outcome:?}");
    let left = std::fs::read_dir(world.path("store/inventories").join(INVENTORY));
    assert_eq!(left.map_or(0, Iterator::count), 0, "not even a file");
    // Another attempt begins anew.
    world.fake().clear_faults();
    assert_eq!(run.share(run.survey.repositories.clone(), any_time()).await.done, 6);
}
