//! `discover-repositories`: what there is to do, found once, in even shares.

use std::collections::BTreeMap;

use demurrage_contract::documents::{RunDocument, names};
use demurrage_contract::{DiscoverInput, FailureKind, RunRequest};
use demurrage_serve::Call;
use fake_ecr::{FaultKind, FaultTimes, generate};

use crate::run::{Steps, execution};
use crate::world::{ACCOUNT, DUBLIN, SEOUL, World, call, calls_after, late, number, started_at};

const ALWAYS: FaultTimes = FaultTimes::Every(1);

async fn two_regions() -> World {
    let mut world = World::of_regions(&[(SEOUL, 120, 1), (DUBLIN, 60, 1)]).await;
    // A repository of which nothing is known is taken for 150 images.
    world.discover.share_images = number(750);
    world
}

#[tokio::test(flavor = "multi_thread")]
async fn each_repository_is_in_one_share_of_its_region_and_shares_are_even() {
    let world = two_regions().await;
    let (run, lines) = world.planned("even").await;
    let numbers: Vec<u32> = lines.iter().map(|line| line.share).collect();
    assert_eq!(numbers, (0..36).collect::<Vec<u32>>());
    let document: RunDocument = world.documents(&run).read(names::RUN).unwrap().unwrap();
    assert_eq!((document.shares, document.registries.len(), document.unread.len()), (36, 2, 0));
    for (planned, (region, repositories)) in document.registries.iter().zip([(SEOUL, 120), (DUBLIN, 60)]) {
        assert_eq!(planned.region, region);
        let mut found = Vec::new();
        for &share in &planned.shares {
            let line = &lines[share as usize];
            assert_eq!((&*line.region, line.segment, line.from), (region, 0, 0));
            let share = world.share(&run, share);
            assert_eq!(share.repositories.len(), 5);
            found.extend(share.repositories.iter().map(|repository| repository.name().to_owned()));
        }
        assert!(found.is_sorted());
        found.dedup();
        assert_eq!(found.len(), repositories);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn lines_are_interleaved_and_those_that_run_at_a_time_keep_the_rate_of_their_registry() {
    let mut world = two_regions().await;
    for (calls_per_second, concurrency) in [(20, 8), (100, 36), (7, 3)] {
        world.discover.calls_per_second = number(calls_per_second);
        world.discover.concurrency = number(concurrency);
        let (_, lines) = world.planned(&format!("at{calls_per_second}")).await;
        for at_a_time in lines.windows(concurrency as usize) {
            let mut together = BTreeMap::new();
            for line in at_a_time {
                assert!(0.0 < line.calls_per_second);
                *together.entry(&*line.region).or_default() += line.calls_per_second;
            }
            assert!(
                together.values().all(|rate: &f64| *rate <= f64::from(calls_per_second) + 1e-6),
                "{together:?}"
            );
            assert_eq!(together.len(), 2, "both regions are worked on at any time");
        }
        let of_dublin = |lines: &[_]| {
            lines.iter().filter(|line: &&demurrage_contract::InventoryLine| line.region == DUBLIN).count()
        };
        for end in 0..=lines.len() {
            assert!(
                of_dublin(&lines[..end]).abs_diff(end / 3) <= 1,
                "every third line is of the smaller one"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_execution_twice_asks_once_and_changes_nothing() {
    let world = two_regions().await;
    let first = world.discover(&execution("twice"), &call("one")).await.unwrap();
    let (files, counted) = (world.files(), world.counted());
    assert_eq!(counted.get("DescribeRegistry"), Some(&2));
    assert!(counted.values().all(|calls| (2..=10).contains(calls)), "{counted:?}");
    let second = world.discover(&execution("twice"), &call("two")).await.unwrap();
    assert_eq!(second, first);
    assert!(world.files() == files);
    assert_eq!(world.counted(), BTreeMap::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_its_last_document_a_run_is_planned_again_from_what_was_read() {
    let world = two_regions().await;
    let first = world.discover(&execution("crash"), &call("one")).await.unwrap();
    let files = world.files();
    world.counted();
    for name in [names::WORK, names::RUN] {
        world.remove(&first.run, name);
    }
    world.remove(&first.run, &names::share(20));
    assert_eq!(world.discover(&execution("crash"), &call("two")).await.unwrap(), first);
    assert!(world.files() == files);
    assert_eq!(world.counted(), BTreeMap::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn shares_that_could_not_all_be_written_in_time_are_written_by_the_next_call() {
    let world = two_regions().await;
    let first = world.discover(&execution("slow"), &call("one")).await.unwrap();
    let files = world.files();
    world.counted();
    for name in [names::WORK, names::PARTS, names::RUN]
        .map(str::to_owned)
        .into_iter()
        .chain((0..36).map(names::share))
    {
        world.remove(&first.run, &name);
    }
    let hurried = world.discover(&execution("slow"), &late("two")).await.unwrap();
    assert_eq!((hurried.more, hurried.lines), (true, 0));
    let documents = world.documents(&first.run);
    let written = (0..36).filter(|&share| documents.get(&names::share(share)).unwrap().is_some()).count();
    assert_eq!(written, 24, "those of one region: each call does something");
    assert_eq!(documents.get(names::WORK).unwrap(), None);
    assert_eq!(world.discover(&execution("slow"), &call("three")).await.unwrap(), first);
    assert!(world.files() == files);
    assert_eq!(world.counted(), BTreeMap::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_region_that_is_refused_does_not_hide_another() {
    let world = two_regions().await;
    world.fault(Some(DUBLIN), "DescribeRepositories", FaultKind::AccessDenied, ALWAYS);
    let (run, lines) = world.planned("refused").await;
    assert_eq!(lines.len(), 24);
    assert!(lines.iter().all(|line| line.region == SEOUL));
    let document: RunDocument = world.documents(&run).read(names::RUN).unwrap().unwrap();
    assert_eq!(document.registries.len(), 1);
    let [unread] = &document.unread[..] else { panic!("{:?}", document.unread) };
    assert_eq!((unread.account.as_deref(), &*unread.region), (Some(ACCOUNT), DUBLIN));
    assert!(unread.problem.contains("DescribeRepositories"), "{}", unread.problem);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_all_regions_are_refused_the_call_is() {
    let world = two_regions().await;
    world.fault(None, "DescribeRepositories", FaultKind::AccessDenied, ALWAYS);
    let failure = world.discover(&execution("refused"), &call("one")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused, "{failure}");
    assert!(failure.message.starts_with(SEOUL) && failure.message.contains("ecr:DescribeRepositories"));
    // With the permission the same execution works.
    world.fake().clear_faults();
    assert_eq!(world.planned("refused").await.1.len(), 36);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_all_regions_are_throttled_for_good_the_call_is() {
    let world = World::of(3, 1).await;
    world.fault(None, "DescribeRepositories", FaultKind::Throttled, ALWAYS);
    let short = Call::new(std::time::SystemTime::now() + std::time::Duration::from_secs(2), "one", 1 << 30);
    let failure = world.discover(&execution("throttled"), &short).await.unwrap_err();
    assert_eq!(failure.kind.error_type(), "Demurrage.Throttled", "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_region_is_refused_before_anybody_is_asked() {
    let world = World::of(3, 1).await;
    for region in ["", "Seoul", "-east-1", "../x", "ap_northeast_2"] {
        let regions = Some(vec![SEOUL.to_owned(), region.to_owned()]);
        let input = DiscoverInput {
            request: RunRequest { regions, ..RunRequest::default() },
            ..execution("nowhere")
        };
        let failure = world.discover(&input, &call("one")).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadInput, "{failure}");
    }
    assert_eq!(world.counted(), BTreeMap::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_regions_that_were_asked_for_are_read() {
    let world = two_regions().await;
    let regions = Some(vec![DUBLIN.to_owned(), DUBLIN.to_owned()]);
    let input =
        DiscoverInput { request: RunRequest { regions, ..RunRequest::default() }, ..execution("dublin") };
    let output = world.discover(&input, &call("one")).await.unwrap();
    assert!(world.lines(&output.run).iter().all(|line| line.region == DUBLIN));
    assert_eq!((output.shares, world.counted().get("DescribeRegistry")), (12, Some(&1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn when_its_time_is_nearly_up_it_hands_over_and_the_next_call_goes_on() {
    let world = two_regions().await;
    let calls = calls_after(61, &["one"]).await;
    let first = world.discover(&execution("long"), &calls[0]).await.unwrap();
    assert_eq!((first.more, first.shares), (true, 0));
    assert_eq!(world.counted().get("DescribeRegistry"), Some(&1), "one region was read");
    let second = world.discover(&execution("long"), &call("two")).await.unwrap();
    assert_eq!((second.more, second.shares, &second.work), (false, 36, &first.work));
    assert_eq!(world.counted().get("DescribeRegistry"), Some(&1), "and the other one by the next call");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_without_repositories_has_no_shares() {
    let world = World::of(0, 0).await;
    let output = world.discover(&execution("empty"), &call("one")).await.unwrap();
    assert_eq!((output.shares, output.more), (0, false));
    assert_eq!(world.lines(&output.run), []);
    let report = world.go("empty", Steps::without_end()).await.unwrap();
    assert_eq!(report.status, demurrage_contract::Status::Complete);
    assert_eq!(world.inventory(&report.run, SEOUL).repositories, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_was_heavy_the_last_time_gets_a_share_of_its_own() {
    let mut world = World::of(12, 2).await;
    let heavy =
        generate::Options { repositories: 1, images_per_repository: 1_000, seed: 3, now: started_at() };
    let heavy = generate::Registry::new(heavy);
    let names: Vec<String> =
        world.collected_at_once(SEOUL).await.repositories.iter().map(|r| r.name.clone()).collect();
    // In the middle of the others.
    let name = format!("{}-heavy", names[5]);
    let mut record = heavy.repository(0);
    record.name.clone_from(&name);
    let images = heavy.images(0).into_iter().map(|mut image| {
        let fake_ecr::ManifestText::Generated(number) = image.manifest else { panic!("{image:?}") };
        image.manifest = fake_ecr::ManifestText::Held(heavy.manifest(0, number).into());
        image
    });
    world.fake().load_repository(ACCOUNT, SEOUL, record, images.collect());
    let (_, lines) = world.planned("unknown").await;
    assert_eq!(lines.len(), 1, "nothing was known of it");
    world.discover.share_images = number(10_000);
    world.go("first", Steps::without_end()).await.unwrap();
    world.discover.share_images = number(600);
    let (run, lines) = world.planned("second").await;
    let shares: Vec<_> = lines.iter().map(|line| world.share(&run, line.share).repositories).collect();
    let of_heavy = shares.iter().find(|share| share.iter().any(|one| one.name() == name)).unwrap();
    assert_eq!((of_heavy.len(), of_heavy[0].images_before), (1, Some(1_000)));
    assert_eq!(shares.iter().map(Vec::len).sum::<usize>(), 13);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_regions_each_keeps_its_rate_whichever_lines_run_at_a_time() {
    let of = [24, 5, 2, 7, 43, 5];
    let regions = ["us-east-1", "us-east-2", "us-west-1", "us-west-2", SEOUL, DUBLIN];
    let regions: Vec<_> = regions.into_iter().zip(of).map(|(region, of)| (region, of, 1)).collect();
    let mut world = World::of_regions(&regions).await;
    world.discover.regions.sort_unstable();
    world.discover.share_images = number(150);
    world.discover.concurrency = number(12);
    world.discover.calls_per_second = number(70);
    let (_, lines) = world.planned("many").await;
    assert_eq!(lines.len(), 86);
    for at_a_time in lines.windows(12) {
        let of_seoul = at_a_time.iter().filter(|line| line.region == SEOUL);
        let together: f64 = of_seoul.map(|line| line.calls_per_second).sum();
        assert!(together <= 70.0 + 1e-6, "{together}");
    }
}
