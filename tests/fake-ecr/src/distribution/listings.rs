//! What a repository has: its tags, and what refers to a digest.

use axum::http::{Method, StatusCode};
use axum::response::Response;
use serde_json::{Value, json};

use super::asked::{Asked, response};
use super::problem::Problem;
use super::query::encoded;

/// Tags on a page when nobody says how many, and at most: those of `ListImages`.
///
/// Source: google/go-containerregistry issue 681 and API model, read 2026-11-24.
const TAGS: usize = 100;
const MOST_TAGS: usize = 1_000;

/// A page of the tags, in lexical order.
pub(super) fn tags(asked: &Asked<'_>, repository: &str) -> Result<Response, Problem> {
    if asked.method() != Method::GET {
        return Err(Problem::unsupported());
    }
    let size = match asked.parameter("n").map(|number| number.parse::<usize>()) {
        None => TAGS,
        Some(Ok(size)) if size <= MOST_TAGS => size,
        Some(_) => {
            return Err(Problem::new(
                StatusCode::METHOD_NOT_ALLOWED,
                "UNSUPPORTED",
                "Invalid parameter at 'maxResults' failed to satisfy constraint: \
                 'Member must have value less than or equal to 1000'",
            ));
        }
    };
    let after = asked.parameter("last");
    let tags = asked.fake.tags(asked.caller, repository);
    let mut rest = tags.into_iter().filter(|tag| after.as_ref().is_none_or(|after| after < tag));
    let page: Vec<String> = rest.by_ref().take(size).collect();
    let link = rest
        .next()
        .and(page.last())
        .map(|last| format!("</v2/{repository}/tags/list?last={}&n={size}>; rel=\"next\"", encoded(last)));
    let body = json!({ "name": repository, "tags": page }).to_string();
    let mut headers = vec![("content-type", "application/json; charset=utf-8")];
    headers.extend(link.as_deref().map(|link| ("link", link)));
    Ok(response(StatusCode::OK, &headers, body))
}

/// The signatures, SBOMs and the like of a digest, which need not be there itself, as an index.
pub(super) fn referrers(asked: &Asked<'_>, repository: &str, subject: &str) -> Result<Response, Problem> {
    if asked.method() != Method::GET {
        return Err(Problem::unsupported());
    }
    if !crate::wire::is_digest(subject) {
        return Err(Problem::new(StatusCode::BAD_REQUEST, "DIGEST_INVALID", "invalid digest"));
    }
    let wanted = asked.parameter("artifactType");
    let manifests: Vec<Value> = asked
        .fake
        .referrers(asked.caller, repository, subject)
        .into_iter()
        .filter(|(image, _)| wanted.is_none() || image.artifact_type == wanted)
        .map(|(image, text)| {
            let mut entry =
                json!({ "mediaType": image.media_type, "digest": image.digest, "size": text.len() });
            let manifest: Value = serde_json::from_str(&text).unwrap_or_default();
            let annotations = manifest.get("annotations").filter(|annotations| annotations.is_object());
            if let Value::Object(fields) = &mut entry {
                fields.extend(image.artifact_type.map(|kind| ("artifactType".to_owned(), kind.into())));
                fields.extend(annotations.map(|found| ("annotations".to_owned(), found.clone())));
            }
            entry
        })
        .collect();
    let media_type = "application/vnd.oci.image.index.v1+json";
    let body = json!({ "schemaVersion": 2, "mediaType": media_type, "manifests": manifests }).to_string();
    let mut headers = vec![("content-type", media_type)];
    headers.extend(wanted.is_some().then_some(("oci-filters-applied", "artifactType")));
    Ok(response(StatusCode::OK, &headers, body))
}
