//! Who is killed between any two calls, before or after the service has done the last, has left nothing half done: the
//! next attempt ends as the first would have, and tells the same.

use demurrage_core::Repository;
use demurrage_core::ledger::EcrEvent;

use super::server::{Moment, Server};
use super::world::{ARN, image_deleted, ledger, pushed, repository, view, window, with_mode};
use crate::ledger::{Learned, LedgerError, TagLedger};

/// What is done, and may be killed.
enum Work {
    Event(EcrEvent),
    Inventory(Box<Repository>),
}

async fn work(ledger: &TagLedger, work: &Work) -> Result<Vec<Learned>, LedgerError> {
    match work {
        Work::Event(event) => ledger.learn_event(event).await,
        Work::Inventory(seen) => ledger.reconcile(ARN, seen, window(100, 110), "run").await,
    }
}

/// A server that knows of two tags on one image.
async fn prepared() -> (Server, TagLedger) {
    let server = Server::start().await;
    let ledger = ledger(&server).await;
    for event in [pushed("a", 10, "v1", 1), pushed("b", 11, "v2", 1)] {
        ledger.learn_event(&event).await.unwrap();
    }
    server.calls();
    (server, ledger)
}

fn told(all: &[Learned]) -> Vec<Learned> {
    let telling = crate::ledger::Telling::First;
    all.iter().map(|learned| Learned { telling, ..learned.clone() }).collect()
}

async fn check(of: Work) {
    let (server, ledger) = prepared().await;
    let whole = work(&ledger, &of).await.unwrap();
    let (calls, end) = (server.calls(), view(&ledger.load(ARN).await.unwrap()));
    assert!(!whole.is_empty());
    for number in 0..calls.len() {
        for moment in [Moment::Before, Moment::After] {
            let (server, ledger) = prepared().await;
            server.hang_at(number, moment);
            tokio::select! {
                _ = work(&ledger, &of) => panic!("call {number} gets no answer"),
                () = server.hung() => {}
            }
            let again = work(&ledger, &of).await.unwrap();
            assert_eq!(told(&again), told(&whole), "killed {moment:?} call {number} of {calls:?}");
            let loaded = ledger.load(ARN).await.unwrap();
            assert_eq!(view(&loaded), end, "killed {moment:?} call {number} of {calls:?}");
        }
    }
}

#[tokio::test]
async fn a_push_is_learnt_whole_or_not_at_all() {
    check(Work::Event(pushed("1", 20, "v1", 2))).await;
}

#[tokio::test]
async fn the_deletion_of_an_image_is_learnt_tag_by_tag() {
    check(Work::Event(image_deleted("1", 20, 1))).await;
}

#[tokio::test]
async fn an_inventory_is_learnt_transaction_by_transaction() {
    let names: Vec<String> = (0..60).map(|number| format!("w{number:02}")).collect();
    let listed = names.iter().zip(1..).map(|(name, byte)| (name.as_str(), byte)).chain([("v1", 99)]);
    check(Work::Inventory(Box::new(with_mode(repository(listed), "IMMUTABLE")))).await;
}
