//! What belongs to what among the images of a repository: children to indexes, referrers to subjects.
//!
//! Beside what manifests say, a tag `sha256-HEX…` links an image to the one of that digest.

use rustc_hash::FxHashMap;

use crate::lifecycle::Relations;
use crate::{Digest, Image};

/// An index in an index in an index: deeper than that nobody goes, and a circle ends there.
pub(super) const DEPTH_MAX: u32 = 16;

/// The links between the images of a repository, by their places in the list of images.
#[derive(Debug, Clone)]
pub struct Links<'a> {
    relations: &'a Relations,
    /// For images that refer to others by their tags: those, in the order of the tags.
    tagged_subjects: FxHashMap<u32, Vec<u32>>,
    /// For each image its children and its referrers; empty where there are no links.
    below: Vec<Vec<u32>>,
}

impl<'a> Links<'a> {
    /// The links between these images; `relations` are theirs.
    pub fn of(images: &[Image], relations: &'a Relations) -> Self {
        let mut links = Self { relations, tagged_subjects: tagged_subjects(images), below: Vec::new() };
        let mut below = vec![Vec::new(); images.len()];
        for (place, _) in (0..u32::MAX).zip(images) {
            for above in links.parents(place).iter().copied().chain(links.subjects(place)) {
                if let Some(list) = below.get_mut(above as usize) {
                    list.push(place);
                }
            }
        }
        links.below = below;
        links
    }

    /// The indexes that name the image.
    pub fn parents(&self, image: u32) -> &'a [u32] {
        self.relations.parents(image)
    }

    /// The image of the repository that this one refers to, by its manifest or by its tag; of several the first.
    pub fn subject(&self, image: u32) -> Option<u32> {
        self.subjects(image).next()
    }

    /// All images of the repository that this one refers to: a signature may have a tag for each of several.
    pub fn subjects(&self, image: u32) -> impl Iterator<Item = u32> {
        let tagged = self.tagged_subjects.get(&image).into_iter().flatten().copied();
        self.relations.subject(image).into_iter().chain(tagged)
    }

    /// The children and the referrers of the image.
    pub fn below(&self, image: u32) -> &[u32] {
        self.below.get(image as usize).map_or(&[], Vec::as_slice)
    }

    /// Whether nothing in the repository names it as a child, and it refers to nothing there.
    pub fn is_root(&self, image: u32) -> bool {
        self.parents(image).is_empty() && self.subject(image).is_none()
    }

    /// The root that the image goes with: of several indexes that name it the first by digest.
    pub fn root_of(&self, image: u32) -> u32 {
        let mut root = image;
        for _ in 0..DEPTH_MAX {
            match self.parents(root).first().copied().or_else(|| self.subject(root)) {
                Some(above) => root = above,
                None => break,
            }
        }
        root
    }
}

fn tagged_subjects(images: &[Image]) -> FxHashMap<u32, Vec<u32>> {
    let named: Vec<(u32, Vec<Digest>)> = (0..u32::MAX)
        .zip(images)
        .map(|(place, image)| {
            (place, image.tags.iter().filter_map(|tag| digest_in_tag(tag.as_str())).collect::<Vec<_>>())
        })
        .filter(|(_, digests)| !digests.is_empty())
        .collect();
    if named.is_empty() {
        return FxHashMap::default();
    }
    let by_digest: FxHashMap<Digest, u32> =
        (0..u32::MAX).zip(images).map(|(place, image)| (image.digest, place)).collect();
    let subjects = |(place, digests): (u32, Vec<Digest>)| -> (u32, Vec<u32>) {
        let found = digests.iter().filter_map(|digest| by_digest.get(digest).copied());
        (place, found.filter(|&subject| subject != place).collect())
    };
    named.into_iter().map(subjects).filter(|(_, subjects)| !subjects.is_empty()).collect()
}

/// The image that a tag of the time before referrers belongs to: `sha256-HEX`, alone or with `.sig`, `.att`, `.sbom` or
/// another end.
///
/// Source: OCI distribution specification 1.1, "Referrers tag schema", and cosign's names of signatures, read 2026-11-25.
pub fn digest_in_tag(tag: &str) -> Option<Digest> {
    let rest = tag.strip_prefix("sha256-")?;
    let hex = rest.split_once('.').map_or(rest, |(hex, _)| hex);
    format!("sha256:{hex}").parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Links, digest_in_tag};
    use crate::lifecycle::Relations;
    use crate::{Child, Descriptor, Digest, Image, Manifest, ManifestKind, Tag};

    fn digest(number: u8) -> Digest {
        Digest::from_bytes([number; 32])
    }

    fn index(number: u8, children: &[u8]) -> Image {
        let mut manifest = Manifest::new(ManifestKind::OciIndex);
        for &child in children {
            let descriptor = Descriptor { digest: digest(child), media_type: String::new(), size_bytes: 1 };
            manifest.children.push(Child { descriptor, platform: None, attests: None });
        }
        let mut image = Image::new(digest(number));
        image.manifest = Some(Box::new(manifest));
        image
    }

    #[test]
    fn a_child_goes_with_its_index_and_a_signature_with_what_it_signs() {
        let mut signature = Image::new(digest(4));
        signature.tags = vec![Tag::as_given(&format!("sha256-{}.sig", "02".repeat(32)))];
        let images = [index(1, &[2]), Image::new(digest(2)), Image::new(digest(3)), signature];
        let relations = Relations::of(&images);
        let links = Links::of(&images, &relations);
        assert_eq!([0, 1, 2, 3].map(|image| links.root_of(image)), [0, 0, 2, 0]);
        assert_eq!([0, 1, 2, 3].map(|image| links.is_root(image)), [true, false, true, false]);
        assert_eq!(links.below(1), [3]);
    }

    #[test]
    fn images_that_refer_to_one_another_have_a_root_nevertheless() {
        let (mut one, mut other) = (Image::new(digest(1)), Image::new(digest(2)));
        (one.subject, other.subject) = (Some(digest(2)), Some(digest(1)));
        let images = [one, other];
        let relations = Relations::of(&images);
        assert!(Links::of(&images, &relations).root_of(0) < 2);
    }

    #[test]
    fn a_tag_that_holds_no_digest_links_nothing() {
        assert_eq!(digest_in_tag(&format!("sha256-{}", "ab".repeat(32))), Some(digest(0xab)));
        for tag in ["sha256-", "sha256-v1.sig", "latest", "sha512-ab"] {
            assert_eq!(digest_in_tag(tag), None, "{tag}");
        }
    }
}
