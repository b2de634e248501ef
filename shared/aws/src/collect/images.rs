//! The images of one repository, page by page, without their manifests.

use aws_sdk_ecr::types::{DescribeImagesFilter, ImageDetail, ImageStatusFilter};
use demurrage_core::{Digest, Image, ImageStatus, Repository, Tag};
use futures::FutureExt;

use super::progress::Progress;
use super::room::Place;
use super::until::Until;
use super::{listing, scans};
use crate::calls::PAGE_ENTRIES;
use crate::ecr_time::instant;
use crate::{CallError, Ecr};

/// Lists all images of a repository, archived ones too; those that come in time.
///
/// # Errors
/// When going on makes no sense: no credentials.
pub(super) async fn list(
    ecr: &Ecr,
    until: Until,
    repository: &mut Repository,
    place: Option<&mut Place>,
    progress: &Progress,
) -> Result<(), CallError> {
    // Archived images are listed only when they are asked for.
    let filter = DescribeImagesFilter::builder().image_status(ImageStatusFilter::Any).build();
    let (ecr, name) = (ecr.clone(), repository.name.clone());
    let page = move |token: Option<String>| {
        let (ecr, name, filter) = (ecr.clone(), name.clone(), filter.clone());
        async move {
            let asked = ecr.call("DescribeImages", |client| {
                let call = client.describe_images().repository_name(&name).max_results(PAGE_ENTRIES);
                call.filter(filter.clone()).set_next_token(token.clone()).send()
            });
            let page = until.call("DescribeImages", asked).await?;
            Ok((page.image_details.unwrap_or_default().into_iter().map(image).collect(), page.next_token))
        }
        .boxed()
    };
    listing::images(repository, place, progress, page).await
}

pub(super) fn image(detail: ImageDetail) -> Result<Image, String> {
    let mut image = Image::new(digest(detail.image_digest.as_deref())?);
    image.tags = tags(detail.image_tags);
    image.pushed_at = instant(detail.image_pushed_at.as_ref());
    image.last_pulled_at = instant(detail.last_recorded_pull_time.as_ref());
    image.archived_at = instant(detail.last_archived_at.as_ref());
    image.activated_at = instant(detail.last_activated_at.as_ref());
    image.status =
        detail.image_status.map_or(ImageStatus::Active, |status| ImageStatus::from_api(status.as_str()));
    image.size_bytes = size_bytes(&image.digest, detail.image_size_in_bytes)?;
    image.manifest_media_type = detail.image_manifest_media_type;
    image.artifact_media_type = detail.artifact_media_type;
    image.subject = detail.subject_manifest_digest.map(|text| digest(Some(&text))).transpose()?;
    image.scan =
        scans::listed(detail.image_scan_status.as_ref(), detail.image_scan_findings_summary.as_ref())
            .map(Box::new);
    Ok(image)
}

pub(super) fn digest(text: Option<&str>) -> Result<Digest, String> {
    let text = text.ok_or("an image is listed without a digest")?;
    text.parse().map_err(|error: demurrage_core::DigestError| error.to_string())
}

pub(super) fn tags(given: Option<Vec<String>>) -> Vec<Tag> {
    given.unwrap_or_default().iter().map(|tag| Tag::as_given(tag)).collect()
}

pub(super) fn size_bytes(digest: &Digest, given: Option<i64>) -> Result<Option<u64>, String> {
    given.map(u64::try_from).transpose().map_err(|_| format!("the size of {digest} is negative"))
}
