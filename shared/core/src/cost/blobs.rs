//! The blobs of a repository: which there are, how large, and which images hold them.
//!
//! A repository is billed for every distinct blob once. Digests are interned: behind this, a blob and an image
//! are places. Leaves out storage classes and what becomes of images: see [`Holding`](super::Holding).

use rustc_hash::FxHashMap;

use crate::{Descriptor, Digest, Image, Manifest, ManifestKind};

/// The largest layer that ECR takes, in bytes: 52,000 MiB.
///
/// Source: ECR service quotas, read 2026-11-23.
pub const LAYER_BYTES_MAX: u64 = 52_000 << 20;

/// The distinct blobs of one repository, and for each image which of them it holds.
///
/// Belongs to the one list of images that it was made of: images are named by their places in it.
#[derive(Debug, Clone, Default)]
pub struct Blobs {
    distinct: Vec<Blob>,
    /// For each image where its blobs begin in `held`; at the end, where the last one's end.
    begins: Vec<usize>,
    /// The blobs of each image, each once, ascending.
    held: Vec<u32>,
    /// Images of which the blobs are not known, by their places, ascending.
    unknown: Vec<u32>,
    /// Blobs with two sizes, each with the smallest.
    smaller_bytes: FxHashMap<u32, u64>,
}

/// One distinct blob of a repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blob {
    /// What names it; nothing for what stands for the blobs of an image that are not known.
    pub digest: Option<Digest>,
    /// Its size in bytes; where manifests give two, the larger.
    pub size_bytes: u64,
    /// How many images of the repository hold it.
    pub holders: u32,
}

/// What one image holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ImageBytes {
    /// Bytes that no other image of the repository holds: freed if it alone goes.
    pub exclusive_bytes: u128,
    /// Bytes that other images hold, too.
    pub shared_bytes: u128,
}

impl Blobs {
    /// The blobs of these images.
    ///
    /// Layers, configurations and the blobs of artifact manifests, each digest once. Foreign layers and manifests
    /// count nothing, and an index holds nothing by itself: its children are images of their own. An image of
    /// which the blobs are not known counts its `imageSizeInBytes` as one blob that nobody shares.
    pub fn of(images: &[Image]) -> Self {
        let mut blobs = Self { begins: Vec::with_capacity(images.len() + 1), ..Self::default() };
        let mut places = FxHashMap::default();
        let mut held = Vec::new();
        for (place, image) in (0..u32::MAX).zip(images) {
            held.clear();
            if let Some(manifest) = manifest_with_blobs(image) {
                held.extend(stored(manifest).map(|descriptor| blobs.intern(&mut places, descriptor)));
                held.sort_unstable();
                held.dedup();
            } else {
                blobs.unknown.push(place);
                let size_bytes = image.size_bytes.filter(|_| !image.is_index());
                held.extend(size_bytes.map(|size_bytes| blobs.push(None, size_bytes)));
            }
            blobs.close_image(&held);
        }
        blobs.begins.push(blobs.held.len());
        blobs
    }

    /// The distinct blobs; a blob is named by its place among them.
    pub fn all(&self) -> &[Blob] {
        &self.distinct
    }

    /// How many images there are.
    pub fn images(&self) -> usize {
        self.begins.len().saturating_sub(1)
    }

    /// The blobs that an image holds, by their places, each once, ascending.
    pub fn of_image(&self, image: u32) -> &[u32] {
        let begin = self.begins.get(image as usize).copied();
        let end = self.begins.get(image as usize + 1).copied();
        begin.zip(end).and_then(|(begin, end)| self.held.get(begin..end)).unwrap_or_default()
    }

    /// How much of what an image holds it shares.
    pub fn image_bytes(&self, image: u32) -> ImageBytes {
        let mut bytes = ImageBytes::default();
        for blob in self.of_image(image).iter().filter_map(|&blob| self.distinct.get(blob as usize)) {
            let part = if blob.holders > 1 { &mut bytes.shared_bytes } else { &mut bytes.exclusive_bytes };
            *part += u128::from(blob.size_bytes);
        }
        bytes
    }

    /// The images of which the blobs are not known, by their places, ascending: no manifest was read, or one of
    /// a kind that is not known.
    pub fn images_without_manifest(&self) -> &[u32] {
        &self.unknown
    }

    /// The blobs that manifests give two sizes, with the smallest, in no order.
    pub(super) fn two_sizes(&self) -> impl Iterator<Item = (&Blob, u64)> {
        self.smaller_bytes
            .iter()
            .filter_map(|(&place, &smaller)| Some((self.distinct.get(place as usize)?, smaller)))
    }

    fn intern(&mut self, places: &mut FxHashMap<Digest, u32>, descriptor: &Descriptor) -> u32 {
        let Descriptor { digest, size_bytes, .. } = *descriptor;
        let place = *places.entry(digest).or_insert_with(|| self.push(Some(digest), size_bytes));
        if let Some(blob) = self.distinct.get_mut(place as usize)
            && blob.size_bytes != size_bytes
        {
            let smallest = self.smaller_bytes.entry(place).or_insert(u64::MAX);
            *smallest = (*smallest).min(blob.size_bytes).min(size_bytes);
            blob.size_bytes = blob.size_bytes.max(size_bytes);
        }
        place
    }

    /// Adds a blob. More than 2^32 in one repository would take hundreds of gigabytes before they came here.
    fn push(&mut self, digest: Option<Digest>, size_bytes: u64) -> u32 {
        let place = u32::try_from(self.distinct.len()).unwrap_or(u32::MAX);
        self.distinct.push(Blob { digest, size_bytes, holders: 0 });
        place
    }

    fn close_image(&mut self, held: &[u32]) {
        self.begins.push(self.held.len());
        self.held.extend_from_slice(held);
        for &blob in held {
            if let Some(blob) = self.distinct.get_mut(blob as usize) {
                blob.holders += 1;
            }
        }
    }
}

/// The manifest of an image, where it was read and says which blobs there are.
fn manifest_with_blobs(image: &Image) -> Option<&Manifest> {
    let manifest = image.manifest.as_deref()?;
    match manifest.kind {
        ManifestKind::DockerImage
        | ManifestKind::DockerManifestList
        | ManifestKind::OciImage
        | ManifestKind::OciIndex
        | ManifestKind::OciArtifact
        | ManifestKind::OrasArtifact => Some(manifest),
        ManifestKind::Unrecognised(_) => None,
    }
}

/// The blobs that the registry stores for a manifest; none for an index.
fn stored(manifest: &Manifest) -> impl Iterator<Item = &Descriptor> {
    let of_an_image = !manifest.kind.is_index();
    manifest
        .config
        .iter()
        .chain(&manifest.layers)
        .chain(&manifest.blobs)
        .filter(move |descriptor| of_an_image && !is_foreign(descriptor))
}

/// Whether the registry does not store the content. Beside what [`Descriptor::is_foreign`] knows, the foreign
/// layers of Docker that are not compressed.
///
/// Source: media types of containerd, read 2026-11-24.
fn is_foreign(descriptor: &Descriptor) -> bool {
    descriptor.is_foreign()
        || descriptor.media_type.starts_with("application/vnd.docker.image.rootfs.foreign.diff.tar")
}
