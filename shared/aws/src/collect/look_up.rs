//! One repository, or one image of it, asked for by name: for whoever acts on one push, and not on a registry.
//!
//! It assumes that the registry is that of the caller's account. What is not there is nothing, and no error.

use aws_sdk_ecr::types::{DescribeImagesFilter, ImageIdentifier, ImageStatusFilter};
use demurrage_core::{Digest, Image, Manifest, Repository};

use super::images;
use super::manifests::{self, ACCEPTED};
use super::repositories;
use crate::exclusions::{self, Exclusion};
use crate::{CallError, CallErrorKind, Ecr, Session};

/// The calls of this, as IAM names them.
pub const LOOK_UP_ACTIONS: [&str; 4] = [
    "ecr:BatchGetImage",
    "ecr:DescribeImages",
    "ecr:DescribeRepositories",
    "ecr:ListPullTimeUpdateExclusions",
];

/// The settings that the listing of a repository has; nothing where there is no such repository.
///
/// # Errors
/// When the call failed after its retries.
pub async fn look_up_repository(ecr: &Ecr, name: &str) -> Result<Option<Repository>, CallError> {
    let asked = ecr
        .call("DescribeRepositories", |client| client.describe_repositories().repository_names(name).send());
    match asked.await {
        Ok(answer) => Ok(answer.repositories.unwrap_or_default().pop().map(repositories::repository)),
        Err(error) if error.is("RepositoryNotFoundException") => Ok(None),
        Err(error) => Err(error),
    }
}

/// An image, archived or not, as it is listed: with its tags and size, without its manifest. Nothing where it is not
/// there any more.
///
/// # Errors
/// When the call failed after its retries, or the answer makes no sense.
pub async fn look_up_image(
    ecr: &Ecr,
    repository_name: &str,
    digest: &Digest,
) -> Result<Option<Image>, CallError> {
    const OPERATION: &str = "DescribeImages";
    let filter = DescribeImagesFilter::builder().image_status(ImageStatusFilter::Any).build();
    let id = ImageIdentifier::builder().image_digest(digest.to_string()).build();
    let asked = ecr.call(OPERATION, |client| {
        let call = client.describe_images().repository_name(repository_name).image_ids(id.clone());
        call.filter(filter.clone()).send()
    });
    let detail = match asked.await {
        Ok(answer) => answer.image_details.unwrap_or_default().pop(),
        Err(error) if error.is("ImageNotFoundException") || error.is("RepositoryNotFoundException") => None,
        Err(error) => return Err(error),
    };
    detail.map(images::image).transpose().map_err(|cause| nonsense(OPERATION, cause))
}

/// The manifest of an image; nothing where it is not there any more. Reading it counts as a pull, unless the caller is
/// excluded: see [`look_up_exclusion`].
///
/// # Errors
/// When the call failed after its retries, or the answer makes no sense.
pub async fn look_up_manifest(
    ecr: &Ecr,
    repository_name: &str,
    digest: &Digest,
) -> Result<Option<Manifest>, CallError> {
    const OPERATION: &str = "BatchGetImage";
    let id = ImageIdentifier::builder().image_digest(digest.to_string()).build();
    let accepted: Vec<String> = ACCEPTED.iter().map(ToString::to_string).collect();
    let asked = ecr.call(OPERATION, |client| {
        let call = client.batch_get_image().repository_name(repository_name).image_ids(id.clone());
        call.set_accepted_media_types(Some(accepted.clone())).send()
    });
    let answer = match asked.await {
        Ok(answer) => answer,
        Err(error) if error.is("RepositoryNotFoundException") => return Ok(None),
        Err(error) => return Err(error),
    };
    let Some(image) = answer.images.unwrap_or_default().pop() else { return Ok(None) };
    let media_type = image.image_manifest_media_type.as_deref();
    let given = image.image_id.as_ref().and_then(|id| id.image_digest.as_deref());
    match manifests::manifest(given, image.image_manifest.as_deref(), media_type) {
        Ok((_, manifest)) => Ok(Some(*manifest)),
        Err(cause) => Err(nonsense(OPERATION, cause)),
    }
}

/// Whether the pulls of the caller are recorded in this region.
pub async fn look_up_exclusion(ecr: &Ecr, session: &Session) -> Exclusion {
    match exclusions::list(ecr).await {
        Ok((arns, _)) => exclusions::among(session, &arns),
        Err(error) => Exclusion::Unreadable(error),
    }
}

fn nonsense(operation: &str, cause: String) -> CallError {
    CallError { operation: operation.to_owned(), kind: CallErrorKind::Server, code: None, cause }
}
