//! Who references whom among the images of one repository.
//!
//! Computed once for a repository and shared by every evaluation of it. Only images that are in the
//! repository count: an index or a subject that is gone relates to nothing.

use rustc_hash::FxHashMap;

use crate::{Digest, Image, ImageStatus};

/// The references between the images of a repository, by their places in the list of images.
///
/// Belongs to the one list of images that it was made of.
#[derive(Debug, Clone, Default)]
pub struct Relations {
    /// For each image the indexes that name it, in the order of their digests; empty when no image is an index.
    parents: Vec<Vec<u32>>,
    /// For each image its subject, where that is in the repository; empty when no image has one.
    subjects: Vec<Option<u32>>,
    /// The indexes of which the manifest was not read.
    unread_indexes: Vec<u32>,
}

impl Relations {
    /// The references between these images.
    //= docs/SEMANTICS.md#index-gone
    //= docs/SEMANTICS.md#referrer-orphan
    //= docs/SEMANTICS.md#child-unknown
    pub fn of(images: &[Image]) -> Self {
        let mut relations = Self {
            unread_indexes: positions(images)
                .filter(|(_, i)| i.has_unknown_children())
                .map(|(p, _)| p)
                .collect(),
            ..Self::default()
        };
        let has_children = images.iter().any(|image| image.children().next().is_some());
        let has_subjects = images.iter().any(|image| image.subject.is_some());
        if !has_children && !has_subjects {
            return relations;
        }
        let by_digest: FxHashMap<Digest, u32> =
            positions(images).map(|(p, image)| (image.digest, p)).collect();
        if has_subjects {
            let subject = |image: &Image| by_digest.get(&image.subject?).copied();
            relations.subjects = images.iter().map(subject).collect();
        }
        if has_children {
            relations.parents = parents(images, &by_digest);
        }
        relations
    }

    /// The indexes that name this image, by their places.
    pub fn parents(&self, image: u32) -> &[u32] {
        self.parents.get(image as usize).map_or(&[], Vec::as_slice)
    }

    /// The subject of this image, by its place, where it is in the repository.
    pub fn subject(&self, image: u32) -> Option<u32> {
        self.subjects.get(image as usize).copied().flatten()
    }

    /// The indexes of which the manifest was not read: their children are unknown.
    pub fn unread_indexes(&self) -> &[u32] {
        &self.unread_indexes
    }

    /// Whether any image names children that are in the repository.
    pub(super) fn has_children(&self) -> bool {
        !self.parents.is_empty()
    }

    /// An index that names this image and is not archived; nothing where all of them are.
    pub(super) fn live_parent(&self, images: &[Image], image: u32) -> Option<u32> {
        let archived = |parent: u32| {
            images.get(parent as usize).is_some_and(|index| index.status == ImageStatus::Archived)
        };
        self.parents(image).iter().copied().find(|&parent| !archived(parent))
    }
}

fn parents(images: &[Image], by_digest: &FxHashMap<Digest, u32>) -> Vec<Vec<u32>> {
    let mut parents = vec![Vec::new(); images.len()];
    for (index, image) in positions(images) {
        for child in image.children().filter_map(|digest| by_digest.get(&digest)) {
            if let Some(list) = parents.get_mut(*child as usize)
                && list.last() != Some(&index)
            {
                list.push(index);
            }
        }
    }
    // The same index is named whatever the order of the images.
    for list in &mut parents {
        list.sort_by_key(|&index| images.get(index as usize).map(|image| image.digest));
    }
    parents
}

/// The images with their places. A repository has at most 100,000 of them by quota; more than 2^32 are cut off.
pub(super) fn positions(images: &[Image]) -> impl Iterator<Item = (u32, &Image)> {
    (0..u32::MAX).zip(images)
}
