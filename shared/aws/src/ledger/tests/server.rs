//! A server that answers as `DynamoDB` does to the calls of the ledger, over HTTP.
//!
//! What the service only promises to who asks for it is withheld from who does not: a read that is not strongly
//! consistent sees the table as it was before the last write.
//!
//! Sources: AWS JSON 1.0 protocol and API model of `DynamoDB`, read 2026-11-24.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};
use tokio::sync::{Barrier, Notify};

use super::expression::{Expression, Item, text_of};
use crate::Server as At;

/// The one table that there is.
pub(super) const TABLE: &str = "demurrage-ledger";
/// Most actions of a transaction, and most bytes of an item.
const ACTIONS_MAX: usize = 100;
const ITEM_BYTES_MAX: usize = 400 * 1024;

/// What befalls a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    /// The table has no capacity left.
    Throttle,
    /// The service fails.
    Fail,
    /// The principal may not.
    Deny,
    /// Another transaction has one of the items at the moment.
    Conflict,
    /// A transaction finds no capacity.
    Exhaust,
    /// It is done, and its answer is lost.
    LoseAnswer,
}

/// When the caller is killed, beside the call that never gets its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Moment {
    Before,
    After,
}

type Key = (String, String);
type Items = BTreeMap<Key, Item>;

/// What the server holds.
#[derive(Default)]
struct Held {
    items: Items,
    /// As it was before the last write.
    before: Items,
    tokens: BTreeSet<String>,
    faults: VecDeque<(&'static str, Fault)>,
    calls: Vec<String>,
    /// What these calls do, as IAM names it.
    actions: BTreeSet<String>,
    cancelled: usize,
    /// Items of one page of a query.
    page_items: Option<usize>,
    hang: Option<(usize, Moment)>,
    /// So many writers meet before any of them writes.
    meeting: Option<Arc<Barrier>>,
}

/// A running server. Clones are the same one.
#[derive(Clone)]
pub(super) struct Server {
    url: String,
    held: Arc<Mutex<Held>>,
    hung: Arc<Notify>,
    resumed: Arc<Notify>,
}

impl Server {
    pub(super) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (held, hung, resumed) = (Arc::default(), Arc::default(), Arc::default());
        let server = Self { url, held, hung, resumed };
        let router = axum::Router::new().fallback(answer).with_state(server.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        server
    }

    /// Where it is.
    pub(super) fn at(&self) -> At {
        At { url: self.url.clone(), access_key_id: "AKIADEMURRAGE".to_owned() }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap()
    }

    /// The next call of this operation meets with this.
    pub(super) fn fault(&self, operation: &'static str, fault: Fault) {
        self.held().faults.push_back((operation, fault));
    }

    /// Pages of a query have so many items at most.
    pub(super) fn page(&self, items: usize) {
        self.held().page_items = Some(items);
    }

    /// The call of this number, from now on, gets no answer before [`Self::resume`]; [`Self::hung`] tells when it has
    /// come.
    pub(super) fn hang_at(&self, number: usize, moment: Moment) {
        let mut held = self.held();
        held.calls.clear();
        held.hang = Some((number, moment));
    }

    pub(super) async fn hung(&self) {
        self.hung.notified().await;
    }

    pub(super) fn resume(&self) {
        self.resumed.notify_one();
    }

    /// So many writers meet before any of them writes, once.
    pub(super) fn meet(&self, writers: usize) {
        self.held().meeting = Some(Arc::new(Barrier::new(writers)));
    }

    /// The operations that came, since this was last asked.
    pub(super) fn calls(&self) -> Vec<String> {
        std::mem::take(&mut self.held().calls)
    }

    /// What the calls did, as IAM names it, since this was last asked.
    pub(super) fn actions(&self) -> BTreeSet<String> {
        std::mem::take(&mut self.held().actions)
    }

    /// Makes an item what a newer version, or an accident, might.
    pub(super) fn spoil(&self, item: &str, attribute: &str, value: Value) {
        let mut held = self.held();
        let found = held.items.iter_mut().find(|((_, key), _)| key == item).unwrap();
        found.1.insert(attribute.to_owned(), value);
    }

    /// How many transactions were cancelled.
    pub(super) fn cancelled(&self) -> usize {
        self.held().cancelled
    }

    /// All items of the table.
    pub(super) fn items(&self) -> Items {
        self.held().items.clone()
    }
}

async fn answer(State(server): State<Server>, headers: HeaderMap, body: Bytes) -> Response {
    assert!(headers.contains_key(header::AUTHORIZATION), "each request is signed");
    let target = headers.get("x-amz-target").unwrap().to_str().unwrap();
    let operation = target.strip_prefix("DynamoDB_20120810.").unwrap().to_owned();
    let request: Value = serde_json::from_slice(&body).unwrap();
    let meeting = if operation == "TransactWriteItems" { server.held().meeting.clone() } else { None };
    if let Some(meeting) = meeting {
        meeting.wait().await;
        server.held().meeting = None;
    }
    let hang = {
        let mut held = server.held();
        held.calls.push(operation.clone());
        held.actions.extend(actions(&operation, &request));
        let number = held.calls.len() - 1;
        held.hang.take_if(|(at, _)| *at == number).map(|(_, moment)| moment)
    };
    if hang == Some(Moment::Before) {
        server.hung.notify_one();
        server.resumed.notified().await;
    }
    let answer = server.held().answer(&operation, &request);
    if hang == Some(Moment::After) {
        server.hung.notify_one();
        server.resumed.notified().await;
    }
    answer.into_response()
}

/// What a call does, as IAM names it: each action of a transaction by itself.
fn actions(operation: &str, request: &Value) -> Vec<String> {
    let of_transaction = |kind: &str| match kind {
        "Put" => "dynamodb:PutItem",
        "Update" => "dynamodb:UpdateItem",
        "ConditionCheck" => "dynamodb:ConditionCheckItem",
        other => panic!("`{other}` is no action that the ledger has"),
    };
    let Some(all) = request.get("TransactItems").and_then(Value::as_array) else {
        return vec![format!("dynamodb:{operation}")];
    };
    let kinds = all.iter().flat_map(|action| action.as_object().unwrap().keys());
    kinds.map(|kind| of_transaction(kind).to_owned()).collect()
}

/// Status and body.
struct Answer(StatusCode, Value);

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        let kind = [(header::CONTENT_TYPE, "application/x-amz-json-1.0")];
        (self.0, kind, self.1.to_string()).into_response()
    }
}

fn refused(code: &str, message: &str) -> Answer {
    let body = json!({"__type": format!("com.amazonaws.dynamodb.v20120810#{code}"), "message": message});
    Answer(StatusCode::BAD_REQUEST, body)
}

fn failed() -> Answer {
    let body =
        json!({"__type": "com.amazonaws.dynamodb.v20120810#InternalServerError", "message": "a fault"});
    Answer(StatusCode::INTERNAL_SERVER_ERROR, body)
}

impl Held {
    fn answer(&mut self, operation: &str, request: &Value) -> Answer {
        let place = self.faults.iter().position(|(of, _)| *of == operation);
        let fault = place.and_then(|place| self.faults.remove(place)).map(|(_, fault)| fault);
        match fault {
            None => self.done(operation, request),
            Some(Fault::Throttle) => refused("ProvisionedThroughputExceededException", "a fault of the test"),
            Some(Fault::Fail) => failed(),
            Some(Fault::Deny) => {
                let body =
                    json!({"__type": "com.amazon.coral.service#AccessDeniedException", "Message": "no"});
                Answer(StatusCode::BAD_REQUEST, body)
            }
            Some(Fault::Conflict) => self.cancel(&["TransactionConflict".to_owned()]),
            Some(Fault::Exhaust) => self.cancel(&["None".to_owned(), "ThrottlingError".to_owned()]),
            Some(Fault::LoseAnswer) => {
                self.done(operation, request);
                failed()
            }
        }
    }

    fn done(&mut self, operation: &str, request: &Value) -> Answer {
        match operation {
            "GetItem" => self.get(request),
            "PutItem" => self.put(request),
            "Query" => self.query(request),
            "TransactWriteItems" => self.transact(request),
            other => panic!("the ledger calls `{other}`, which nobody may"),
        }
    }

    fn get(&self, request: &Value) -> Answer {
        let Some(items) = self.seen(request) else { return no_table() };
        let found = items.get(&key_of(&item(&request["Key"])));
        let body = found.map_or_else(|| json!({}), |found| json!({"Item": found}));
        Answer(StatusCode::OK, body)
    }

    fn put(&mut self, request: &Value) -> Answer {
        if request["TableName"] != TABLE {
            return no_table();
        }
        if !self.condition_holds(request) {
            return refused("ConditionalCheckFailedException", "The conditional request failed");
        }
        self.before = self.items.clone();
        self.store(request);
        Answer(StatusCode::OK, json!({}))
    }

    fn query(&self, request: &Value) -> Answer {
        Expression::assert_all_used(request);
        let Some(items) = self.seen(request) else { return no_table() };
        let wanted = Expression::of(request, "KeyConditionExpression").unwrap();
        let mut found: Vec<&Item> = items.values().filter(|item| wanted.holds(Some(item))).collect();
        let backwards = request["ScanIndexForward"] == false;
        if backwards {
            found.reverse();
        }
        if let Some(start) = request.get("ExclusiveStartKey") {
            let start = key_of(&item(start));
            found.retain(|item| if backwards { key_of(item) < start } else { start < key_of(item) });
        }
        let limit = request["Limit"].as_u64().and_then(|limit| usize::try_from(limit).ok());
        let most = limit.into_iter().chain(self.page_items).min().unwrap_or(usize::MAX);
        let has_more = most < found.len();
        found.truncate(most);
        let last = found.last().filter(|_| has_more).map(|item| {
            let (repository, sort) = key_of(item);
            json!({"repository": {"S": repository}, "item": {"S": sort}})
        });
        let mut body = json!({"Count": found.len(), "Items": found});
        if let Some(last) = last {
            body["LastEvaluatedKey"] = last;
        }
        Answer(StatusCode::OK, body)
    }

    fn transact(&mut self, request: &Value) -> Answer {
        let token = request["ClientRequestToken"].as_str().unwrap().to_owned();
        if self.tokens.contains(&token) {
            return Answer(StatusCode::OK, json!({}));
        }
        let actions: Vec<&Value> = request["TransactItems"]
            .as_array()
            .unwrap()
            .iter()
            .map(|action| action.as_object().unwrap().values().next().unwrap())
            .collect();
        assert!((1..=ACTIONS_MAX).contains(&actions.len()), "{} actions", actions.len());
        if actions.iter().any(|action| action["TableName"] != TABLE) {
            return no_table();
        }
        let keys: BTreeSet<Key> = actions.iter().map(|action| key_in(action)).collect();
        assert_eq!(keys.len(), actions.len(), "no item twice in a transaction");
        let code =
            |action: &&Value| if self.condition_holds(action) { "None" } else { "ConditionalCheckFailed" };
        let codes: Vec<String> = actions.iter().map(code).map(str::to_owned).collect();
        if codes.iter().any(|code| code != "None") {
            return self.cancel(&codes);
        }
        self.before = self.items.clone();
        for action in actions {
            self.store(action);
        }
        self.tokens.insert(token);
        Answer(StatusCode::OK, json!({}))
    }

    fn cancel(&mut self, codes: &[String]) -> Answer {
        self.cancelled += 1;
        let reasons: Vec<Value> = codes.iter().map(|code| json!({"Code": code})).collect();
        let mut answer = refused("TransactionCanceledException", "Transaction cancelled");
        answer.1["CancellationReasons"] = json!(reasons);
        answer
    }

    fn condition_holds(&self, action: &Value) -> bool {
        Expression::assert_all_used(action);
        let there = self.items.get(&key_in(action));
        Expression::of(action, "ConditionExpression").is_none_or(|condition| condition.holds(there))
    }

    /// Does what an action does: of a mere check, nothing.
    fn store(&mut self, action: &Value) {
        let key = key_in(action);
        if let Some(put) = action.get("Item") {
            assert!(put.to_string().len() < ITEM_BYTES_MAX, "an item is too large");
            self.items.insert(key, item(put));
        } else if let Some(update) = Expression::of(action, "UpdateExpression") {
            update.update(self.items.entry(key).or_insert_with(|| item(&action["Key"])));
        } else {
            assert!(action.get("ConditionExpression").is_some(), "a check has something to check");
        }
    }

    /// What a read sees.
    fn seen(&self, request: &Value) -> Option<&Items> {
        let consistent = request["ConsistentRead"] == true;
        (request["TableName"] == TABLE).then_some(if consistent { &self.items } else { &self.before })
    }
}

fn no_table() -> Answer {
    refused("ResourceNotFoundException", "Requested resource not found")
}

fn item(value: &Value) -> Item {
    value.as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// The key of the item that an action is about.
fn key_in(action: &Value) -> Key {
    key_of(&item(action.get("Item").unwrap_or(&action["Key"])))
}

/// The key of an item. No part of one is empty.
fn key_of(item: &Item) -> Key {
    let part = |name: &str| {
        let part = text_of(&item[name]).to_owned();
        assert!(!part.is_empty(), "`{name}` is empty");
        part
    };
    (part("repository"), part("item"))
}
