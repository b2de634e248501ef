//! Pulling manifests: `BatchGetImage` and what the distribution routes do alike. A pull is remembered, unless
//! the principal is excluded.
//!
//! Source: user guide, pull-time-update-exclusions; API model; containers-roadmap 2390 (observed).

use std::sync::Arc;

use serde_json::{Value, json};

use super::find::{self, Failure, Found};
use super::{Call, exclusions};
use crate::model::{ImageRecord, ImageStatus};
use crate::state::{Caller, Place, State};
use crate::wire::{ImageId, Refusal};

/// Pulls one manifest: the image and its text.
pub(crate) fn pull(
    state: &mut State,
    caller: &Caller,
    place: &Place,
    repository: &str,
    id: &ImageId,
) -> Result<(ImageRecord, Arc<str>), Failure> {
    let contents = state.region(place).contents(repository).unwrap_or_default();
    let image = match find::find(&contents, id) {
        Found::Image(image) => image.clone(),
        Found::Failed(failure) => return Err(failure),
    };
    if image.status != ImageStatus::Active {
        return Err(Failure::new("ImageInaccessible", "The image is archived and cannot be pulled"));
    }
    let text = contents.manifest(&image);
    drop(contents);
    if !place.is_public() && !exclusions::covers(state.region(place), caller) {
        let now = state.now();
        if let Some(contents) = state.region(place).contents_mut(repository) {
            contents.change(&image.digest, |image| image.pulled_at = Some(now));
        }
    }
    Ok((image, text))
}

/// `BatchGetImage`.
pub(crate) fn batch_get(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, repository) = call.repository(state)?;
    let ids =
        call.input.image_ids()?.ok_or_else(|| Refusal::parameter("imageIds", "Member must not be null"))?;
    let accepted = call.input.strings("acceptedMediaTypes", 1, 100)?;
    let mut images = Vec::new();
    let mut failures = Vec::new();
    for id in &ids {
        if let Some(failure) = unaccepted(state, &place, &repository, id, accepted.as_deref()) {
            failures.push(failure.to_json(id));
            continue;
        }
        match pull(state, call.caller, &place, &repository, id) {
            Ok((image, text)) => {
                let id = ImageId { digest: Some(image.digest.clone()), tag: id.tag.clone() };
                images.push(json!({
                    "registryId": place.account,
                    "repositoryName": repository,
                    "imageId": id.to_json(),
                    "imageManifest": &*text,
                    "imageManifestMediaType": image.media_type,
                }));
            }
            Err(failure) => failures.push(failure.to_json(id)),
        }
    }
    Ok(json!({ "images": images, "failures": failures }))
}

/// An image of a media type that the caller does not accept is not found, and not pulled.
fn unaccepted(
    state: &mut State,
    place: &Place,
    repository: &str,
    id: &ImageId,
    accepted: Option<&[String]>,
) -> Option<Failure> {
    let accepted = accepted?;
    let contents = state.region(place).contents(repository)?;
    let Found::Image(image) = find::find(&contents, id) else { return None };
    (!accepted.contains(&image.media_type)).then(|| {
        let reason = format!("Image with media type '{}' is not among the accepted ones", image.media_type);
        Failure::new("ImageNotFound", reason)
    })
}
