//! What an inventory of a live registry holds, and what was asked for it.

use std::collections::BTreeSet;

use aws_sdk_ecr::types::TargetStorageClass;
use demurrage_aws::collect::{
    ACTIONS, CollectError, Extent, Progress, PullTimes, ScanFindings, Stop, collect_private,
};
use demurrage_core::{Fact, ImageStatus, Listing};

use crate::support::{ACCOUNT, REGION, World, now};

/// Everything that the server holds is in the inventory, image by image.
#[tokio::test(flavor = "multi_thread")]
async fn an_inventory_holds_what_the_registry_holds() {
    let world = World::generated(60, 80, 7);
    let collected = world.collect().await;
    assert_eq!(collected.problems, Vec::<String>::new());
    let inventory = world.read(&collected);
    assert_eq!(inventory.registry_id.as_deref(), Some(ACCOUNT));
    assert_eq!((inventory.region.as_str(), inventory.taken_at), (REGION, now()));
    assert_eq!(inventory.repositories.len(), 60);
    let (mut archived, mut indexes, mut referrers, mut policies) = (0, 0, 0, 0);
    for repository in &inventory.repositories {
        assert_eq!(repository.listing, Listing::Complete);
        assert_eq!(repository.notes, Vec::<String>::new());
        assert_ne!(repository.lifecycle_policy, Fact::NotEvaluated);
        policies += usize::from(repository.lifecycle_policy.present().is_some());
        let mut held = world.fake().images(ACCOUNT, REGION, &repository.name);
        held.sort_by(|a, b| a.digest.cmp(&b.digest));
        assert_eq!(held.len(), repository.images.len(), "{}", repository.name);
        for (held, image) in held.iter().zip(&repository.images) {
            assert_eq!(held.digest, image.digest.to_string());
            let tags = |tags: Vec<&str>| tags.into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
            assert_eq!(
                tags(held.tags.iter().map(String::as_str).collect()),
                tags(image.tags.iter().map(demurrage_core::Tag::as_str).collect())
            );
            assert_eq!(Some(held.pushed_at), image.pushed_at);
            assert_eq!(held.pulled_at, image.last_pulled_at);
            assert_eq!(held.archived_at, image.archived_at);
            assert_eq!(held.activated_at, image.activated_at);
            assert_eq!(Some(held.size_bytes), image.size_bytes);
            assert_eq!(held.subject, image.subject.map(|subject| subject.to_string()));
            let is_active = image.status == ImageStatus::Active;
            assert_eq!(image.manifest.is_some(), is_active, "archived manifests cannot be read");
            if is_active {
                let children: Vec<String> = image.children().map(|digest| digest.to_string()).collect();
                assert_eq!(held.children, children);
            }
            archived += usize::from(image.status == ImageStatus::Archived);
            indexes += usize::from(image.is_index());
            referrers += usize::from(image.subject.is_some());
        }
    }
    assert!(0 < archived && 0 < indexes && 0 < referrers && 30 < policies, "a registry worth the name");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_calls_that_the_server_counts_are_those_of_the_formula() {
    let world = World::generated(37, 60, 3);
    let session = world.session().await;
    world.exclude(&session).await;
    world.counted();
    let extent = Extent { scan_findings: ScanFindings::OfTheNewest, ..Extent::default() };
    let collected = world.collect_to(&session, &world.store, extent).await;
    let counted = world.counted();
    for line in &collected.calls {
        assert_eq!(counted.get(line.operation).copied().unwrap_or(0), line.expected, "{}", line.operation);
        assert_eq!(line.tally.sent, line.expected, "{}", line.operation);
    }
    let named: BTreeSet<&str> = collected.calls.iter().map(|line| line.operation).collect();
    let asked: BTreeSet<&str> = counted.keys().map(String::as_str).collect();
    assert_eq!(named, asked);
    let allowed: BTreeSet<&str> = ACTIONS.iter().filter_map(|action| action.strip_prefix("ecr:")).collect();
    assert_eq!(allowed, asked, "the actions that are documented are those that are used");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_a_thousand_of_anything_takes_the_pages_of_the_formula() {
    let world = World::generated(1, 2_500, 5);
    let session = world.session().await;
    world.exclude(&session).await;
    world.counted();
    let collected = world.collect_as(&session, &world.store, PullTimes::LeaveAsTheyAre).await;
    let counted = world.counted();
    assert_eq!(counted["DescribeImages"], 3);
    assert_eq!(counted["DescribeRepositories"], 1);
    let active = world.read(&collected).repositories[0]
        .images
        .iter()
        .filter(|image| image.status == ImageStatus::Active)
        .count();
    assert_eq!(counted["BatchGetImage"], active.div_ceil(100) as u64);
    let world = World::generated(2_001, 1, 5);
    world.collect().await;
    assert_eq!(world.counted()["DescribeRepositories"], 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manifest_is_read_once_in_its_life_and_handed_on_after_its_image_was_archived() {
    let world = World::generated(12, 60, 11);
    let first = world.collect().await;
    let before = world.read(&first);
    world.counted();
    let image = before
        .repositories
        .iter()
        .find_map(|r| r.images.iter().find(|i| i.is_index() && i.manifest.is_some()).map(|i| (r, i)))
        .unwrap();
    world.move_to(&image.0.name, &image.1.digest.to_string(), TargetStorageClass::Archive).await;
    world.fake().advance(chrono::TimeDelta::seconds(2));
    let second = world.collect().await;
    let counted = world.counted();
    assert_eq!(counted.get("BatchGetImage"), None, "nothing is new");
    let after = world.read(&second);
    for (before, after) in before.repositories.iter().zip(&after.repositories) {
        for (one, other) in before.images.iter().zip(&after.images) {
            assert_eq!(one.manifest, other.manifest, "{} {}", before.name, one.digest);
        }
    }
    let archived = after
        .repositories
        .iter()
        .find(|r| r.name == image.0.name)
        .and_then(|r| r.images.iter().find(|i| i.digest == image.1.digest))
        .unwrap();
    assert_eq!(archived.status, ImageStatus::Archived);
    assert_eq!(archived.children().collect::<Vec<_>>(), image.1.children().collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn replication_is_kept_as_the_api_sent_it_with_what_the_sdk_does_not_know() {
    let world = World::generated(1, 1, 1);
    let configuration = r#"{"rules": [{"destinations": [{"region": "us-west-2", "registryId": "123456789012"}],
        "deleteReplication": {"enabled": true}}]}"#;
    world.fake().load_registry(ACCOUNT, REGION, None, None, Some(configuration));
    let collected = world.collect().await;
    let inventory = world.read(&collected);
    let text = inventory.registry.description.present().unwrap();
    let answer: serde_json::Value = serde_json::from_str(text).unwrap();
    let rule = &answer["replicationConfiguration"]["rules"][0];
    assert_eq!(rule["deleteReplication"]["enabled"], true);
    assert!(inventory.registry.pull_time_exclusions.present().unwrap().contains("finops/Demurrage"));
    assert_eq!(inventory.registry.account_settings.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_collection_that_is_stopped_leaves_the_store_as_it_was() {
    let world = World::generated(400, 40, 2);
    let session = world.session().await;
    let ecr = world.exclude(&session).await;
    let (stop, progress) = (Stop::default(), Progress::default());
    let asked = stop.clone();
    let seen = progress.clone();
    tokio::spawn(async move {
        while seen.seen().recorded < 20 {
            tokio::task::yield_now().await;
        }
        asked.now();
    });
    let outcome = collect_private(&session, &ecr, &world.store, Extent::default(), &progress, &stop).await;
    assert!(matches!(outcome, Err(CollectError::Interrupted)), "{outcome:?}");
    assert_eq!(world.store.inventories().unwrap().len(), 0);
    let left = std::fs::read_dir(world.path("store/inventories")).unwrap().count();
    assert_eq!(left, 0, "not even a part");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wish_to_stop_is_heard_while_an_answer_is_waited_for() {
    let world = World::generated(1, 1, 1);
    let hangs = fake_ecr::FaultKind::Timeout;
    for operation in ["DescribeRegistry", "DescribeRepositories", "DescribeImages"] {
        world.fake().clear_faults();
        let times = fake_ecr::FaultTimes::Every(1);
        let operation = operation.to_owned();
        world.fake().add_fault(fake_ecr::Fault {
            operation,
            account: None,
            region: None,
            kind: hangs,
            times,
        });
        let session = world.session().await;
        let (stop, progress) = (Stop::default(), Progress::default());
        let asked = stop.clone();
        tokio::spawn(async move {
            tokio::time::sleep(std::time::Duration::from_millis(300)).await;
            asked.now();
        });
        let began = std::time::Instant::now();
        let ecr = session.ecr(REGION);
        let outcome =
            collect_private(&session, &ecr, &world.store, Extent::default(), &progress, &stop).await;
        assert!(matches!(outcome, Err(CollectError::Interrupted)), "{outcome:?}");
        assert!(began.elapsed() < std::time::Duration::from_secs(5), "{:?}", began.elapsed());
    }
    assert_eq!(world.store.inventories().unwrap().len(), 0);
}

/// More manifests are waiting than the channels and the gate hold: whoever waits for the recorder must hold
/// nothing that the oldest repository needs.
#[tokio::test(flavor = "multi_thread")]
async fn many_large_repositories_with_unread_manifests_come_to_an_end() {
    let world = World::generated(24, 2_500, 3);
    let collected = tokio::time::timeout(std::time::Duration::from_mins(2), world.collect()).await.unwrap();
    assert_eq!((collected.entry.images(), collected.unread.active), (60_000, 0));
    // Throttled, too, so that few calls go at a time.
    let world = World::generated(20, 1_200, 3);
    world.fake().set_rate("BatchGetImage", 40.0, 5.0);
    let collected = tokio::time::timeout(std::time::Duration::from_mins(2), world.collect()).await.unwrap();
    assert_eq!((collected.entry.images(), collected.unread.active), (24_000, 0));
}
