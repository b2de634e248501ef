//! A server that answers as `CloudWatch` and SNS do, in their protocols, and keeps what came.
//!
//! Sources: Smithy RPC v2 CBOR and AWS query protocols, read 2026-11-24.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use ciborium::Value;

use crate::Server;

/// How a request is answered. After the last one that was asked for, all are accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    Accept,
    Throttle,
    Fail,
    Deny,
    NotThere,
}

/// What came in one `PutMetricData`.
#[derive(Debug, PartialEq)]
pub(super) struct MetricCall {
    pub(super) namespace: String,
    pub(super) figures: Vec<Figure>,
    pub(super) body_bytes: usize,
}

/// One of its metrics.
#[derive(Debug, PartialEq)]
pub(super) struct Figure {
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) dimensions: Vec<(String, String)>,
    pub(super) value: f64,
    pub(super) timestamp_seconds: i64,
}

/// The server.
pub(super) struct Recorder {
    url: String,
    state: Shared,
}

type Shared = Arc<Mutex<Seen>>;

#[derive(Default)]
struct Seen {
    answers: VecDeque<Answer>,
    metric_bodies: Vec<Bytes>,
    notice_bodies: Vec<Bytes>,
}

impl Recorder {
    /// Listens, and gives these answers to the first requests.
    pub(super) async fn start(answers: impl IntoIterator<Item = Answer>) -> Self {
        let answers = answers.into_iter().collect();
        let state: Shared = Arc::new(Mutex::new(Seen { answers, ..Seen::default() }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new()
            .fallback(answer)
            .layer(axum::extract::DefaultBodyLimit::disable())
            .with_state(Arc::clone(&state));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, state }
    }

    /// Where it is.
    pub(super) fn server(&self) -> Server {
        Server { url: self.url.clone(), access_key_id: "AKIADEMURRAGE".to_owned() }
    }

    /// What came for `CloudWatch`, in its order.
    pub(super) fn metric_calls(&self) -> Vec<MetricCall> {
        self.state.lock().unwrap().metric_bodies.iter().map(|body| metric_call(body)).collect()
    }

    /// The forms that came for SNS, in their order.
    pub(super) fn notices(&self) -> Vec<BTreeMap<String, String>> {
        self.state.lock().unwrap().notice_bodies.iter().map(|body| form(body)).collect()
    }
}

async fn answer(State(state): State<Shared>, uri: Uri, headers: HeaderMap, body: Bytes) -> Response {
    assert!(headers.contains_key(header::AUTHORIZATION), "each request is signed");
    let mut seen = state.lock().unwrap();
    let answer = seen.answers.pop_front().unwrap_or(Answer::Accept);
    if uri.path() == "/service/GraniteServiceVersion20100801/operation/PutMetricData" {
        assert_eq!(headers.get("smithy-protocol").unwrap(), "rpc-v2-cbor");
        assert_eq!(headers.get(header::CONTENT_ENCODING), None, "it is sent as it was counted");
        seen.metric_bodies.push(body);
        as_cloudwatch(answer)
    } else {
        assert_eq!(uri.path(), "/");
        seen.notice_bodies.push(body);
        as_sns(answer)
    }
}

/// Status and code of an answer, by the words of the service.
fn failure(answer: Answer, denied: &'static str) -> Option<(StatusCode, &'static str)> {
    match answer {
        Answer::Accept => None,
        Answer::Throttle => Some((StatusCode::BAD_REQUEST, "Throttling")),
        Answer::Fail => Some((StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure")),
        Answer::Deny => Some((StatusCode::FORBIDDEN, denied)),
        Answer::NotThere => Some((StatusCode::NOT_FOUND, "NotFound")),
    }
}

fn as_cloudwatch(answer: Answer) -> Response {
    let protocol = [("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")];
    let text = |text: &str| Value::Text(text.to_owned());
    let (status, members) = match failure(answer, "AccessDenied") {
        None => (StatusCode::OK, Vec::new()),
        Some((status, code)) => {
            let code = text(&format!("com.amazonaws.cloudwatch#{code}"));
            (status, vec![(text("__type"), code), (text("message"), text("a fault of the test"))])
        }
    };
    let mut body = Vec::new();
    ciborium::into_writer(&Value::Map(members), &mut body).unwrap();
    (status, protocol, body).into_response()
}

fn as_sns(answer: Answer) -> Response {
    let (status, body) = match failure(answer, "AuthorizationError") {
        None => {
            let id = "<PublishResult><MessageId>4f1b</MessageId></PublishResult>";
            (StatusCode::OK, format!("<PublishResponse>{id}</PublishResponse>"))
        }
        Some((status, code)) => {
            let error =
                format!("<Type>Sender</Type><Code>{code}</Code><Message>a fault of the test</Message>");
            (status, format!("<ErrorResponse><Error>{error}</Error></ErrorResponse>"))
        }
    };
    (status, [(header::CONTENT_TYPE, "text/xml")], body).into_response()
}

fn metric_call(body: &[u8]) -> MetricCall {
    let call: Value = ciborium::from_reader(body).unwrap();
    let data = member(&call, "MetricData").as_array().unwrap();
    MetricCall {
        namespace: text(member(&call, "Namespace")),
        figures: data.iter().map(figure).collect(),
        body_bytes: body.len(),
    }
}

fn figure(datum: &Value) -> Figure {
    let dimensions = member(datum, "Dimensions").as_array().unwrap();
    let dimension = |of: &Value| (text(member(of, "Name")), text(member(of, "Value")));
    // The tag of an instant: seconds since 1970.
    let Value::Tag(1, seconds) = member(datum, "Timestamp") else { panic!("no instant in {datum:?}") };
    let timestamp_seconds = match &**seconds {
        Value::Integer(seconds) => i64::try_from(*seconds).unwrap(),
        Value::Float(seconds) => format!("{seconds:.0}").parse().unwrap(),
        other => panic!("no seconds: {other:?}"),
    };
    Figure {
        name: text(member(datum, "MetricName")),
        unit: text(member(datum, "Unit")),
        dimensions: dimensions.iter().map(dimension).collect(),
        value: member(datum, "Value").as_float().unwrap(),
        timestamp_seconds,
    }
}

fn member<'a>(map: &'a Value, name: &str) -> &'a Value {
    let members = map.as_map().unwrap();
    let found = members.iter().find(|(key, _)| key.as_text() == Some(name));
    &found.unwrap_or_else(|| panic!("no `{name}` in {map:?}")).1
}

fn text(value: &Value) -> String {
    value.as_text().unwrap().to_owned()
}

/// The members of a form.
fn form(body: &[u8]) -> BTreeMap<String, String> {
    let body = std::str::from_utf8(body).unwrap();
    let member = |member: &str| {
        let (name, value) = member.split_once('=').unwrap();
        (decoded(name), decoded(value))
    };
    body.split('&').map(member).collect()
}

/// A text of a form without its escapes.
fn decoded(text: &str) -> String {
    let mut pieces = text.split('%');
    let mut bytes = pieces.next().unwrap().replace('+', " ").into_bytes();
    for piece in pieces {
        let (code, plain) = piece.split_at(2);
        bytes.push(u8::from_str_radix(code, 16).unwrap());
        bytes.extend(plain.replace('+', " ").bytes());
    }
    String::from_utf8(bytes).unwrap()
}
