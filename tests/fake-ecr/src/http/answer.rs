//! An answer, and how it goes wrong on purpose.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures::stream;
use serde_json::Value;

use crate::state::FaultKind;

/// Marks a response in place of which the connection is reset.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reset;

/// What is answered.
#[derive(Debug)]
pub(super) struct Answer {
    status: u16,
    content_type: &'static str,
    body: Bytes,
    headers: Vec<(&'static str, String)>,
}

impl Answer {
    /// JSON for whoever drives the server.
    pub(super) fn json(status: u16, body: &Value) -> Self {
        Self::new(status, "application/json", body.to_string())
    }

    /// JSON of the API.
    pub(super) fn api(status: u16, body: &Value) -> Self {
        Self::new(status, "application/x-amz-json-1.1", body.to_string())
    }

    /// XML of the query protocol.
    pub(super) fn xml(status: u16, body: String) -> Self {
        Self::new(status, "text/xml", body)
    }

    /// Plain text.
    pub(super) fn text(status: u16, body: &str) -> Self {
        Self::new(status, "text/plain", body.to_owned())
    }

    /// Bytes of a layer.
    pub(super) fn bytes(body: Bytes) -> Self {
        Self::new(200, "application/octet-stream", body)
    }

    fn new(status: u16, content_type: &'static str, body: impl Into<Bytes>) -> Self {
        Self { status, content_type, body: body.into(), headers: Vec::new() }
    }

    /// With this header.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn response(&self, body: Body) -> Response {
        let mut response = Response::new(body);
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(self.body.len()));
        for (name, value) in &self.headers {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// The response, or what the fault makes of it.
pub(super) async fn send(answer: Answer, fault: Option<FaultKind>) -> Response {
    match fault {
        Some(FaultKind::Timeout) => {
            // The client gives up first.
            futures::future::pending::<()>().await;
        }
        Some(FaultKind::Slow(late)) => tokio::time::sleep(late).await,
        Some(FaultKind::Reset) => {
            let mut response = answer.response(Body::empty());
            response.extensions_mut().insert(Reset);
            return response;
        }
        Some(FaultKind::Truncated) => {
            let half = answer.body.slice(..answer.body.len() / 2);
            return answer.response(Body::from_stream(broken(half)));
        }
        // These are answers of their own, which are made before.
        Some(
            FaultKind::ServerError | FaultKind::Throttled | FaultKind::ExpiredToken | FaultKind::AccessDenied,
        )
        | None => {}
    }
    let body = Body::from(answer.body.clone());
    answer.response(body)
}

/// These bytes, then an error that closes the connection.
fn broken(bytes: Bytes) -> impl futures::Stream<Item = Result<Bytes, io::Error>> + Send + 'static {
    stream::unfold(Some(bytes), |bytes| async move {
        match bytes {
            Some(bytes) if !bytes.is_empty() => Some((Ok(bytes), Some(Bytes::new()))),
            Some(_) => {
                // What was sent before has to reach the client first.
                tokio::time::sleep(Duration::from_millis(20)).await;
                Some((Err(io::Error::from(io::ErrorKind::ConnectionAborted)), None))
            }
            None => None,
        }
    })
}
