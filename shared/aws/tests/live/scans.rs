//! What an inventory knows of scans: of listings, and of images that were asked about.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_aws::collect::{Collected, Extent, PullTimes, ScanFindings};
use demurrage_core::{Digest, Image, Inventory, Repository, ScanStatus, ScanSummary, SeverityCounts};
use fake_ecr::{Clock, Fault, FaultKind, FaultTimes, ScanRecord, shop};

use crate::in_shares::{INVENTORY, InShares, any_time};
use crate::support::{ACCOUNT, REGION, World, now};

const ASKS: Extent =
    Extent { pull_times: PullTimes::LeaveAsTheyAre, scan_findings: ScanFindings::OfTheNewest };
const OPERATION: &str = "DescribeImageScanFindings";

/// Collects with manifests, and asks about scans.
async fn asked(world: &World) -> Collected {
    let session = world.session().await;
    world.exclude(&session).await;
    world.collect_to(&session, &world.store, ASKS).await
}

fn completed_at() -> DateTime<Utc> {
    now() - TimeDelta::hours(3)
}

/// A generated registry in which every image was scanned, with as many findings as its digest says.
fn scanned(repositories: usize, images: usize) -> World {
    let world = World::generated(repositories, images, 11);
    for name in &world.names {
        for image in world.fake().images(ACCOUNT, REGION, name) {
            let record = ScanRecord {
                status: "COMPLETE".to_owned(),
                completed_at: Some(completed_at()),
                severity_counts: [("HIGH".to_owned(), high(&image.digest))].into(),
            };
            world.fake().set_scan(ACCOUNT, REGION, name, &image.digest, record);
        }
    }
    world
}

/// A number that differs from image to image.
fn high(digest: &str) -> u32 {
    let hex = digest.strip_prefix("sha256:").and_then(|hex| hex.get(..4)).unwrap();
    u32::from_str_radix(hex, 16).unwrap()
}

fn expected(digest: Digest) -> ScanSummary {
    ScanSummary {
        status: Some(ScanStatus::Complete),
        completed_at: Some(completed_at()),
        severity_counts: SeverityCounts { high: high(&digest.to_string()), ..SeverityCounts::default() },
    }
}

/// The newest root that is tagged, read from the inventory: no child, no referrer, no signature, active.
fn newest(repository: &Repository) -> Option<&Image> {
    let children: BTreeSet<Digest> = repository.images.iter().flat_map(Image::children).collect();
    let is_root = |image: &&Image| {
        let tag = image.tags.first().map_or("sha256-", demurrage_core::Tag::as_str);
        image.status == demurrage_core::ImageStatus::Active
            && image.subject.is_none()
            && !tag.starts_with("sha256-")
            && !children.contains(&image.digest)
    };
    repository.images.iter().filter(is_root).max_by_key(|image| (image.pushed_at, image.digest))
}

/// The digests of which something has to be known: those of the newest root and its platforms.
fn wanted(repository: &Repository) -> BTreeSet<Digest> {
    let Some(root) = newest(repository) else { return BTreeSet::new() };
    let children = root.manifest.iter().flat_map(|manifest| &manifest.children);
    let platforms = children.filter(|child| !child.is_attestation()).map(|child| child.descriptor.digest);
    let listed: BTreeSet<Digest> = repository.images.iter().map(|image| image.digest).collect();
    let all: BTreeSet<Digest> = platforms.chain([root.digest]).collect();
    all.intersection(&listed).copied().collect()
}

/// Every image has the scan that it should have, and no other one has any; how many there are.
fn check(inventory: &Inventory) -> usize {
    let mut known = 0;
    for repository in &inventory.repositories {
        let wanted = wanted(repository);
        for image in &repository.images {
            let scan = wanted.contains(&image.digest).then(|| Box::new(expected(image.digest)));
            assert_eq!(image.scan, scan, "{} {}", repository.name, image.digest);
        }
        known += wanted.len();
    }
    known
}

#[tokio::test(flavor = "multi_thread")]
async fn listings_say_nothing_of_basic_scans_and_nobody_asks_unless_it_is_wanted() {
    let world = scanned(6, 40);
    let collected = world.collect().await;
    assert_eq!(world.counted().get(OPERATION), None);
    let inventory = world.read(&collected);
    assert!(inventory.repositories.iter().flat_map(|r| &r.images).all(|image| image.scan.is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_listing_says_of_scans_is_kept_and_not_asked_for() {
    let world = scanned(6, 40);
    world.fake().load_registry(ACCOUNT, REGION, None, Some(r#"{"scanType": "ENHANCED", "rules": []}"#), None);
    let collected = asked(&world).await;
    assert_eq!(world.counted().get(OPERATION), None);
    for image in world.read(&collected).repositories.iter().flat_map(|repository| &repository.images) {
        let scan = image.scan.as_deref().unwrap();
        if image.status == demurrage_core::ImageStatus::Archived {
            let archived = ScanSummary { status: Some(ScanStatus::ImageArchived), ..ScanSummary::never() };
            assert_eq!(*scan, archived);
        } else {
            assert_eq!(*scan, expected(image.digest));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_image_of_each_repository_and_its_platforms_are_asked_about() {
    let world = scanned(40, 60);
    let collected = asked(&world).await;
    assert_eq!(collected.problems, Vec::<String>::new());
    let first = world.read(&collected);
    let known = check(&first);
    // A root each, and two platforms where it is an index.
    let indexes =
        first.repositories.iter().filter(|repository| newest(repository).unwrap().is_index()).count();
    assert_eq!(known, 40 + 2 * indexes);
    assert_ne!(indexes, 0);
    assert_eq!(world.counted()[OPERATION], known as u64);
    // The next time the manifests are known, and not read again.
    world.fake().advance(TimeDelta::seconds(2));
    let second = asked(&world).await;
    let counted = world.counted();
    assert_eq!((counted.get("BatchGetImage"), counted[OPERATION]), (None, known as u64));
    assert!(world.read(&second).repositories == first.repositories);
}

#[tokio::test(flavor = "multi_thread")]
async fn shares_know_of_scans_what_one_collection_knows() {
    let world = scanned(30, 60);
    let whole = world.read(&asked(&world).await);
    for earlier in [false, true] {
        let name = if earlier { INVENTORY } else { "from-nothing" };
        let mut run = InShares::begin(&world, name).await;
        run.extent = ASKS;
        if !earlier {
            run.earlier.clear();
        }
        for repositories in run.survey.repositories.chunks(11).map(<[_]>::to_vec).collect::<Vec<_>>() {
            assert_eq!(run.share(repositories, any_time()).await.problems, Vec::<String>::new());
        }
        assert!(run.assemble() == whole, "earlier: {earlier}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_was_never_scanned_is_known_to_be_so() {
    let world = World::generated(3, 20, 11);
    let inventory = world.read(&asked(&world).await);
    for repository in &inventory.repositories {
        let root = newest(repository).unwrap();
        assert_eq!(root.scan.as_deref(), Some(&ScanSummary::never()), "{}", repository.name);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_manifests_the_platforms_are_unknown_and_the_index_alone_is_asked_about() {
    let world = scanned(12, 40);
    let session = world.session().await;
    let collected = world.collect_to(&session, &world.store, ASKS).await;
    let counted = world.counted();
    assert_eq!((counted.get("BatchGetImage"), counted[OPERATION]), (None, 12));
    let inventory = world.read(&collected);
    let known = inventory.repositories.iter().flat_map(|r| &r.images).filter(|image| image.scan.is_some());
    assert!(known.clone().any(Image::is_index));
    assert_eq!(known.count(), 12);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_named_once_for_each_repository_and_the_rest_is_read() {
    let world = scanned(5, 30);
    world.fake().set_clock(Clock::default());
    let (operation, kind, times) = (OPERATION.to_owned(), FaultKind::AccessDenied, FaultTimes::Every(1));
    world.fake().add_fault(Fault { operation, account: None, region: None, kind, times });
    let collected = asked(&world).await;
    assert_eq!(world.counted()[OPERATION], 5);
    assert_eq!(collected.problems.len(), 5);
    for (problem, name) in collected.problems.iter().zip(&world.names) {
        let start = format!("{name}: scan findings were not read: `{OPERATION}` failed: ");
        assert!(problem.starts_with(&start), "{problem}");
    }
    assert_eq!(collected.unread.active, 0);
    let inventory = world.read(&collected);
    assert!(inventory.repositories.iter().flat_map(|r| &r.images).all(|image| image.scan.is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_time_to_read_is_over_nobody_is_asked_and_that_is_said() {
    let world = scanned(3, 20);
    let mut run = InShares::begin(&world, INVENTORY).await;
    run.extent = ASKS;
    let mut time = any_time();
    time.read_until = tokio::time::Instant::now();
    world.counted();
    let collected = run.share(run.survey.repositories.clone(), time).await;
    assert_eq!((collected.done, world.counted().get(OPERATION)), (3, None));
    let said = "scan findings were not read: the time was up";
    assert_eq!(collected.problems.iter().filter(|problem| problem.ends_with(said)).count(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_listing_has_said_all_nothing_is_missing_when_the_time_is_over() {
    let world = scanned(40, 20);
    world.fake().load_registry(ACCOUNT, REGION, None, Some(r#"{"scanType": "ENHANCED", "rules": []}"#), None);
    let inventory = world.read(&world.collect().await);
    let singles = inventory.repositories.iter().filter(|repository| !newest(repository).unwrap().is_index());
    let mut run = InShares::begin(&world, INVENTORY).await;
    run.extent = ASKS;
    let of_singles: Vec<String> = singles.map(|repository| repository.name.clone()).collect();
    assert_ne!(of_singles.len(), 0);
    run.survey.repositories.retain(|repository| of_singles.contains(&repository.name));
    let mut time = any_time();
    time.read_until = tokio::time::Instant::now();
    let collected = run.share(run.survey.repositories.clone(), time).await;
    assert_eq!((collected.done, collected.problems), (of_singles.len(), vec![]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shop_has_findings_where_customers_look_and_nowhere_else() {
    let world = World::empty();
    shop::load(world.fake(), ACCOUNT, REGION, now(), 1);
    let inventory = world.read(&asked(&world).await);
    assert!(inventory.registry.creation_templates.present().unwrap().contains("docker-hub"));
    let mut found: BTreeMap<&str, u32> = BTreeMap::new();
    for repository in &inventory.repositories {
        let scans = repository.images.iter().filter_map(|image| image.scan.as_deref());
        let completed = scans.filter(|scan| scan.status == Some(ScanStatus::Complete));
        let area = repository.name.split('/').next().unwrap();
        let findings: u32 =
            completed.map(|scan| scan.severity_counts.medium + scan.severity_counts.low).sum();
        *found.entry(area).or_default() += findings;
    }
    found.retain(|_, findings| *findings != 0);
    assert_eq!(found.into_keys().collect::<Vec<_>>(), ["payments", "shop", "web"]);
}
