//! The events of what happens to images.
//!
//! Source: user guide, ecr-eventbridge; read 2026-11-23. Image actions name no resources.

use serde_json::{Map, Value};

use crate::model::{ImageRecord, ImageStatus};
use crate::state::{Happened, Place, State};

/// `PUSH` or `DELETE`.
pub(crate) fn image_action(
    state: &mut State,
    place: &Place,
    repository: &str,
    action: &str,
    digest: &str,
    tag: Option<&str>,
) {
    let mut detail = detail(repository, action, digest);
    if let Some(tag) = tag {
        detail.insert("image-tag".into(), tag.into());
    }
    make(state, place, "ECR Image Action", Vec::new(), detail);
}

/// `UPDATE_STORAGE_CLASS`, of an image that is now in the class it was to go to.
pub(crate) fn storage_class(state: &mut State, place: &Place, repository: &str, image: &ImageRecord) {
    let mut detail = detail(repository, "UPDATE_STORAGE_CLASS", &image.digest);
    let class = if image.status == ImageStatus::Archived { "ARCHIVE" } else { "STANDARD" };
    detail.insert("target-storage-class".into(), class.into());
    detail.insert("manifest-media-type".into(), image.media_type.as_str().into());
    if let Some(artifact_type) = &image.artifact_type {
        detail.insert("artifact-media-type".into(), artifact_type.as_str().into());
    }
    if class == "STANDARD"
        && let Some(at) = image.activated_at
    {
        detail.insert("last-activated-at".into(), at.format("%Y-%m-%dT%H:%M:%S%.3fZ").to_string().into());
    }
    let detail_type = if image.subject.is_some() { "ECR Referrer Action" } else { "ECR Image Action" };
    make(state, place, detail_type, Vec::new(), detail);
}

/// `REPLICATE`, in the destination.
pub(crate) fn replication(
    state: &mut State,
    source: &Place,
    destination: &Place,
    repository: &str,
    digest: &str,
    tag: Option<&str>,
) {
    let mut detail = detail(repository, "REPLICATE", digest);
    detail.insert("source-account".into(), source.account.as_str().into());
    detail.insert("source-region".into(), source.region.as_str().into());
    if let Some(tag) = tag {
        detail.insert("image-tag".into(), tag.into());
    }
    let resources = vec![destination.arn(repository)];
    make(state, destination, "ECR Replication Action", resources, detail);
}

fn detail(repository: &str, action: &str, digest: &str) -> Map<String, Value> {
    [
        ("result", "SUCCESS"),
        ("repository-name", repository),
        ("image-digest", digest),
        ("action-type", action),
    ]
    .into_iter()
    .map(|(key, value)| (key.to_owned(), value.into()))
    .collect()
}

fn make(
    state: &mut State,
    place: &Place,
    detail_type: &str,
    resources: Vec<String>,
    detail: Map<String, Value>,
) {
    // ECR Public makes no events.
    if !place.is_public() {
        let at = state.now();
        let (account, region) = (&place.account, &place.region);
        state.events.make(&Happened { detail_type, account, region, at, resources, detail });
    }
}
