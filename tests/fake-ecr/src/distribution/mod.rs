//! The `/v2/` routes: the distribution specification of OCI as ECR speaks it, for docker and skopeo.
//!
//! A client comes in with HTTP Basic, the user `AWS` and a token of `GetAuthorizationToken`; the token names
//! the account and the region. Repositories are not made by pushing to them. A push is a `PutImage` and a
//! pull a `BatchGetImage`, with everything that these do to tags, events and pull times.
//!
//! Differs from ECR: blobs are answered with and not redirected to; uploads may be of one request. Leaves
//! out: the catalog of repositories and deleting, which ECR has not; manifests of schema 1; TLS.

mod accept;
mod asked;
mod blobs;
mod listings;
mod manifests;
mod problem;
mod query;
mod range;
mod route;
mod uploads;

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::any;

use crate::Fake;
use asked::Asked;
use problem::Problem;
use route::Route;

/// The most bytes of one request. A layer of ECR can be larger; no test should be.
const MOST_BYTES: usize = 1 << 30;

/// The routes below `/v2/`.
pub(crate) fn router(fake: Fake) -> Router {
    let answers = any(answer);
    Router::new()
        .route("/v2", answers.clone())
        .route("/v2/", answers.clone())
        .route("/v2/{*rest}", answers)
        .with_state(fake)
}

async fn answer(State(fake): State<Fake>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let answered = match to_bytes(body, MOST_BYTES).await {
        // Images of a generated repository take their time.
        Ok(body) => tokio::task::spawn_blocking(move || answered(&fake, &head, body)).await,
        Err(_) => Ok(Err(Problem::too_large())),
    };
    let mut response = match answered {
        Ok(Ok(response)) => response,
        Ok(Err(problem)) => problem.response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    };
    let version = HeaderValue::from_static("registry/2.0");
    response.headers_mut().insert("docker-distribution-api-version", version);
    response
}

fn answered(fake: &Fake, head: &Parts, body: Bytes) -> Result<Response, Problem> {
    let authorization = head.headers.get(header::AUTHORIZATION);
    let Some(caller) = fake.authenticate(authorization.and_then(|value| value.to_str().ok())) else {
        return Ok(unauthorized(fake));
    };
    let Some(route) = Route::of(head.uri.path()) else { return Err(Problem::no_page()) };
    if let Some(repository) = route.repository()
        && !fake.repository_exists(&caller, repository)
    {
        return Err(Problem::no_repository(repository, &caller.account));
    }
    let asked = Asked { fake, caller: &caller, head, body };
    match &route {
        Route::Base => Ok(Response::new(Body::from("{}"))),
        Route::Manifest { repository, reference } => manifests::answer(&asked, repository, reference),
        Route::Blob { repository, digest } => blobs::answer(&asked, repository, digest),
        Route::Uploads { repository } => uploads::start(&asked, repository),
        Route::Upload { repository, id } => uploads::go_on(&asked, repository, id),
        Route::Tags { repository } => listings::tags(&asked, repository),
        Route::Referrers { repository, digest } => listings::referrers(&asked, repository, digest),
    }
}

/// Says how to come in. The realm is where the registry is.
fn unauthorized(fake: &Fake) -> Response {
    let mut response = Response::new(Body::from("Not Authorized\n"));
    *response.status_mut() = StatusCode::UNAUTHORIZED;
    let challenge = format!("Basic realm=\"{}/\",service=\"ecr.amazonaws.com\"", fake.lock().url);
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}
