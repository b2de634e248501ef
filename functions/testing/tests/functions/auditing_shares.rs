//! `audit-immutability`: what audits say about repositories, put down once, and what the ledger learns from them.

use std::fs;

use demurrage_contract::documents::{AuditedDocument, AuditedRepository, names};
use demurrage_contract::{
    AuditInput, AuditTask, DiscoverInput, FailureKind, RunRequest, SettingsLine, Status,
};
use demurrage_core::ledger::{ListingWindow, Standing};
use fake_ecr::{FaultKind, FaultTimes};

use crate::dynamodb::Fault;
use crate::run::{Steps, execution, share_of};
use crate::world::{ACCOUNT, SEOUL, World, call, call_with, late};

/// Plans a run, and collects its only share.
async fn collected(world: &World, name: &str) -> AuditInput {
    let (_, lines) = world.planned(name).await;
    assert_eq!(lines.len(), 1);
    world.collect(&lines[0], &call("one")).await.unwrap().audit
}

fn document(world: &World, input: &AuditInput) -> AuditedDocument {
    let name = names::audited(input.share, input.segment, input.from);
    world.documents(&input.run).read(&name).unwrap().unwrap()
}

fn put_rules(world: &World, text: &str) {
    fs::create_dir_all(world.root()).unwrap();
    fs::write(world.root().join("demurrage.toml"), text).unwrap();
}

fn arn(name: &str) -> String {
    format!("arn:aws:ecr:{SEOUL}:{ACCOUNT}:repository/{name}")
}

#[tokio::test(flavor = "multi_thread")]
async fn every_repository_is_judged_and_its_tags_are_in_the_ledger() {
    let world = World::of(12, 10).await;
    let input = collected(&world, "all").await;
    let output = world.audit(&input, &call("one")).await.unwrap();
    assert_eq!((output.status, output.more, share_of(output.next)), (Status::Complete, false, input.clone()));
    let document = document(&world, &input);
    assert_eq!((document.from, document.next, document.repositories.len()), (0, None, 12));
    // The rules ask something of everybody, and not every repository keeps it.
    let broken = document.repositories.iter().filter(|one| one.breaks_promise).count();
    assert!(0 < broken, "{document:?}");
    for repository in &document.repositories {
        assert!(repository.is_reconciled);
        assert_eq!(repository.tags_moved, 0, "nothing is known of before");
        let answers = repository.findings.len() + repository.unevaluated.len();
        assert!(answers != 0 && repository.clean != 0, "{repository:?}");
        let says = repository.findings.iter().any(|one| one.audit == "tags-can-move" && one.counts);
        assert_eq!(repository.breaks_promise, says, "{repository:?}");
        let ledger = world.ledger.load(&arn(&repository.name)).await.unwrap();
        let there = world.fake().images(ACCOUNT, SEOUL, &repository.name);
        let wanted: usize = there.iter().map(|image| image.tags.len()).sum();
        assert_eq!(ledger.heads().count(), wanted);
        for image in &there {
            for tag in &image.tags {
                let head = ledger.heads().find(|(known, _)| known.as_str() == tag).unwrap().1;
                let Standing { held, .. } = &head.standing;
                assert_eq!(held.image().unwrap().to_string(), image.digest);
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_asks_no_registry_and_what_is_audited_twice_changes_neither_ledger_nor_store() {
    let world = World::of(5, 20).await;
    let input = collected(&world, "twice").await;
    world.counted();
    let first = world.audit(&input, &call("one")).await.unwrap();
    assert!(world.counted().is_empty());
    let (files, items) = (world.files(), world.table.items());
    assert!(!items.is_empty());
    assert_eq!(world.audit(&input, &call("two")).await.unwrap(), first);
    // And once more by one that finds nothing of the first.
    world.remove(&input.run, &names::audited(0, 0, 0));
    assert_eq!(world.audit(&input, &call("three")).await.unwrap(), first);
    assert!(world.files() == files);
    assert!(world.table.items() == items);
}

#[tokio::test(flavor = "multi_thread")]
async fn handed_over_at_each_repository_it_finds_what_one_call_does() {
    let world = World::of(6, 20).await;
    let at_once = collected(&world, "once").await;
    world.audit(&at_once, &call("one")).await.unwrap();
    let mut input = collected(&world, "hands").await;
    let (mut repositories, mut calls) = (Vec::new(), 0);
    loop {
        let output = world.audit(&input, &late("one")).await.unwrap();
        repositories.extend(document(&world, &input).repositories);
        calls += 1;
        if !output.more {
            break;
        }
        input = share_of(output.next);
    }
    assert_eq!(calls, 6);
    assert_eq!(repositories, document(&world, &at_once).repositories);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rules_are_those_of_the_store_as_they_were_when_the_run_first_asked() {
    let world = World::of(4, 10).await;
    put_rules(&world, "[[audit.mutability]]\nrepositories = \"*\"\nmay_move = [\"*\"]\n");
    let input = collected(&world, "loose").await;
    world.audit(&input, &call("one")).await.unwrap();
    let loose = document(&world, &input);
    assert!(loose.repositories.iter().all(|one| !one.breaks_promise), "{loose:?}");
    // What is changed meanwhile counts for the next run.
    put_rules(&world, "");
    world.remove(&input.run, &names::audited(0, 0, 0));
    world.audit(&input, &call("two")).await.unwrap();
    assert_eq!(document(&world, &input), loose);
    let next = collected(&world, "strict").await;
    world.audit(&next, &call("one")).await.unwrap();
    assert!(document(&world, &next).repositories.iter().any(|one| one.breaks_promise));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_holds_no_rules_is_an_error_that_says_where_and_a_failed_share_and_never_clean() {
    let world = World::of(3, 5).await;
    put_rules(&world, "[audit]\nowner_tag = [\"team\"]\n");
    let (run, lines) = world.planned("wrong").await;
    let collected = world.collect(&lines[0], &call("one")).await.unwrap();
    world.evaluate(&collected.evaluate, &call("one")).unwrap();
    world.compute(&collected.compute, &call("one")).unwrap();
    let failure = world.audit(&collected.audit, &call("one")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::BadInput);
    assert!(
        failure.message.contains("demurrage.toml` cannot be used: 2:1: there is no `owner_tag`"),
        "{failure}"
    );
    assert!(world.table.items().is_empty());
    let output = world.report(&run, &call("r")).await.unwrap();
    assert_eq!(output.status, Status::Partial);
    let summary: serde_json::Value = world.documents(&run).read(names::SUMMARY_JSON).unwrap().unwrap();
    assert!(summary["registries"][0]["audits"].is_null());
    let cause = summary["failedShares"][0]["cause"].as_str().unwrap();
    assert!(cause.starts_with("it was read, and not audited: "), "{cause}");
    assert!(summary["problems"][0].as_str().unwrap().contains("owner_tag"), "{summary}");
    // No figure of the audits looks as if all were well.
    let figures = world.recorder.figures();
    assert!(
        figures.iter().all(|figure| !figure.name.contains("Finding") && !figure.name.contains("Promise"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_moved_unseen_is_counted_by_the_run_that_lists_it_and_told_with_both_images() {
    let world = World::of(6, 10).await;
    // What the ledger knew on the day before.
    let (name, tag) = versioned(&world).await;
    let known = world.collected_at_once(SEOUL).await;
    let known = known.repositories.iter().find(|repository| repository.name == name).unwrap();
    let [from, until] = ["2026-11-19T03:00:00Z", "2026-11-19T03:10:00Z"].map(|text| text.parse().unwrap());
    world.ledger.reconcile(&arn(&name), known, ListingWindow { from, until }, "before").await.unwrap();
    // A version means another image from now on, and no event tells of it.
    let images = move_tag(&world, &name, &tag);
    let run = world.go("moved", Steps::without_end()).await.unwrap().run;
    let audited: AuditedDocument = world.documents(&run).read(&names::audited(0, 0, 0)).unwrap().unwrap();
    assert_eq!(audited.repositories.iter().map(|one| one.tags_moved).sum::<u64>(), 1);
    let figures = world.recorder.figures();
    let figure = |name: &str| figures.iter().find(|figure| figure.name == name).unwrap().value;
    assert!((figure("TagsMoved") - 1.0).abs() < 0.1 && (figure("AllTagsMoved") - 1.0).abs() < 0.1);
    let summary: serde_json::Value = world.documents(&run).read(names::SUMMARY_JSON).unwrap().unwrap();
    let audits = &summary["registries"][0]["audits"];
    assert_eq!((&audits["tagsMoved"], &audits["isWhole"]), (&1.into(), &true.into()));
    // The finding has its line, and the document is named.
    let document = audits["documents"][0].as_str().unwrap();
    let lines = String::from_utf8(world.documents(&run).get(document).unwrap().unwrap()).unwrap();
    let moved: Vec<serde_json::Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &serde_json::Value| line["audit"] == "tag-moved" && line["kind"] == "finding")
        .collect();
    let [moved] = &moved[..] else { panic!("{moved:?}") };
    assert_eq!((moved["repository"].as_str(), moved["region"].as_str()), (Some(&*name), Some(SEOUL)));
    let evidence = moved["evidence"].to_string();
    assert!(images.iter().all(|digest| evidence.contains(digest)), "{evidence}");
}

/// A repository and a tag of it that may not move.
async fn versioned(world: &World) -> (String, String) {
    let names: Vec<String> = world
        .share(&world.planned("names").await.0, 0)
        .repositories
        .iter()
        .map(|one| one.name().to_owned())
        .collect();
    for name in names {
        for image in world.fake().images(ACCOUNT, SEOUL, &name) {
            if let Some(tag) = image.tags.iter().find(|tag| *tag != "latest") {
                return (name, tag.clone());
            }
        }
    }
    panic!("no image has a version");
}

/// Puts a tag on another image of its repository: the image that it was on, and the one that it is on.
fn move_tag(world: &World, name: &str, tag: &str) -> [String; 2] {
    let mut images = world.fake().images(ACCOUNT, SEOUL, name);
    for image in &mut images {
        image.tags.retain(|other| other != tag);
    }
    let was = world.fake().images(ACCOUNT, SEOUL, name);
    let was = was.iter().find(|image| image.tags.iter().any(|other| other == tag)).unwrap();
    let other = images.iter_mut().find(|image| image.digest != was.digest).unwrap();
    other.tags.push(tag.to_owned());
    let digests = [was.digest.clone(), other.digest.clone()];
    let repository = world.fake().repository(ACCOUNT, SEOUL, name).unwrap();
    world.fake().load_repository(ACCOUNT, SEOUL, repository, images);
    digests
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repository_that_was_not_listed_teaches_the_ledger_nothing_and_is_not_said_to_be_clean() {
    let world = World::of(6, 20).await;
    world.fault(None, "DescribeImages", FaultKind::AccessDenied, FaultTimes::Count(1));
    let input = collected(&world, "unlisted").await;
    assert_eq!(world.audit(&input, &call("one")).await.unwrap().status, Status::Partial);
    let document = document(&world, &input);
    let unlisted: Vec<_> = document.repositories.iter().filter(|one| !one.is_reconciled).collect();
    let [unlisted] = &unlisted[..] else { panic!("{unlisted:?}") };
    assert!(!unlisted.unevaluated.is_empty());
    let arn = arn(&unlisted.name);
    assert!(world.table.items().keys().all(|(repository, _)| *repository != arn));
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_table_refuses_it_is_an_error_by_its_kind_and_works_when_it_does_not() {
    let world = World::of(2, 5).await;
    let input = collected(&world, "table").await;
    world.table.fault("Query", Fault::Deny);
    let failure = world.audit(&input, &call("one")).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused, "{failure}");
    assert!(failure.message.contains("dynamodb:Query"), "{failure}");
    assert!(world.documents(&input.run).get(&names::audited(0, 0, 0)).unwrap().is_none());
    for fault in [Fault::Throttle, Fault::Fail, Fault::LoseAnswer] {
        world.table.fault("TransactWriteItems", fault);
    }
    assert_eq!(world.audit(&input, &call("two")).await.unwrap().status, Status::Complete);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_part_that_does_not_fit_the_memory_is_refused_and_what_was_not_read_is_a_part_that_is_missing() {
    let world = World::of(5, 20).await;
    let input = collected(&world, "small").await;
    let small = call_with("one", 64 * 1024 * 1024);
    assert_eq!(world.audit(&input, &small).await.unwrap_err().kind, FailureKind::TooLarge);
    let missing = AuditInput { share: 9, ..input };
    let output = world.audit(&missing, &call("one")).await.unwrap();
    assert_eq!((output.status, output.more, share_of(output.next)), (Status::Partial, false, missing));
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_judged_without_an_image_and_what_needs_one_is_not_evaluated() {
    let world = World::of(12, 10).await;
    let request = RunRequest { settings_only: true, ..RunRequest::default() };
    let asked = DiscoverInput { request, ..execution("settings") };
    let run = world.discover(&asked, &call("d")).await.unwrap().run;
    world.counted();
    let line =
        SettingsLine { run: run.clone(), registry: 0, account: ACCOUNT.to_owned(), region: SEOUL.to_owned() };
    let task = AuditTask::Settings(line);
    let first = world.audit_task(&task, &call("one")).await.unwrap();
    assert_eq!((first.status, first.more, &first.next), (Status::Complete, false, &task));
    assert!(world.counted().is_empty(), "what discovery has listed is all that is looked at");
    let settings: AuditedDocument =
        world.documents(&run).read(&names::settings(ACCOUNT, SEOUL)).unwrap().unwrap();
    assert_eq!(settings.repositories.len(), 12);
    // Of settings it says what a run over the images says.
    let input = collected(&world, "images").await;
    world.audit(&input, &call("two")).await.unwrap();
    for (alone, whole) in settings.repositories.iter().zip(&document(&world, &input).repositories) {
        // How many tags may move it cannot say, and whose they are: resource tags are not in a list.
        let mutability = |one: &AuditedRepository| -> Vec<(String, bool)> {
            let about = one.findings.iter().filter(|finding| finding.audit == "tags-can-move");
            about.map(|finding| (finding.severity.clone(), finding.counts)).collect()
        };
        assert_eq!((&alone.name, mutability(alone)), (&whole.name, mutability(whole)));
        assert!(!alone.is_reconciled && alone.images_in_use_going.is_none() && alone.tags_moved == 0);
        assert!(alone.unevaluated.iter().any(|one| one.reason.contains("looks at no image")), "{alone:?}");
    }
    let files = world.files();
    assert_eq!(world.audit_task(&task, &call("three")).await.unwrap(), first);
    assert!(world.files() == files);
}
