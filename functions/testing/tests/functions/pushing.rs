//! `on-image-push`: what events teach, and what is raised at once.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_aws::ledger::TagLedger;
use demurrage_contract::{Failure, FailureKind};
use fake_ecr::{FaultKind, FaultTimes};
use serde_json::{Value, json};

use crate::dynamodb::Fault;
use crate::edge::{Edge, Settings};
use crate::recorder::Figure;
use crate::world::{ACCOUNT, SEOUL, TOPIC, World, call, repository_record};
use crate::{dynamodb, push};

/// The edge of one process of the function.
pub(crate) fn edge(world: &World, settings: Settings) -> Edge {
    Edge::new(world.clients.accounts.clone(), world.ledger.clone(), world.publisher.clone(), settings)
}

pub(crate) fn settings() -> Settings {
    Settings {
        deployment: "demurrage".to_owned(),
        topic_arn: Some(TOPIC.to_owned()),
        may_pull: false,
        event_source: None,
    }
}

/// A world with one repository of this mode, and nothing in it.
pub(crate) async fn world(mode: &str) -> World {
    let world = World::of(1, 1).await;
    world.fake().load_repository(ACCOUNT, SEOUL, repository_record("team/app", mode), Vec::new());
    world
}

pub(crate) async fn handle(world: &World, edge: &Edge, event: &Value) -> Result<(), Failure> {
    push::handle(&world.store, edge, &event.to_string(), &call("one")).await
}

pub(crate) fn digest(letter: char) -> String {
    format!("sha256:{}", letter.to_string().repeat(64))
}

/// So many minutes after some minute of today.
fn minute(minutes: i64) -> DateTime<Utc> {
    Utc::now() - TimeDelta::hours(5) + TimeDelta::minutes(minutes)
}

/// An event about an image, as ECR sends it.
pub(crate) fn event(action: &str, tag: Option<&str>, digest: &str, minutes: i64) -> Value {
    let time = minute(minutes).format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let mut event = json!({
        "version": "0",
        "id": format!("{action}-{minutes}-{}", tag.unwrap_or_default()),
        "detail-type": "ECR Image Action",
        "source": "aws.ecr",
        "account": ACCOUNT,
        "time": time,
        "region": SEOUL,
        "resources": [],
        "detail": {
            "result": "SUCCESS",
            "repository-name": "team/app",
            "image-digest": digest,
            "action-type": action,
        },
    });
    if let Some(tag) = tag {
        event["detail"]["image-tag"] = json!(tag);
    }
    event
}

pub(crate) fn pushed(tag: &str, letter: char, minutes: i64) -> Value {
    event("PUSH", Some(tag), &digest(letter), minutes)
}

/// The texts of the notices that came.
pub(crate) fn notices(world: &World) -> Vec<String> {
    let forms = world.recorder.notices();
    let of = |form: &String, name: &str| {
        let found = form.split('&').find_map(|part| part.strip_prefix(&format!("{name}=")));
        unescaped(found.unwrap_or_default())
    };
    forms.iter().map(|form| format!("{}\n{}", of(form, "Subject"), of(form, "Message"))).collect()
}

/// A value of a form.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(bytes).unwrap()
}

fn named(figures: &[Figure]) -> Vec<(String, Vec<String>)> {
    figures
        .iter()
        .map(|figure| {
            assert!((figure.value - 1.0).abs() < f64::EPSILON);
            (figure.name.clone(), figure.of.clone())
        })
        .collect()
}

fn put_rules(world: &World, text: &str) {
    fs::create_dir_all(world.root()).unwrap();
    fs::write(world.root().join("demurrage.toml"), text).unwrap();
}

fn vectors(folder: &str) -> Vec<(String, Value)> {
    let folder: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/vectors").join(folder);
    let mut found: Vec<(String, Value)> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, serde_json::from_slice(&fs::read(path).unwrap()).unwrap())
        })
        .collect();
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn each_sample_of_an_event_is_acknowledged_and_teaches_what_it_says() {
    let samples = vectors("events");
    assert!(16 < samples.len());
    for (name, event) in samples {
        let world = world("MUTABLE").await;
        handle(&world, &edge(&world, settings()), &event).await.unwrap();
        let items = world.table.items();
        // What names a tag that was pushed or deleted is kept with its head; a deletion without a tag by itself.
        let is_head =
            |(repository, item): &&(String, String)| repository.starts_with("arn:") && item == "latest";
        let heads = items.keys().filter(is_head).count();
        let deletions = items.keys().filter(|(_, item)| item.starts_with("#deleted#")).count();
        let wanted = match &*name {
            "push" | "delete" => (1, 0),
            "delete-without-tag" => (0, 1),
            _ => (0, 0),
        };
        assert_eq!((heads, deletions), wanted, "{name}: {items:?}");
        assert!(wanted != (0, 0) || items.is_empty(), "{name}: {items:?}");
        assert!(notices(&world).is_empty(), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_read_is_an_error_that_says_what_and_where() {
    let world = world("MUTABLE").await;
    let edge = edge(&world, settings());
    let malformed = vectors("malformed_events");
    assert!(5 < malformed.len());
    for (name, vector) in malformed {
        let failure = handle(&world, &edge, &vector["event"]).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadInput, "{name}");
        let why = vector["why"].as_str().unwrap();
        assert!(failure.message.contains(why), "{name}: {failure}");
    }
    for text in ["", "{", "[]", "null", "{}"] {
        let failure = push::handle(&world.store, &edge, text, &call("one")).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::BadInput, "{text}: {failure}");
    }
    assert!(world.table.items().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_moved_is_told_at_once_with_figures_and_a_notice() {
    let world = world("MUTABLE").await;
    let edge = edge(&world, settings());
    handle(&world, &edge, &pushed("1.4.2", 'a', 0)).await.unwrap();
    assert!(notices(&world).is_empty() && world.recorder.figures().is_empty());
    let moved = pushed("1.4.2", 'b', 7);
    handle(&world, &edge, &moved).await.unwrap();
    let registry = vec![ACCOUNT.to_owned(), SEOUL.to_owned()];
    let figures = world.recorder.figures();
    let wanted =
        [("TagsMoved".to_owned(), registry), ("AllTagsMoved".to_owned(), vec!["demurrage".to_owned()])];
    assert_eq!(named(&figures), wanted);
    assert!(figures.iter().all(|figure| figure.timestamp_seconds == minute(7).timestamp()
        || figure.timestamp_seconds + 1 == minute(7).timestamp()));
    let notices = notices(&world);
    let [notice] = &notices[..] else { panic!("{notices:?}") };
    for part in [
        "Demurrage: tag 1.4.2 of team/app moved",
        ACCOUNT,
        SEOUL,
        "team/app",
        &digest('a'),
        &digest('b'),
        moved["id"].as_str().unwrap(),
        "MUTABLE: it lets this tag move",
        "What to do: ",
    ] {
        assert!(notice.contains(part), "{part} is not in {notice}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tag_that_may_move_and_an_image_that_is_pushed_again_raise_nothing() {
    let world = world("MUTABLE").await;
    let edge = edge(&world, settings());
    for (tag, letter, minutes) in
        [("latest", 'a', 0), ("latest", 'b', 1), ("1.0", 'a', 2), ("1.0", 'a', 3), ("1.1", 'b', 4)]
    {
        handle(&world, &edge, &pushed(tag, letter, minutes)).await.unwrap();
    }
    handle(&world, &edge, &event("DELETE", Some("1.0"), &digest('a'), 5)).await.unwrap();
    handle(&world, &edge, &pushed("1.0", 'a', 6)).await.unwrap();
    assert!(notices(&world).is_empty() && world.recorder.figures().is_empty());
    // Nobody had to be asked for that.
    assert!(world.counted().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_deleted_and_pushed_with_another_image_defeats_immutability_and_is_told() {
    let world = world("IMMUTABLE").await;
    let edge = edge(&world, settings());
    handle(&world, &edge, &pushed("1.0", 'a', 0)).await.unwrap();
    handle(&world, &edge, &event("DELETE", Some("1.0"), &digest('a'), 1)).await.unwrap();
    handle(&world, &edge, &pushed("1.0", 'b', 2)).await.unwrap();
    let notices = notices(&world);
    let [notice] = &notices[..] else { panic!("{notices:?}") };
    assert!(notice.contains("It was deleted, and then pushed to another image"), "{notice}");
    assert!(notice.contains("IMMUTABLE: it does not let this tag move"), "{notice}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repetition_is_told_once_by_a_process_and_again_by_one_that_does_not_know_of_it() {
    let world = world("MUTABLE").await;
    let first = edge(&world, settings());
    handle(&world, &first, &pushed("1.0", 'a', 0)).await.unwrap();
    let moved = pushed("1.0", 'b', 1);
    for _ in 0..3 {
        handle(&world, &first, &moved).await.unwrap();
    }
    assert_eq!(notices(&world).len(), 1);
    let items = world.table.items();
    handle(&world, &edge(&world, settings()), &moved).await.unwrap();
    assert_eq!(notices(&world).len(), 1, "it may have died before it told anybody");
    assert!(world.table.items() == items, "the ledger learnt it once");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_notice_is_refused_it_is_an_error_and_the_next_attempt_tells_it() {
    let world = world("MUTABLE").await;
    let edge = edge(&world, settings());
    handle(&world, &edge, &pushed("1.0", 'a', 0)).await.unwrap();
    world.recorder.refuse_notices(true);
    let failure = handle(&world, &edge, &pushed("1.0", 'b', 1)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused, "{failure}");
    world.recorder.refuse_notices(false);
    handle(&world, &edge, &pushed("1.0", 'b', 1)).await.unwrap();
    assert_eq!(notices(&world).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn events_out_of_order_find_the_move_all_the_same() {
    let world = world("MUTABLE").await;
    let edge = edge(&world, settings());
    handle(&world, &edge, &pushed("1.0", 'b', 5)).await.unwrap();
    handle(&world, &edge, &pushed("1.0", 'a', 1)).await.unwrap();
    let notices = notices(&world);
    let [notice] = &notices[..] else { panic!("{notices:?}") };
    assert!(notice.contains("An event that came late"), "{notice}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_setting_is_asked_for_once_in_a_burst_and_not_knowing_it_hides_nothing() {
    let world = world("MUTABLE").await;
    let edge_one = edge(&world, settings());
    for (letter, minutes) in [('a', 0), ('b', 1), ('c', 2), ('d', 3)] {
        handle(&world, &edge_one, &pushed("1.0", letter, minutes)).await.unwrap();
    }
    assert_eq!(notices(&world).len(), 3);
    assert_eq!(world.counted(), [("DescribeRepositories".to_owned(), 1)].into());
    let other = edge(&world, settings());
    world.fault(None, "DescribeRepositories", FaultKind::AccessDenied, FaultTimes::Count(1));
    handle(&world, &other, &pushed("1.0", 'e', 4)).await.unwrap();
    let notices = notices(&world);
    assert!(notices[0].contains("setting     not known: "), "{notices:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_that_refuses_or_is_not_there_is_an_error_that_names_it() {
    let world = world("MUTABLE").await;
    let edge_one = edge(&world, settings());
    world.table.fault("GetItem", Fault::Deny);
    let failure = handle(&world, &edge_one, &pushed("1.0", 'a', 0)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused, "{failure}");
    assert!(failure.message.contains(dynamodb::TABLE), "{failure}");
    let elsewhere = TagLedger::open_at(SEOUL, &world.table.at(), "another-table").await;
    let edge_two = Edge::new(world.clients.accounts.clone(), elsewhere, world.publisher.clone(), settings());
    let failure = handle(&world, &edge_two, &pushed("1.0", 'a', 0)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Refused, "{failure}");
    assert!(failure.message.contains("another-table"), "{failure}");
    assert!(world.table.items().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_that_cannot_be_read_are_an_error_and_never_the_default() {
    let world = world("MUTABLE").await;
    put_rules(&world, "audit = 1");
    let edge_one = edge(&world, settings());
    let failure = handle(&world, &edge_one, &pushed("1.0", 'a', 0)).await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::BadInput);
    assert!(failure.message.contains("demurrage.toml` cannot be used: 1:9: "), "{failure}");
    // Mended, the same event is told: here there is nothing to tell.
    put_rules(&world, "");
    handle(&world, &edge_one, &pushed("1.0", 'a', 0)).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_risk_and_a_looser_promise_raise_nothing() {
    let accepted = "[[audit.accepted]]\naudit = \"tag-moved\"\nrepositories = \"team/*\"\n\
                    reason = \"it is known\"\nuntil = 2099-01-01\n";
    let looser = "[[audit.mutability]]\nrepositories = \"*\"\nmay_move = [\"1.*\"]\n";
    for rules in [accepted, looser] {
        let world = world("MUTABLE").await;
        put_rules(&world, rules);
        let edge = edge(&world, settings());
        handle(&world, &edge, &pushed("1.0", 'a', 0)).await.unwrap();
        handle(&world, &edge, &pushed("1.0", 'b', 1)).await.unwrap();
        assert!(notices(&world).is_empty() && world.recorder.figures().is_empty(), "{rules}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn events_of_the_source_that_the_deployment_names_are_read_and_others_are_not() {
    let world = world("MUTABLE").await;
    let named = Settings { event_source: Some("team.registry".to_owned()), ..settings() };
    let edge = edge(&world, named);
    let mut event = pushed("1.0", 'a', 0);
    event["source"] = json!("team.registry");
    handle(&world, &edge, &event).await.unwrap();
    assert!(!world.table.items().is_empty());
    event["source"] = json!("another");
    let failure = handle(&world, &edge, &event).await.unwrap_err();
    assert!(failure.message.contains("/source is `another`"), "{failure}");
}
