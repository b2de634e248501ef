//! What goes together: an index with its children, an image with what refers to it.
//!
//! Links are those of manifests, and the tags `sha256-HEX…` by which signatures are found. An image may hang on several
//! others, and then stays as long as any of them.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::lifecycle::Relations;
use crate::plan::digest_in_tag;
use crate::{Digest, Image, Tag};

/// What hangs on what among the images of a repository, by their places.
#[derive(Debug)]
pub(super) struct Units<'a> {
    images: &'a [Image],
    relations: &'a Relations,
    /// For each image with tags that link it, the images that they name.
    tagged_subjects: FxHashMap<u32, Vec<u32>>,
    /// For each image what hangs on it directly.
    below: Vec<Vec<u32>>,
    by_digest: FxHashMap<Digest, u32>,
}

impl<'a> Units<'a> {
    pub(super) fn of(images: &'a [Image], relations: &'a Relations) -> Self {
        let by_digest: FxHashMap<Digest, u32> =
            (0..u32::MAX).zip(images).map(|(place, image)| (image.digest, place)).collect();
        let mut units = Self {
            images,
            relations,
            tagged_subjects: FxHashMap::default(),
            below: vec![Vec::new(); images.len()],
            by_digest,
        };
        for (place, image) in (0..u32::MAX).zip(images) {
            let mut subjects: Vec<u32> =
                image.tags.iter().filter_map(|tag| units.subject_of_tag(place, tag)).collect();
            subjects.sort_unstable();
            subjects.dedup();
            if !subjects.is_empty() {
                units.tagged_subjects.insert(place, subjects);
            }
        }
        for (place, _) in (0..u32::MAX).zip(images) {
            for holder in units.holders(place) {
                if let Some(below) = units.below.get_mut(holder as usize) {
                    below.push(place);
                }
            }
        }
        units
    }

    /// The image of the repository that this tag of an image links it to.
    fn subject_of_tag(&self, image: u32, tag: &Tag) -> Option<u32> {
        let subject = self.by_digest.get(&digest_in_tag(tag.as_str())?).copied()?;
        (subject != image).then_some(subject)
    }

    /// The indexes that name the image, and what it refers to; each once, ascending.
    pub(super) fn holders(&self, image: u32) -> Vec<u32> {
        let mut holders = self.relations.parents(image).to_vec();
        holders.extend(self.relations.subject(image));
        holders.extend(self.tagged_subjects.get(&image).into_iter().flatten());
        holders.sort_unstable();
        holders.dedup();
        holders
    }

    /// Whether it hangs on nothing.
    pub(super) fn is_root(&self, image: u32) -> bool {
        self.relations.parents(image).is_empty()
            && self.relations.subject(image).is_none()
            && !self.tagged_subjects.contains_key(&image)
    }

    /// Whether rules look at the image itself: at a root, and at what has a tag of its own. What refers to another image by
    /// its manifest goes with that whatever its tags, because ECR removes it, too.
    ///
    /// Source: ECR user guide, "Image signing", read 2026-11-25.
    pub(super) fn is_judged(&self, image: u32) -> bool {
        self.is_root(image) || (self.relations.subject(image).is_none() && self.has_own_tags(image))
    }

    /// Whether it counts where the newest are counted.
    pub(super) fn is_counted(&self, image: u32) -> bool {
        self.is_judged(image) && self.relations.parents(image).is_empty()
    }

    /// Whether a tag links it to another image.
    pub(super) fn is_linked_by_tag(&self, image: u32) -> bool {
        self.tagged_subjects.contains_key(&image)
    }

    fn has_own_tags(&self, image: u32) -> bool {
        self.tags_of(image).iter().any(|tag| self.subject_of_tag(image, tag).is_none())
    }

    fn tags_of(&self, image: u32) -> &'a [Tag] {
        self.images.get(image as usize).map_or(&[], |image| &image.tags)
    }

    /// The tags that name the image itself, sorted.
    pub(super) fn own_tags(&self, image: u32) -> Vec<&'a Tag> {
        let is_linking = self.tagged_subjects.contains_key(&image);
        let is_own = |tag: &&Tag| !is_linking || self.subject_of_tag(image, tag).is_none();
        let mut tags: Vec<&Tag> = self.tags_of(image).iter().filter(is_own).collect();
        tags.sort_unstable();
        tags.dedup();
        tags
    }

    /// The image and everything that hangs on it, each once.
    pub(super) fn unit(&self, image: u32) -> Vec<u32> {
        let mut unit = vec![image];
        if self.directly_below(image).is_empty() {
            return unit;
        }
        let mut seen: FxHashSet<u32> = std::iter::once(image).collect();
        let mut next = 0;
        while let Some(&place) = unit.get(next) {
            unit.extend(self.directly_below(place).iter().filter(|&&below| seen.insert(below)));
            next += 1;
        }
        unit
    }

    fn directly_below(&self, image: u32) -> &[u32] {
        self.below.get(image as usize).map_or(&[], Vec::as_slice)
    }
}
