//! Blobs of repositories in the order of their digests, and what all of a registry stores where it mounts them.
//!
//! A registry is cut into parts, and no repository is in two of them. Each part gives one run; the runs are merged without
//! any of them being held whole, and a merge of the runs over one range of digests can be added to that over another. So
//! the figures are the same for every cut. Leaves out where runs are kept.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::iter::Sum;
use std::ops::Add;

use super::{MountEncryption, StoredBytes};
use crate::Digest;
use crate::lifecycle::StorageClass;

/// The blobs of some repositories of a registry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BlobRun {
    /// What nobody can share: blobs of images whose manifests were not read, and of repositories whose encryption is not
    /// known.
    pub alone: StoredBytes,
    /// The encryptions that blobs name by their places, ascending, each once.
    pub encryptions: Vec<MountEncryption>,
    /// The blobs that can be shared, ascending by digest and encryption, each pair once.
    pub blobs: Vec<RunBlob>,
}

/// A blob, as the repositories of a run hold it together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RunBlob {
    /// What names it.
    pub digest: Digest,
    /// The encryption of these repositories, by its place among those of the run.
    pub encryption: u32,
    /// How many repositories hold it.
    pub repositories: u32,
    /// Its size; where manifests give two, the larger.
    pub size_bytes: u64,
    /// Archived only if it is so in all of these repositories.
    pub class: StorageClass,
}

impl RunBlob {
    /// What runs are ordered by.
    pub const fn key(&self) -> (Digest, u32) {
        (self.digest, self.encryption)
    }
}

/// What a registry stores where every blob that can be shared counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MountedBlobs {
    /// The bytes.
    pub stored: StoredBytes,
    /// How many distinct blobs can be shared; once for each encryption.
    pub blobs: u64,
    /// How many of them more than one repository holds.
    pub shared_blobs: u64,
    /// How many blobs that is if each counts once in each repository.
    pub held_blobs: u64,
}

impl MountedBlobs {
    /// That of the runs of all parts of a registry.
    pub fn of(runs: &[BlobRun]) -> Self {
        let tables: Vec<&[MountEncryption]> = runs.iter().map(|run| &*run.encryptions).collect();
        let places = common_places(&tables);
        let in_common = runs.iter().zip(&places).map(|(run, places)| {
            run.blobs.iter().filter_map(|blob| {
                let encryption = *places.get(blob.encryption as usize)?;
                Some(RunBlob { encryption, ..*blob })
            })
        });
        let alone = runs.iter().map(|run| Self { stored: run.alone, ..Self::default() }).sum::<Self>();
        alone + merge(in_common.collect())
    }

    fn add_blob(&mut self, blob: RunBlob) {
        self.stored.add_blob(blob.size_bytes, blob.class);
        self.blobs += 1;
        self.shared_blobs += u64::from(1 < blob.repositories);
        self.held_blobs += u64::from(blob.repositories);
    }
}

/// For each table of encryptions, the places of its encryptions among all of them together: in the same order.
pub fn common_places(tables: &[&[MountEncryption]]) -> Vec<Vec<u32>> {
    let all: BTreeSet<&MountEncryption> = tables.iter().copied().flatten().collect();
    let all: Vec<&MountEncryption> = all.into_iter().collect();
    let place = |encryption: &MountEncryption| {
        let place = all.binary_search(&encryption).unwrap_or_default();
        u32::try_from(place).unwrap_or(u32::MAX)
    };
    tables.iter().map(|table| table.iter().map(place).collect()).collect()
}

/// Merges runs, each in order and with [`common_places`], of all digests or of the same range of them. Holds one blob of
/// each.
pub fn merge<R: Iterator<Item = RunBlob>>(mut runs: Vec<R>) -> MountedBlobs {
    let mut merged = MountedBlobs::default();
    let mut heads: BinaryHeap<Reverse<Head>> = BinaryHeap::with_capacity(runs.len());
    for (run, place) in runs.iter_mut().zip(0..) {
        heads.extend(run.next().map(|blob| Reverse(Head { blob, run: place })));
    }
    let mut open: Option<RunBlob> = None;
    while let Some(mut head) = heads.peek_mut() {
        let Reverse(Head { blob, run }) = *head;
        open = Some(match open {
            Some(before) if before.key() == blob.key() => both(before, blob),
            before => {
                if let Some(before) = before {
                    merged.add_blob(before);
                }
                blob
            }
        });
        match runs.get_mut(run).and_then(Iterator::next) {
            Some(blob) => *head = Reverse(Head { blob, run }),
            None => {
                std::collections::binary_heap::PeekMut::pop(head);
            }
        }
    }
    if let Some(last) = open {
        merged.add_blob(last);
    }
    merged
}

/// The next blob of a run.
#[derive(Debug, Clone, Copy)]
struct Head {
    blob: RunBlob,
    run: usize,
}

impl Head {
    const fn order(&self) -> (Digest, u32, usize) {
        (self.blob.digest, self.blob.encryption, self.run)
    }
}

impl PartialEq for Head {
    fn eq(&self, other: &Self) -> bool {
        self.order() == other.order()
    }
}

impl Eq for Head {}

impl PartialOrd for Head {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Head {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }
}

fn both(one: RunBlob, other: RunBlob) -> RunBlob {
    RunBlob {
        repositories: one.repositories.saturating_add(other.repositories),
        size_bytes: one.size_bytes.max(other.size_bytes),
        class: class_of_both(one.class, other.class),
        ..one
    }
}

/// The class of a blob that is held in both.
pub(super) const fn class_of_both(one: StorageClass, other: StorageClass) -> StorageClass {
    match (one, other) {
        (StorageClass::Archive, StorageClass::Archive) => StorageClass::Archive,
        (StorageClass::Standard, _) | (_, StorageClass::Standard) => StorageClass::Standard,
    }
}

impl Add for MountedBlobs {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            stored: self.stored + other.stored,
            blobs: self.blobs + other.blobs,
            shared_blobs: self.shared_blobs + other.shared_blobs,
            held_blobs: self.held_blobs + other.held_blobs,
        }
    }
}

impl Sum for MountedBlobs {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::{BlobRun, MountedBlobs, RunBlob};
    use crate::Digest;
    use crate::cost::{MountEncryption, StoredBytes};
    use crate::lifecycle::StorageClass;

    fn run(keys: &[&str], blobs: &[(u8, u32, u64)]) -> BlobRun {
        let blob = |&(digest, encryption, size_bytes): &(u8, u32, u64)| RunBlob {
            digest: Digest::from_bytes([digest; 32]),
            encryption,
            repositories: 1,
            size_bytes,
            class: StorageClass::Standard,
        };
        BlobRun {
            alone: StoredBytes { standard_bytes: 1_000, archived_bytes: 0 },
            encryptions: keys.iter().filter_map(|key| MountEncryption::of_parts("KMS", Some(key))).collect(),
            blobs: blobs.iter().map(blob).collect(),
        }
    }

    #[test]
    fn a_place_of_an_encryption_means_that_of_its_own_run() {
        let merged = MountedBlobs::of(&[
            run(&["a", "c"], &[(1, 0, 10), (1, 1, 10), (2, 1, 100)]),
            run(&["b", "c"], &[(1, 0, 10), (1, 1, 10)]),
        ]);
        // The first blob lies under a, b and twice under c.
        assert_eq!(merged.stored.standard_bytes, 2 * 1_000 + 3 * 10 + 100);
        assert_eq!((merged.blobs, merged.shared_blobs, merged.held_blobs), (4, 1, 5));
    }

    #[test]
    fn nothing_is_merged_to_nothing() {
        assert_eq!(MountedBlobs::of(&[]), MountedBlobs::default());
        assert_eq!(MountedBlobs::of(&[BlobRun::default()]), MountedBlobs::default());
    }
}
