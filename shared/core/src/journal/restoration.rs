//! What of a repository's losses can be made good, and in which order: children before their index, what refers to
//! another image last.
//!
//! An image can come back where its manifest was saved, all its blobs are there, and so are its children, or come back
//! before it. A tag comes back only where it is on nothing now. Leaves out the calls, and how blobs are asked for.

use std::collections::{BTreeMap, BTreeSet};

use super::Loss;
use crate::plan::digest_in_tag;
use crate::{Descriptor, Digest, Image, ImageStatus, Manifest, Tag, parse_manifest};

/// What ECR says of a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlobState {
    /// It can be used.
    Available,
    /// It is in the archive class.
    Archived,
    /// It is not there.
    Missing,
}

/// Why an image cannot come back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// Its manifest was not saved.
    NoManifest,
    /// The saved manifest cannot be read.
    Manifest {
        /// Why.
        cause: String,
    },
    /// Blobs that it needs are not there, are archived, or nobody knows.
    Blobs {
        /// How many are not there, or nobody knows of.
        missing: u32,
        /// How many are archived.
        archived: u32,
        /// How many it needs.
        of: u32,
    },
    /// A child of it is not there and cannot come back.
    Child(Digest),
}

/// How an image comes back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Way {
    /// Its manifest is put again: ECR takes it for a new push.
    Put,
    /// It is there, and tags are put at it.
    Tags,
    /// It comes back from the archive class, which takes up to 20 minutes.
    Activate,
    /// Nothing of it is gone.
    Nothing,
    /// It cannot.
    Impossible(Obstacle),
}

impl Way {
    /// The name: `put`, `tags`, `activate`, `nothing` or `impossible`.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Put => "put",
            Self::Tags => "tags",
            Self::Activate => "activate",
            Self::Nothing => "nothing",
            Self::Impossible(_) => "impossible",
        }
    }

    /// Whether calls are made for it.
    pub const fn changes(&self) -> bool {
        match self {
            Self::Put | Self::Tags | Self::Activate => true,
            Self::Nothing | Self::Impossible(_) => false,
        }
    }
}

/// What becomes of one image that was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restoration {
    /// The image.
    pub digest: Digest,
    /// How it comes back.
    pub way: Way,
    /// The tags that are put at it, sorted.
    pub tags: Vec<Tag>,
    /// Tags that it lost, and that are on other images now: they stay there.
    pub tags_elsewhere: Vec<(Tag, Digest)>,
}

/// The blobs that images need which are to be put again: what has to be asked of before [`restorations`].
pub fn blobs_needed(losses: &BTreeMap<Digest, Loss>, present: &[Image]) -> BTreeSet<Digest> {
    let present: BTreeSet<Digest> = present.iter().map(|image| image.digest).collect();
    let gone = losses.values().filter(|loss| loss.was_deleted && !present.contains(&loss.image.digest));
    let manifests = gone.filter_map(|loss| manifest_of(loss)?.ok());
    manifests.flat_map(|manifest| blobs_of(&manifest).map(|blob| blob.digest).collect::<Vec<_>>()).collect()
}

/// What becomes of each loss, in the order in which they are made good; `present` are the images that the repository has
/// now, and `blobs` what is known of those of [`blobs_needed`].
pub fn restorations(
    losses: &BTreeMap<Digest, Loss>,
    present: &[Image],
    blobs: &BTreeMap<Digest, BlobState>,
) -> Vec<Restoration> {
    let mut scene = Scene {
        losses,
        present: present.iter().map(|image| (image.digest, image)).collect(),
        on: present.iter().flat_map(|image| image.tags.iter().map(|tag| (tag, image.digest))).collect(),
        blobs,
        ways: BTreeMap::new(),
        order: Vec::new(),
    };
    let (referrers, others): (Vec<&Loss>, Vec<&Loss>) = losses.values().partition(|loss| refers(loss));
    for loss in others.into_iter().chain(referrers) {
        scene.visit(loss);
    }
    scene.restorations()
}

/// Whether it refers to another image, by its manifest or by its tag.
fn refers(loss: &Loss) -> bool {
    loss.image.subject.is_some() || loss.image.tags.iter().any(|tag| digest_in_tag(tag.as_str()).is_some())
}

/// What its saved manifest says, where one was saved.
fn manifest_of(loss: &Loss) -> Option<Result<Manifest, String>> {
    let text = loss.image.manifest.as_deref()?;
    Some(parse_manifest(text, loss.image.media_type.as_deref()).map_err(|error| error.to_string()))
}

/// The blobs that a registry has to hold for a manifest.
fn blobs_of(manifest: &Manifest) -> impl Iterator<Item = &Descriptor> {
    let all = manifest.config.iter().chain(&manifest.layers).chain(&manifest.blobs);
    all.filter(|blob| !blob.is_foreign())
}

struct Scene<'a> {
    losses: &'a BTreeMap<Digest, Loss>,
    present: BTreeMap<Digest, &'a Image>,
    /// The image that each tag is on now.
    on: BTreeMap<&'a Tag, Digest>,
    blobs: &'a BTreeMap<Digest, BlobState>,
    ways: BTreeMap<Digest, Way>,
    order: Vec<&'a Loss>,
}

impl<'a> Scene<'a> {
    /// Decides on an image, its children first. A circle, which digests cannot make, would end where it began.
    fn visit(&mut self, loss: &'a Loss) {
        let digest = loss.image.digest;
        if self.ways.contains_key(&digest) {
            return;
        }
        self.ways.insert(digest, Way::Impossible(Obstacle::Child(digest)));
        let way = match self.present.get(&digest) {
            Some(image) => self.way_of_present(loss, image),
            None => match self.obstacle(loss) {
                Some(obstacle) => Way::Impossible(obstacle),
                None => Way::Put,
            },
        };
        self.ways.insert(digest, way);
        self.order.push(loss);
    }

    fn way_of_present(&self, loss: &Loss, image: &Image) -> Way {
        let is_archived = image.status == ImageStatus::Archived;
        if loss.was_archived && is_archived {
            Way::Activate
        } else if loss.tags.iter().any(|tag| !self.on.contains_key(tag)) {
            Way::Tags
        } else {
            Way::Nothing
        }
    }

    /// Why an image that is gone cannot come back.
    fn obstacle(&mut self, loss: &'a Loss) -> Option<Obstacle> {
        let manifest = match manifest_of(loss) {
            None => return Some(Obstacle::NoManifest),
            Some(Err(cause)) => return Some(Obstacle::Manifest { cause }),
            Some(Ok(manifest)) => manifest,
        };
        let (mut missing, mut archived, mut of) = (0, 0, 0);
        for blob in blobs_of(&manifest) {
            of += 1;
            match self.blobs.get(&blob.digest) {
                Some(BlobState::Available) => {}
                Some(BlobState::Archived) => archived += 1,
                Some(BlobState::Missing) | None => missing += 1,
            }
        }
        if 0 < missing + archived {
            return Some(Obstacle::Blobs { missing, archived, of });
        }
        let children = manifest.children.iter().map(|child| child.descriptor.digest);
        children.into_iter().find(|child| !self.will_be_there(child)).map(Obstacle::Child)
    }

    fn will_be_there(&mut self, digest: &Digest) -> bool {
        if self.present.contains_key(digest) {
            return true;
        }
        let losses = self.losses;
        let Some(loss) = losses.get(digest) else { return false };
        self.visit(loss);
        self.ways.get(digest) == Some(&Way::Put)
    }

    fn restorations(mut self) -> Vec<Restoration> {
        let order = std::mem::take(&mut self.order);
        let of = |loss: &Loss| {
            let digest = loss.image.digest;
            let way = self.ways.get(&digest).cloned().unwrap_or(Way::Nothing);
            let elsewhere = |tag: &Tag| self.on.get(tag).copied().filter(|on| *on != digest);
            let tags_elsewhere =
                loss.tags.iter().filter_map(|tag| Some((tag.clone(), elsewhere(tag)?))).collect();
            let absent = loss.tags.iter().filter(|tag| !self.on.contains_key(tag));
            let tags = if way.changes() { absent.cloned().collect() } else { Vec::new() };
            Restoration { digest, way, tags, tags_elsewhere }
        };
        // Two images that lost the same tag one after another: the last one that had it gets it.
        let mut all: Vec<Restoration> = order.into_iter().map(of).collect();
        leave_each_tag_to_one(&mut all, self.losses);
        all
    }
}

/// Of several images that lost the same tag, the one that was pushed last gets it; of those that nobody knows of, the last
/// by digest.
fn leave_each_tag_to_one(all: &mut [Restoration], losses: &BTreeMap<Digest, Loss>) {
    let mut owners: BTreeMap<Tag, Digest> = BTreeMap::new();
    let rank = |digest: &Digest| (losses.get(digest).and_then(|loss| loss.image.pushed_at), *digest);
    for restoration in all.iter() {
        for tag in &restoration.tags {
            let owner = owners.entry(tag.clone()).or_insert(restoration.digest);
            if rank(owner) < rank(&restoration.digest) {
                *owner = restoration.digest;
            }
        }
    }
    for restoration in all.iter_mut() {
        let digest = restoration.digest;
        let (own, others): (Vec<Tag>, Vec<Tag>) = std::mem::take(&mut restoration.tags)
            .into_iter()
            .partition(|tag| owners.get(tag) == Some(&digest));
        restoration.tags = own;
        restoration.tags_elsewhere.extend(others.into_iter().filter_map(|tag| {
            let owner = owners.get(&tag).copied()?;
            Some((tag, owner))
        }));
        restoration.tags_elsewhere.sort_unstable();
    }
}

#[cfg(test)]
mod tests;
