//! What the service does on a bad day: what passes is waited for, and what does not is named.

use std::collections::BTreeSet;

use demurrage_core::ledger::{Lesson, RepositoryLedger};

use super::server::{Fault, Server};
use super::world::{
    ARN, REGION, deleted, image_deleted, ledger, pushed, repository, view, window, with_mode,
};
use crate::CallErrorKind;
use crate::ledger::{EVENT_ACTIONS, LOAD_ACTIONS, RECONCILE_ACTIONS, TagLedger};

const OPERATIONS: [&str; 4] = ["GetItem", "Query", "PutItem", "TransactWriteItems"];

#[tokio::test]
async fn what_passes_is_tried_again_and_ends_the_same() {
    let faults = [Fault::Throttle, Fault::Fail, Fault::LoseAnswer];
    let all = faults.into_iter().flat_map(|fault| OPERATIONS.map(|operation| (operation, fault)));
    let of_transactions = [Fault::Conflict, Fault::Exhaust].map(|fault| ("TransactWriteItems", fault));
    for (operation, fault) in all.chain(of_transactions) {
        let server = Server::start().await;
        let ledger = ledger(&server).await;
        let mut memory = RepositoryLedger::default();
        for event in [pushed("1", 10, "v1", 1), pushed("2", 12, "v1", 2), deleted("3", 11, "v1", 1)] {
            server.fault(operation, fault);
            memory.learn_event(&event);
            let learned = ledger.learn_event(&event).await.unwrap();
            assert_ne!(learned[0].what, Lesson::Known, "{operation} {fault:?}");
        }
        let seen = with_mode(repository([("v1", 3)]), "IMMUTABLE");
        server.fault(operation, fault);
        memory.learn_inventory(&seen, window(100, 110));
        let learned = ledger.reconcile(ARN, &seen, window(100, 110), "run").await.unwrap();
        assert_eq!(learned.len(), 1, "{operation} {fault:?}");
        assert_eq!(view(&ledger.load(ARN).await.unwrap()), view(&memory), "{operation} {fault:?}");
    }
}

#[tokio::test]
async fn what_is_denied_says_which_call_on_which_table() {
    let denials = [("GetItem", "dynamodb:GetItem"), ("TransactWriteItems", "dynamodb:PutItem")];
    for (operation, action) in denials {
        let server = Server::start().await;
        let ledger = ledger(&server).await;
        server.fault(operation, Fault::Deny);
        let error = ledger.learn_event(&pushed("1", 10, "v1", 1)).await.unwrap_err();
        assert_eq!(error.kind(), Some(CallErrorKind::Denied), "{error}");
        let help = format!("allow `{action}` to the principal on the table `demurrage-ledger`");
        assert_eq!(error.help(), help);
        assert!(!error.may_pass());
    }
}

#[tokio::test]
async fn a_table_that_is_not_there_is_named() {
    let server = Server::start().await;
    let ledger = TagLedger::open_at(REGION, &server.at(), "another").await;
    for error in [
        ledger.learn_event(&pushed("1", 10, "v1", 1)).await.unwrap_err(),
        ledger.reconcile(ARN, &repository([("v1", 1)]), window(10, 20), "run").await.unwrap_err(),
        ledger.load(ARN).await.unwrap_err(),
    ] {
        assert_eq!(error.kind(), Some(CallErrorKind::NotFound), "{error}");
        assert!(error.to_string().contains("the table `another`"), "{error}");
        assert!(error.help().starts_with("there is no table `another`"));
    }
}

#[tokio::test]
async fn the_lists_of_actions_are_the_calls_that_are_made() {
    let server = Server::start().await;
    let ledger = ledger(&server).await;
    for event in [pushed("1", 10, "v1", 1), pushed("2", 9, "v1", 2), image_deleted("3", 20, 1)] {
        ledger.learn_event(&event).await.unwrap();
    }
    assert_eq!(server.actions(), BTreeSet::from(EVENT_ACTIONS.map(str::to_owned)));
    let seen = with_mode(repository([("v1", 3)]), "IMMUTABLE");
    ledger.reconcile(ARN, &seen, window(100, 110), "run").await.unwrap();
    ledger.reconcile(ARN, &seen, window(200, 210), "run-2").await.unwrap();
    assert_eq!(server.actions(), BTreeSet::from(RECONCILE_ACTIONS.map(str::to_owned)));
    ledger.load(ARN).await.unwrap();
    assert_eq!(server.actions(), BTreeSet::from(LOAD_ACTIONS.map(str::to_owned)));
}
