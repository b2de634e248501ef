//! The newest tagged image of a repository, and what of it is scanned.
//!
//! What is no [`TaggedRoot`] is left out: nobody scans it, or nobody can run it. So is what an index names.

use std::collections::{BTreeMap, BTreeSet};

use crate::audit::RepositoryUnder;
use crate::{Child, Digest, Image, Listing, TaggedRoot};

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
        let is_no_child = |&(place, _): &(u32, &Image)| under.relations.parents(place).is_empty();
        let roots = (0_u32..).zip(images).filter(is_no_child).filter_map(|(_, image)| TaggedRoot::of(image));
        let roots: Vec<TaggedRoot<'_>> = roots.collect();
        if roots.is_empty() {
            return Ok(None);
        }
        let Some(TaggedRoot { image: root, tag }) = TaggedRoot::newest(roots.into_iter()) else {
            return Err("when images were pushed was not read".to_owned());
        };
        let tag = tag.as_str();
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
