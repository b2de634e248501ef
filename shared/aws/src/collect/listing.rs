//! Listings, page by page: of repositories, which have to be whole, and of images, which may be a part.

use demurrage_core::{Image, Listing, Repository};
use futures::future::BoxFuture;

use super::progress::Progress;
use super::room::Place;
use crate::{CallError, CallErrorKind};

/// More pages than the repositories of a registry can fill, or the images of a repository, even with raised quotas.
const PAGES_MAX: usize = 10_000;

/// What is said of a repository that was listed and is not there any more.
const DELETED: &str = "it was deleted while the registry was read";

/// What an image of the usual size takes in memory.
const IMAGE_BYTES: usize = 1_000;

/// What a page holds, and the token of the next one.
pub(super) type Page<T> = (Vec<T>, Option<String>);

/// A page of images that was asked for; boxed, because it crosses threads with the task that waits for it.
pub(super) type ComingImages = BoxFuture<'static, Result<Page<Result<Image, String>>, CallError>>;

/// All repositories, in the order of their names.
///
/// # Errors
/// When a page cannot be read, or they do not end: an unread page would look like repositories that are gone.
pub(super) async fn repositories(
    page: impl AsyncFn(Option<String>) -> Result<Page<Repository>, CallError>,
) -> Result<Vec<Repository>, CallError> {
    let mut repositories = Vec::new();
    let mut token = None;
    for _ in 0..PAGES_MAX {
        let (entries, next) = page(token).await?;
        repositories.extend(entries);
        token = next;
        if token.is_none() {
            repositories.sort_by(|a: &Repository, b| a.name.cmp(&b.name));
            repositories.dedup_by(|a, b| a.name == b.name);
            return Ok(repositories);
        }
    }
    Err(CallError::endless("DescribeRepositories", PAGES_MAX))
}

/// Fills in all images of a repository, in the order of their digests.
///
/// A page that cannot be read leaves the repository marked: `Failed` where it was the first, otherwise
/// `CutOff` with what was read. An image that cannot be understood is missing, and marks it, too.
///
/// # Errors
/// When going on makes no sense: no credentials.
pub(super) async fn images(
    repository: &mut Repository,
    mut place: Option<&mut Place>,
    progress: &Progress,
    page: impl Fn(Option<String>) -> ComingImages + Send,
) -> Result<(), CallError> {
    let mut token = None;
    for page_number in 0..PAGES_MAX {
        if let Some(place) = &mut place {
            place.page().await;
        }
        let (entries, next) = match page(token.take()).await {
            Ok(read) => read,
            Err(error) if error.kind.ends_the_run() => return Err(error),
            Err(error) => {
                mark_unread(repository, page_number, &error);
                break;
            }
        };
        progress.images_listed(entries.len());
        if let Some(place) = &mut place {
            place.had(entries.iter().flatten().map(weight).sum());
        }
        for image in entries {
            match image {
                Ok(image) => repository.images.push(image),
                Err(cause) => {
                    repository.listing = Listing::CutOff;
                    repository.notes.push(cause);
                }
            }
        }
        token = next;
        if token.is_none() {
            break;
        }
    }
    if token.is_some() {
        repository.listing = Listing::CutOff;
        repository.notes.push(format!("its images do not end after {PAGES_MAX} pages"));
    }
    put_in_order(repository);
    Ok(())
}

/// Whether the repository was deleted while the registry was read.
pub(super) fn is_gone(repository: &Repository) -> bool {
    matches!(&repository.listing, Listing::Failed(cause) if cause == DELETED)
}

/// Marks a repository of which the images could not all be read.
fn mark_unread(repository: &mut Repository, read_pages: usize, error: &CallError) {
    if read_pages != 0 {
        repository.listing = Listing::CutOff;
        let pages = if read_pages == 1 { "page" } else { "pages" };
        repository.notes.push(format!("after {read_pages} {pages} of images {error}"));
        return;
    }
    let cause = match error.kind {
        CallErrorKind::NotFound => DELETED.to_owned(),
        CallErrorKind::Denied
        | CallErrorKind::Credentials
        | CallErrorKind::Throttled
        | CallErrorKind::Unreachable
        | CallErrorKind::Server
        | CallErrorKind::Refused => error.to_string(),
    };
    repository.listing = Listing::Failed(cause);
}

/// What an image takes of the room, in images of the usual size: it may have a thousand long tags.
fn weight(image: &Image) -> usize {
    let tag_bytes: usize = image.tags.iter().map(|tag| tag.as_str().len()).sum();
    1 + tag_bytes / IMAGE_BYTES
}

/// Sorts the images by digest and drops repetitions: pages are read while people push, and ECR gives no
/// snapshot. Of two entries of one image the later one stays; a tag that moved meanwhile stands at two.
fn put_in_order(repository: &mut Repository) {
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
