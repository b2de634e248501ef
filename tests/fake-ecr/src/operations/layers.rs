//! Layers: uploaded in parts, checked, and where they are downloaded from.
//!
//! Source: API model; user guide, service quotas; read 2026-11-23. The last part may be of any size; others
//! have at least 5 MiB.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Call;
use crate::state::{Place, State};
use crate::wire::{Refusal, digest, is_digest, repository_name};

/// The size of parts that is asked for: 10 MiB.
const PART_BYTES: u64 = 10_485_760;
/// The least bytes of a part that is not the last: 5 MiB.
const LEAST_PART_BYTES: usize = 5_242_880;
/// The most bytes of a part: 20 MiB.
const MOST_PART_BYTES: usize = 20_971_520;

/// `BatchCheckLayerAvailability`.
pub(crate) fn check(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, repository) = call.repository(state)?;
    let digests = call.input.strings("layerDigests", 1, 100)?;
    let digests = digests.ok_or_else(|| Refusal::parameter("layerDigests", "Member must not be null"))?;
    let held = state.region(&place).layers.get(&repository).cloned().unwrap_or_default();
    let mut layers = Vec::new();
    let mut failures = Vec::new();
    for digest in digests {
        if digest.is_empty() {
            failures.push(json!({
                "layerDigest": digest, "failureCode": "MissingLayerDigest",
                "failureReason": "Invalid request parameters: layer digest cannot be empty",
            }));
        } else if !is_digest(&digest) {
            failures.push(json!({
                "layerDigest": digest, "failureCode": "InvalidLayerDigest",
                "failureReason": "Invalid request parameters: layer digest should satisfy the regex \
                                  '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
            }));
        } else if let Some(size) = held.get(&digest) {
            layers.push(json!({
                "layerDigest": digest, "layerAvailability": "AVAILABLE", "layerSize": size,
                "mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip",
            }));
        } else {
            layers.push(json!({ "layerDigest": digest, "layerAvailability": "UNAVAILABLE" }));
        }
    }
    Ok(json!({ "layers": layers, "failures": failures }))
}

fn upload_place(place: &Place, repository: &str) -> (String, String, String) {
    (place.account.clone(), place.region.clone(), repository.to_owned())
}

/// `InitiateLayerUpload`.
pub(crate) fn initiate(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, repository) = call.repository(state)?;
    let id = state.blobs.start(upload_place(&place, &repository));
    Ok(json!({ "uploadId": id, "partSize": PART_BYTES }))
}

fn no_upload(id: &str, repository: &str, place: &Place) -> Refusal {
    Refusal::new(
        "UploadNotFoundException",
        format!(
            "The upload with id '{id}' does not exist in the repository with name '{repository}' in the \
             registry with id '{}'",
            place.account
        ),
    )
}

/// `UploadLayerPart`.
pub(crate) fn upload_part(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, repository) = call.repository(state)?;
    let id = call.input.required("uploadId")?;
    let missing = |name: &str| Refusal::parameter(name, "Member must not be null");
    let first = call.input.integer("partFirstByte")?.ok_or_else(|| missing("partFirstByte"))?;
    let last = call.input.integer("partLastByte")?.ok_or_else(|| missing("partLastByte"))?;
    let part = STANDARD
        .decode(call.input.required("layerPartBlob")?)
        .map_err(|_| Refusal::new("SerializationException", "Value of 'layerPartBlob' is not base64"))?;
    if MOST_PART_BYTES < part.len() {
        return Err(Refusal::parameter(
            "layerPartBlob",
            "Member must have length less than or equal to 20971520",
        ));
    }
    let upload = state.blobs.upload(&upload_place(&place, &repository), id);
    let upload = upload.ok_or_else(|| no_upload(id, &repository, &place))?;
    let held = upload.bytes.len();
    let length = last.checked_sub(first).and_then(|span| usize::try_from(span).ok()).map(|span| span + 1);
    if usize::try_from(first) != Ok(held) || length != Some(part.len()) {
        let refusal = Refusal::new(
            "InvalidLayerPartException",
            format!(
                "The layer part with first byte {first} and last byte {last} does not follow the {held} bytes that \
                 were received"
            ),
        );
        return Err(refusal
            .with("registryId", place.account)
            .with("repositoryName", repository)
            .with("uploadId", id)
            .with("lastValidByteReceived", held.saturating_sub(1)));
    }
    upload.parts.push(part.len());
    upload.bytes.extend_from_slice(&part);
    Ok(json!({
        "registryId": place.account, "repositoryName": repository, "uploadId": id, "lastByteReceived": last,
    }))
}

/// `CompleteLayerUpload`.
pub(crate) fn complete_upload(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, repository) = call.repository(state)?;
    let id = call.input.required("uploadId")?;
    let digests = call.input.strings("layerDigests", 1, 100)?;
    let digests = digests.ok_or_else(|| Refusal::parameter("layerDigests", "Member must not be null"))?;
    let key = upload_place(&place, &repository);
    let upload = state.blobs.upload(&key, id).ok_or_else(|| no_upload(id, &repository, &place))?;
    if upload.bytes.is_empty() {
        return Err(Refusal::new(
            "EmptyUploadException",
            format!("The upload with id '{id}' has no layer parts"),
        ));
    }
    let before_last = upload.parts.split_last().map(|(_, before)| before).unwrap_or_default();
    if before_last.iter().any(|bytes| *bytes < LEAST_PART_BYTES) {
        return Err(Refusal::new(
            "LayerPartTooSmallException",
            "Layer parts must be at least 5 MiB in size, except for the last",
        ));
    }
    let actual = digest(&upload.bytes);
    if !digests.contains(&actual) {
        return Err(Refusal::new(
            "InvalidLayerException",
            format!("The layer digest '{actual}' is not the one that was given"),
        ));
    }
    let held = state.region(&place).layers.get(&repository).is_some_and(|held| held.contains_key(&actual));
    if held {
        return Err(Refusal::new(
            "LayerAlreadyExistsException",
            format!(
                "The layer with digest '{actual}' already exists in the repository with name '{repository}'"
            ),
        ));
    }
    complete(state, &place, &repository, id, &actual)?;
    Ok(json!({
        "registryId": place.account, "repositoryName": repository, "uploadId": id, "layerDigest": actual,
    }))
}

/// Ends an upload: its bytes are kept under this digest, which has to be theirs.
pub(crate) fn complete(
    state: &mut State,
    place: &Place,
    repository: &str,
    id: &str,
    expected: &str,
) -> Result<(), Refusal> {
    let upload = state.blobs.upload(&upload_place(place, repository), id);
    let upload = upload.ok_or_else(|| no_upload(id, repository, place))?;
    let actual = digest(&upload.bytes);
    if actual != expected {
        return Err(Refusal::new(
            "InvalidLayerException",
            format!("The layer digest '{actual}' is not the one that was given, '{expected}'"),
        ));
    }
    let size_bytes = upload.bytes.len() as u64;
    if !state.blobs.keep(&actual, id, state.settings.layers_held_bytes) {
        return Err(Refusal::new(
            "LimitExceededException",
            "this server holds no more bytes of layers; raise `layers_held_bytes`",
        ));
    }
    keep_layer(state, place, repository, &actual, size_bytes);
    Ok(())
}

/// A layer is in a repository from now on.
pub(crate) fn keep_layer(state: &mut State, place: &Place, repository: &str, digest: &str, size_bytes: u64) {
    let layers = state.region(place).layers.entry(repository.to_owned()).or_default();
    layers.insert(digest.to_owned(), size_bytes);
}

/// `GetDownloadUrlForLayer`: a URL of this server.
pub(crate) fn download_url(state: &mut State, call: &Call<'_>) -> Result<Value, Refusal> {
    let (place, repository) = call.repository(state)?;
    let digest = call.input.required("layerDigest")?;
    if !is_digest(digest) {
        return Err(Refusal::parameter(
            "layerDigest",
            "must satisfy regular expression '[a-zA-Z0-9-_+.]+:[a-fA-F0-9]+'",
        ));
    }
    let held = state.region(&place).layers.get(&repository).is_some_and(|held| held.contains_key(digest));
    if !held {
        return Err(Refusal::new(
            "LayersNotFoundException",
            format!(
                "The layer with digest '{digest}' does not exist in the repository with name '{}' in the \
                 registry with id '{}'",
                repository_name(call.input)?,
                place.account
            ),
        ));
    }
    Ok(json!({ "downloadUrl": format!("{}/_fake/layers/{digest}", state.url), "layerDigest": digest }))
}
