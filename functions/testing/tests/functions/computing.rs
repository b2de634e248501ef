//! `compute-costs`: what repositories store and what their policies free, as the core finds it, put down once.

use std::collections::BTreeSet;
use std::num::NonZeroU32;
use std::path::PathBuf;

use demurrage_contract::documents::{
    BlobFile, CollectedDocument, CostedDocument, CostedRepository, Replicas, Stored, names,
};
use demurrage_contract::{ComputeInput, FailureKind, RunId, Status};
use demurrage_core::cost::{
    Blobs, PriceList, Pushed, Region, Replicated, RepositoryStorage, Savings, replication_costs,
};
use demurrage_core::lifecycle::{Policy, Relations, Switches};
use demurrage_core::{Fact, Image, ImageStatus, Manifest, Replication, Repository};
use demurrage_reference::cost as twin;
use fake_ecr::{FaultKind, FaultTimes};

use crate::run::Steps;
use crate::world::{ACCOUNT, DUBLIN, SEOUL, World, call, call_with, late, started_at};

/// Plans a run, and collects and evaluates its only share.
async fn collected(world: &World, name: &str) -> ComputeInput {
    let (_, lines) = world.planned(name).await;
    assert_eq!(lines.len(), 1);
    let collected = world.collect(&lines[0], &call("one")).await.unwrap();
    world.evaluate(&collected.evaluate, &call("one")).unwrap();
    collected.compute
}

fn document(world: &World, input: &ComputeInput) -> CostedDocument {
    let name = names::costed(input.share, input.segment, input.from);
    world.documents(&input.run).read(&name).unwrap().unwrap()
}

/// The repositories of the first share's part.
fn repositories(world: &World, run: &RunId) -> Vec<Repository> {
    let share = world.share(run, 0);
    let part: CollectedDocument = world.documents(run).read(&names::collected(0, 0)).unwrap().unwrap();
    let entry = world.store.part(&share.inventory, &share.head(), &part.part).unwrap();
    world.store.read(&entry, |_| true).unwrap().repositories
}

/// What is stored by the slow twin, which finds every blob by looking at every image.
fn stored_by_the_twin(images: &[Image]) -> Stored {
    let named = |manifest: &Manifest| {
        let descriptors = manifest.config.iter().chain(&manifest.layers).chain(&manifest.blobs);
        let named = descriptors.map(|blob| twin::Named {
            digest: blob.digest.to_string(),
            media_type: blob.media_type.clone(),
            size_bytes: blob.size_bytes,
        });
        named.collect()
    };
    let images: Vec<_> = images
        .iter()
        .map(|image| twin::StoredImage {
            is_archived: image.status == ImageStatus::Archived,
            size_bytes: image.size_bytes,
            is_index: image.is_index(),
            named: image.manifest.as_deref().map(named),
        })
        .collect();
    let stored = twin::stored(&images);
    Stored {
        standard_bytes: stored.standard_bytes.try_into().unwrap(),
        archived_bytes: stored.archived_bytes.try_into().unwrap(),
    }
}

/// What is stored of a repository of Seoul by the slow twin, and what the core says of the rest.
fn wanted_of(repository: &Repository, replication: &Replication) -> CostedRepository {
    let (images, now) = (&repository.images, started_at());
    let blobs = Blobs::of(images);
    let storage = RepositoryStorage::of(repository, &blobs);
    let savings = match &repository.lifecycle_policy {
        Fact::Present(text) => {
            let policy = Policy::parse(text).unwrap();
            Some(Savings::of(&policy, images, &Relations::of(images), now, Switches::default(), &blobs))
        }
        Fact::Absent | Fact::NotEvaluated => None,
    };
    let replicated = Replicated {
        region: Region::parse(SEOUL).unwrap(),
        registry_id: Some(ACCOUNT),
        name: &repository.name,
        pushed: Pushed::of(images, &blobs, now, NonZeroU32::new(30).unwrap()),
        stored: storage.stored,
    };
    let costs = replication_costs(&PriceList::embedded(), replication, replicated, &[]);
    let replicas = costs
        .iter()
        .map(|cost| Replicas::new(&cost.destination.region, &cost.destination.registry_id, cost.usd()));
    CostedRepository {
        name: repository.name.clone(),
        is_exact: storage.is_exact(),
        images_without_manifest: storage.images_without_manifest,
        now: Some(stored_by_the_twin(images)),
        after_next_run: savings.as_ref().map(|savings| savings.next_run.after.into()),
        after_settled: savings.as_ref().map(|savings| savings.settled.after.into()),
        is_policy_unknown: repository.lifecycle_policy == Fact::NotEvaluated,
        replication: replicas.collect(),
    }
}

/// Some repositories of Seoul go to Dublin and to China, of which nobody has prices in dollars.
fn replicating() -> String {
    let to = |region: &str| serde_json::json!({ "region": region, "registryId": ACCOUNT });
    let filter = serde_json::json!({ "filter": "team-000/", "filterType": "PREFIX_MATCH" });
    let destinations = [to(DUBLIN), to("cn-north-1")];
    serde_json::json!({ "rules": [{ "destinations": destinations, "repositoryFilters": [filter] }] })
        .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_is_what_the_slow_twin_finds_and_the_rest_what_the_core_gives() {
    let world = World::of(80, 20).await;
    world.fake().load_registry(ACCOUNT, SEOUL, None, None, Some(&replicating()));
    let input = collected(&world, "same").await;
    let output = world.compute(&input, &call("one")).unwrap();
    assert_eq!((output.status, output.more, &output.next), (Status::Complete, false, &input));
    let answer = format!(r#"{{"replicationConfiguration": {}}}"#, replicating());
    let replication = Replication::parse(&answer).unwrap();
    let repositories = repositories(&world, &input.run);
    let wanted: Vec<_> = repositories.iter().map(|one| wanted_of(one, &replication)).collect();
    let document = document(&world, &input);
    assert_eq!((document.from, document.next, document.repositories.len()), (0, None, 80));
    assert_eq!(document.repositories, wanted);
    // A registry in which all of it happens.
    let some = |is: fn(&CostedRepository) -> bool| {
        let number = wanted.iter().filter(|one| is(one)).count();
        assert!(0 < number && number < 80, "{number}");
    };
    some(|one| one.after_settled.is_some());
    some(|one| one.after_settled.is_some() && one.after_settled != one.now);
    some(|one| one.after_settled != one.after_next_run);
    some(|one| one.now.is_some_and(|now| 0 < now.archived_bytes));
    some(|one| one.is_exact);
    some(|one| one.replication.iter().any(|to| to.high.is_some()));
    some(|one| one.replication.iter().any(|to| to.high.is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn it_asks_nobody_and_writes_its_document_alone_beside_the_previews() {
    let world = World::of(5, 20).await;
    let input = collected(&world, "alone").await;
    let before = world.files();
    world.counted();
    world.compute(&input, &call("one")).unwrap();
    assert!(world.counted().is_empty());
    let after = world.files();
    assert!(before.iter().all(|(path, bytes)| after.get(path) == Some(bytes)));
    let new: BTreeSet<&PathBuf> = after.keys().filter(|path| !before.contains_key(*path)).collect();
    let folder = PathBuf::from(names::RUNS).join(input.run.as_str());
    let blobs = folder.join(names::blobs(0, 0, 0, "one"));
    assert_eq!(new, [&folder.join(names::costed(0, 0, 0)), &blobs].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn computed_twice_it_is_the_same_to_the_byte() {
    let world = World::of(20, 20).await;
    let input = collected(&world, "bytes").await;
    let first = world.compute(&input, &call("one")).unwrap();
    let files = world.files();
    assert_eq!(world.compute(&input, &call("two")).unwrap(), first);
    assert!(world.files() == files);
    // And once more by one that finds nothing of the first: it writes its blobs beside those, and they are the same.
    let document = |world: &World| -> CostedDocument {
        world.documents(&input.run).read(&names::costed(0, 0, 0)).unwrap().unwrap()
    };
    let before = document(&world);
    world.remove(&input.run, &names::costed(0, 0, 0));
    assert_eq!(world.compute(&input, &call("three")).unwrap(), first);
    let mut after = document(&world);
    let bytes = |object: &Option<String>| world.documents(&input.run).get(object.as_ref().unwrap()).unwrap();
    let (one, three) = (before.blobs.clone().unwrap(), after.blobs.clone().unwrap());
    assert_ne!(one.object, three.object);
    assert_eq!(bytes(&one.object), bytes(&three.object));
    after.blobs = Some(BlobFile { object: one.object.clone(), ..three });
    assert_eq!(after, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_evaluated_is_priced() {
    let world = World::of(5, 20).await;
    let (run, lines) = world.planned("alone").await;
    let input = world.collect(&lines[0], &call("one")).await.unwrap().compute;
    assert_eq!(world.compute(&input, &call("one")).unwrap().status, Status::Complete);
    assert_eq!(document(&world, &input).repositories.len(), 5);
    assert!(world.documents(&run).get(&names::evaluated(0, 0, 0)).unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn handed_over_at_each_repository_it_finds_what_one_call_does() {
    let world = World::of(12, 20).await;
    let at_once = collected(&world, "once").await;
    world.compute(&at_once, &call("one")).unwrap();
    let mut input = collected(&world, "hands").await;
    let (mut repositories, mut calls) = (Vec::new(), 0);
    loop {
        let output = world.compute(&input, &late("one")).unwrap();
        let document = document(&world, &input);
        assert_eq!((document.from, document.repositories.len()), (input.from, 1));
        repositories.extend(document.repositories);
        calls += 1;
        if !output.more {
            break;
        }
        assert_eq!(output.next, ComputeInput { from: input.from + 1, ..input.clone() });
        input = output.next;
    }
    assert_eq!(calls, 12);
    assert_eq!(repositories, document(&world, &at_once).repositories);
    // And what is put together of them is the same.
    for name in ["once", "hands"] {
        world.go(name, Steps::without_end()).await.unwrap();
    }
    let costs = |run: &RunId| {
        let summary: serde_json::Value = world.documents(run).read(names::SUMMARY_JSON).unwrap().unwrap();
        summary["registries"][0]["costs"].clone()
    };
    assert!(costs(&at_once.run)["storageUsdPerMonth"].is_string());
    assert_eq!(costs(&input.run), costs(&at_once.run));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_does_not_fit_the_memory_is_refused_and_nothing_is_written() {
    let world = World::of(5, 20).await;
    let input = collected(&world, "small").await;
    let files = world.files();
    let failure = world.compute(&input, &call_with("one", 64 * 1024 * 1024)).unwrap_err();
    assert_eq!(failure.kind, FailureKind::TooLarge, "{failure}");
    assert!(world.files() == files);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_read_is_a_part_that_is_missing_and_nothing_is_written_of_it() {
    let world = World::of(2, 2).await;
    let input = collected(&world, "missing").await;
    let files = world.files();
    for absent in [
        ComputeInput { share: 9, ..input.clone() },
        ComputeInput { segment: 1, ..input.clone() },
        ComputeInput { run: "20261120T030000Z-never".parse().unwrap(), ..input },
    ] {
        let output = world.compute(&absent, &call("one")).unwrap();
        assert_eq!((output.status, output.more, output.next), (Status::Partial, false, absent));
    }
    assert!(world.files() == files);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_was_not_read_has_no_figure_and_hides_that_of_no_other() {
    let world = World::of(6, 20).await;
    world.fault(None, "DescribeImages", FaultKind::AccessDenied, FaultTimes::Count(1));
    let input = collected(&world, "images").await;
    assert_eq!(world.compute(&input, &call("one")).unwrap().status, Status::Partial);
    let document = document(&world, &input);
    let unknown: Vec<_> = document.repositories.iter().filter(|one| one.now.is_none()).collect();
    let [unknown] = &unknown[..] else { panic!("{unknown:?}") };
    assert_eq!((unknown.after_next_run, unknown.after_settled, unknown.is_exact), (None, None, false));
    assert!(unknown.replication.is_empty());
    assert_eq!(document.repositories.len(), 6);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_was_not_read_frees_nothing_that_is_known() {
    let world = World::of(6, 20).await;
    world.fault(None, "GetLifecyclePolicy", FaultKind::AccessDenied, FaultTimes::Count(6));
    let input = collected(&world, "policy").await;
    assert_eq!(world.compute(&input, &call("one")).unwrap().status, Status::Complete);
    for repository in document(&world, &input).repositories {
        assert!(repository.now.is_some(), "{repository:?}");
        assert_eq!((repository.after_next_run, repository.after_settled), (None, None), "{repository:?}");
    }
}
