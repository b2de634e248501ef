//! Taking tags and images away: `BatchDeleteImage`, and what lifecycle runs and replication do alike.

use serde_json::{Value, json};

use super::find::{self, Failure, Found};
use super::{Call, notify, replicate};
use crate::model::ImageRecord;
use crate::state::{Contents, Place, State};
use crate::wire::{ImageId, Refusal};

/// `BatchDeleteImage`. What protects an image is looked at before anything of the batch goes.
pub(crate) fn batch_delete(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, repository) = call.repository(state)?;
    let ids =
        call.input.image_ids()?.ok_or_else(|| Refusal::parameter("imageIds", "Member must not be null"))?;
    let before = state.region(&place).contents(&repository).unwrap_or_default();
    let resolved: Vec<Result<Target, Failure>> = ids.iter().map(|id| target(&before, id)).collect();
    drop(before);
    let mut removed = Vec::new();
    let mut failures = Vec::new();
    for (id, resolved) in ids.iter().zip(resolved) {
        let target = match resolved {
            Ok(target) => target,
            Err(failure) => {
                failures.push(failure.to_json(id));
                continue;
            }
        };
        let contents = state.region(&place).contents(&repository).unwrap_or_default();
        // What is named twice in one batch went with the first.
        let Found::Image(image) = find::find(&contents, id) else { continue };
        let image = image.clone();
        drop(contents);
        let untag = id.tag.as_deref().filter(|_| 1 < image.tags.len());
        if let Some(tag) = untag {
            remove_tag(state, &place, &repository, &image.digest, tag);
            removed.push(row(&image.digest, Some(tag)));
        } else if let Target::Protected(failure) = target {
            failures.push(failure.to_json(id));
        } else {
            remove_image(state, &place, &repository, &image, Told::Yes);
            removed.extend(rows(&image));
        }
    }
    Ok(json!({ "imageIds": removed, "failures": failures }))
}

/// What an id of a batch meant before anything of it went.
enum Target {
    Free,
    Protected(Failure),
}

fn target(contents: &Contents, id: &ImageId) -> Result<Target, Failure> {
    match find::find(contents, id) {
        Found::Image(image) => Ok(referenced(contents, image).map_or(Target::Free, Target::Protected)),
        Found::Failed(failure) => Err(failure),
    }
}

/// Whether events tell of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Told {
    /// They do.
    Yes,
    /// They do not.
    No,
}

/// Why an image cannot go: an index in the repository names it.
pub(crate) fn referenced(contents: &Contents, image: &ImageRecord) -> Option<Failure> {
    let parents = contents.parents(&image.digest);
    (!parents.is_empty()).then(|| {
        Failure::new(
            "ImageReferencedByManifestList",
            format!("Requested image referenced by manifest list: [{}]", parents.join(", ")),
        )
    })
}

/// One entry of the answer for each removed tag, or one without.
fn rows(image: &ImageRecord) -> Vec<Value> {
    if image.tags.is_empty() {
        return vec![row(&image.digest, None)];
    }
    image.tags.iter().map(|tag| row(&image.digest, Some(tag))).collect()
}

fn row(digest: &str, tag: Option<&str>) -> Value {
    ImageId { digest: Some(digest.to_owned()), tag: tag.map(str::to_owned) }.to_json()
}

fn remove_tag(state: &mut State, place: &Place, repository: &str, digest: &str, tag: &str) {
    if let Some(contents) = state.region(place).contents_mut(repository) {
        contents.untag(tag);
    }
    notify::image_action(state, place, repository, "DELETE", digest, Some(tag));
    replicate::untag(state, place, repository, digest, tag);
}

/// Takes an image out with all its tags; mirrored where deletes are replicated.
pub(crate) fn remove_image(
    state: &mut State,
    place: &Place,
    repository: &str,
    image: &ImageRecord,
    told: Told,
) {
    if let Some(contents) = state.region(place).contents_mut(repository) {
        contents.remove(&image.digest);
    }
    if told == Told::Yes {
        if image.tags.is_empty() {
            notify::image_action(state, place, repository, "DELETE", &image.digest, None);
        }
        for tag in &image.tags {
            notify::image_action(state, place, repository, "DELETE", &image.digest, Some(tag));
        }
    }
    replicate::delete(state, place, repository, &image.digest);
}
