//! Which image of a repository whoever deploys by tag gets: the newest that a tag names and that can be run.
//!
//! Artifacts (charts, signatures, caches) are left out, and so are images that refer to another one, and those in the
//! archive class, which nobody can pull. Leaves out who references whom: callers that know the indexes leave out what
//! those name.

use crate::{Image, ImageStatus, Tag};

/// An image that has a name of its own, and can be run as far as what is known of it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TaggedRoot<'a> {
    /// The image, or the index.
    pub image: &'a Image,
    /// The first tag that names the image itself, and not what belongs to another one.
    pub tag: &'a Tag,
}

impl<'a> TaggedRoot<'a> {
    /// This image as a root; nothing where it is none.
    pub fn of(image: &'a Image) -> Option<Self> {
        if image.subject.is_some() || !can_be_pulled(image.status) || !can_run(image) {
            return None;
        }
        let tag = image.tags.iter().find(|tag| !belongs_to_another(tag.as_str()))?;
        Some(Self { image, tag })
    }

    /// The one of these that was pushed last, of several the one of the greatest digest. Those of which nobody knows when
    /// they were pushed are left out.
    pub fn newest(roots: impl Iterator<Item = Self>) -> Option<Self> {
        let timed = roots.filter_map(|root| Some((root.image.pushed_at?, root)));
        timed.max_by_key(|(pushed_at, root)| (*pushed_at, root.image.digest)).map(|(_, root)| root)
    }
}

/// Whether it can be pulled as soon as somebody wants to. A status that this version does not know keeps nothing out.
const fn can_be_pulled(status: ImageStatus) -> bool {
    match status {
        ImageStatus::Active | ImageStatus::Unrecognised => true,
        ImageStatus::Archived | ImageStatus::Activating => false,
    }
}

/// Whether it is an image that runs, as far as its listing and its manifest say.
///
/// Source: OCI image specification 1.1 and Docker image manifest version 2 schema 2, read 2026-11-23.
fn can_run(image: &Image) -> bool {
    let config = image.manifest.as_ref().and_then(|manifest| manifest.config.as_ref());
    let media_type =
        image.artifact_media_type.as_deref().or_else(|| config.map(|config| config.media_type.as_str()));
    image.is_index()
        || media_type.is_none_or(|media_type| {
            matches!(
                media_type,
                "" | "application/vnd.oci.image.config.v1+json"
                    | "application/vnd.docker.container.image.v1+json"
            )
        })
}

/// Whether the tag is one of those by which signatures and referrers are found: `sha256-…`, `sha256-….sig`.
///
/// Source: OCI distribution specification 1.1, "Referrers tag schema", and cosign, read 2026-11-23.
fn belongs_to_another(tag: &str) -> bool {
    tag.strip_prefix("sha256-").is_some_and(|rest| {
        let (digest, ending) = rest.split_once('.').unwrap_or((rest, ""));
        digest.len() == 64
            && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
            && matches!(ending, "" | "sig" | "att" | "sbom")
    })
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;

    use super::{TaggedRoot, belongs_to_another};
    use crate::{Descriptor, Digest, Image, ImageStatus, Manifest, ManifestKind, Tag};

    fn image(number: u8, pushed: i64, tag: &str) -> Image {
        let mut image = Image::new(Digest::from_bytes([number; 32]));
        image.pushed_at = DateTime::from_timestamp(pushed, 0);
        image.tags = [tag].into_iter().filter(|tag| !tag.is_empty()).map(Tag::as_given).collect();
        image
    }

    fn newest(images: &[Image]) -> Option<u8> {
        TaggedRoot::newest(images.iter().filter_map(TaggedRoot::of))
            .map(|root| root.image.digest.as_bytes()[0])
    }

    #[test]
    fn what_is_untagged_or_belongs_to_another_image_is_no_root() {
        let mut referrer = image(2, 11, "sbom");
        referrer.subject = Some(Digest::from_bytes([1; 32]));
        let signature = image(3, 12, &format!("sha256-{}.sig", "ab".repeat(32)));
        let images = [image(1, 10, "v1"), referrer, signature, image(4, 13, "")];
        assert_eq!(newest(&images), Some(1));
        assert_eq!(newest(&images[1..]), None);
        assert_eq!(newest(&[image(1, 10, "sha256-abc"), image(2, 9, "v1")]), Some(1));
    }

    #[test]
    fn what_is_in_the_archive_class_or_on_the_way_out_of_it_is_no_root() {
        let of = |status| {
            let mut image = image(1, 10, "v1");
            image.status = status;
            newest(&[image])
        };
        assert_eq!([of(ImageStatus::Archived), of(ImageStatus::Activating)], [None, None]);
        assert_eq!([of(ImageStatus::Active), of(ImageStatus::Unrecognised)], [Some(1), Some(1)]);
    }

    #[test]
    fn a_chart_is_known_by_its_listing_or_by_its_manifest() {
        let chart = "application/vnd.cncf.helm.config.v1+json";
        let mut listed = image(1, 10, "1.0.0");
        listed.artifact_media_type = Some(chart.to_owned());
        let mut read = image(2, 10, "1.0.0");
        let mut manifest = Manifest::new(ManifestKind::OciImage);
        let (digest, media_type) = (Digest::from_bytes([9; 32]), chart.to_owned());
        manifest.config = Some(Descriptor { digest, media_type, size_bytes: 2 });
        read.manifest = Some(Box::new(manifest));
        assert_eq!(newest(&[listed, read]), None);
    }

    #[test]
    fn of_roots_that_were_pushed_at_one_time_the_one_of_the_greater_digest_is_the_newest() {
        assert_eq!(newest(&[image(2, 10, "b"), image(1, 10, "a")]), Some(2));
        assert_eq!(newest(&[image(2, 10, "b"), image(1, 11, "a")]), Some(1));
        let mut unknown = image(3, 12, "c");
        unknown.pushed_at = None;
        assert_eq!(newest(&[unknown, image(1, 11, "a")]), Some(1));
    }

    #[test]
    fn only_the_tags_by_which_signatures_and_referrers_are_found_belong_to_another_image() {
        let digest = "0123456789abcdef".repeat(4);
        for ending in ["", ".sig", ".att", ".sbom"] {
            assert!(belongs_to_another(&format!("sha256-{digest}{ending}")), "{ending}");
        }
        for tag in ["sha256-", "1.0.0", "latest", "sha256-v2.sig"] {
            assert!(!belongs_to_another(tag), "{tag}");
        }
        assert!(!belongs_to_another(&format!("sha256-{digest}.tar")));
        assert!(!belongs_to_another(&format!("sha256-{digest}0")));
        assert!(!belongs_to_another(&digest));
    }
}
