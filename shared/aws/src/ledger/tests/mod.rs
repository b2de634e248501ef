//! The ledger over HTTP, to a server that answers as `DynamoDB` does.

mod expression;
mod failures;
mod inventories;
mod kills;
mod ministack;
mod races;
mod server;
mod world;

use demurrage_core::ledger::{Held, Lesson, RepositoryLedger};
use serde_json::json;

use super::{LedgerError, Telling};
use server::Server;
use world::{ARN, deleted, digest, image_deleted, ledger, pushed, repository, tag, view, window, with_mode};

#[tokio::test]
async fn what_events_say_is_kept_and_told() {
    let server = Server::start().await;
    let ledger = ledger(&server).await;
    let mut memory = RepositoryLedger::default();
    let events = [
        (pushed("1", 10, "v1", 1), Lesson::Began),
        (pushed("2", 20, "v1", 2), Lesson::Moved { from: Held::Image(digest(1)) }),
        (pushed("3", 30, "v1", 2), Lesson::SeenAgain),
        (pushed("4", 15, "v1", 3), Lesson::Late),
        (deleted("5", 40, "v1", 2), Lesson::Deleted { from: Held::Image(digest(2)) }),
    ];
    for (event, lesson) in events {
        memory.learn_event(&event);
        let learned = ledger.learn_event(&event).await.unwrap();
        let [learned] = &learned[..] else { panic!("one tag") };
        assert_eq!((&learned.tag, &learned.what, learned.telling), (&tag("v1"), &lesson, Telling::First));
        assert_eq!(learned.now.as_ref(), memory.heads().next().map(|(_, head)| head.held()));
    }
    assert_eq!(view(&ledger.load(ARN).await.unwrap()), view(&memory));
}

#[tokio::test]
async fn an_event_twice_changes_nothing_and_is_answered_in_the_same_way() {
    let server = Server::start().await;
    let ledger = ledger(&server).await;
    for event in [pushed("1", 10, "v1", 1), pushed("2", 10, "v2", 1), image_deleted("3", 20, 1)] {
        let first = ledger.learn_event(&event).await.unwrap();
        let items = server.items();
        let again = ledger.learn_event(&event).await.unwrap();
        assert_eq!(items, server.items());
        assert!(!first.is_empty() && first.len() == again.len());
        for (first, again) in first.iter().zip(&again) {
            assert_eq!((first.telling, again.telling), (Telling::First, Telling::Again));
            assert_eq!((&first.tag, &first.what, &first.now), (&again.tag, &again.what, &again.now));
        }
    }
}

#[tokio::test]
async fn an_image_that_is_deleted_takes_all_its_tags_with_it() {
    let server = Server::start().await;
    let ledger = ledger(&server).await;
    let mut memory = RepositoryLedger::default();
    for event in [pushed("1", 10, "v1", 1), pushed("2", 11, "v1.0", 1), pushed("3", 12, "latest", 2)] {
        memory.learn_event(&event);
        ledger.learn_event(&event).await.unwrap();
    }
    let event = image_deleted("4", 20, 1);
    memory.learn_event(&event);
    let learned = ledger.learn_event(&event).await.unwrap();
    let told: Vec<_> = learned.iter().map(|learned| (learned.tag.as_str(), &learned.what)).collect();
    let presumed = Lesson::PresumedDeleted { from: Held::Image(digest(1)) };
    assert_eq!(told, [("v1", &presumed), ("v1.0", &presumed)]);
    // The push that put another tag on the image came in late.
    let late = pushed("5", 13, "edge", 1);
    memory.learn_event(&late);
    let learned = ledger.learn_event(&late).await.unwrap();
    assert_eq!((&learned[0].what, &learned[0].now), (&presumed, &Some(Held::Gone)));
    assert_eq!(view(&ledger.load(ARN).await.unwrap()), view(&memory));
}

#[tokio::test]
async fn an_event_into_a_long_history_reads_its_neighbours_alone() {
    let server = Server::start().await;
    let ledger = ledger(&server).await;
    let mut memory = RepositoryLedger::default();
    let byte = |number: i64| u8::try_from(number % 7).unwrap();
    for number in 0..200 {
        let event = pushed(&number.to_string(), number * 10, "latest", byte(number));
        memory.learn_event(&event);
        ledger.learn_event(&event).await.unwrap();
    }
    server.calls();
    let late = deleted("late", 995, "latest", byte(99));
    memory.learn_event(&late);
    let learned = ledger.learn_event(&late).await.unwrap();
    assert_eq!(learned[0].what, Lesson::Late);
    let queries = server.calls().into_iter().filter(|call| call == "Query").count();
    assert_eq!(queries, 2, "one each way");
    assert_eq!(view(&ledger.load(ARN).await.unwrap()), view(&memory));
}

#[tokio::test]
async fn what_says_nothing_about_tags_makes_no_call() {
    let server = Server::start().await;
    let ledger = ledger(&server).await;
    let mut event = pushed("1", 10, "v1", 1);
    event.what =
        demurrage_core::ledger::EcrAction::Unknown { detail_type: "ECR Novelty".to_owned(), action: None };
    assert_eq!(ledger.learn_event(&event).await, Ok(Vec::new()));
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn an_item_of_a_newer_format_and_a_damaged_one_are_named_and_not_written_over() {
    let server = Server::start().await;
    let ledger = ledger(&server).await;
    ledger.learn_event(&pushed("1", 10, "v1", 1)).await.unwrap();
    server.spoil("v1", "since", json!({"S": "once"}));
    let error = ledger.learn_event(&pushed("2", 20, "v1", 2)).await.unwrap_err();
    assert!(matches!(&error, LedgerError::Damaged { item, .. } if item == "v1"), "{error}");
    server.spoil("v1", "format_version", json!({"N": "2"}));
    let items = server.items();
    let known = with_mode(repository([("v1", 2)]), "MUTABLE");
    for error in [
        ledger.learn_event(&pushed("2", 20, "v1", 2)).await.unwrap_err(),
        ledger.reconcile(ARN, &known, window(30, 40), "run").await.unwrap_err(),
        ledger.load(ARN).await.unwrap_err(),
    ] {
        assert!(matches!(&error, LedgerError::Newer { item, found: 2, .. } if item == "v1"), "{error}");
        assert!(!error.may_pass());
    }
    assert_eq!(server.items(), items);
}
