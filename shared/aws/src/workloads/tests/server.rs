//! A server that answers as ECS, `EventBridge`, its scheduler, Lambda, Inspector and STS do, and keeps what was asked.
//!
//! What an operation answers is said by the test; one that it says nothing of has an empty list. Sources: AWS JSON 1.1 and REST
//! JSON protocols, and the API models, read 2026-11-25.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::{Server, Session, SessionOptions};

pub(super) const REGION: &str = "eu-west-1";
pub(super) const ACCOUNT: &str = "123456789012";

/// One answer.
#[derive(Debug, Clone)]
enum Answer {
    Page(Value),
    Fault(StatusCode, &'static str, &'static str),
}

/// What an operation answers to requests that hold a text: one after the other, the last again and again.
#[derive(Debug)]
struct Script {
    operation: &'static str,
    holds: &'static str,
    answers: VecDeque<Answer>,
}

/// What is asked for by a test.
#[derive(Debug, Default)]
pub(super) struct World {
    scripts: Vec<Script>,
}

impl World {
    /// An operation, such as `ecs:ListTasks`, answers with these pages.
    pub(super) fn pages(self, operation: &'static str, pages: impl IntoIterator<Item = Value>) -> Self {
        self.pages_to(operation, "", pages)
    }

    /// As [`Self::pages`], to requests that hold a text in their address or body.
    pub(super) fn pages_to(
        mut self,
        operation: &'static str,
        holds: &'static str,
        pages: impl IntoIterator<Item = Value>,
    ) -> Self {
        let answers = pages.into_iter().map(Answer::Page).collect();
        self.scripts.push(Script { operation, holds, answers });
        self
    }

    /// An operation fails.
    pub(super) fn fault(self, operation: &'static str, code: &'static str, message: &'static str) -> Self {
        self.fault_to(operation, "", code, message)
    }

    /// An operation fails for requests that hold a text. It stands before what it answers to others.
    pub(super) fn fault_to(
        mut self,
        operation: &'static str,
        holds: &'static str,
        code: &'static str,
        message: &'static str,
    ) -> Self {
        let answers = VecDeque::from([Answer::Fault(StatusCode::BAD_REQUEST, code, message)]);
        self.scripts.push(Script { operation, holds, answers });
        self
    }

    /// An operation is throttled before it gives this answer.
    pub(super) fn throttled_once(mut self, operation: &'static str, page: Value) -> Self {
        let throttled = Answer::Fault(StatusCode::BAD_REQUEST, "ThrottlingException", "Rate exceeded");
        let answers = VecDeque::from([throttled, Answer::Page(page)]);
        self.scripts.push(Script { operation, holds: "", answers });
        self
    }

    /// What this says comes before what the other does.
    pub(super) fn before(mut self, other: Self) -> Self {
        self.scripts.extend(other.scripts);
        self
    }

    /// Listens.
    pub(super) async fn start(self) -> Aws {
        let seen = Arc::new(Mutex::new(Seen { scripts: self.scripts, asked: Vec::new() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(answer).with_state(Arc::clone(&seen));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Aws { url, seen }
    }
}

/// The server.
pub(super) struct Aws {
    pub(super) url: String,
    seen: Arc<Mutex<Seen>>,
}

struct Seen {
    scripts: Vec<Script>,
    asked: Vec<(String, String)>,
}

impl Aws {
    /// A session at it, which does not wait between calls.
    pub(super) async fn session(&self) -> Session {
        let at = Server { url: self.url.clone(), access_key_id: "AKIADEMURRAGE".to_owned() };
        let options = SessionOptions {
            at: Some(at),
            calls_per_second: std::num::NonZeroU32::new(10_000),
            ..SessionOptions::default()
        };
        Session::open(REGION, options).await.unwrap()
    }

    /// The requests of an operation, each with its address and body.
    pub(super) fn asked(&self, operation: &str) -> Vec<String> {
        let seen = self.seen.lock().unwrap();
        let of_operation = seen.asked.iter().filter(|(asked, _)| asked == operation);
        of_operation.map(|(_, request)| request.clone()).collect()
    }

    /// All operations that were asked for, each once.
    pub(super) fn operations(&self) -> std::collections::BTreeSet<String> {
        self.seen.lock().unwrap().asked.iter().map(|(operation, _)| operation.clone()).collect()
    }
}

async fn answer(
    State(seen): State<Arc<Mutex<Seen>>>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    assert!(headers.contains_key(header::AUTHORIZATION), "each request is signed");
    let operation = operation(&method, &uri, &headers);
    let request = format!("{uri} {}", String::from_utf8_lossy(&body));
    let mut seen = seen.lock().unwrap();
    if operation == "sts:GetCallerIdentity" {
        seen.asked.push((operation, request));
        return caller_identity();
    }
    let script = seen.scripts.iter_mut().find(|it| it.operation == operation && request.contains(it.holds));
    let answer = match script {
        None => Answer::Page(json!({})),
        Some(script) if script.answers.len() == 1 => script.answers[0].clone(),
        Some(script) => script.answers.pop_front().unwrap(),
    };
    seen.asked.push((operation, request));
    match answer {
        Answer::Page(page) => json_answer(StatusCode::OK, None, &page),
        Answer::Fault(status, code, message) => json_answer(
            status,
            Some(code),
            &json!({ "__type": code, "message": message, "Message": message }),
        ),
    }
}

/// The operation that a request is for, by its target or by its address.
fn operation(method: &Method, uri: &Uri, headers: &HeaderMap) -> String {
    if let Some(target) = headers.get("x-amz-target") {
        let target = target.to_str().unwrap();
        let (service, operation) = target.split_once('.').unwrap();
        let service = match service {
            "AmazonEC2ContainerServiceV20141113" => "ecs",
            "AWSEvents" => "events",
            other => panic!("{other}"),
        };
        return format!("{service}:{operation}");
    }
    let path: Vec<&str> = uri.path().split('/').filter(|part| !part.is_empty()).collect();
    let operation = match (method.as_str(), path.as_slice()) {
        ("GET", ["schedules"]) => "scheduler:ListSchedules",
        ("GET", ["schedules", _]) => "scheduler:GetSchedule",
        ("GET", ["2015-03-31", "functions"]) => "lambda:ListFunctions",
        ("GET", ["2015-03-31", "functions", _]) => "lambda:GetFunction",
        ("GET", ["2015-03-31", "functions", _, "versions"]) => "lambda:ListVersionsByFunction",
        ("GET", ["2015-03-31", "functions", _, "aliases"]) => "lambda:ListAliases",
        ("POST", ["coverage", "list"]) => "inspector2:ListCoverage",
        ("POST", ["status", "batch", "get"]) => "inspector2:BatchGetAccountStatus",
        ("POST", []) => "sts:GetCallerIdentity",
        other => panic!("{other:?}"),
    };
    operation.to_owned()
}

fn json_answer(status: StatusCode, code: Option<&str>, body: &Value) -> Response {
    let mut response =
        (status, [(header::CONTENT_TYPE, "application/json")], body.to_string()).into_response();
    if let Some(code) = code {
        response.headers_mut().insert("x-amzn-errortype", code.parse().unwrap());
    }
    response
}

fn caller_identity() -> Response {
    let caller = format!("<Arn>arn:aws:iam::{ACCOUNT}:user/finops</Arn><Account>{ACCOUNT}</Account>");
    let result = format!("<GetCallerIdentityResult>{caller}</GetCallerIdentityResult>");
    let body = format!("<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>");
    (StatusCode::OK, [(header::CONTENT_TYPE, "text/xml")], body).into_response()
}
