//! HTTP: which of the protocols a request is of, and how answers look.
//!
//! A table of contents: `api` is awsJson1.1 of ECR and ECR Public, `sts` the query protocol of STS, `admin` what
//! lies below `/_fake/`, `answer` the responses and their faults, `credentials` who calls.

mod admin;
mod answer;
mod api;
mod credentials;
mod form;
mod sts;

use axum::Router;
use axum::body::{Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};

use answer::Answer;
pub(crate) use answer::Reset;

use crate::Fake;
use crate::state::FaultKind;

/// The most bytes of a body: a part of a layer in base64, and a little.
const MOST_BYTES: usize = 64 << 20;

/// All routes but those of the distribution protocol.
pub(crate) fn router(fake: Fake) -> Router {
    Router::new().fallback(serve).with_state(fake)
}

async fn serve(State(fake): State<Fake>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    // Verdicts of a policy and images of a generated repository take their time.
    let told =
        tokio::task::spawn_blocking(move || route(&fake, &parts.method, &parts.uri, &parts.headers, &body));
    match told.await {
        Ok((answer, fault)) => answer::send(answer, fault).await,
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

fn route(
    fake: &Fake,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    body: &Bytes,
) -> (Answer, Option<FaultKind>) {
    if let Some(rest) = uri.path().strip_prefix("/_fake/") {
        return (admin::answer(fake, method, rest, body), None);
    }
    if method != Method::POST || uri.path() != "/" {
        return (Answer::text(404, "not found"), None);
    }
    match headers.get("x-amz-target").and_then(|target| target.to_str().ok()) {
        Some(target) => api::answer(fake, target, headers, body),
        None => (sts::answer(fake, headers, body), None),
    }
}
