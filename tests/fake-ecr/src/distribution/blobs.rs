//! Layers and configurations, whole or in part.

use axum::body::Bytes;
use axum::http::{Method, StatusCode};
use axum::response::Response;

use super::asked::{Asked, response};
use super::problem::Problem;
use super::range::{self, Wanted};

/// Answers a request for a blob.
pub(super) fn answer(asked: &Asked<'_>, repository: &str, digest: &str) -> Result<Response, Problem> {
    if asked.method() != Method::GET && asked.method() != Method::HEAD {
        return Err(Problem::unsupported());
    }
    let blob = asked.fake.blob(asked.caller, repository, digest).ok_or_else(|| Problem::no_blob(digest))?;
    let headers = [
        ("content-type", "application/octet-stream"),
        ("docker-content-digest", digest),
        ("accept-ranges", "bytes"),
    ];
    match range::wanted(asked.header("range"), blob.len()) {
        Wanted::All => Ok(response(StatusCode::OK, &headers, blob)),
        Wanted::Part { first, last } => {
            let part = blob.slice(first..=last);
            let shown = format!("bytes {first}-{last}/{}", blob.len());
            let [content_type, content_digest, ranges] = headers;
            let headers = [content_type, content_digest, ranges, ("content-range", shown.as_str())];
            Ok(response(StatusCode::PARTIAL_CONTENT, &headers, part))
        }
        Wanted::Outside => {
            let shown = format!("bytes */{}", blob.len());
            let headers = [("content-range", shown.as_str())];
            Ok(response(StatusCode::RANGE_NOT_SATISFIABLE, &headers, Bytes::new()))
        }
    }
}
