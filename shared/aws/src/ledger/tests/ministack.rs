//! `DynamoDB` as somebody else understood it: the ledger on a server that is not ours.

use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType,
};
use demurrage_core::ledger::RepositoryLedger;

use super::races::burst;
use super::world::{ARN, REGION, pushed, repository, view, window, with_mode};
use crate::Server;
use crate::ledger::{TagLedger, Telling};

/// How long the server may take to start on a busy machine.
const START_SECONDS_MAX: u64 = 60;

/// A server that ends with the test.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        // One that is gone already needs no end.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

async fn start(python: &std::ffi::OsStr) -> (Process, TagLedger) {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|free| free.local_addr()).unwrap().port();
    let child = Command::new(python)
        .args(["-m", "ministack"])
        .env("BIND_HOST", "127.0.0.1")
        .env("GATEWAY_PORT", port.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("Python starts");
    let mut process = Process(child);
    let server = Server { url: format!("http://127.0.0.1:{port}"), access_key_id: "test".to_owned() };
    let begun = Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert_eq!(process.0.try_wait().unwrap(), None, "the server ended");
        assert!(begun.elapsed() < Duration::from_secs(START_SECONDS_MAX), "the server does not answer");
        tokio::task::yield_now().await;
    }
    let ledger = TagLedger::open_at(REGION, &server, "ledger").await;
    make_table(&ledger).await;
    (process, ledger)
}

async fn make_table(ledger: &TagLedger) {
    let attribute = |name| {
        let attribute = AttributeDefinition::builder().attribute_name(name);
        attribute.attribute_type(ScalarAttributeType::S).build().unwrap()
    };
    let key = |name, kind| KeySchemaElement::builder().attribute_name(name).key_type(kind).build().unwrap();
    let create = ledger.table.client().create_table().table_name("ledger");
    let create = create.billing_mode(BillingMode::PayPerRequest);
    let create =
        create.attribute_definitions(attribute("repository")).attribute_definitions(attribute("item"));
    let create = create.key_schema(key("repository", KeyType::Hash)).key_schema(key("item", KeyType::Range));
    create.send().await.unwrap();
}

/// Runs where `DEMURRAGE_PYTHON` names a Python that has `ministack`: the gate sees to that.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_table_of_a_server_ends_as_the_ledger_in_memory() {
    let Some(python) = std::env::var_os("DEMURRAGE_PYTHON") else {
        assert!(std::env::var_os("CI").is_none(), "the gate names a Python with ministack");
        return;
    };
    let (_process, ledger) = start(&python).await;
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

    let names: Vec<String> = (0..150).map(|number| format!("w{number}")).collect();
    let seen = |mode| {
        let listed = names.iter().zip(0..).map(|(name, byte)| (name.as_str(), byte));
        with_mode(repository(listed.chain([("v1", 200)])), mode)
    };
    for (from, mode) in [(100, "IMMUTABLE"), (200, "MUTABLE"), (300, "MUTABLE")] {
        memory.learn_inventory(&seen(mode), window(from, from + 10));
        let run = from.to_string();
        let learned = ledger.reconcile(ARN, &seen(mode), window(from, from + 10), &run).await.unwrap();
        let again = ledger.reconcile(ARN, &seen(mode), window(from, from + 10), &run).await.unwrap();
        assert_eq!(learned.len(), again.len());
        assert_eq!(learned.len(), if from == 100 { 155 } else { 0 });
    }
    for _ in 0..2 {
        let late = pushed("late", 50, "w7", 3);
        memory.learn_event(&late);
        ledger.learn_event(&late).await.unwrap();
    }
    let again = ledger.learn_event(&pushed("late", 50, "w7", 3)).await.unwrap();
    assert_eq!(again[0].telling, Telling::Again);
    assert_eq!(view(&ledger.load(ARN).await.unwrap()), view(&memory));
}
