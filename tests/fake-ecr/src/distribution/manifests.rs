//! Manifests: pulled and pushed by tag or by digest.

use axum::body::Bytes;
use axum::http::{Method, StatusCode};
use axum::response::Response;

use super::accept::accepts;
use super::asked::{Asked, response};
use super::problem::Problem;
use super::route::Reference;
use crate::content::PulledManifest;
use crate::wire;

/// Answers a request for a manifest.
pub(super) fn answer(
    asked: &Asked<'_>,
    repository: &str,
    reference: &Reference,
) -> Result<Response, Problem> {
    let (Reference::Tag(name) | Reference::Digest(name)) = reference;
    if asked.method() == Method::PUT {
        return put(asked, repository, name);
    }
    if asked.method() != Method::GET && asked.method() != Method::HEAD {
        return Err(Problem::unsupported());
    }
    let looked_at =
        asked.fake.head_manifest(asked.caller, repository, name).ok_or_else(Problem::no_manifest)?;
    if !accepts(asked.headers("accept"), &looked_at.media_type) {
        let media_type = looked_at.media_type;
        return Err(Problem::new(
            StatusCode::NOT_FOUND,
            "MANIFEST_UNKNOWN",
            format!(
                "Requested image has the media type '{media_type}', which is not among the accepted ones"
            ),
        ));
    }
    if asked.method() == Method::HEAD {
        return Ok(shown(&looked_at, true));
    }
    let pulled = asked.fake.get_manifest(asked.caller, repository, name).ok_or_else(Problem::no_manifest)?;
    Ok(shown(&pulled, false))
}

/// ECR says the digest to those who ask for the headers alone.
///
/// Source: ChangemakerStudios/Docker.Registry.DotNet issue 34 (October 2025), read 2026-11-24.
fn shown(manifest: &PulledManifest, with_digest: bool) -> Response {
    let body = Bytes::copy_from_slice(manifest.text.as_bytes());
    let mut headers = vec![("content-type", manifest.media_type.as_str())];
    if with_digest {
        headers.push(("docker-content-digest", &manifest.digest));
    }
    response(StatusCode::OK, &headers, body)
}

fn put(asked: &Asked<'_>, repository: &str, reference: &str) -> Result<Response, Problem> {
    let text = std::str::from_utf8(&asked.body)
        .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "MANIFEST_INVALID", "manifest invalid"))?;
    let media_type = asked.header("content-type").and_then(|value| value.split(';').next()).map(str::trim);
    let media_type = media_type.filter(|media_type| !media_type.is_empty());
    let pushed = asked.fake.put_manifest(asked.caller, repository, reference, media_type, text);
    let digest = match pushed {
        Ok(digest) => digest,
        // What is there already need not be put there: docker pushes again without complaint.
        Err(refusal) if refusal.code == "ImageAlreadyExistsException" => wire::digest(text.as_bytes()),
        Err(refusal) => return Err(refusal.into()),
    };
    let location = format!("/v2/{repository}/manifests/{digest}");
    let mut headers = vec![("location", location.as_str()), ("docker-content-digest", &digest)];
    let subject = subject(text);
    if let Some(subject) = &subject {
        headers.push(("oci-subject", subject));
    }
    Ok(response(StatusCode::CREATED, &headers, Bytes::new()))
}

/// What the manifest refers to: the answer names it, so that clients need not keep a list of their own.
fn subject(text: &str) -> Option<String> {
    let manifest: serde_json::Value = serde_json::from_str(text).ok()?;
    manifest.get("subject")?.get("digest")?.as_str().map(str::to_owned)
}
