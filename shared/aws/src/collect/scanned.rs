//! Which images of a repository are asked about their scans, where the listing says nothing of them.
//!
//! One call tells of one image, so only what runs next is asked: the newest tagged image, and where it is an index
//! its platforms. It leaves out indexes within that index.

use demurrage_core::{Digest, Image, ImageStatus, Manifest, Tag};

/// The newest tagged image that can be pulled, and that is none that belongs to another one.
pub(super) fn newest_root(images: &[Image]) -> Option<&Image> {
    let roots = images.iter().filter(|image| {
        image.status == ImageStatus::Active
            && image.subject.is_none()
            && image.tags.iter().any(|tag| !belongs_to_another(tag))
            && can_run(image)
    });
    roots.max_by_key(|image| (image.pushed_at, image.digest))
}

/// Whether it is an image that runs, as far as its listing says.
///
/// Source: OCI image specification 1.1 and Docker image manifest version 2 schema 2, read 2026-11-24.
fn can_run(image: &Image) -> bool {
    image.is_index()
        || image.artifact_media_type.as_deref().is_none_or(|media_type| {
            matches!(
                media_type,
                "" | "application/vnd.oci.image.config.v1+json"
                    | "application/vnd.docker.container.image.v1+json"
            )
        })
}

/// Whether the tag is one of those by which signatures and referrers are found: `sha256-…`, `sha256-….sig`.
///
/// Source: OCI distribution specification 1.1, "Referrers tag schema", and cosign, read 2026-11-24.
fn belongs_to_another(tag: &Tag) -> bool {
    tag.as_str().strip_prefix("sha256-").is_some_and(|rest| {
        let (digest, ending) = rest.split_once('.').unwrap_or((rest, ""));
        digest.len() == 64
            && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
            && matches!(ending, "" | "sig" | "att" | "sbom")
    })
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

    fn newest(images: &[Image]) -> Option<Digest> {
        newest_root(images).map(|image| image.digest)
    }

    #[test]
    fn what_is_untagged_or_belongs_to_another_image_is_no_root() {
        let root = image(1, 10, "v1");
        let mut referrer = image(2, 11, "sbom");
        referrer.subject = Some(digest(1));
        let signature = image(3, 12, &format!("sha256-{}.sig", "ab".repeat(32)));
        let mut archived = image(4, 13, "v2");
        archived.status = ImageStatus::Archived;
        let mut chart = image(5, 14, "1.0.0");
        chart.artifact_media_type = Some("application/vnd.cncf.helm.config.v1+json".to_owned());
        let images = [root, referrer, signature, archived, chart, image(6, 15, "")];
        assert_eq!(newest(&images), Some(digest(1)));
        assert_eq!(newest(&images[1..]), None);
        assert_eq!(newest(&[image(1, 10, "sha256-abc"), image(2, 9, "v1")]), Some(digest(1)));
    }

    #[test]
    fn of_roots_that_were_pushed_at_one_time_the_one_of_the_greater_digest_is_the_newest() {
        assert_eq!(newest(&[image(2, 10, "b"), image(1, 10, "a")]), Some(digest(2)));
        assert_eq!(newest(&[image(2, 10, "b"), image(1, 11, "a")]), Some(digest(1)));
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
