//! Inventories make the heads what they have, at little cost.

use demurrage_core::ledger::{Held, Lesson, RepositoryLedger};
use demurrage_core::{Listing, Tag};

use super::server::Server;
use super::world::{ARN, digest, image_deleted, ledger, pushed, repository, tag, view, window, with_mode};
use crate::ledger::{LedgerError, Telling};

#[tokio::test]
async fn an_inventory_teaches_what_no_event_said() {
    let server = Server::start().await;
    let ledger = ledger(&server).await;
    let mut memory = RepositoryLedger::default();
    for event in [pushed("1", 10, "v1", 1), pushed("2", 10, "v2", 2), image_deleted("3", 500, 9)] {
        memory.learn_event(&event);
        ledger.learn_event(&event).await.unwrap();
    }
    let seen = with_mode(repository([("v1", 3), ("v3", 3)]), "IMMUTABLE");
    memory.learn_inventory(&seen, window(100, 110));
    let learned = ledger.reconcile(ARN, &seen, window(100, 110), "run-1").await.unwrap();
    let told: Vec<_> = learned.iter().map(|learned| (learned.tag.as_str(), learned.what.clone())).collect();
    let expected = [
        ("v1", Lesson::Moved { from: Held::Image(digest(1)) }),
        ("v2", Lesson::Deleted { from: Held::Image(digest(2)) }),
        ("v3", Lesson::Began),
    ];
    assert_eq!(told, expected);
    assert_eq!(view(&ledger.load(ARN).await.unwrap()), view(&memory));
}

#[tokio::test]
async fn a_repository_without_changes_costs_a_query_and_a_put() {
    let server = Server::start().await;
    let ledger = ledger(&server).await;
    let seen = with_mode(repository([("v1", 1), ("v2", 2)]), "IMMUTABLE");
    ledger.reconcile(ARN, &seen, window(100, 110), "run-1").await.unwrap();
    server.calls();
    assert_eq!(ledger.reconcile(ARN, &seen, window(200, 210), "run-2").await, Ok(Vec::new()));
    assert_eq!(server.calls(), ["Query", "PutItem"]);
    let items = server.items();
    // An inventory that is older than the last teaches nothing.
    let older = with_mode(repository([("v1", 7)]), "IMMUTABLE");
    assert_eq!(ledger.reconcile(ARN, &older, window(150, 160), "run-0").await, Ok(Vec::new()));
    assert_eq!(server.calls(), ["Query"]);
    assert_eq!(server.items(), items);
}

#[tokio::test]
async fn an_inventory_twice_changes_nothing_and_is_answered_in_the_same_way() {
    let server = Server::start().await;
    let ledger = ledger(&server).await;
    let names: Vec<String> = (0..120).map(|number| format!("v{number:03}")).collect();
    let seen = repository(names.iter().zip(1..).map(|(name, byte)| (name.as_str(), byte)));
    let first = ledger.reconcile(ARN, &seen, window(100, 110), "run").await.unwrap();
    assert_eq!(first.iter().map(|learned| learned.tag.to_string()).collect::<Vec<_>>(), names);
    let items = server.items();
    let again = ledger.reconcile(ARN, &seen, window(100, 110), "run").await.unwrap();
    assert_eq!(server.items(), items);
    assert!(again.iter().all(|learned| learned.telling == Telling::Again));
    let told = |all: &[crate::ledger::Learned]| -> Vec<_> {
        all.iter().map(|learned| (learned.tag.clone(), learned.what.clone(), learned.now.clone())).collect()
    };
    assert_eq!(told(&first), told(&again));
}

#[tokio::test]
async fn a_large_repository_is_read_in_pages_and_written_in_transactions() {
    let server = Server::start().await;
    let ledger = ledger(&server).await;
    let mut memory = RepositoryLedger::default();
    server.page(97);
    let names: Vec<String> = (0..1_000).map(|number| format!("v{number}")).collect();
    // Some share an image: it is checked once in a transaction.
    let of = |shift: u16| {
        let image = move |number: u16| u8::try_from((number + shift) % 200).unwrap();
        repository(names.iter().zip(0..).map(move |(name, number)| (name.as_str(), image(number))))
    };
    for (shift, from) in [(0, 100), (1, 200), (1, 300)] {
        memory.learn_inventory(&of(shift), window(from, from + 10));
        ledger.reconcile(ARN, &of(shift), window(from, from + 10), &from.to_string()).await.unwrap();
    }
    assert_eq!(view(&ledger.load(ARN).await.unwrap()), view(&memory));
    assert!(1 < server.calls().iter().filter(|call| *call == "TransactWriteItems").count());
}

#[tokio::test]
async fn settings_of_mutability_are_kept_when_they_change() {
    let server = Server::start().await;
    let ledger = ledger(&server).await;
    let mut memory = RepositoryLedger::default();
    for (from, mode) in
        [(100, "IMMUTABLE"), (200, "IMMUTABLE"), (300, "MUTABLE"), (400, "IMMUTABLE"), (500, "IMMUTABLE")]
    {
        let mut seen = with_mode(repository([("v1", 1)]), mode);
        if from == 500 {
            seen.listing = Listing::Failed("no access".to_owned());
            seen.images = Vec::new();
        }
        memory.learn_inventory(&seen, window(from, from + 10));
        ledger.reconcile(ARN, &seen, window(from, from + 10), &from.to_string()).await.unwrap();
    }
    let loaded = ledger.load(ARN).await.unwrap();
    assert_eq!(loaded.mutability().spells().len(), 3);
    assert_eq!(view(&loaded), view(&memory));
}

#[tokio::test]
async fn a_listing_that_is_not_whole_teaches_no_absence() {
    let server = Server::start().await;
    let ledger = ledger(&server).await;
    let mut memory = RepositoryLedger::default();
    let mut cut_off = repository([("v1", 1), ("v3", 3)]);
    cut_off.listing = Listing::CutOff;
    for (from, seen) in [(100, repository([("v1", 1), ("v2", 2)])), (200, cut_off)] {
        memory.learn_inventory(&seen, window(from, from + 10));
        ledger.reconcile(ARN, &seen, window(from, from + 10), &from.to_string()).await.unwrap();
    }
    let loaded = ledger.load(ARN).await.unwrap();
    assert_eq!(loaded.heads().filter(|(_, head)| *head.held() != Held::Gone).count(), 3);
    assert_eq!(view(&loaded), view(&memory));
}

#[tokio::test]
async fn a_tag_that_cannot_be_one_is_refused_before_anything_is_written() {
    let server = Server::start().await;
    let ledger = ledger(&server).await;
    let mut odd = repository([("v1", 1)]);
    odd.images[0].tags.push(Tag::as_given("#inventory"));
    let error = ledger.reconcile(ARN, &odd, window(100, 110), "run").await.unwrap_err();
    assert!(matches!(error, LedgerError::Tag { .. }), "{error}");
    assert!(server.calls().is_empty());
    assert_eq!(ledger.load(ARN).await.unwrap().history(&tag("v1")), None);
}
