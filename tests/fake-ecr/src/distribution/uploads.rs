//! Uploads of blobs: in one request, in chunks, or by mounting what another repository has.

use axum::body::Bytes;
use axum::http::{Method, StatusCode};
use axum::response::Response;

use super::asked::{Asked, response};
use super::problem::Problem;
use super::range;

/// Starts an upload, and ends it where the request already has everything.
pub(super) fn start(asked: &Asked<'_>, repository: &str) -> Result<Response, Problem> {
    if asked.method() != Method::POST {
        return Err(Problem::unsupported());
    }
    if let (Some(digest), Some(from)) = (asked.parameter("mount"), asked.parameter("from"))
        && may_mount(asked, &from, repository)
        && asked.fake.mount_blob(asked.caller, &from, repository, &digest)
    {
        return Ok(created(repository, &digest));
    }
    let id = asked.fake.start_upload(asked.caller, repository)?;
    if let Some(digest) = asked.parameter("digest") {
        return complete(asked, repository, &id, &digest);
    }
    Ok(under_way(StatusCode::ACCEPTED, repository, &id, 0))
}

/// Takes a chunk, ends the upload, shows it or forgets it.
pub(super) fn go_on(asked: &Asked<'_>, repository: &str, id: &str) -> Result<Response, Problem> {
    let so_far = asked.fake.upload_bytes(asked.caller, repository, id)?;
    let so_far = usize::try_from(so_far).unwrap_or(usize::MAX);
    match *asked.method() {
        Method::GET => Ok(under_way(StatusCode::NO_CONTENT, repository, id, so_far)),
        Method::PATCH => {
            if !range::follows(asked.header("content-range"), so_far) {
                return Ok(under_way(StatusCode::RANGE_NOT_SATISFIABLE, repository, id, so_far));
            }
            asked.fake.append_upload(asked.caller, repository, id, &asked.body)?;
            Ok(under_way(StatusCode::ACCEPTED, repository, id, so_far + asked.body.len()))
        }
        Method::PUT => {
            if !range::follows(asked.header("content-range"), so_far) {
                return Ok(under_way(StatusCode::RANGE_NOT_SATISFIABLE, repository, id, so_far));
            }
            let digest = asked.parameter("digest").ok_or_else(|| {
                Problem::new(StatusCode::BAD_REQUEST, "DIGEST_INVALID", "the parameter `digest` is missing")
            })?;
            complete(asked, repository, id, &digest)
        }
        Method::DELETE => {
            asked.fake.cancel_upload(asked.caller, repository, id)?;
            Ok(response(StatusCode::NO_CONTENT, &[], Bytes::new()))
        }
        _ => Err(Problem::unsupported()),
    }
}

/// Appends the rest and ends the upload.
fn complete(asked: &Asked<'_>, repository: &str, id: &str, digest: &str) -> Result<Response, Problem> {
    asked.fake.append_upload(asked.caller, repository, id, &asked.body)?;
    asked.fake.complete_upload(asked.caller, repository, id, digest)?;
    Ok(created(repository, digest))
}

/// Whether the registry mounts blobs, and both repositories are encrypted alike.
///
/// Source: user guide, "blob mounting", read 2026-11-23. Where it does not, the client uploads.
fn may_mount(asked: &Asked<'_>, from: &str, to: &str) -> bool {
    let (account, region) = (&asked.caller.account, &asked.caller.region);
    let encryption = |name: &str| {
        let record = asked.fake.repository(account, region, name)?;
        Some((record.encryption_type, record.kms_key))
    };
    asked.fake.mounts_blobs(asked.caller) && encryption(from).is_some() && encryption(from) == encryption(to)
}

fn created(repository: &str, digest: &str) -> Response {
    let location = format!("/v2/{repository}/blobs/{digest}");
    let headers = [("location", location.as_str()), ("docker-content-digest", digest)];
    response(StatusCode::CREATED, &headers, Bytes::new())
}

fn under_way(status: StatusCode, repository: &str, id: &str, so_far: usize) -> Response {
    let location = format!("/v2/{repository}/blobs/uploads/{id}");
    let range = range::shown(so_far);
    let headers = [("location", location.as_str()), ("range", range.as_str()), ("docker-upload-uuid", id)];
    response(status, &headers, Bytes::new())
}
