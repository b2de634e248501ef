//! What is handed on from inventory to inventory, over bad days and beside what other people put into the store.

use aws_sdk_ecr::types::TargetStorageClass;
use chrono::TimeDelta;
use demurrage_core::{Digest, Image, Inventory, RepositoriesListing};
use fake_ecr::{Clock, Fault, FaultKind, FaultTimes};

use crate::support::World;

/// A registry whose first index was read and then archived, after one collection; the index, too.
async fn archived_index(world: &World) -> (Inventory, String, Digest) {
    let first = world.read(&world.collect().await);
    let index = first.repositories.iter().find_map(|repository| {
        let image = repository.images.iter().find(|image| image.children().next().is_some())?;
        Some((repository.name.clone(), image.digest))
    });
    let (name, digest) = index.unwrap();
    world.move_to(&name, &digest.to_string(), TargetStorageClass::Archive).await;
    world.fake().advance(TimeDelta::seconds(2));
    (first, name, digest)
}

fn found(inventory: &Inventory, name: &str, digest: Digest) -> Image {
    let repository = inventory.repositories.iter().find(|repository| repository.name == name).unwrap();
    repository.images.iter().find(|image| image.digest == digest).unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_manifest_outlives_many_days_on_which_nothing_could_be_listed() {
    let world = World::generated(4, 40, 11);
    world.fake().set_clock(Clock::default());
    let (first, name, digest) = archived_index(&world).await;
    for _ in 0..6 {
        let kind = FaultKind::AccessDenied;
        let operation = "DescribeImages".to_owned();
        let fault = Fault { operation, account: None, region: None, kind, times: FaultTimes::Every(1) };
        world.fake().add_fault(fault);
        assert_eq!(world.collect().await.problems.len(), 4);
        world.fake().clear_faults();
        world.fake().advance(TimeDelta::seconds(2));
    }
    world.counted();
    let after = world.collect().await;
    assert!(world.counted().get("BatchGetImage").is_none_or(|calls| *calls <= 1), "nothing is read again");
    assert_eq!(found(&world.read(&after), &name, digest).manifest, found(&first, &name, digest).manifest);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_imported_is_neither_taken_for_a_collection_nor_for_read_manifests() {
    let world = World::generated(4, 40, 11);
    let (first, name, digest) = archived_index(&world).await;
    // Files that somebody handed over: one repository, and a forged manifest under a real digest.
    let mut import = first.clone();
    import.repositories_listing = RepositoriesListing::CutOff;
    import.taken_at += TimeDelta::seconds(1);
    import.repositories.retain(|repository| repository.name == name);
    for image in import.repositories.iter_mut().flat_map(|repository| &mut repository.images) {
        image.manifest = image.manifest.take().map(|mut manifest| {
            manifest.children.clear();
            manifest
        });
    }
    world.store.add(&import).unwrap();
    let after = world.read(&world.collect().await);
    assert_eq!(found(&after, &name, digest).manifest, found(&first, &name, digest).manifest);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_inventory_is_passed_over_and_named() {
    let world = World::generated(4, 40, 11);
    let (first, name, digest) = archived_index(&world).await;
    let second = world.collect().await;
    let folder = world.path("store/inventories").join(second.entry.name());
    std::fs::write(folder.join("images.parquet"), b"garbage").unwrap();
    // Of another registry, as far as anybody can tell.
    let other = world.path("store/inventories/20200101T000000Z-0000");
    std::fs::create_dir(&other).unwrap();
    std::fs::write(other.join("inventory.json"), b"{").unwrap();
    world.fake().advance(TimeDelta::seconds(2));
    world.counted();
    let third = world.collect().await;
    assert_eq!(world.counted().get("BatchGetImage"), None, "the inventory before it is sound");
    assert_eq!(third.problems.len(), 2, "{:?}", third.problems);
    let held = world.store.read(&third.entry, |_| true).unwrap();
    assert_eq!(found(&held, &name, digest).manifest, found(&first, &name, digest).manifest);
}
