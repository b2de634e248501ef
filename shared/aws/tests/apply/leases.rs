//! Two who apply one plan at the same time.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use demurrage_aws::Server as At;
use demurrage_aws::apply::{ApplyError, LEASE_ACTIONS, Lease, LeaseError, TableLease, TableLeaseError};
use serde_json::{Value, json};

use crate::registry::image;
use crate::world::{REGION, app, expire};

#[tokio::test(flavor = "multi_thread")]
async fn the_second_is_told_and_does_nothing_and_comes_when_the_first_is_done() {
    let (old, newest) = (image("old", &["old"], 100), image("newest", &["newest"], 1));
    let world = app(&[&old, &newest]).await;
    let plan = world.plan(&[("app", expire(&[&old]))]).await;
    let hash = plan.plan.hash.to_string();
    let first = Lease::of_folder(&world.store, &hash).unwrap();
    let second = Lease::of_folder(&world.store, &hash).unwrap_err();
    assert!(matches!(second, LeaseError::Folder(_)), "{second}");
    assert!(second.to_string().contains(&format!("process {}", std::process::id())), "{second}");
    drop(first);
    assert!(world.apply(&plan).await.is_ok());
    // It is let go of at the end.
    assert!(Lease::of_folder(&world.store, &hash).is_ok());
}

/// A table of leases, as `DynamoDB` answers for it.
///
/// Source: AWS JSON 1.0 protocol and API model of `DynamoDB`, read 2026-11-25.
#[derive(Clone, Default)]
struct Table {
    items: Arc<Mutex<BTreeMap<String, Value>>>,
    asked: Arc<Mutex<Vec<String>>>,
    /// Answers of writes that are lost after they were done.
    lost: Arc<Mutex<u32>>,
}

impl Table {
    async fn start(&self) -> At {
        let router = axum::Router::new().fallback(answer).with_state(self.clone());
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, router).await });
        At { url, access_key_id: "test".to_owned() }
    }

    /// The end of the lease of a plan, set by somebody's clock.
    fn ends(&self, plan: &str, seconds: u64) {
        self.items.lock().unwrap().get_mut(plan).unwrap()["ends_at_seconds"] =
            json!({ "N": seconds.to_string() });
    }
}

async fn answer(State(table): State<Table>, headers: HeaderMap, body: Bytes) -> Response {
    let operation = headers["x-amz-target"].to_str().unwrap().rsplit('.').next().unwrap().to_owned();
    let body: Value = serde_json::from_slice(&body).unwrap();
    table.asked.lock().unwrap().push(format!("dynamodb:{operation}"));
    let mut items = table.items.lock().unwrap();
    let answered = match operation.as_str() {
        "GetItem" => {
            assert_eq!(body["ConsistentRead"], true);
            Ok(items
                .get(body["Key"]["item"]["S"].as_str().unwrap())
                .map_or(json!({}), |it| json!({ "Item": it })))
        }
        "PutItem" => {
            let key = body["Item"]["item"]["S"].as_str().unwrap().to_owned();
            let held = items.get(&key);
            let may = match body["ConditionExpression"].as_str().unwrap() {
                "attribute_not_exists(#item)" => held.is_none(),
                "#fence = :fence" => {
                    held.is_some_and(|held| held["fence"] == body["ExpressionAttributeValues"][":fence"])
                }
                other => panic!("{other}"),
            };
            if may {
                items.insert(key, body["Item"].clone());
                Ok(json!({}))
            } else {
                Err("ConditionalCheckFailedException")
            }
        }
        other => panic!("{other}"),
    };
    drop(items);
    let kind = [(header::CONTENT_TYPE, "application/x-amz-json-1.0")];
    let mut lost = table.lost.lock().unwrap();
    if operation == "PutItem" && 0 < *lost {
        *lost -= 1;
        return (StatusCode::INTERNAL_SERVER_ERROR, kind, json!({}).to_string()).into_response();
    }
    match answered {
        Ok(value) => (kind, value.to_string()).into_response(),
        Err(code) => (StatusCode::BAD_REQUEST, kind, json!({ "__type": code }).to_string()).into_response(),
    }
}

fn seconds_now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

async fn take(at: &At) -> Result<TableLease, TableLeaseError> {
    TableLease::take_at(REGION, at, "leases", "plan").await
}

#[tokio::test(flavor = "multi_thread")]
async fn in_a_table_the_second_is_told_who_is_first_and_comes_when_that_lease_is_over() {
    let table = Table::default();
    let at = table.start().await;
    let first = take(&at).await.unwrap();
    let told = take(&at).await.unwrap_err();
    assert!(matches!(&told, TableLeaseError::Held { seconds, .. } if *seconds <= 180), "{told}");
    assert!(told.to_string().contains(&format!("process {}", std::process::id())), "{told}");
    // Over by a clock that may be a minute behind: not yet.
    table.ends("plan", seconds_now() - 30);
    assert!(take(&at).await.is_err());
    table.ends("plan", seconds_now() - 61);
    let second = take(&at).await.unwrap();
    assert_eq!((first.fence(), second.fence()), (1, 2));
    let mut asked = table.asked.lock().unwrap().clone();
    asked.sort();
    asked.dedup();
    assert_eq!(asked, LEASE_ACTIONS);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_who_come_at_once_one_has_the_lease() {
    let table = Table::default();
    let at = table.start().await;
    let all = futures::future::join_all((0..8).map(|_| take(&at))).await;
    assert_eq!(all.iter().filter(|taken| taken.is_ok()).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_whose_answer_was_lost_is_had() {
    let table = Table::default();
    let at = table.start().await;
    *table.lost.lock().unwrap() = 1;
    assert_eq!(take(&at).await.unwrap().fence(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_applied_under_a_lease_in_a_table_which_is_free_again_after() {
    let (old, newest) = (image("old", &["old"], 100), image("newest", &["newest"], 1));
    let world = app(&[&old, &newest]).await;
    let plan = world.plan(&[("app", expire(&[&old]))]).await;
    let table = Table::default();
    let at = table.start().await;
    let lease = Lease::Table(take(&at).await.unwrap());
    let report = world.apply_under(&plan, lease).await.unwrap();
    assert_eq!(report.halt, None);
    // So it is where there is nothing to do any more, or nothing may be begun.
    let again = Lease::Table(take(&at).await.unwrap());
    let finished = world.apply_under(&plan, again).await.unwrap_err();
    assert!(matches!(finished, ApplyError::Finished { .. }), "{finished}");
    assert_eq!(take(&at).await.unwrap().fence(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_the_lease_ends_before_the_next_batch() {
    let (old, newest) = (image("old", &["old"], 100), image("newest", &["newest"], 1));
    let world = app(&[&old, &newest]).await;
    let plan = world.plan(&[("app", expire(&[&old]))]).await;
    let table = Table::default();
    let at = table.start().await;
    let lease = take(&at).await.unwrap();
    table.ends("plan", seconds_now() - 61);
    let _other = take(&at).await.unwrap();
    let report = world.apply_under(&plan, Lease::Table(lease)).await.unwrap();
    let halt = report.halt.unwrap();
    assert_eq!(halt.kind, demurrage_core::apply::HaltKind::LeaseLost, "{halt:?}");
    assert!(world.has("app", &old));
}
