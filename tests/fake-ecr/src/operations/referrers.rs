//! `ListImageReferrers`: what refers to a subject, which need not be there itself.

use serde_json::{Map, Value, json};

use super::repositories::with_token;
use super::{Call, manifest, storage};
use crate::model::{ImageRecord, ImageStatus};
use crate::state::State;
use crate::wire::{Refusal, is_digest, issue, read_page};

/// `ListImageReferrers`.
pub(crate) fn list(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, repository) = call.repository(state)?;
    let subject = call.input.structure("subjectId")?;
    let subject = subject.ok_or_else(|| Refusal::parameter("subjectId", "Member must not be null"))?;
    let subject = subject.required("imageDigest")?;
    if !is_digest(subject) {
        return Err(Refusal::parameter(
            "imageDigest",
            "must satisfy regular expression '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
        ));
    }
    let filter = call.input.structure("filter")?;
    let (types, status) = match &filter {
        None => (Vec::new(), None),
        Some(filter) => (
            filter.strings("artifactTypes", 0, 5)?.unwrap_or_default(),
            filter.one_of("artifactStatus", &["ACTIVE", "ARCHIVED", "ACTIVATING", "ANY"])?,
        ),
    };
    let size = call.input.page_size(50, 20)?;
    let scope = format!("ListImageReferrers {} {} {repository} {subject}", place.account, place.region);
    let from = read_page(&scope, call.input.string("nextToken")?)?;
    let contents = state.region(&place).contents(&repository).unwrap_or_default();
    let digests = contents.referrers(subject);
    let mut found = digests
        .iter()
        .filter(|digest| from.as_ref().is_none_or(|from| from < *digest))
        .filter_map(|digest| contents.image(digest))
        .filter(|image| match status {
            None => image.status == ImageStatus::Active,
            Some("ANY") => true,
            Some(status) => storage::status_name(image.status) == status,
        })
        .filter(|image| {
            types.is_empty() || image.artifact_type.as_ref().is_some_and(|kind| types.contains(kind))
        });
    let images: Vec<_> = found.by_ref().take(size).collect();
    let next = found.next().and(images.last()).map(|last| issue(&scope, &last.digest));
    let rows: Vec<Value> = images.iter().map(|image| row(image, &contents.manifest(image))).collect();
    Ok(with_token(json!({ "referrers": rows }), next))
}

fn row(image: &ImageRecord, text: &str) -> Value {
    let mut row = Map::new();
    row.insert("digest".into(), image.digest.as_str().into());
    row.insert("mediaType".into(), image.media_type.as_str().into());
    if let Some(artifact_type) = &image.artifact_type {
        row.insert("artifactType".into(), artifact_type.as_str().into());
    }
    row.insert("size".into(), text.len().into());
    let annotations = manifest::annotations(text);
    if !annotations.is_empty() {
        row.insert("annotations".into(), json!(annotations));
    }
    row.insert("artifactStatus".into(), storage::status_name(image.status).into());
    Value::Object(row)
}
