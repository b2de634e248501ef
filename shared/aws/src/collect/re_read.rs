//! A repository that is about to be changed, read again: all of it, or the images that are about to go.

use std::collections::BTreeMap;

use aws_sdk_ecr::types::{DescribeImagesFilter, ImageIdentifier, ImageStatusFilter};
use demurrage_core::{Digest, Fact, Image, Manifest, Repository};

use super::manifests::{self, ACCEPTED};
use super::until::Until;
use super::{Progress, images, registry, repositories};
use crate::calls::BATCH_IMAGES;
use crate::{CallError, CallErrorKind, Ecr};

/// The exact text of a manifest, and what it says.
#[derive(Debug, Clone)]
pub(crate) struct ManifestText {
    pub(crate) text: String,
    pub(crate) media_type: Option<String>,
    pub(crate) manifest: Box<Manifest>,
}

/// Lists all images of a repository into it, archived ones too; what cannot be read is marked there.
///
/// # Errors
/// When going on makes no sense: no credentials.
pub(crate) async fn re_read_images(ecr: &Ecr, repository: &mut Repository) -> Result<(), CallError> {
    images::list(ecr, Until::default(), repository, None, &Progress::default()).await
}

/// The resource tags of a repository.
///
/// # Errors
/// When the call failed after its retries.
pub(crate) async fn re_read_tags(
    ecr: &Ecr,
    repository: &Repository,
) -> Result<Fact<BTreeMap<String, String>>, CallError> {
    repositories::resource_tags(ecr, repository.arn.as_deref()).await
}

/// The text of the lifecycle policy of a repository.
///
/// # Errors
/// When the call failed after its retries.
pub(crate) async fn re_read_lifecycle_policy(ecr: &Ecr, name: &str) -> Result<Fact<String>, CallError> {
    Ok(match repositories::lifecycle_policy(ecr, name).await? {
        Fact::Present((text, _)) => Fact::Present(text),
        Fact::Absent => Fact::Absent,
        Fact::NotEvaluated => Fact::NotEvaluated,
    })
}

/// Who may pull from a repository, as far as policies of ECR say it.
#[derive(Debug)]
pub(crate) struct AccessPolicies {
    pub(crate) repository: Fact<String>,
    pub(crate) registry: Fact<String>,
}

/// The policy of a repository and that of its registry.
///
/// # Errors
/// When a call failed after its retries.
pub(crate) async fn re_read_policies(ecr: &Ecr, name: &str) -> Result<AccessPolicies, CallError> {
    let (repository, registry) =
        tokio::join!(repositories::repository_policy(ecr, name), registry::policy(ecr));
    Ok(AccessPolicies { repository: repository?, registry: registry? })
}

/// These images as they are now, whatever their status; those that are gone are missing. Any number is asked for.
///
/// ECR answers for all of a call or for none: where one is gone, halves are asked for, and so on.
///
/// # Errors
/// When a call failed after its retries, or an answer makes no sense.
pub(crate) async fn re_read_named(
    ecr: &Ecr,
    repository_name: &str,
    digests: &[Digest],
) -> Result<BTreeMap<Digest, Image>, CallError> {
    const OPERATION: &str = "DescribeImages";
    let filter = DescribeImagesFilter::builder().image_status(ImageStatusFilter::Any).build();
    let mut waiting: Vec<&[Digest]> = digests.chunks(BATCH_IMAGES).collect();
    let mut found = BTreeMap::new();
    while let Some(part) = waiting.pop() {
        let asked = ecr.call(OPERATION, |client| {
            let call = client.describe_images().repository_name(repository_name);
            call.set_image_ids(Some(part.iter().map(id_of).collect())).filter(filter.clone()).send()
        });
        let details = match asked.await {
            Ok(answer) => answer.image_details.unwrap_or_default(),
            Err(error) if error.is("ImageNotFoundException") => {
                if 1 < part.len() {
                    let (one, other) = part.split_at(part.len() / 2);
                    waiting.extend([one, other]);
                }
                continue;
            }
            Err(error) => return Err(error),
        };
        for detail in details {
            let image = images::image(detail).map_err(|cause| nonsense(OPERATION, cause))?;
            found.insert(image.digest, image);
        }
    }
    Ok(found)
}

/// The manifests of these images; those that are gone, or that cannot be read, are missing. Reading them counts as a pull,
/// unless the caller is excluded.
///
/// # Errors
/// When a call failed after its retries, or an answer makes no sense.
pub(crate) async fn re_read_manifests(
    ecr: &Ecr,
    repository_name: &str,
    digests: &[Digest],
) -> Result<BTreeMap<Digest, ManifestText>, CallError> {
    const OPERATION: &str = "BatchGetImage";
    let accepted: Vec<String> = ACCEPTED.iter().map(ToString::to_string).collect();
    let mut found = BTreeMap::new();
    for part in digests.chunks(BATCH_IMAGES) {
        let asked = ecr.call(OPERATION, |client| {
            let call = client.batch_get_image().repository_name(repository_name);
            let call = call.set_image_ids(Some(part.iter().map(id_of).collect()));
            call.set_accepted_media_types(Some(accepted.clone())).send()
        });
        for image in asked.await?.images.unwrap_or_default() {
            let media_type = image.image_manifest_media_type;
            let digest = image.image_id.as_ref().and_then(|id| id.image_digest.as_deref());
            let text = image.image_manifest;
            let (digest, manifest) = manifests::manifest(digest, text.as_deref(), media_type.as_deref())
                .map_err(|cause| nonsense(OPERATION, cause))?;
            let text = text.unwrap_or_default();
            found.insert(digest, ManifestText { text, media_type, manifest });
        }
    }
    Ok(found)
}

fn id_of(digest: &Digest) -> ImageIdentifier {
    ImageIdentifier::builder().image_digest(digest.to_string()).build()
}

fn nonsense(operation: &str, cause: String) -> CallError {
    CallError { operation: operation.to_owned(), kind: CallErrorKind::Server, code: None, cause }
}
