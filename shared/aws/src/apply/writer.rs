//! The calls that change a repository, each made once.
//!
//! Neither the SDK nor this repeats them: after a lost answer somebody may have put back what the first attempt took away,
//! and while ECR throttles everything may change. What was throttled was not done; of a lost answer the caller finds out in
//! the registry.

use std::future::Future;

use aws_sdk_ecr::Client;
use aws_sdk_ecr::config::http::HttpResponse;
use aws_sdk_ecr::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ecr::types::{
    ImageIdentifier, ImageScanningConfiguration, ImageTagMutability, ImageTagMutabilityExclusionFilter,
    ImageTagMutabilityExclusionFilterType, TargetStorageClass,
};
use demurrage_core::journal::{IdFailure, ImageId};
use demurrage_core::{Digest, Tag, TagMutability};

use crate::tries::once;
use crate::{CallError, CallErrorKind, Ecr};

/// What came of a call that changes something.
#[derive(Debug)]
pub(super) enum Written<T> {
    /// It was answered.
    Answer(T),
    /// It was throttled, and so not done: everything has to be looked at again before it is tried once more.
    NotDone(CallError),
    /// Nobody knows whether it was done.
    Lost(CallError),
    /// It was not done.
    Failed(CallError),
}

/// The answer to a deletion.
#[derive(Debug, Default)]
pub(super) struct Deleted {
    pub(super) done: Vec<ImageId>,
    pub(super) failures: Vec<IdFailure>,
}

async fn write<T, E, F>(ecr: &Ecr, operation: &'static str, send: impl Fn(Client) -> F) -> Written<T>
where
    F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match ecr.call(operation, &send).await {
        Ok(answer) => Written::Answer(answer),
        Err(error) => match error.kind {
            CallErrorKind::Throttled => Written::NotDone(error),
            CallErrorKind::Unreachable | CallErrorKind::Server => Written::Lost(error),
            CallErrorKind::NotFound
            | CallErrorKind::Denied
            | CallErrorKind::Credentials
            | CallErrorKind::Refused => Written::Failed(error),
        },
    }
}

/// `BatchDeleteImage`.
pub(super) async fn delete(ecr: &Ecr, repository: &str, ids: &[ImageId]) -> Written<Deleted> {
    let written = write(ecr, "BatchDeleteImage", |client| {
        let call = client.batch_delete_image().repository_name(repository);
        let ids = ids.iter().map(identifier).collect();
        call.set_image_ids(Some(ids)).customize().config_override(once()).send()
    });
    match written.await {
        Written::Answer(answer) => {
            let failure = |failure: &aws_sdk_ecr::types::ImageFailure| IdFailure {
                id: failure.image_id().map_or(ImageId { digest: None, tag: None }, id_of),
                code: failure
                    .failure_code
                    .as_ref()
                    .map_or_else(|| "no code".to_owned(), |code| code.as_str().to_owned()),
                reason: failure.failure_reason().unwrap_or("no reason is given").to_owned(),
            };
            Written::Answer(Deleted {
                done: answer.image_ids().iter().map(id_of).collect(),
                failures: answer.failures().iter().map(failure).collect(),
            })
        }
        Written::NotDone(error) => Written::NotDone(error),
        Written::Lost(error) => Written::Lost(error),
        Written::Failed(error) => Written::Failed(error),
    }
}

fn identifier(id: &ImageId) -> ImageIdentifier {
    ImageIdentifier::builder()
        .set_image_digest(id.digest.map(|digest| digest.to_string()))
        .set_image_tag(id.tag.as_ref().map(Tag::to_string))
        .build()
}

fn id_of(id: &ImageIdentifier) -> ImageId {
    ImageId {
        digest: id.image_digest().and_then(|digest| digest.parse().ok()),
        tag: id.image_tag().map(Tag::as_given),
    }
}

/// `UpdateImageStorageClass` to the archive class.
pub(super) async fn archive(ecr: &Ecr, repository: &str, digest: Digest) -> Written<()> {
    let id = ImageIdentifier::builder().image_digest(digest.to_string()).build();
    let written = write(ecr, "UpdateImageStorageClass", |client| {
        let call = client.update_image_storage_class().repository_name(repository).image_id(id.clone());
        call.target_storage_class(TargetStorageClass::Archive).customize().config_override(once()).send()
    });
    nothing(written.await)
}

/// `PutImageTagMutability`.
pub(super) async fn put_tag_mutability(ecr: &Ecr, repository: &str, to: &TagMutability) -> Written<()> {
    let filter = |filter: &demurrage_core::ExclusionFilter| {
        ImageTagMutabilityExclusionFilter::builder()
            .filter_type(ImageTagMutabilityExclusionFilterType::from(filter.filter_type.as_str()))
            .filter(&filter.filter)
            .build()
    };
    let filters: Result<Vec<_>, _> = to.exclusion_filters.iter().map(filter).collect();
    let filters = match filters {
        Ok(filters) => Some(filters).filter(|filters| !filters.is_empty()),
        Err(error) => return Written::Failed(unsendable("PutImageTagMutability", error.to_string())),
    };
    let written = write(ecr, "PutImageTagMutability", |client| {
        let call = client.put_image_tag_mutability().repository_name(repository);
        let call = call.image_tag_mutability(ImageTagMutability::from(to.mode.as_str()));
        let call = call.set_image_tag_mutability_exclusion_filters(filters.clone());
        call.customize().config_override(once()).send()
    });
    nothing(written.await)
}

/// `PutLifecyclePolicy`.
pub(super) async fn put_lifecycle_policy(ecr: &Ecr, repository: &str, to: &str) -> Written<()> {
    let written = write(ecr, "PutLifecyclePolicy", |client| {
        let call = client.put_lifecycle_policy().repository_name(repository).lifecycle_policy_text(to);
        call.customize().config_override(once()).send()
    });
    nothing(written.await)
}

/// `PutImageScanningConfiguration`.
pub(super) async fn put_scan_on_push(ecr: &Ecr, repository: &str, scan_on_push: bool) -> Written<()> {
    let scanning = ImageScanningConfiguration::builder().scan_on_push(scan_on_push).build();
    let written = write(ecr, "PutImageScanningConfiguration", |client| {
        let call = client.put_image_scanning_configuration().repository_name(repository);
        let call = call.image_scanning_configuration(scanning.clone());
        call.customize().config_override(once()).send()
    });
    nothing(written.await)
}

fn unsendable(operation: &str, cause: String) -> CallError {
    CallError { operation: operation.to_owned(), kind: CallErrorKind::Refused, code: None, cause }
}

fn nothing<T>(written: Written<T>) -> Written<()> {
    match written {
        Written::Answer(_) => Written::Answer(()),
        Written::NotDone(error) => Written::NotDone(error),
        Written::Lost(error) => Written::Lost(error),
        Written::Failed(error) => Written::Failed(error),
    }
}
