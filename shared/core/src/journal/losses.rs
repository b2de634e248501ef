//! What a journal says that repositories have lost: images, tags, and what moved to the archive class.
//!
//! It says what was taken, and not whether it is still gone: who restores looks at the registry.

use std::collections::{BTreeMap, BTreeSet};

use super::{Call, Entry, ImageId, SavedImage};
use crate::plan::RepositoryAddress;
use crate::{Digest, Tag};

/// An image that went, lost tags, or was archived.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loss {
    /// The image as it was before.
    pub image: SavedImage,
    /// The tags that it lost, sorted.
    pub tags: Vec<Tag>,
    /// Whether it, or a tag of it, was deleted; not so where it was archived alone.
    pub was_deleted: bool,
    /// Whether it was archived.
    pub was_archived: bool,
}

/// Everything that a journal says was lost.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Losses(BTreeMap<RepositoryAddress, BTreeMap<Digest, Loss>>);

impl Losses {
    /// Learns of an entry. Of one without an outcome nobody knows what was done: all of it may have been.
    pub fn learn(&mut self, entry: &Entry) {
        let done = entry.outcome.as_ref().map(|outcome| outcome.done.as_slice());
        match &entry.intent.call {
            Call::Delete { ids } => {
                for image in &entry.intent.images {
                    if let Some(tags) = tags_lost(image, done.unwrap_or(ids)) {
                        let loss = self.of(&entry.intent.repository, image);
                        loss.was_deleted = true;
                        loss.tags.extend(tags);
                        loss.tags.sort_unstable();
                        loss.tags.dedup();
                    }
                }
            }
            Call::Archive { digest } => {
                let is_done = done.is_none_or(|done| done.iter().any(|id| id.digest == Some(*digest)));
                for image in entry.intent.images.iter().filter(|image| is_done && image.digest == *digest) {
                    self.of(&entry.intent.repository, image).was_archived = true;
                }
            }
            Call::Activate { .. }
            | Call::PutImage { .. }
            | Call::TagMutability { .. }
            | Call::LifecyclePolicy { .. }
            | Call::ScanOnPush { .. } => {}
        }
    }

    /// What each repository lost, in order.
    pub fn repositories(&self) -> impl Iterator<Item = (&RepositoryAddress, &BTreeMap<Digest, Loss>)> {
        self.0.iter()
    }

    /// Whether nothing was lost.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Those that `wanted` takes, and the images without which they cannot be: the children of indexes.
    #[must_use]
    pub fn only(mut self, wanted: impl Fn(&RepositoryAddress, &Loss) -> bool) -> Self {
        for (repository, losses) in &mut self.0 {
            let mut children: BTreeMap<Digest, Vec<Digest>> = BTreeMap::new();
            for loss in losses.values() {
                for parent in &loss.image.parents {
                    children.entry(*parent).or_default().push(loss.image.digest);
                }
            }
            let mut chosen: BTreeSet<Digest> = BTreeSet::new();
            let asked = losses.values().filter(|loss| wanted(repository, loss));
            let mut next: Vec<Digest> = asked.map(|loss| loss.image.digest).collect();
            while let Some(digest) = next.pop() {
                if chosen.insert(digest) {
                    next.extend(children.get(&digest).into_iter().flatten());
                }
            }
            losses.retain(|digest, _| chosen.contains(digest));
        }
        self.0.retain(|_, losses| !losses.is_empty());
        self
    }

    /// The loss of this image; the newer saved image with a manifest is the one that counts.
    fn of(&mut self, repository: &RepositoryAddress, image: &SavedImage) -> &mut Loss {
        let losses = self.0.entry(repository.clone()).or_default();
        let loss = losses.entry(image.digest).or_insert_with(|| Loss {
            image: image.clone(),
            tags: Vec::new(),
            was_deleted: false,
            was_archived: false,
        });
        let older = loss.image.manifest.take().zip(loss.image.media_type.take());
        loss.image = image.clone();
        if loss.image.manifest.is_none()
            && let Some((manifest, media_type)) = older
        {
            loss.image.manifest = Some(manifest);
            loss.image.media_type = Some(media_type);
        }
        loss
    }
}

/// The tags that an image lost by these ids; nothing where none of them is about it.
fn tags_lost(image: &SavedImage, ids: &[ImageId]) -> Option<Vec<Tag>> {
    let mut lost = None;
    for id in ids {
        match (&id.digest, &id.tag) {
            (Some(digest), _) if *digest != image.digest => {}
            (_, Some(tag)) if id.digest.is_some() || image.tags.contains(tag) => {
                lost.get_or_insert_with(Vec::new).push(tag.clone());
            }
            (Some(_), None) => lost.get_or_insert_with(Vec::new).extend(image.tags.iter().cloned()),
            (None, Some(_) | None) | (Some(_), Some(_)) => {}
        }
    }
    lost
}
