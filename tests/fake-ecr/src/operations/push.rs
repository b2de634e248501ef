//! Pushing a manifest: what `PutImage` and the distribution routes do.
//!
//! For: both of them. Source: facts on mutability, the API model's errors of `PutImage`; read 2026-11-23.

use std::sync::Arc;

use serde_json::Value;

use super::manifest::{self, Manifest, is_index};
use super::{mutability, notify, replicate, storage};
use crate::model::{ImageRecord, ImageStatus, ManifestText, RepositoryRecord};
use crate::state::{Contents, Place, State};
use crate::wire::{Refusal, digest, is_digest, is_tag};

/// The most tags of an image. Source: service quotas, read 2026-11-23.
const MOST_TAGS: usize = 1000;

/// What is pushed.
#[derive(Debug)]
pub(crate) struct Push<'a> {
    /// The manifest's text.
    pub(crate) text: &'a str,
    /// Its media type, where the caller says it.
    pub(crate) media_type: Option<&'a str>,
    /// The tag to put at it.
    pub(crate) tag: Option<&'a str>,
    /// The digest that the caller expects.
    pub(crate) digest: Option<&'a str>,
}

/// Pushes; the digest and the media type of what is there now.
pub(crate) fn push(
    state: &mut State,
    place: &Place,
    repository: &str,
    pushed: &Push<'_>,
) -> Result<(String, String), Refusal> {
    let record = state
        .region(place)
        .record(repository)
        .ok_or_else(|| Refusal::no_repository(repository, &place.account))?;
    let digest = digest(pushed.text.as_bytes());
    expect_digest(pushed.digest, &digest)?;
    let manifest = manifest::read(pushed.text, pushed.media_type)?;
    let media_type = manifest.media_type.clone();
    let contents = state.region(place).contents(repository).unwrap_or_default();
    check_tag(&record, &contents, pushed)?;
    let was = held(&contents, &digest);
    if was == Held::Active {
        check_change(&contents, place, repository, pushed, &digest)?;
    }
    // From here on things change, and what is shared would be copied.
    drop(contents);
    if was == Held::Not {
        let size_bytes = check_references(state, place, repository, &manifest)?;
        insert(state, place, repository, pushed, &digest, manifest, size_bytes);
    } else {
        retag(state, place, repository, pushed, &digest);
    }
    if was == Held::Archived {
        storage::activate(state, place, repository, &digest);
    }
    notify::image_action(state, place, repository, "PUSH", &digest, pushed.tag);
    replicate::push(state, place, repository, &digest, pushed.tag);
    Ok((digest, media_type))
}

/// Whether the pushed image was there before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Not,
    Active,
    /// Archived or on its way back.
    Archived,
}

fn held(contents: &Contents, digest: &str) -> Held {
    match contents.image(digest).map(|image| image.status) {
        None => Held::Not,
        Some(ImageStatus::Active) => Held::Active,
        Some(ImageStatus::Archived | ImageStatus::Activating) => Held::Archived,
    }
}

/// Refuses a tag that is none, and one that has to stay where it stands, even if it stands there.
fn check_tag(record: &RepositoryRecord, contents: &Contents, pushed: &Push<'_>) -> Result<(), Refusal> {
    let Some(tag) = pushed.tag else { return Ok(()) };
    if !is_tag(tag) {
        return Err(Refusal::parameter(
            "imageTag",
            "must satisfy regular expression '[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}'",
        ));
    }
    if contents.tagged(tag).is_some() && mutability::is_immutable(record, tag) {
        return Err(Refusal::new(
            "ImageTagAlreadyExistsException",
            format!(
                "The image tag '{tag}' already exists in the '{}' repository and cannot be overwritten because \
                 the repository is immutable.",
                record.name
            ),
        ));
    }
    Ok(())
}

/// Refuses what would change nothing about an image that is there, and a tag too many.
fn check_change(
    contents: &Contents,
    place: &Place,
    repository: &str,
    pushed: &Push<'_>,
    digest: &str,
) -> Result<(), Refusal> {
    let Some(tag) = pushed.tag else { return Err(already(digest, None, repository, place)) };
    let Some(image) = contents.image(digest) else { return Ok(()) };
    if image.tags.iter().any(|held| held == tag) {
        return Err(already(digest, Some(tag), repository, place));
    }
    if MOST_TAGS <= image.tags.len() {
        return Err(Refusal::new(
            "LimitExceededException",
            format!("The image with digest '{digest}' already has the maximum number of tags, {MOST_TAGS}"),
        ));
    }
    Ok(())
}

/// Puts the tag at an image that is there, unless it stands there.
fn retag(state: &mut State, place: &Place, repository: &str, pushed: &Push<'_>, digest: &str) {
    let now = state.now();
    if let Some(contents) = state.region(place).contents_mut(repository)
        && let Some(tag) = pushed.tag
        && contents.tagged(tag).is_none_or(|at| at.digest != digest)
    {
        contents.tag(digest, tag, now);
    }
}

fn expect_digest(expected: Option<&str>, digest: &str) -> Result<(), Refusal> {
    match expected {
        Some(expected) if !is_digest(expected) => Err(Refusal::parameter(
            "imageDigest",
            "must satisfy regular expression '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
        )),
        Some(expected) if expected != digest => Err(Refusal::new(
            "ImageDigestDoesNotMatchException",
            format!(
                "The image digest '{expected}' does not match the digest of the image manifest, '{digest}'"
            ),
        )),
        _ => Ok(()),
    }
}

fn already(digest: &str, tag: Option<&str>, repository: &str, place: &Place) -> Refusal {
    let tagged = tag.map(|tag| format!(" and tag '{tag}'")).unwrap_or_default();
    Refusal::new(
        "ImageAlreadyExistsException",
        format!(
            "Image with digest '{digest}'{tagged} already exists in the repository with name '{repository}' in \
             registry with id '{}'",
            place.account
        ),
    )
}

/// Refuses what names something that is not there; else the size of the image.
fn check_references(
    state: &mut State,
    place: &Place,
    repository: &str,
    manifest: &Manifest,
) -> Result<u64, Refusal> {
    let contents = state.region(place).contents(repository).unwrap_or_default();
    let missing: Vec<&str> = manifest
        .children
        .iter()
        .filter(|child| contents.image(child).is_none())
        .map(String::as_str)
        .collect();
    if !missing.is_empty() {
        return Err(Refusal::new(
            "ReferencedImagesNotFoundException",
            format!(
                "Images with digests '[{}]' required for pushing image into repository with name '{repository}' in the registry with id '{}' do not exist",
                missing.join(", "),
                place.account
            ),
        ));
    }
    if is_index(&manifest.media_type) {
        let sizes = manifest.children.iter().filter_map(|child| contents.image(child));
        return Ok(sizes.map(|child| child.size_bytes).max().unwrap_or(0));
    }
    if state.settings.layers_required {
        let held = state.region(place).layers.get(repository);
        let missing: Vec<&str> = manifest
            .layers
            .iter()
            .filter(|layer| held.is_none_or(|held| !held.contains_key(*layer)))
            .map(String::as_str)
            .collect();
        if !missing.is_empty() {
            return Err(Refusal::new(
                "LayersNotFoundException",
                format!(
                    "Layers with digests '[{}]' required for pushing image into repository with name '{repository}' in the registry with id '{}' do not exist",
                    missing.join(", "),
                    place.account
                ),
            ));
        }
    }
    Ok(manifest.size_bytes)
}

fn insert(
    state: &mut State,
    place: &Place,
    repository: &str,
    pushed: &Push<'_>,
    digest: &str,
    manifest: Manifest,
    size_bytes: u64,
) {
    let image = ImageRecord {
        digest: digest.to_owned(),
        tags: pushed.tag.map(str::to_owned).into_iter().collect(),
        pushed_at: state.now(),
        pulled_at: None,
        archived_at: None,
        activated_at: None,
        activating_until: None,
        status: ImageStatus::Active,
        size_bytes,
        media_type: manifest.media_type,
        artifact_type: manifest.artifact_type,
        subject: manifest.subject,
        children: manifest.children,
        manifest: ManifestText::Held(Arc::from(pushed.text)),
    };
    if let Some(contents) = state.region(place).contents_mut(repository) {
        contents.insert(image);
    }
}

/// `image` of the answer to `PutImage`.
pub(crate) fn answer(
    place: &Place,
    repository: &str,
    pushed: &Push<'_>,
    digest: &str,
    media_type: &str,
) -> Value {
    let id = crate::wire::ImageId { digest: Some(digest.to_owned()), tag: pushed.tag.map(str::to_owned) };
    serde_json::json!({
        "registryId": place.account,
        "repositoryName": repository,
        "imageId": id.to_json(),
        "imageManifest": pushed.text,
        "imageManifestMediaType": media_type,
    })
}
