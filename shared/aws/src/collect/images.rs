//! The images of one repository, page by page, without their manifests.

use aws_sdk_ecr::types::{DescribeImagesFilter, ImageDetail, ImageStatusFilter};
use demurrage_core::{Digest, Image, ImageStatus, Listing, Repository, Tag};

use super::progress::Progress;
use super::repositories::{PAGES_MAX, mark_unlisted};
use super::room::Place;
use crate::calls::PAGE_ENTRIES;
use crate::ecr_time::instant;
use crate::{CallError, Ecr};

/// Lists all images of a repository, archived ones too, in the order of their digests.
///
/// A page that cannot be read leaves the repository marked: `Failed` where it was the first, otherwise
/// `CutOff` with what was read.
///
/// # Errors
/// When going on makes no sense: no credentials.
pub(super) async fn list(
    ecr: &Ecr,
    repository: &mut Repository,
    mut place: Option<&mut Place>,
    progress: &Progress,
) -> Result<(), CallError> {
    // Archived images are listed only when they are asked for.
    let filter = DescribeImagesFilter::builder().image_status(ImageStatusFilter::Any).build();
    let mut token = None;
    for page_number in 0..PAGES_MAX {
        if let Some(place) = &mut place {
            place.page().await;
        }
        let name = &repository.name;
        let page = ecr
            .call("DescribeImages", |client| {
                let call = client.describe_images().repository_name(name).max_results(PAGE_ENTRIES);
                call.filter(filter.clone()).set_next_token(token.clone()).send()
            })
            .await;
        let page = match page {
            Ok(page) => page,
            Err(error) if error.kind.ends_the_run() => return Err(error),
            Err(error) => {
                mark_unlisted(repository, page_number, &error);
                break;
            }
        };
        let details = page.image_details.unwrap_or_default();
        progress.images_listed(details.len());
        if let Some(place) = &mut place {
            place.had(details.len());
        }
        for detail in details {
            add(repository, image(detail));
        }
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    mark_endless(repository, token.as_ref());
    put_in_order(repository);
    Ok(())
}

/// Marks a repository whose pages did not come to an end.
pub(super) fn mark_endless(repository: &mut Repository, token: Option<&String>) {
    if token.is_some() && repository.listing == Listing::Complete {
        repository.listing = Listing::CutOff;
        repository.notes.push(format!("its images do not end after {PAGES_MAX} pages"));
    }
}

/// Adds an image; one that cannot be understood is missing from the listing, which says so.
pub(super) fn add(repository: &mut Repository, image: Result<Image, String>) {
    match image {
        Ok(image) => repository.images.push(image),
        Err(cause) => {
            repository.listing = Listing::CutOff;
            repository.notes.push(cause);
        }
    }
}

fn image(detail: ImageDetail) -> Result<Image, String> {
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

/// Sorts the images by digest and drops repetitions: pages are read while people push, and ECR gives no
/// snapshot. Of two entries of one image the later one stays; a tag that moved meanwhile stands at two.
pub(super) fn put_in_order(repository: &mut Repository) {
    // Stable: entries of one digest stay in the order in which they came.
    repository.images.sort_by_key(|image| image.digest);
    repository.images.dedup_by(|later, earlier| {
        let is_same_image = later.digest == earlier.digest;
        if is_same_image {
            std::mem::swap(later, earlier);
        }
        is_same_image
    });
    repository.images.shrink_to_fit();
}

#[cfg(test)]
mod tests {
    use demurrage_core::{Digest, Image, Repository, Tag};

    use super::put_in_order;

    fn image(number: u8, tags: &[&str]) -> Image {
        let mut image = Image::new(Digest::from_bytes([number; 32]));
        image.tags = tags.iter().map(|tag| Tag::as_given(tag)).collect();
        image
    }

    #[test]
    fn of_an_image_that_comes_twice_the_later_entry_stays() {
        let mut repository = Repository::new("team/app");
        repository.images =
            vec![image(2, &["a"]), image(1, &[]), image(2, &["b"]), image(1, &[]), image(2, &["c"])];
        put_in_order(&mut repository);
        assert_eq!(repository.images, [image(1, &[]), image(2, &["c"])]);
    }
}
