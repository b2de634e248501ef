//! A request that came in, and the making of an answer to it.

use axum::body::{Body, Bytes};
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;

use super::query;
use crate::Fake;
use crate::state::Caller;

/// A request by somebody who may come in, for a repository that is there.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) fake: &'a Fake,
    pub(super) caller: &'a Caller,
    pub(super) head: &'a Parts,
    pub(super) body: Bytes,
}

impl Asked<'_> {
    pub(super) fn method(&self) -> &Method {
        &self.head.method
    }

    /// The value of the header, where it is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.head.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The values of all headers of this name.
    pub(super) fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        self.head.headers.get_all(name).iter().filter_map(|value| value.to_str().ok())
    }

    /// The parameter after the `?`.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        query::parameter(self.head.uri.query(), name)
    }
}

/// An answer with these headers; one whose value is no header is left out.
pub(super) fn response(
    status: StatusCode,
    headers: &[(&'static str, &str)],
    body: impl Into<Body>,
) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}
