//! The images of one repository, with what finds them: by digest, by tag, by index and by subject.
//!
//! For: every operation on images. Assumes: a digest is in one repository once.
//! Leaves out: layers, which belong to the repository and not to its images.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::generate::Registry;
use crate::model::{ImageRecord, ImageStatus, ManifestText};
use crate::wire::hash;

/// Where an image stands in the order in which AWS answers: neither by digest nor by time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key(u64, String);

impl Key {
    /// The place of this digest.
    pub(crate) fn of(digest: &str) -> Self {
        Self(hash(digest), digest.to_owned())
    }
}

/// Where a tag stands and since when.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct TagRecord {
    /// The image.
    pub(crate) digest: String,
    /// When the tag was put there.
    pub(crate) created_at: DateTime<Utc>,
}

/// The images of a repository.
///
/// INVARIANT: `tags`, `parents` and `referrers` say what the images say; only the methods here change them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Contents {
    images: BTreeMap<Key, ImageRecord>,
    tags: BTreeMap<String, TagRecord>,
    parents: BTreeMap<String, BTreeSet<String>>,
    referrers: BTreeMap<String, BTreeSet<String>>,
    source: Option<(Arc<Registry>, usize)>,
}

impl Contents {
    /// The contents that hold these images.
    pub(crate) fn of(images: Vec<ImageRecord>) -> Self {
        let mut contents = Self::default();
        for image in images {
            contents.insert(image);
        }
        contents
    }

    /// The contents of a repository of a generated registry.
    pub(crate) fn generated(registry: &Arc<Registry>, at: usize) -> Self {
        let mut contents = Self::of(registry.images(at));
        contents.source = Some((Arc::clone(registry), at));
        contents
    }

    /// Whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.images.is_empty()
    }

    /// The image with this digest.
    pub(crate) fn image(&self, digest: &str) -> Option<&ImageRecord> {
        self.images.get(&Key::of(digest))
    }

    /// Changes what indexes and tags do not depend on: times, status, size.
    pub(crate) fn change(&mut self, digest: &str, change: impl FnOnce(&mut ImageRecord)) {
        if let Some(image) = self.images.get_mut(&Key::of(digest)) {
            change(image);
        }
    }

    /// All images, in the order of the service.
    pub(crate) fn images(&self) -> impl Iterator<Item = &ImageRecord> {
        self.images.values()
    }

    /// The images after the one with this digest, which need not be there any more.
    pub(crate) fn images_from<'a>(
        &'a self,
        after: Option<&str>,
    ) -> impl Iterator<Item = &'a ImageRecord> + use<'a> {
        let from = after.map_or(Bound::Unbounded, |digest| Bound::Excluded(Key::of(digest)));
        self.images.range((from, Bound::Unbounded)).map(|(_, image)| image)
    }

    /// The image that this tag stands at.
    pub(crate) fn tagged(&self, tag: &str) -> Option<&ImageRecord> {
        self.tags.get(tag).and_then(|at| self.image(&at.digest))
    }

    /// The tags, by name, after this one.
    pub(crate) fn tags_from<'a>(
        &'a self,
        after: Option<&str>,
    ) -> impl Iterator<Item = (&'a str, &'a TagRecord)> + use<'a> {
        let from = after.map_or(Bound::Unbounded, |tag| Bound::Excluded(tag.to_owned()));
        self.tags.range((from, Bound::Unbounded)).map(|(tag, at)| (tag.as_str(), at))
    }

    /// The indexes in the repository that name this digest.
    pub(crate) fn parents(&self, digest: &str) -> Vec<String> {
        self.parents.get(digest).map(|parents| parents.iter().cloned().collect()).unwrap_or_default()
    }

    /// The digests that refer to this one.
    pub(crate) fn referrers(&self, digest: &str) -> Vec<String> {
        self.referrers.get(digest).map(|found| found.iter().cloned().collect()).unwrap_or_default()
    }

    /// Puts an image in; its tags leave the images where they stood.
    pub(crate) fn insert(&mut self, image: ImageRecord) {
        for child in &image.children {
            self.parents.entry(child.clone()).or_default().insert(image.digest.clone());
        }
        if let Some(subject) = &image.subject {
            self.referrers.entry(subject.clone()).or_default().insert(image.digest.clone());
        }
        let (digest, tags, at) = (image.digest.clone(), image.tags.clone(), image.pushed_at);
        self.images.insert(Key::of(&digest), ImageRecord { tags: Vec::new(), ..image });
        for tag in tags {
            self.tag(&digest, &tag, at);
        }
    }

    /// Puts a tag at an image; it leaves the image where it stood, which stays.
    pub(crate) fn tag(&mut self, digest: &str, tag: &str, at: DateTime<Utc>) {
        self.untag(tag);
        self.tags.insert(tag.to_owned(), TagRecord { digest: digest.to_owned(), created_at: at });
        self.change(digest, |image| image.tags.push(tag.to_owned()));
    }

    /// Takes a tag away; the image stays.
    pub(crate) fn untag(&mut self, tag: &str) {
        if let Some(at) = self.tags.remove(tag) {
            self.change(&at.digest, |image| image.tags.retain(|held| held != tag));
        }
    }

    /// Takes an image and its tags out.
    pub(crate) fn remove(&mut self, digest: &str) -> Option<ImageRecord> {
        let image = self.images.remove(&Key::of(digest))?;
        for tag in &image.tags {
            self.tags.remove(tag);
        }
        for child in &image.children {
            forget(&mut self.parents, child, digest);
        }
        if let Some(subject) = &image.subject {
            forget(&mut self.referrers, subject, digest);
        }
        Some(image)
    }

    /// The text of the manifest of an image of these.
    pub(crate) fn manifest(&self, image: &ImageRecord) -> Arc<str> {
        match (&image.manifest, &self.source) {
            (ManifestText::Held(text), _) => Arc::clone(text),
            (ManifestText::Generated(number), Some((registry, at))) => registry.manifest(*at, *number).into(),
            // Only an image loaded by hand can say so; it has no text.
            (ManifestText::Generated(_), None) => Arc::from(""),
        }
    }

    /// The images on their way back from the archive, and when they are back.
    pub(crate) fn waking(&self) -> impl Iterator<Item = (DateTime<Utc>, &ImageRecord)> {
        self.images()
            .filter(|image| image.status == ImageStatus::Activating)
            .filter_map(|image| Some((image.activating_until?, image)))
    }
}

fn forget(table: &mut BTreeMap<String, BTreeSet<String>>, at: &str, digest: &str) {
    if let Some(held) = table.get_mut(at) {
        held.remove(digest);
        if held.is_empty() {
            table.remove(at);
        }
    }
}
