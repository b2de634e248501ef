//! The newest tagged image of a repository, and what of it is scanned.
//!
//! Artifacts (charts, signatures, caches) are left out: nobody scans them. So are images that another one names or
//! that refer to one, and archived ones, which nobody can run.

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::RepositoryUnder;
use crate::{Child, Digest, Image, ImageStatus, Listing, Tag};

/// The newest tagged image.
pub(super) struct NewestImage<'a> {
    /// The image itself, or the index.
    pub(super) root: &'a Image,
    /// The first of its tags.
    pub(super) tag: &'a str,
    /// What of it is scanned: the image, or those of the platforms of the index, in their order.
    pub(super) parts: Vec<Part<'a>>,
}

/// An image that is scanned.
pub(super) struct Part<'a> {
    /// What it is for, such as `linux/arm64`; where no index says so, its digest.
    pub(super) name: String,
    /// The image.
    pub(super) image: &'a Image,
}

impl<'a> NewestImage<'a> {
    /// The newest tagged image; nothing where there is none, and a reason where that is not known.
    pub(super) fn of(under: &RepositoryUnder<'a>) -> Result<Option<Self>, String> {
        match &under.repository.listing {
            Listing::Complete => {}
            Listing::CutOff => return Err("not all images are listed".to_owned()),
            Listing::Failed(cause) => return Err(format!("images were not read: {cause}")),
        }
        let images = &under.repository.images;
        let roots = (0_u32..).zip(images).filter(|&(place, image)| {
            under.relations.parents(place).is_empty() && image.subject.is_none() && can_run(image)
        });
        let roots: Vec<_> = roots.filter_map(|(_, image)| Some((image, name_of(image)?))).collect();
        if roots.is_empty() {
            return Ok(None);
        }
        let newest = roots
            .into_iter()
            .filter(|(image, _)| image.pushed_at.is_some())
            .max_by_key(|(image, _)| (image.pushed_at, image.digest));
        let Some((root, tag)) = newest else { return Err("when images were pushed was not read".to_owned()) };
        Ok(Some(Self { root, tag, parts: parts(root, images)? }))
    }
}

fn parts<'a>(root: &'a Image, images: &'a [Image]) -> Result<Vec<Part<'a>>, String> {
    if !root.is_index() {
        return Ok(vec![Part { name: root.digest.to_string(), image: root }]);
    }
    let by_digest: BTreeMap<Digest, &Image> = images.iter().map(|image| (image.digest, image)).collect();
    let mut seen = BTreeSet::from([root.digest]);
    let mut indexes = vec![root];
    let mut parts = Vec::new();
    while let Some(index) = indexes.pop() {
        let Some(manifest) = &index.manifest else {
            return Err(format!("the manifest of the index {} was not read", index.digest));
        };
        for child in manifest.children.iter().filter(|child| !child.is_attestation()) {
            let digest = child.descriptor.digest;
            let Some(image) = by_digest.get(&digest) else {
                return Err(format!("the image {digest} of the index {} is not listed", index.digest));
            };
            if !seen.insert(digest) {
                continue;
            }
            if image.is_index() {
                indexes.push(image);
            } else {
                parts.push(Part { name: platform(child), image });
            }
        }
    }
    Ok(parts)
}

fn platform(child: &Child) -> String {
    let Some(platform) = &child.platform else { return child.descriptor.digest.to_string() };
    let variant = platform.variant.as_ref().map(|variant| format!("/{variant}")).unwrap_or_default();
    format!("{}/{}{variant}", platform.os, platform.architecture)
}

/// Whether it is an image that runs, as far as what is known of it says.
///
/// Source: OCI image specification 1.1 and Docker image manifest version 2 schema 2, read 2026-11-23.
fn can_run(image: &Image) -> bool {
    let config = image.manifest.as_ref().and_then(|manifest| manifest.config.as_ref());
    let media_type =
        image.artifact_media_type.as_deref().or_else(|| config.map(|config| config.media_type.as_str()));
    let is_image = media_type.is_none_or(|media_type| {
        matches!(
            media_type,
            "" | "application/vnd.oci.image.config.v1+json"
                | "application/vnd.docker.container.image.v1+json"
        )
    });
    image.status != ImageStatus::Archived && (image.is_index() || is_image)
}

/// The first tag that names the image itself, and not what belongs to another one.
fn name_of(image: &Image) -> Option<&str> {
    image.tags.iter().map(Tag::as_str).find(|tag| !belongs_to_another(tag))
}

/// Whether the tag is one of those by which signatures and referrers are found.
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
    use super::belongs_to_another;

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
