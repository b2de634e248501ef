//! Signatures, attestations and other referrers whose subject is not in the repository any more.
//!
//! ECR deletes what refers to an image by its manifest within 24 hours after the image; what refers by its tag alone,
//! `sha256-HEX.sig`, stays until somebody deletes it. Says nothing where not all images were listed.
//!
//! Source: ECR user guide, "Deleting an image" and "Lifecycle policies", read 2026-11-25.

use rustc_hash::FxHashSet;

use super::{Blobs, Holding};
use crate::plan::digest_in_tag;
use crate::{Digest, Image, Listing, Repository};

/// What refers to nothing that is there.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OrphanReferrers {
    /// The referrers, ascending.
    pub digests: Vec<Digest>,
    /// The bytes that would be free without all of them.
    pub bytes: u128,
}

impl OrphanReferrers {
    /// Those of a repository; nothing where not all of its images were listed. `blobs` are those of its images.
    pub fn of(repository: &Repository, blobs: &Blobs) -> Option<Self> {
        match repository.listing {
            Listing::Complete => {}
            Listing::CutOff | Listing::Failed(_) => return None,
        }
        let images = &repository.images;
        let there: FxHashSet<Digest> = images.iter().map(|image| image.digest).collect();
        let mut holding = Holding::of(blobs, images);
        let mut orphans = Self::default();
        for (image, place) in images.iter().zip(0..) {
            if is_orphan(image, &there) {
                orphans.digests.push(image.digest);
                orphans.bytes = orphans.bytes.saturating_add(holding.remove(place));
            }
        }
        orphans.digests.sort_unstable();
        Some(orphans)
    }
}

/// Whether an image refers to others, and none of them is there. One that has a tag of its own beside is none: somebody
/// names it.
fn is_orphan(image: &Image, there: &FxHashSet<Digest>) -> bool {
    let by_tag: Vec<Option<Digest>> = image.tags.iter().map(|tag| digest_in_tag(tag.as_str())).collect();
    if by_tag.contains(&None) {
        return false;
    }
    let mut subjects = image.subject.into_iter().chain(by_tag.into_iter().flatten()).peekable();
    subjects.peek().is_some() && subjects.all(|subject| !there.contains(&subject))
}

#[cfg(test)]
mod tests {
    use super::OrphanReferrers;
    use crate::cost::Blobs;
    use crate::{Digest, Image, Listing, Repository, Tag};

    fn digest(number: u8) -> Digest {
        Digest::from_bytes([number; 32])
    }

    fn image(number: u8, subject: Option<u8>, tags: &[&str]) -> Image {
        let mut image = Image::new(digest(number));
        image.size_bytes = Some(100);
        image.subject = subject.map(digest);
        image.tags = tags.iter().map(|tag| Tag::as_given(tag)).collect();
        image
    }

    fn orphans(images: Vec<Image>, listing: Listing) -> Option<(Vec<Digest>, u128)> {
        let mut repository = Repository::new("a");
        (repository.images, repository.listing) = (images, listing);
        let found = OrphanReferrers::of(&repository, &Blobs::of(&repository.images));
        found.map(|orphans| (orphans.digests, orphans.bytes))
    }

    #[test]
    fn a_referrer_is_orphaned_when_nothing_that_it_names_is_there() {
        let tag = |number: u8| format!("sha256-{}.sig", format!("{number:02x}").repeat(32));
        let of =
            |image: Image| orphans(vec![self::image(1, None, &["v1"]), image], Listing::Complete).unwrap().0;
        assert_eq!(of(image(2, Some(1), &[])), []);
        assert_eq!(of(image(2, Some(9), &[])), [digest(2)]);
        assert_eq!(of(image(2, None, &[&tag(9)])), [digest(2)]);
        assert_eq!(of(image(2, None, &[&tag(9), &tag(1)])), [], "it signs one that is there, too");
        assert_eq!(of(image(2, Some(9), &["keep"])), [], "somebody names it");
        assert_eq!(of(image(2, None, &[])), [], "untagged, and refers to nothing");
    }

    #[test]
    fn where_images_may_be_missing_nobody_knows() {
        let images = || vec![image(2, Some(9), &[])];
        assert_eq!(orphans(images(), Listing::CutOff), None);
        assert_eq!(orphans(images(), Listing::Failed("no".to_owned())), None);
        assert_eq!(orphans(images(), Listing::Complete), Some((vec![digest(2)], 100)));
    }
}
