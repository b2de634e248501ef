//! `collect-inventory` on bad days: what cannot be read is named, and the rest is there.

use std::fs;

use demurrage_contract::documents::{CollectedDocument, names};
use demurrage_contract::{RunId, Status};
use demurrage_core::Listing;
use fake_ecr::{FaultKind, FaultTimes};

use crate::run::Steps;
use crate::world::{ACCOUNT, SEOUL, World, call};

fn collected(world: &World, run: &RunId) -> CollectedDocument {
    world.documents(run).read(&names::collected(0, 0)).unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_is_refused_is_named_and_the_others_are_there() {
    let world = World::of(6, 20).await;
    let whole = world.collected_at_once(SEOUL).await;
    let (run, lines) = world.planned("refused").await;
    world.fault(None, "DescribeImages", FaultKind::AccessDenied, FaultTimes::Count(1));
    let output = world.collect(&lines[0], &call("one")).await.unwrap();
    assert_eq!((output.status, output.more), (Status::Partial, false));
    let document = collected(&world, &run);
    assert_eq!((document.repositories_unread, document.problems_more), (1, 0));
    assert_eq!((document.part.repositories(), document.part.images()), (6, 100));
    let [problem] = &document.problems[..] else { panic!("{:?}", document.problems) };
    let report = world.go("refused", Steps::without_end()).await.unwrap();
    assert_eq!(report.status, Status::Partial);
    let read = world.inventory(&run, SEOUL);
    let unread: Vec<_> = read.repositories.iter().filter(|one| one.listing != Listing::Complete).collect();
    let [unread] = &unread[..] else { panic!("{unread:?}") };
    assert!(problem.starts_with(&unread.name), "{problem}");
    assert!(matches!(&unread.listing, Listing::Failed(cause) if cause.contains("DescribeImages")));
    let others = whole.repositories.iter().filter(|one| one.name != unread.name);
    assert!(others.eq(read.repositories.iter().filter(|one| one.name != unread.name)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_is_gone_since_the_run_was_planned_is_counted_and_no_failure() {
    let world = World::of(0, 0).await;
    let registry = World::of(3, 5).await;
    for name in registry.collected_at_once(SEOUL).await.repositories.iter().map(|one| &one.name) {
        let mut record = registry.fake().repository(ACCOUNT, SEOUL, name).unwrap();
        record.lifecycle_policy = None;
        world.fake().load_repository(ACCOUNT, SEOUL, record, Vec::new());
    }
    let (run, lines) = world.planned("gone").await;
    // As after everybody has deleted everything.
    world.fake().reset();
    let output = world.collect(&lines[0], &call("one")).await.unwrap();
    assert_eq!(output.status, Status::Complete);
    let collected = collected(&world, &run);
    assert_eq!((collected.repositories_unread, collected.repositories_gone), (0, 3));
    assert!(collected.problems.is_empty(), "{:?}", collected.problems);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_inventory_that_is_gone_or_damaged_costs_its_manifests_and_no_more() {
    type Harm = fn(&std::path::Path);
    let gone: Harm = |folder| fs::remove_dir_all(folder).unwrap();
    let no_description: Harm = |folder| fs::write(folder.join("inventory.json"), "{").unwrap();
    let no_parquet: Harm = |folder| {
        for part in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if part.is_dir() {
                for file in fs::read_dir(&part).unwrap().map(|entry| entry.unwrap().path()) {
                    let mut bytes = fs::read(&file).unwrap();
                    let middle = bytes.len() / 2;
                    bytes[middle] ^= 0x55;
                    fs::write(&file, bytes).unwrap();
                }
            }
        }
    };
    for (name, harm) in [("gone", gone), ("text", no_description), ("bytes", no_parquet)] {
        let world = World::of(6, 20).await;
        let first = world.go("first", Steps::without_end()).await.unwrap();
        let whole = world.inventory(&first.run, SEOUL);
        let (run, lines) = world.planned("second").await;
        assert_eq!(world.share(&run, 0).earlier, [names::inventory(&first.run, ACCOUNT, SEOUL)], "{name}");
        let earlier = world.store.find(&names::inventory(&first.run, ACCOUNT, SEOUL)).unwrap().folder;
        harm(&earlier);
        world.counted();
        world.collect(&lines[0], &call("one")).await.unwrap();
        let document = collected(&world, &run);
        assert!(world.counted().contains_key("BatchGetImage"), "{name}: they are read again");
        assert_eq!((document.repositories_unread, document.manifests_unread), (0, 0), "{name}");
        assert!(!document.problems.is_empty(), "{name}: and it is said");
        world.go("second", Steps::without_end()).await.unwrap();
        assert!(world.inventory(&run, SEOUL).repositories == whole.repositories, "{name}");
    }
}
