//! What is in use of one repository, with all that hangs on it.

use rustc_hash::FxHashMap;

use crate::lifecycle::Relations;
use crate::plan::digest_in_tag;
use crate::{Digest, Image};

/// Why an image has to stay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Protection {
    /// It is in use itself: by these uses, by their places in the graph; never empty.
    InUse(Vec<u32>),
    /// It is part of something in use, or refers to it: to the image at this place, which is in use itself.
    PartOf(u32),
    /// It may be a part of the image at this place, which is in use or has to stay: a manifest that was not read would
    /// tell.
    MayBePartOf(u32),
}

/// What is in use of one repository.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RepositoryUse {
    /// For each image, in the order of the images, why it has to stay; nothing: nothing is known to use it.
    pub protections: Vec<Option<Protection>>,
}

impl RepositoryUse {
    /// Spreads these uses of images over what hangs on them. `direct` has the uses of each image.
    ///
    /// From an image in use it goes up to the indexes that name it and to its subject, because which of them was asked for
    /// is not known, and ECR removes what refers to a subject with it; and from all of these down, to children and to
    /// what refers to them. It does not go up again: an index that shares a child with one in use is not in use.
    pub(super) fn of(images: &[Image], relations: &Relations, direct: Vec<Vec<u32>>) -> Self {
        if direct.iter().all(Vec::is_empty) {
            return Self { protections: vec![None; images.len()] };
        }
        let hanging = Hanging::of(images, relations);
        let mut protections: Vec<Option<Protection>> = direct
            .into_iter()
            .map(|uses| if uses.is_empty() { None } else { Some(Protection::InUse(uses)) })
            .collect();
        // The images that stay so far, each with the one in use that it stays for.
        let in_use = |protections: &[Option<Protection>]| -> Vec<(u32, u32)> {
            (0..u32::MAX)
                .zip(protections)
                .filter(|(_, protection)| protection.is_some())
                .map(|(place, protection)| (place, source(place, protection.as_ref())))
                .collect()
        };
        let users = in_use(&protections);
        spread(&mut protections, users, |place| hanging.above(place));
        let staying = in_use(&protections);
        spread(&mut protections, staying, |place| {
            hanging.below.get(place as usize).cloned().unwrap_or_default()
        });
        may_be(&mut protections, images, relations);
        Self { protections }
    }

    /// Why the image at this place has to stay.
    pub fn protection(&self, image: u32) -> Option<&Protection> {
        self.protections.get(image as usize)?.as_ref()
    }
}

/// The image in use that a protection comes from.
const fn source(place: u32, protection: Option<&Protection>) -> u32 {
    match protection {
        Some(Protection::PartOf(image) | Protection::MayBePartOf(image)) => *image,
        Some(Protection::InUse(_)) | None => place,
    }
}

/// Goes on from each place to what is next to it, until nothing is new.
fn spread(
    protections: &mut [Option<Protection>],
    mut waiting: Vec<(u32, u32)>,
    next: impl Fn(u32) -> Vec<u32>,
) {
    while let Some((place, from)) = waiting.pop() {
        for neighbour in next(place) {
            if let Some(protection @ None) = protections.get_mut(neighbour as usize) {
                *protection = Some(Protection::PartOf(from));
                waiting.push((neighbour, from));
            }
        }
    }
}

/// What could be a part of something that stays, if manifests that were not read said so.
fn may_be(protections: &mut [Option<Protection>], images: &[Image], relations: &Relations) {
    let stays = |protections: &[Option<Protection>], place: u32| {
        protections.get(place as usize).is_some_and(Option::is_some)
    };
    let unread = relations.unread_indexes();
    // An index that was not read may name any image in use.
    let first_in_use = (0..u32::MAX).zip(&*protections).find(|(_, protection)| protection.is_some());
    let first_in_use = first_in_use.map(|(place, protection)| source(place, protection.as_ref()));
    let Some(first_in_use) = first_in_use else { return };
    for &index in unread {
        if let Some(protection @ None) = protections.get_mut(index as usize) {
            *protection = Some(Protection::MayBePartOf(first_in_use));
        }
    }
    // And any image without a tag may be a child of an index that stays and was not read.
    let Some(&index) = unread.iter().find(|&&index| stays(protections, index)) else { return };
    for (image, protection) in images.iter().zip(protections) {
        if image.tags.is_empty() && protection.is_none() {
            *protection = Some(Protection::MayBePartOf(index));
        }
    }
}

/// What hangs on what in a repository, by the places of images.
struct Hanging<'a> {
    relations: &'a Relations,
    /// For each image its children, and what refers to it.
    below: Vec<Vec<u32>>,
    /// For images that refer to others by their tags: those.
    tagged_subjects: FxHashMap<u32, Vec<u32>>,
}

impl<'a> Hanging<'a> {
    fn of(images: &[Image], relations: &'a Relations) -> Self {
        let by_digest: FxHashMap<Digest, u32> =
            (0..u32::MAX).zip(images).map(|(place, image)| (image.digest, place)).collect();
        let tagged_subjects_of = |image: &Image| -> Vec<u32> {
            let digests = image.tags.iter().filter_map(|tag| digest_in_tag(tag.as_str()));
            digests.filter_map(|digest| by_digest.get(&digest).copied()).collect()
        };
        let tagged_subjects: FxHashMap<u32, Vec<u32>> = (0..u32::MAX)
            .zip(images)
            .map(|(place, image)| (place, tagged_subjects_of(image)))
            .filter(|(_, subjects)| !subjects.is_empty())
            .collect();
        let mut hanging = Self { relations, below: vec![Vec::new(); images.len()], tagged_subjects };
        for (place, _) in (0..u32::MAX).zip(images) {
            for above in hanging.above(place) {
                if let Some(below) = hanging.below.get_mut(above as usize) {
                    below.push(place);
                }
            }
        }
        hanging
    }

    /// The indexes that name an image, and its subject.
    fn above(&self, place: u32) -> Vec<u32> {
        let mut above = self.relations.parents(place).to_vec();
        above.extend(self.relations.subject(place));
        above.extend(self.tagged_subjects.get(&place).into_iter().flatten());
        above
    }
}

#[cfg(test)]
mod tests;
