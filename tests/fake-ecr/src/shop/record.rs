//! The shop as records, for a server to hold.

use super::{
    clock,
    image::{Image, Life},
    repository::{Lifecycle, Repository},
    settings,
};
use crate::{ImageRecord, ImageStatus, ManifestText, RepositoryRecord};
use chrono::{DateTime, Utc};

/// How long the images that are on their way back still need.
const ACTIVATING_SECONDS: u64 = 600;

/// The repository. A policy that nobody has read for the files is none here.
pub(super) fn repository(
    repository: &Repository,
    images: &[Image],
    now: DateTime<Utc>,
    seed: u64,
) -> RepositoryRecord {
    let (mutability, exclusions) = repository.mutability.setting();
    let kms_key = settings::kms_key(repository);
    let lifecycle_policy = match repository.lifecycle {
        Lifecycle::Policy(policy) => Some(policy.text()),
        Lifecycle::None | Lifecycle::NotRead => None,
    };
    let resource_tags = settings::resource_tags(repository).unwrap_or_default();
    RepositoryRecord {
        name: repository.name.to_owned(),
        created_at: settings::created_at(images, now),
        mutability: mutability.to_owned(),
        exclusion_filters: exclusions.iter().map(|filter| (*filter).to_owned()).collect(),
        scan_on_push: settings::scan_on_push(repository),
        encryption_type: if kms_key.is_some() { "KMS" } else { "AES256" }.to_owned(),
        kms_key,
        lifecycle_evaluated_at: lifecycle_policy
            .as_ref()
            .map(|_| settings::evaluated_at(repository, now, seed)),
        lifecycle_policy,
        repository_policy: settings::policy_text(repository),
        resource_tags: resource_tags
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value.to_owned()))
            .collect(),
    }
}

/// The image, with the text of its manifest.
pub(super) fn image(image: &Image, now: DateTime<Utc>) -> ImageRecord {
    let (status, archived_at, activated_at) = match image.when.life {
        Life::Active => (ImageStatus::Active, None, None),
        Life::Archived(archived) => (ImageStatus::Archived, Some(archived), None),
        Life::Restored { archived, activated } => (ImageStatus::Active, Some(archived), Some(activated)),
        Life::Activating { archived } => (ImageStatus::Activating, Some(archived), None),
    };
    let activating_until = (status == ImageStatus::Activating).then(|| clock::later(now, ACTIVATING_SECONDS));
    ImageRecord {
        digest: image.digest.to_string(),
        tags: image.tags.clone(),
        pushed_at: image.when.pushed,
        pulled_at: image.when.pulled,
        archived_at,
        activated_at,
        activating_until,
        status,
        size_bytes: image.bytes,
        media_type: image.media_type.to_owned(),
        artifact_type: image.artifact_type.map(str::to_owned),
        subject: image.subject.map(|digest| digest.to_string()),
        children: image.children.iter().map(ToString::to_string).collect(),
        manifest: ManifestText::Held(image.manifest.as_str().into()),
    }
}
