//! What of a repository's losses can be made good. Nothing is written.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use demurrage_core::journal::{Loss, PushedOut, Restoration, Way, blobs_needed, pushed_out, restorations};
use demurrage_core::lifecycle::Policy;
use demurrage_core::plan::RepositoryAddress;
use demurrage_core::{Digest, Image, ImageStatus, Listing, Manifest, Repository, parse_manifest};

use super::blobs;
use crate::collect::list_images;
use crate::{CallError, Ecr, attached_policy};

/// What becomes of the losses of one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryRestoration {
    /// The repository.
    pub repository: RepositoryAddress,
    /// Each image that was lost, in the order in which they come back.
    pub images: Vec<Restoration>,
    /// What its attached lifecycle policy would act on because of it.
    pub pushed_out: Vec<PushedOut>,
    /// What could not be found out beside that, one sentence each.
    pub notes: Vec<String>,
    /// Why nothing can be done in it, where that is so; then there are no images.
    pub refused: Option<String>,
    /// The images that it had.
    pub present: Vec<Image>,
}

/// Looks what of these losses can be made good. `manifests` are those that are known of images of the repository, for what
/// belongs to what in the eyes of its lifecycle policy.
///
/// # Errors
/// When a call fails, but for a repository that is not there or cannot be listed.
pub async fn look(
    ecr: &Ecr,
    repository: &RepositoryAddress,
    losses: &BTreeMap<Digest, Loss>,
    manifests: &BTreeMap<Digest, Manifest>,
    now: DateTime<Utc>,
) -> Result<RepositoryRestoration, CallError> {
    let mut found = RepositoryRestoration {
        repository: repository.clone(),
        images: Vec::new(),
        pushed_out: Vec::new(),
        notes: Vec::new(),
        refused: None,
        present: Vec::new(),
    };
    let listed = list_images(ecr, &repository.name).await?;
    found.refused = refusal(&listed);
    if found.refused.is_some() {
        return Ok(found);
    }
    found.present = listed.images;
    let needed = blobs_needed(losses, &found.present);
    let blobs = blobs::states(ecr, &repository.name, &needed).await?;
    found.images = restorations(losses, &found.present, &blobs);
    match attached_policy(ecr, &repository.name).await {
        Ok(None) => {}
        Ok(Some(text)) => consequences(&mut found, &text, losses, manifests, now),
        Err(error) => found
            .notes
            .push(format!("what the attached lifecycle policy would do because of it is not known: {error}")),
    }
    Ok(found)
}

fn refusal(listed: &Repository) -> Option<String> {
    match &listed.listing {
        Listing::Complete => None,
        Listing::CutOff => Some("its images could not all be listed".to_owned()),
        Listing::Failed(cause) => Some(format!("its images cannot be listed: {cause}")),
    }
}

/// What the policy would act on because of what comes back.
fn consequences(
    found: &mut RepositoryRestoration,
    text: &str,
    losses: &BTreeMap<Digest, Loss>,
    manifests: &BTreeMap<Digest, Manifest>,
    now: DateTime<Utc>,
) {
    let Ok(policy) = Policy::parse(text) else {
        let note = "the attached lifecycle policy cannot be read, so what it would do is not known";
        found.notes.push(note.to_owned());
        return;
    };
    for image in &mut found.present {
        image.manifest = manifests.get(&image.digest).cloned().map(Box::new);
    }
    let there: BTreeMap<Digest, &Image> = found.present.iter().map(|image| (image.digest, image)).collect();
    let back =
        |restoration: &Restoration| image_back(&there, losses.get(&restoration.digest)?, restoration, now);
    let restored: Vec<Image> = found.images.iter().filter_map(back).collect();
    found.pushed_out = pushed_out(&policy, &found.present, &restored, now);
}

/// The image as it will be: pushed, or restored from the archive class, now. Nothing where it does not change.
fn image_back(
    present: &BTreeMap<Digest, &Image>,
    loss: &Loss,
    restoration: &Restoration,
    now: DateTime<Utc>,
) -> Option<Image> {
    let there = present.get(&restoration.digest).map(|&image| image.clone());
    let mut image = match (&restoration.way, there) {
        (Way::Put, _) => {
            let mut image = Image::new(restoration.digest);
            image.pushed_at = Some(now);
            image.size_bytes = loss.image.size_bytes;
            image.manifest_media_type.clone_from(&loss.image.media_type);
            let text = loss.image.manifest.as_deref().unwrap_or_default();
            let manifest = parse_manifest(text, loss.image.media_type.as_deref()).ok();
            image.subject = manifest.as_ref().and_then(|manifest| manifest.subject).or(loss.image.subject);
            image.manifest = manifest.map(Box::new);
            image
        }
        (Way::Activate, Some(mut image)) => {
            image.status = ImageStatus::Active;
            image.activated_at = Some(now);
            image
        }
        (Way::Tags, Some(image)) => image,
        (Way::Activate | Way::Tags, None) | (Way::Nothing | Way::Impossible(_), _) => return None,
    };
    image.tags.extend(restoration.tags.iter().cloned());
    image.tags.sort_unstable();
    Some(image)
}
