//! Storage classes: `UpdateImageStorageClass`, and images that come back when their time has come.
//!
//! Source: user guide, archive-image and restore-image; API model; read 2026-11-23.

use serde_json::{Value, json};

use super::find::{self, Found};
use super::manifest::is_index;
use super::{Call, notify, replicate};
use crate::model::{ImageRecord, ImageStatus};
use crate::state::{Place, State};
use crate::wire::Refusal;

/// `UpdateImageStorageClass`.
pub(crate) fn update(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, repository) = call.repository(state)?;
    let class = call.input.one_of("targetStorageClass", &["STANDARD", "ARCHIVE"])?;
    let class = class.ok_or_else(|| Refusal::parameter("targetStorageClass", "Member must not be null"))?;
    let id = call.input.structure("imageId")?;
    let id = id.ok_or_else(|| Refusal::parameter("imageId", "Member must not be null"))?.as_image_id()?;
    let contents = state.region(&place).contents(&repository).unwrap_or_default();
    let image = match find::find(&contents, &id) {
        Found::Image(image) => image.clone(),
        Found::Failed(_) if id.digest.is_none() && id.tag.is_none() => {
            return Err(Refusal::parameter("imageId", "Image digest and tag cannot both be null"));
        }
        Found::Failed(_) => return Err(find::no_image(&id, &repository, &place.account)),
    };
    let status = match (class, image.status) {
        ("ARCHIVE", ImageStatus::Active) => {
            let awake = contents.parents(&image.digest).into_iter().find(|parent| {
                contents.image(parent).is_some_and(|parent| parent.status != ImageStatus::Archived)
            });
            if let Some(parent) = awake {
                return Err(not_supported(&format!(
                    "Requested image referenced by manifest list: [{parent}]"
                )));
            }
            drop(contents);
            archive(state, &place, &repository, &image.digest);
            ImageStatus::Archived
        }
        ("ARCHIVE", ImageStatus::Activating) => {
            return Err(not_supported("The image is being activated"));
        }
        ("STANDARD", ImageStatus::Archived) => {
            drop(contents);
            begin_activation(state, &place, &repository, &image);
            ImageStatus::Activating
        }
        (_, status) => status,
    };
    Ok(json!({
        "registryId": place.account,
        "repositoryName": repository,
        "imageId": id.to_json(),
        "imageStatus": status_name(status),
    }))
}

/// The name of a status.
pub(crate) fn status_name(status: ImageStatus) -> &'static str {
    match status {
        ImageStatus::Active => "ACTIVE",
        ImageStatus::Archived => "ARCHIVED",
        ImageStatus::Activating => "ACTIVATING",
    }
}

fn not_supported(why: &str) -> Refusal {
    Refusal::new("ImageStorageClassUpdateNotSupportedException", why)
}

/// Archives an image, at once.
pub(crate) fn archive(state: &mut State, place: &Place, repository: &str, digest: &str) {
    let now = state.now();
    change(state, place, repository, digest, |image| {
        image.status = ImageStatus::Archived;
        image.archived_at = Some(now);
        image.activating_until = None;
    });
}

/// Begins to bring an image back. An index is never big: it takes as long as any image.
fn begin_activation(state: &mut State, place: &Place, repository: &str, image: &ImageRecord) {
    let until = state.now() + state.settings.activating;
    if let Some(contents) = state.region(place).contents_mut(repository) {
        contents.change(&image.digest, |image| {
            image.status = ImageStatus::Activating;
            image.activating_until = Some(until);
        });
    }
    debug_assert!(is_index(&image.media_type) || image.children.is_empty(), "only indexes have children");
    state.activations.insert((until, place.clone(), repository.to_owned(), image.digest.clone()));
}

/// An image is back.
pub(crate) fn activate(state: &mut State, place: &Place, repository: &str, digest: &str) {
    let now = state.now();
    activate_at(state, place, repository, digest, now);
}

fn activate_at(
    state: &mut State,
    place: &Place,
    repository: &str,
    digest: &str,
    at: chrono::DateTime<chrono::Utc>,
) {
    change(state, place, repository, digest, |image| {
        image.status = ImageStatus::Active;
        image.activated_at = Some(at);
        image.activating_until = None;
    });
}

fn change(
    state: &mut State,
    place: &Place,
    repository: &str,
    digest: &str,
    change: impl FnOnce(&mut ImageRecord),
) {
    let Some(contents) = state.region(place).contents_mut(repository) else { return };
    contents.change(digest, change);
    if let Some(image) = contents.image(digest).cloned() {
        notify::storage_class(state, place, repository, &image);
    }
}

/// Brings back what is due; done before every call.
pub(crate) fn settle(state: &mut State) {
    let found: Vec<_> = state
        .registries
        .iter_mut()
        .flat_map(|(place, registry)| {
            let waking = std::mem::take(&mut registry.waking).into_iter();
            waking.map(|(until, repository, digest)| (until, place.clone(), repository, digest))
        })
        .collect();
    state.activations.extend(found);
    let now = state.now();
    while state.activations.first().is_some_and(|(until, ..)| *until <= now) {
        let Some((until, place, repository, digest)) = state.activations.pop_first() else { return };
        let contents = state.region(&place).contents(&repository).unwrap_or_default();
        let Some(image) = contents.image(&digest) else { continue };
        if image.status != ImageStatus::Activating || image.activating_until != Some(until) {
            continue;
        }
        let tags = image.tags.clone();
        drop(contents);
        activate_at(state, &place, &repository, &digest, until);
        // A restored image is replicated as if it had been pushed.
        replicate::push(state, &place, &repository, &digest, tags.first().map(String::as_str));
        for tag in tags.iter().skip(1) {
            replicate::push(state, &place, &repository, &digest, Some(tag));
        }
    }
}
