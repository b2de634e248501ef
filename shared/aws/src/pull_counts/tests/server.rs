//! A server that answers as `CloudWatch` does to `GetMetricData`, and as STS does, and keeps what was asked.
//!
//! Sources: Smithy RPC v2 CBOR and AWS query protocols, and the `CloudWatch` API reference, read 2026-11-24.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use ciborium::Value;

use crate::Server;

/// How a question is answered.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// Each repository by its name: what [`Of`] gives; after this page there is another one, or none.
    Page { of: fn(&str) -> Of, next_token: Option<&'static str> },
    /// The code of an error.
    Fault(StatusCode, &'static str),
}

/// What is answered about one repository.
#[derive(Debug, Clone)]
pub(super) struct Of {
    /// Nothing where the answer does not have it.
    pub(super) status: Option<&'static str>,
    /// Days of the year 2026, by the number of the day since 1970, with their figures.
    pub(super) days: Vec<(i64, f64)>,
    pub(super) message: Option<&'static str>,
}

impl Of {
    pub(super) fn days(days: &[(i64, f64)]) -> Self {
        Self { status: Some("Complete"), days: days.to_vec(), message: None }
    }

    pub(super) fn with_status(self, status: &'static str) -> Self {
        Self { status: Some(status), ..self }
    }
}

/// One question.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Question {
    pub(super) names: Vec<String>,
    pub(super) since_seconds: i64,
    pub(super) until_seconds: i64,
    pub(super) next_token: Option<String>,
}

/// The server.
pub(super) struct CloudWatch {
    url: String,
    state: Shared,
}

type Shared = Arc<Mutex<Seen>>;

#[derive(Default)]
struct Seen {
    answers: VecDeque<Answer>,
    questions: Vec<Question>,
}

impl CloudWatch {
    /// Listens, and gives these answers, the last of them again and again.
    pub(super) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers = answers.into_iter().collect();
        let state: Shared = Arc::new(Mutex::new(Seen { answers, ..Seen::default() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(answer).with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, state }
    }

    /// Where it is.
    pub(super) fn server(&self) -> Server {
        Server { url: self.url.clone(), access_key_id: "AKIADEMURRAGE".to_owned() }
    }

    /// What was asked, in its order.
    pub(super) fn questions(&self) -> Vec<Question> {
        self.state.lock().unwrap().questions.clone()
    }
}

async fn answer(State(state): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    assert!(headers.contains_key(header::AUTHORIZATION), "each request is signed");
    if uri.path() == "/" {
        let caller = "<Arn>arn:aws:iam::123456789012:user/finops</Arn><Account>123456789012</Account>";
        let result = format!("<GetCallerIdentityResult>{caller}</GetCallerIdentityResult>");
        let body = format!("<GetCallerIdentityResponse>{result}</GetCallerIdentityResponse>");
        return (StatusCode::OK, [(header::CONTENT_TYPE, "text/xml")], body).into_response();
    }
    assert_eq!(uri.path(), "/service/GraniteServiceVersion20100801/operation/GetMetricData");
    assert_eq!(headers.get("smithy-protocol").unwrap(), "rpc-v2-cbor");
    let asked: Value = ciborium::from_reader(&*body).unwrap();
    let queries = member(&asked, "MetricDataQueries").unwrap().as_array().unwrap().clone();
    let mut seen = state.lock().unwrap();
    seen.questions.push(Question {
        names: queries.iter().map(name).collect(),
        since_seconds: seconds(member(&asked, "StartTime").unwrap()),
        until_seconds: seconds(member(&asked, "EndTime").unwrap()),
        next_token: member(&asked, "NextToken").and_then(Value::as_text).map(str::to_owned),
    });
    let answer =
        if seen.answers.len() == 1 { seen.answers[0].clone() } else { seen.answers.pop_front().unwrap() };
    match answer {
        Answer::Fault(status, code) => {
            let code = text(&format!("com.amazonaws.cloudwatch#{code}"));
            cbor(status, vec![("__type", code), ("message", text("a fault of the test"))])
        }
        Answer::Page { of, next_token } => {
            let results = queries.iter().filter_map(|query| result(query, &of(&name(query))));
            let mut members = vec![("MetricDataResults", Value::Array(results.collect()))];
            members.extend(next_token.map(|token| ("NextToken", text(token))));
            cbor(StatusCode::OK, members)
        }
    }
}

fn result(query: &Value, of: &Of) -> Option<Value> {
    let status = of.status?;
    let instant = |day: i64| Value::Tag(1, Box::new(Value::Integer((day * 86_400).into())));
    let mut members = vec![
        ("Id", member(query, "Id").unwrap().clone()),
        ("StatusCode", text(status)),
        ("Timestamps", Value::Array(of.days.iter().map(|&(day, _)| instant(day)).collect())),
        ("Values", Value::Array(of.days.iter().map(|&(_, figure)| Value::Float(figure)).collect())),
    ];
    members.extend(of.message.map(|message| {
        let message = map(vec![("Code", text("Internal")), ("Value", text(message))]);
        ("Messages", Value::Array(vec![message]))
    }));
    Some(map(members))
}

/// The repository that a query is about, which has to be asked for as ECR puts it.
fn name(query: &Value) -> String {
    let stat = member(query, "MetricStat").unwrap();
    assert_eq!(member(stat, "Stat").and_then(Value::as_text), Some("Sum"));
    assert_eq!(member(stat, "Period").and_then(Value::as_integer), Some(86_400.into()));
    let metric = member(stat, "Metric").unwrap();
    assert_eq!(member(metric, "Namespace").and_then(Value::as_text), Some("AWS/ECR"));
    assert_eq!(member(metric, "MetricName").and_then(Value::as_text), Some("RepositoryPullCount"));
    let dimensions = member(metric, "Dimensions").unwrap().as_array().unwrap();
    assert_eq!(dimensions.len(), 1);
    assert_eq!(member(&dimensions[0], "Name").and_then(Value::as_text), Some("RepositoryName"));
    member(&dimensions[0], "Value").unwrap().as_text().unwrap().to_owned()
}

fn seconds(instant: &Value) -> i64 {
    let Value::Tag(1, seconds) = instant else { panic!("no instant: {instant:?}") };
    match &**seconds {
        Value::Integer(seconds) => i64::try_from(*seconds).unwrap(),
        Value::Float(seconds) => format!("{seconds:.0}").parse().unwrap(),
        other => panic!("no seconds: {other:?}"),
    }
}

fn cbor(status: StatusCode, members: Vec<(&str, Value)>) -> Response {
    let protocol = [("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")];
    let mut body = Vec::new();
    ciborium::into_writer(&map(members), &mut body).unwrap();
    (status, protocol, body).into_response()
}

fn map(members: Vec<(&str, Value)>) -> Value {
    Value::Map(members.into_iter().map(|(name, value)| (text(name), value)).collect())
}

fn member<'a>(map: &'a Value, name: &str) -> Option<&'a Value> {
    map.as_map().unwrap().iter().find(|(key, _)| key.as_text() == Some(name)).map(|(_, value)| value)
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}
