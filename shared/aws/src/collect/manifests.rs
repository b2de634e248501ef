//! Manifests that nobody has read before, a hundred at a time.

use aws_sdk_ecr::types::ImageIdentifier;
use demurrage_core::{Digest, Image, ImageStatus, Manifest, parse_manifest};
use sha2::{Digest as _, Sha256};

use super::reader::Terms;
use crate::CallError;
use crate::calls::BATCH_IMAGES;

/// Every type of manifest that may be stored: with fewer, ECR would answer for an index with one of its
/// children, or not at all.
pub(super) const ACCEPTED: [&str; 6] = [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.oci.artifact.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
    "application/vnd.docker.distribution.manifest.v1+prettyjws",
];

/// What came of one batch.
#[derive(Debug)]
pub(super) struct Batch {
    /// The greatest digest that was asked for; batches come in the order of digests.
    pub(super) last: Digest,
    /// The manifests, in the order of their digests.
    pub(super) manifests: Vec<(Digest, Box<Manifest>)>,
    /// What could not be read, one sentence each.
    pub(super) notes: Vec<String>,
    /// How many manifests did not come in time; no note is about them.
    pub(super) late: usize,
}

/// The images whose manifests can be read and are not known: what is archived, or on its way back, cannot
/// be pulled.
pub(super) fn wanted(images: &[Image], known: &[Digest]) -> Vec<Digest> {
    images
        .iter()
        .filter(|image| image.status == ImageStatus::Active && known.binary_search(&image.digest).is_err())
        .map(|image| image.digest)
        .collect()
}

/// The batches of these digests.
pub(super) fn batches(wanted: &[Digest]) -> impl Iterator<Item = Vec<Digest>> {
    wanted.chunks(BATCH_IMAGES).map(<[Digest]>::to_vec)
}

/// Reads one batch of at most a hundred, if it comes in time.
///
/// # Errors
/// When going on makes no sense: no credentials.
pub(super) async fn read(terms: &Terms, repository_name: &str, asked: &[Digest]) -> Result<Batch, CallError> {
    let ids: Vec<ImageIdentifier> = asked
        .iter()
        .map(|digest| ImageIdentifier::builder().image_digest(digest.to_string()).build())
        .collect();
    let call = terms.ecr.call("BatchGetImage", |client| {
        let call = client.batch_get_image().repository_name(repository_name);
        let accepted = ACCEPTED.iter().map(ToString::to_string).collect();
        call.set_image_ids(Some(ids.clone())).set_accepted_media_types(Some(accepted)).send()
    });
    let last = asked.last().copied().unwrap_or(Digest::from_bytes([0; 32]));
    let mut batch = Batch { last, manifests: Vec::new(), notes: Vec::new(), late: 0 };
    let answer = match terms.times.list.wait(call).await {
        None => return Ok(Batch { late: asked.len(), ..batch }),
        Some(Ok(answer)) => answer,
        Some(Err(error)) if error.kind.ends_the_run() => return Err(error),
        Some(Err(error)) => {
            batch.notes.push(format!("{} manifests were not read: {error}", asked.len()));
            return Ok(batch);
        }
    };
    for image in answer.images.unwrap_or_default() {
        let media_type = image.image_manifest_media_type.as_deref();
        let digest = image.image_id.as_ref().and_then(|id| id.image_digest.as_deref());
        match manifest(digest, image.image_manifest.as_deref(), media_type) {
            Ok(read) => batch.manifests.push(read),
            Err(cause) => batch.notes.push(cause),
        }
    }
    for failure in answer.failures.unwrap_or_default() {
        batch.notes.extend(failure_note(&failure));
    }
    // One entry for each tag may come.
    batch.manifests.sort_by_key(|(digest, _)| *digest);
    batch.manifests.dedup_by_key(|(digest, _)| *digest);
    terms.progress.manifests_read(batch.manifests.len());
    Ok(batch)
}

/// A manifest whose text has the digest that it came under.
pub(super) fn manifest(
    digest: Option<&str>,
    text: Option<&str>,
    media_type: Option<&str>,
) -> Result<(Digest, Box<Manifest>), String> {
    let (Some(digest), Some(text)) = (digest, text) else {
        return Err("a manifest came without its text or its digest".to_owned());
    };
    let digest: Digest = digest.parse().map_err(|error: demurrage_core::DigestError| error.to_string())?;
    // A signed manifest of the first version is named by what was signed, not by its whole text.
    let is_signed = media_type.is_some_and(|media_type| media_type.ends_with("+prettyjws"));
    if !is_signed && *digest.as_bytes() != <[u8; 32]>::from(Sha256::digest(text)) {
        return Err(format!("the manifest that came as {digest} has another digest"));
    }
    match parse_manifest(text, media_type) {
        Ok(manifest) => Ok((digest, Box::new(manifest))),
        Err(error) => Err(format!("{digest}: {error}")),
    }
}

/// An image that is gone, or was archived since it was listed, is no failure of the reading.
fn failure_note(failure: &aws_sdk_ecr::types::ImageFailure) -> Option<String> {
    let code = failure.failure_code.as_ref().map(aws_sdk_ecr::types::ImageFailureCode::as_str);
    if code == Some("ImageNotFound") {
        return None;
    }
    let digest = failure.image_id.as_ref().and_then(|id| id.image_digest.as_deref()).unwrap_or("an image");
    let reason = failure.failure_reason.as_deref().unwrap_or("no reason is given");
    Some(format!("the manifest of {digest} was not read: {reason} ({})", code.unwrap_or("no code")))
}
