//! `evaluate-lifecycle`: what the policies do, said as the command says it, and counted.

use std::collections::BTreeSet;
use std::path::PathBuf;

use demurrage_contract::documents::{CollectedDocument, EvaluatedDocument, names};
use demurrage_contract::{EvaluateInput, FailureKind, RunId, Status};
use demurrage_core::lifecycle::{Policy, Preview, Relations, Switches, evaluate};
use demurrage_core::{Fact, Repository};
use demurrage_report::{PreviewDocument, preview_json};
use fake_ecr::{FaultKind, FaultTimes};

use crate::run::Steps;
use crate::world::{ACCOUNT, SEOUL, World, call, call_with, late, started_at};

/// Plans a run and collects its only share.
async fn collected(world: &World, name: &str) -> EvaluateInput {
    let (_, lines) = world.planned(name).await;
    assert_eq!(lines.len(), 1);
    world.collect(&lines[0], &call("one")).await.unwrap().evaluate
}

fn document(world: &World, input: &EvaluateInput) -> EvaluatedDocument {
    let name = names::evaluated(input.share, input.segment, input.from);
    world.documents(&input.run).read(&name).unwrap().unwrap()
}

fn previews(world: &World, input: &EvaluateInput) -> Vec<u8> {
    let name = document(world, input).previews;
    world.documents(&input.run).get(&name).unwrap().unwrap()
}

/// The repositories of the first share's part.
fn repositories(world: &World, run: &RunId) -> Vec<Repository> {
    let share = world.share(run, 0);
    let part: CollectedDocument = world.documents(run).read(&names::collected(0, 0)).unwrap().unwrap();
    let entry = world.store.part(&share.inventory, &share.head(), &part.part).unwrap();
    world.store.read(&entry, |_| true).unwrap().repositories
}

/// What the command prints of a repository, and how many images it expires and archives.
fn as_the_command_does_it(repository: &Repository) -> Option<(String, usize, usize)> {
    let Fact::Present(text) = &repository.lifecycle_policy else { return None };
    let policy = Policy::parse(text).ok()?;
    let relations = Relations::of(&repository.images);
    let (now, switches) = (started_at(), Switches::default());
    let decisions = evaluate(&policy, &repository.images, &relations, now, switches);
    let preview = Preview::of(&policy, &repository.images, &decisions);
    let (expiring, archiving) = (preview.expiring, preview.archiving);
    let document = PreviewDocument {
        repository,
        policy: &policy,
        now,
        decisions,
        preview,
        certainties: None,
        in_use: None,
    };
    Some((serde_json::to_string(&preview_json(&document)).unwrap() + "\n", expiring, archiving))
}

#[tokio::test(flavor = "multi_thread")]
async fn previews_and_counts_are_those_that_the_command_gives_over_the_same_repositories() {
    let world = World::of(40, 30).await;
    let input = collected(&world, "same").await;
    let output = world.evaluate(&input, &call("one")).unwrap();
    assert_eq!((output.status, output.more, &output.next), (Status::Complete, false, &input));
    let repositories = repositories(&world, &input.run);
    let wanted: Vec<_> = repositories.iter().filter_map(as_the_command_does_it).collect();
    let text: String = wanted.iter().map(|(text, ..)| text.as_str()).collect();
    assert_eq!(String::from_utf8(previews(&world, &input)).unwrap(), text);
    let document = document(&world, &input);
    let (expiring, archiving): (usize, usize) =
        (wanted.iter().map(|one| one.1).sum(), wanted.iter().map(|one| one.2).sum());
    assert!(0 < expiring && 0 < archiving, "a registry in which there is something to do");
    assert_eq!((document.expiring_next, document.archiving_next), (expiring as u64, archiving as u64));
    assert_eq!((document.repositories, document.with_policy), (40, wanted.len() as u64));
    assert_eq!((document.rejected_policies, document.not_evaluated, document.next), (0, 0, None));
    assert!(wanted.len() < 40, "some have none");
    let going: u64 = document.going_next.iter().map(|line| line.expiring + line.archiving).sum();
    assert!(going <= document.expiring_next + document.archiving_next);
    let weights: Vec<_> = document.going_next.iter().map(|line| (line.expiring, line.archiving)).collect();
    assert!(weights.is_sorted_by(|a, b| b <= a), "the most first: {weights:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn it_asks_nobody_and_writes_its_previews_and_its_document_alone() {
    let world = World::of(5, 20).await;
    let input = collected(&world, "alone").await;
    let before = world.files();
    world.counted();
    world.evaluate(&input, &call("one")).unwrap();
    assert!(world.counted().is_empty());
    let after = world.files();
    assert!(before.iter().all(|(path, bytes)| after.get(path) == Some(bytes)));
    let new: BTreeSet<&PathBuf> = after.keys().filter(|path| !before.contains_key(*path)).collect();
    let folder = PathBuf::from(names::RUNS).join(input.run.as_str());
    let wanted = [folder.join(names::evaluated(0, 0, 0)), folder.join(document(&world, &input).previews)];
    assert_eq!(new, wanted.iter().collect());
}

#[tokio::test(flavor = "multi_thread")]
async fn evaluated_twice_it_is_the_same_to_the_byte() {
    let world = World::of(20, 20).await;
    let input = collected(&world, "bytes").await;
    let first = world.evaluate(&input, &call("one")).unwrap();
    let files = world.files();
    assert_eq!(world.evaluate(&input, &call("two")).unwrap(), first);
    assert!(world.files() == files);
    // And once more by one that finds the previews alone: its own are the same, under a name of their own.
    let alone = previews(&world, &input);
    world.remove(&input.run, &names::evaluated(0, 0, 0));
    assert_eq!(world.evaluate(&input, &call("three")).unwrap(), first);
    assert!(previews(&world, &input) == alone);
    assert_eq!(world.files().len(), files.len() + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_does_not_fit_the_memory_is_refused_and_nothing_is_written() {
    let world = World::of(5, 20).await;
    let input = collected(&world, "small").await;
    let files = world.files();
    let failure = world.evaluate(&input, &call_with("one", 64 * 1024 * 1024)).unwrap_err();
    assert_eq!(failure.kind, FailureKind::TooLarge, "{failure}");
    assert!(world.files() == files);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_read_is_a_part_that_is_missing_and_nothing_is_written_of_it() {
    let world = World::of(2, 2).await;
    let input = collected(&world, "missing").await;
    let files = world.files();
    for absent in [
        EvaluateInput { share: 9, ..input.clone() },
        EvaluateInput { segment: 1, ..input.clone() },
        EvaluateInput { run: "20261120T030000Z-never".parse().unwrap(), ..input },
    ] {
        let output = world.evaluate(&absent, &call("one")).unwrap();
        assert_eq!((output.status, output.more, output.next), (Status::Partial, false, absent));
    }
    assert!(world.files() == files);
}

#[tokio::test(flavor = "multi_thread")]
async fn handed_over_at_each_repository_it_counts_and_says_what_one_call_does() {
    let world = World::of(12, 20).await;
    let at_once = collected(&world, "once").await;
    world.evaluate(&at_once, &call("one")).unwrap();
    let mut input = collected(&world, "hands").await;
    let (mut sum, mut lines, mut calls) = (EvaluatedDocument::default(), Vec::new(), 0);
    loop {
        let output = world.evaluate(&input, &late("one")).unwrap();
        let document = document(&world, &input);
        assert_eq!((document.from, document.repositories), (input.from, 1));
        sum.repositories += document.repositories;
        sum.with_policy += document.with_policy;
        sum.with_effective_policy += document.with_effective_policy;
        sum.expiring_next += document.expiring_next;
        sum.archiving_next += document.archiving_next;
        lines.extend(previews(&world, &input));
        calls += 1;
        if !output.more {
            break;
        }
        assert_eq!(output.next, EvaluateInput { from: input.from + 1, ..input.clone() });
        input = output.next;
    }
    assert_eq!(calls, 12);
    assert_eq!(String::from_utf8(lines).unwrap(), String::from_utf8(previews(&world, &at_once)).unwrap());
    let whole = document(&world, &at_once);
    let counts = |of: &EvaluatedDocument| {
        [of.repositories, of.with_policy, of.with_effective_policy, of.expiring_next, of.archiving_next]
    };
    assert_eq!(counts(&sum), counts(&whole));
    // And what is put together of them is the same.
    for name in ["once", "hands"] {
        world.go(name, Steps::without_end()).await.unwrap();
    }
    let figures = |run: &RunId| {
        let summary: serde_json::Value = world.documents(run).read(names::SUMMARY_JSON).unwrap().unwrap();
        let mut registry = summary["registries"][0].clone();
        // The second run has the manifests of none before it, either, but asks of them at another time.
        registry.as_object_mut().unwrap().remove("calls");
        registry
    };
    assert_eq!(figures(&input.run), figures(&at_once.run));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_was_not_read_and_a_repository_that_was_not_are_counted() {
    for (operation, part) in [("GetLifecyclePolicy", "policy"), ("DescribeImages", "images")] {
        let world = World::of(6, 20).await;
        world.fault(None, operation, FaultKind::AccessDenied, FaultTimes::Count(1));
        let input = collected(&world, part).await;
        assert_eq!(world.evaluate(&input, &call("one")).unwrap().status, Status::Partial, "{part}");
        let document = document(&world, &input);
        assert_eq!((document.repositories, document.not_evaluated), (6, 1), "{part}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_that_ecr_would_not_accept_is_counted_and_named() {
    let world = World::of(6, 20).await;
    let name = world.collected_at_once(SEOUL).await.repositories[2].name.clone();
    let mut record = world.fake().repository(ACCOUNT, SEOUL, &name).unwrap();
    record.lifecycle_policy = Some(r#"{"rules":[{"rulePriority":0}]}"#.to_owned());
    world.fake().load_repository(ACCOUNT, SEOUL, record, Vec::new());
    let input = collected(&world, "rejected").await;
    assert_eq!(world.evaluate(&input, &call("one")).unwrap().status, Status::Partial);
    let document = document(&world, &input);
    assert_eq!((document.rejected_policies, document.not_evaluated), (1, 0));
    let first = &document.findings[0];
    assert_eq!((&*first.repository, &*first.severity, &*first.id), (&*name, "error", "rejected"));
    let count = &document.lint[0];
    assert_eq!((&*count.severity, &*count.id, count.repositories), ("error", "rejected", 1));
    let report = world.go("rejected", Steps::without_end()).await.unwrap();
    assert_eq!(report.status, Status::Partial);
}
