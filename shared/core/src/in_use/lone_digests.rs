//! Digests without a name: of an image, or of its configuration.
//!
//! Some runtimes know an image that they run by the digest of its configuration alone (`docker://sha256:…`, and containerd for
//! images that were loaded and not pulled), and Kubernetes hands that on as `imageID`. No registry finds an image by it; the
//! manifest names it, where that was read.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Use, UseSource};
use crate::{Digest, Image};

/// The uses by a digest alone, by their places.
#[derive(Debug, Clone, Default)]
pub(super) struct LoneDigests {
    by_digest: FxHashMap<Digest, Vec<u32>>,
    /// Those that a cluster says.
    of_clusters: Vec<(Digest, u32)>,
}

impl LoneDigests {
    pub(super) fn add(&mut self, place: u32, used: &Use) {
        let Some(digest) = used.reference.digest.filter(|_| used.reference.repository.is_empty()) else {
            return;
        };
        self.by_digest.entry(digest).or_default().push(place);
        match used.source {
            UseSource::Kubernetes => self.of_clusters.push((digest, place)),
            UseSource::Ecs | UseSource::Lambda | UseSource::Inspector | UseSource::References => {}
        }
    }

    /// The uses of this image by the digest of its configuration.
    pub(super) fn of_configuration(&self, image: &Image) -> &[u32] {
        configuration(image).and_then(|digest| self.by_digest.get(&digest)).map_or(&[], Vec::as_slice)
    }

    /// The uses that may be one of any image here of which the configuration is not known: of those that clusters say, what
    /// is the digest of no image here, nor of a configuration that is known.
    pub(super) fn unresolved(&self, images: &[Image]) -> Vec<u32> {
        if self.of_clusters.is_empty() {
            return Vec::new();
        }
        let known = images.iter().flat_map(|image| configuration(image).into_iter().chain([image.digest]));
        let known: FxHashSet<Digest> = known.collect();
        let unresolved = self.of_clusters.iter().filter(|(digest, _)| !known.contains(digest));
        unresolved.map(|(_, place)| *place).collect()
    }
}

/// Whether the configuration of an image is not known. An index has none.
pub(super) fn may_have_any_configuration(image: &Image) -> bool {
    image.manifest.is_none() && !image.is_index()
}

fn configuration(image: &Image) -> Option<Digest> {
    Some(image.manifest.as_ref()?.config.as_ref()?.digest)
}
