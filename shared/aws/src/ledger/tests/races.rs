//! Who runs at the same time ends as if one had come after the other.

use demurrage_core::ledger::{EcrEvent, RepositoryLedger};

use super::server::{Moment, Server};
use super::world::{ARN, deleted, image_deleted, ledger, pushed, repository, view, window};

/// Fifty events about five tags, some of one second, some doubled, in an order that looks like none.
pub(super) fn burst() -> Vec<EcrEvent> {
    let tags = ["latest", "v1", "v2", "v2.1", "edge"];
    let event = |number: usize| {
        let mixed = number * 37 % 50;
        let (id, seconds) = ((mixed % 45).to_string(), 10 + i64::try_from(mixed % 45 / 2).unwrap());
        let (tag, byte) = (tags[mixed % 45 % 5], u8::try_from(mixed % 45 % 4).unwrap());
        match mixed % 45 % 9 {
            0 => image_deleted(&id, seconds, byte),
            1 => deleted(&id, seconds, tag, byte),
            _ => pushed(&id, seconds, tag, byte),
        }
    };
    (0..50).map(event).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_events_at_once_about_five_tags_end_as_one_after_the_other() {
    let server = Server::start().await;
    let ledger = ledger(&server).await;
    let mut memory = RepositoryLedger::default();
    let mut all = tokio::task::JoinSet::new();
    for event in burst() {
        memory.learn_event(&event);
        let ledger = ledger.clone();
        all.spawn(async move { ledger.learn_event(&event).await });
    }
    while let Some(outcome) = all.join_next().await {
        outcome.unwrap().unwrap();
    }
    assert_eq!(view(&ledger.load(ARN).await.unwrap()), view(&memory));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_two_that_decide_upon_the_same_one_decides_again() {
    let events = [
        [pushed("1", 10, "v1", 1), pushed("2", 11, "v1", 2)],
        [pushed("1", 10, "v1", 1), pushed("2", 10, "v1", 2)],
        [pushed("1", 10, "v1", 1), image_deleted("2", 11, 1)],
        [pushed("1", 10, "v1", 1), pushed("1", 10, "v1", 1)],
    ];
    for [one, other] in events {
        let server = Server::start().await;
        let ledger = ledger(&server).await;
        let mut memory = RepositoryLedger::default();
        memory.learn_event(&one);
        memory.learn_event(&other);
        server.meet(2);
        let (first, second) = tokio::join!(ledger.learn_event(&one), ledger.learn_event(&other));
        first.unwrap();
        second.unwrap();
        assert!(0 < server.cancelled(), "{one:?} {other:?}");
        assert_eq!(view(&ledger.load(ARN).await.unwrap()), view(&memory), "{one:?} {other:?}");
    }
}

/// An event that is older than the listing comes in before each call of the reconciling in turn.
#[tokio::test]
async fn an_event_amid_the_reconciling_of_an_inventory_is_noticed() {
    let (early, late) = (pushed("1", 10, "v1", 1), pushed("2", 20, "v1", 3));
    let seen = repository([("v1", 1), ("v2", 2)]);
    let mut memory = RepositoryLedger::default();
    for event in [&early, &late] {
        memory.learn_event(event);
    }
    memory.learn_inventory(&seen, window(100, 110));
    let calls = {
        let server = Server::start().await;
        let ledger = ledger(&server).await;
        ledger.learn_event(&early).await.unwrap();
        server.calls();
        ledger.reconcile(ARN, &seen, window(100, 110), "run").await.unwrap();
        server.calls()
    };
    assert_eq!(calls, ["Query", "Query", "TransactWriteItems", "PutItem"]);
    for number in 0..calls.len() {
        let server = Server::start().await;
        let [ledger, other] = [ledger(&server).await, ledger(&server).await];
        ledger.learn_event(&early).await.unwrap();
        server.hang_at(number, Moment::Before);
        let meanwhile = async {
            server.hung().await;
            other.learn_event(&late).await.unwrap();
            server.resume();
        };
        let reconciling = ledger.reconcile(ARN, &seen, window(100, 110), "run");
        let (learned, ()) = tokio::join!(reconciling, meanwhile);
        learned.unwrap();
        let loaded = ledger.load(ARN).await.unwrap();
        assert_eq!(view(&loaded), view(&memory), "before call {number}");
    }
}
