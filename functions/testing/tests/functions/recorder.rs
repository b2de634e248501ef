//! A server that takes what `CloudWatch` and SNS take, and keeps it.
//!
//! Sources: Smithy RPC v2 CBOR and AWS query protocols, read 2026-11-24.

use std::sync::{Arc, Mutex};

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use ciborium::Value;
use demurrage_aws::Server;

/// The server.
pub(crate) struct Recorder {
    url: String,
    seen: Shared,
}

/// One figure that came.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Figure {
    pub(crate) name: String,
    /// Values of the dimensions, in their order.
    pub(crate) of: Vec<String>,
    pub(crate) value: f64,
    pub(crate) timestamp_seconds: i64,
}

type Shared = Arc<Mutex<Seen>>;

#[derive(Default)]
struct Seen {
    figures: Vec<Figure>,
    notices: Vec<String>,
    refuses_notices: bool,
}

impl Recorder {
    pub(crate) async fn start() -> Self {
        let seen = Shared::default();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = axum::Router::new().fallback(answer).with_state(Arc::clone(&seen));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, seen }
    }

    pub(crate) fn server(&self) -> Server {
        Server { url: self.url.clone(), access_key_id: "AKIADEMURRAGE".to_owned() }
    }

    /// The figures that came since this was asked before.
    pub(crate) fn figures(&self) -> Vec<Figure> {
        std::mem::take(&mut self.seen.lock().unwrap().figures)
    }

    /// The forms of notices that came since this was asked before, as they were sent.
    pub(crate) fn notices(&self) -> Vec<String> {
        std::mem::take(&mut self.seen.lock().unwrap().notices)
    }

    /// From now on no notice is accepted, or every one again.
    pub(crate) fn refuse_notices(&self, refuses: bool) {
        self.seen.lock().unwrap().refuses_notices = refuses;
    }
}

async fn answer(State(seen): State<Shared>, uri: Uri, body: Bytes) -> Response {
    let mut seen = seen.lock().unwrap();
    if uri.path().ends_with("/operation/PutMetricData") {
        let call: Value = ciborium::from_reader(&*body).unwrap();
        seen.figures.extend(member(&call, "MetricData").as_array().unwrap().iter().map(figure));
        let mut empty = Vec::new();
        ciborium::into_writer(&Value::Map(Vec::new()), &mut empty).unwrap();
        let protocol = [("smithy-protocol", "rpc-v2-cbor"), ("content-type", "application/cbor")];
        return (StatusCode::OK, protocol, empty).into_response();
    }
    assert_eq!(uri.path(), "/");
    let xml = [(header::CONTENT_TYPE, "text/xml")];
    if seen.refuses_notices {
        let error = "<Type>Sender</Type><Code>AuthorizationError</Code><Message>not you</Message>";
        let body = format!("<ErrorResponse><Error>{error}</Error></ErrorResponse>");
        return (StatusCode::FORBIDDEN, xml, body).into_response();
    }
    seen.notices.push(String::from_utf8(body.to_vec()).unwrap());
    let id = "<PublishResult><MessageId>4f1b</MessageId></PublishResult>";
    (StatusCode::OK, xml, format!("<PublishResponse>{id}</PublishResponse>")).into_response()
}

fn figure(datum: &Value) -> Figure {
    let dimensions = member(datum, "Dimensions").as_array().unwrap();
    let Value::Tag(1, seconds) = member(datum, "Timestamp") else { panic!("no instant in {datum:?}") };
    let timestamp_seconds = match &**seconds {
        Value::Integer(seconds) => i64::try_from(*seconds).unwrap(),
        Value::Float(seconds) => format!("{:.0}", seconds.floor()).parse().unwrap(),
        other => panic!("no seconds: {other:?}"),
    };
    Figure {
        name: text(member(datum, "MetricName")),
        of: dimensions.iter().map(|dimension| text(member(dimension, "Value"))).collect(),
        value: member(datum, "Value").as_float().unwrap(),
        timestamp_seconds,
    }
}

fn member<'a>(map: &'a Value, name: &str) -> &'a Value {
    let found = map.as_map().unwrap().iter().find(|(key, _)| key.as_text() == Some(name));
    &found.unwrap_or_else(|| panic!("no `{name}` in {map:?}")).1
}

fn text(value: &Value) -> String {
    value.as_text().unwrap().to_owned()
}
