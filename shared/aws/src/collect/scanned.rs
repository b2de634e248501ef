//! Which images of a repository are asked about their scans, where the listing says nothing of them.
//!
//! One call tells of one image, so only what runs next is asked: the newest tagged image, and where it is an index
//! its platforms. It leaves out indexes within that index.

use demurrage_core::{Digest, Image, ImageStatus, Manifest, TaggedRoot};

/// The newest tagged image, as far as what is read so far says. Which images an index names is not known yet: an index is
/// pushed after them.
pub(super) fn newest_root(images: &[Image]) -> Option<&Image> {
    TaggedRoot::newest(images.iter().filter_map(TaggedRoot::of)).map(|root| root.image)
}

/// The images that are asked about: the root and the platforms in its manifest, of which the listing says nothing.
/// The images are in the order of their digests.
pub(super) fn unknown(images: &[Image], root: Digest, manifest: Option<&Manifest>) -> Vec<Digest> {
    let platforms = manifest
        .into_iter()
        .flat_map(|manifest| &manifest.children)
        .filter(|child| !child.is_attestation())
        .map(|child| child.descriptor.digest);
    let mut digests: Vec<Digest> = Vec::new();
    for digest in [root].into_iter().chain(platforms) {
        let listed = images.binary_search_by_key(&digest, |image| image.digest).ok();
        let image = listed.and_then(|place| images.get(place));
        let is_unknown = image.is_some_and(|image| {
            image.scan.is_none()
                && image.status == ImageStatus::Active
                && (digest == root || !image.is_index())
        });
        if is_unknown && !digests.contains(&digest) {
            digests.push(digest);
        }
    }
    digests
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use demurrage_core::{
        Child, Descriptor, Digest, Image, ImageStatus, Manifest, ManifestKind, Platform, ScanSummary, Tag,
    };

    use super::{newest_root, unknown};

    const INDEX: &str = "application/vnd.oci.image.index.v1+json";

    fn digest(number: u8) -> Digest {
        Digest::from_bytes([number; 32])
    }

    fn image(number: u8, pushed: i64, tag: &str) -> Image {
        let mut image = Image::new(digest(number));
        image.pushed_at = DateTime::from_timestamp(pushed, 0);
        image.tags = [tag].into_iter().filter(|tag| !tag.is_empty()).map(Tag::as_given).collect();
        image
    }

    #[test]
    fn the_newest_of_the_images_that_a_tag_names_is_the_root() {
        let images = [image(1, 10, "v1"), image(2, 11, "v2"), image(3, 12, "")];
        assert_eq!(newest_root(&images).map(|image| image.digest), Some(digest(2)));
        assert_eq!(newest_root(&images[2..]), None);
    }

    fn child(number: u8, architecture: &str) -> Child {
        let (os, variant) = (if architecture == "unknown" { "unknown" } else { "linux" }.to_owned(), None);
        let architecture = architecture.to_owned();
        Child {
            descriptor: Descriptor { digest: digest(number), media_type: String::new(), size_bytes: 1 },
            platform: Some(Platform { os, architecture, variant }),
            attests: None,
        }
    }

    #[test]
    fn the_root_and_its_platforms_are_asked_about_where_the_listing_says_nothing() {
        let mut nested = image(6, 1, "");
        nested.manifest_media_type = Some(INDEX.to_owned());
        let mut said = image(4, 1, "");
        said.scan = Some(Box::new(ScanSummary::never()));
        let mut archived = image(5, 1, "");
        archived.status = ImageStatus::Archived;
        let mut root = image(9, 2, "v1");
        root.manifest_media_type = Some(INDEX.to_owned());
        let mut images = vec![image(1, 1, ""), image(2, 1, ""), said, archived, nested, root];
        images.sort_by_key(|image| image.digest);
        let mut manifest = Manifest::new(ManifestKind::OciIndex);
        // An attestation, one that is not listed, and one that is named twice.
        manifest.children = [
            (2, "arm64"),
            (1, "unknown"),
            (4, "amd64"),
            (5, "s390x"),
            (6, "x"),
            (7, "riscv64"),
            (2, "arm64"),
        ]
        .map(|(number, architecture)| child(number, architecture))
        .into();
        assert_eq!(unknown(&images, digest(9), Some(&manifest)), [digest(9), digest(2)]);
        assert_eq!(unknown(&images, digest(9), None), [digest(9)]);
        assert_eq!(unknown(&images, digest(4), None), []);
    }
}
