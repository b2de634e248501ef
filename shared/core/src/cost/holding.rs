//! What a repository stores after some of its images are gone or archived, one image after the other.

use std::iter::Sum;
use std::ops::Add;

use super::Blobs;
use crate::lifecycle::StorageClass;
use crate::{Image, ImageStatus};

/// Bytes by storage class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoredBytes {
    /// In the standard class.
    pub standard_bytes: u128,
    /// In the archive class.
    pub archived_bytes: u128,
}

impl StoredBytes {
    /// Both together.
    pub const fn total(self) -> u128 {
        self.standard_bytes + self.archived_bytes
    }

    /// Adds a blob of this size and class.
    pub(super) fn add_blob(&mut self, size_bytes: u64, class: StorageClass) {
        let sum = match class {
            StorageClass::Standard => &mut self.standard_bytes,
            StorageClass::Archive => &mut self.archived_bytes,
        };
        *sum = sum.saturating_add(u128::from(size_bytes));
    }
}

impl Add for StoredBytes {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            standard_bytes: self.standard_bytes.saturating_add(other.standard_bytes),
            archived_bytes: self.archived_bytes.saturating_add(other.archived_bytes),
        }
    }
}

impl Sum for StoredBytes {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::default(), Add::add)
    }
}

/// The blobs of a repository while images leave it: how many bytes are still held, and in which class.
///
/// A blob is archived when every image that holds it is, and gone when none holds it.
#[derive(Debug, Clone)]
pub struct Holding<'a> {
    blobs: &'a Blobs,
    /// What has become of each image.
    standing: Vec<Standing>,
    /// For each blob how many images hold it.
    holders: Vec<Holders>,
    stored: StoredBytes,
}

/// What has become of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Standard,
    Archived,
    Gone,
}

/// How many images hold a blob.
#[derive(Debug, Clone, Copy, Default)]
struct Holders {
    standard: u32,
    archived: u32,
}

/// Where the bytes of a blob are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Standard,
    Archived,
    Nowhere,
}

impl Holders {
    const fn place(self) -> Place {
        match self {
            Self { standard: 0, archived: 0 } => Place::Nowhere,
            Self { standard: 0, archived: _ } => Place::Archived,
            Self { .. } => Place::Standard,
        }
    }

    const fn of(&mut self, standing: Standing) -> Option<&mut u32> {
        match standing {
            Standing::Standard => Some(&mut self.standard),
            Standing::Archived => Some(&mut self.archived),
            Standing::Gone => None,
        }
    }
}

impl<'a> Holding<'a> {
    /// The repository as it is. `images` are those that `blobs` were made of.
    ///
    /// Only an image whose status is `ARCHIVED` is archived: one on the way back counts as standard, and so does one
    /// whose status is not known.
    pub fn of(blobs: &'a Blobs, images: &[Image]) -> Self {
        let mut holding = Self {
            blobs,
            standing: vec![Standing::Gone; blobs.images()],
            holders: vec![Holders::default(); blobs.all().len()],
            stored: StoredBytes::default(),
        };
        for (place, image) in (0..u32::MAX).zip(images) {
            let standing = match image.status {
                ImageStatus::Archived => Standing::Archived,
                ImageStatus::Active | ImageStatus::Activating | ImageStatus::Unrecognised => {
                    Standing::Standard
                }
            };
            holding.change(place, standing);
        }
        holding
    }

    /// What is held now.
    pub const fn stored(&self) -> StoredBytes {
        self.stored
    }

    /// The class in which a blob is now, by its place; nothing for one that is gone.
    pub fn class(&self, blob: u32) -> Option<StorageClass> {
        match self.holders.get(blob as usize)?.place() {
            Place::Standard => Some(StorageClass::Standard),
            Place::Archived => Some(StorageClass::Archive),
            Place::Nowhere => None,
        }
    }

    /// Takes an image away: the bytes that are gone with it, of both classes. 0 for one that was gone before.
    pub fn remove(&mut self, image: u32) -> u128 {
        let before = self.stored.total();
        self.change(image, Standing::Gone);
        before - self.stored.total()
    }

    /// Archives an image: the bytes that are archived with it. 0 for one that was archived or gone before.
    pub fn archive(&mut self, image: u32) -> u128 {
        if self.standing.get(image as usize) != Some(&Standing::Standard) {
            return 0;
        }
        let before = self.stored.archived_bytes;
        self.change(image, Standing::Archived);
        self.stored.archived_bytes - before
    }

    fn change(&mut self, image: u32, to: Standing) {
        let Some(standing) = self.standing.get_mut(image as usize) else { return };
        let from = std::mem::replace(standing, to);
        for &blob in self.blobs.of_image(image) {
            let (Some(holders), Some(blob)) =
                (self.holders.get_mut(blob as usize), self.blobs.all().get(blob as usize))
            else {
                continue;
            };
            let before = holders.place();
            if let Some(count) = holders.of(from) {
                *count -= 1;
            }
            if let Some(count) = holders.of(to) {
                *count += 1;
            }
            let after = holders.place();
            if before != after {
                let size_bytes = u128::from(blob.size_bytes);
                if let Some(sum) = self.stored.at(before) {
                    *sum -= size_bytes;
                }
                if let Some(sum) = self.stored.at(after) {
                    *sum += size_bytes;
                }
            }
        }
    }
}

impl StoredBytes {
    const fn at(&mut self, place: Place) -> Option<&mut u128> {
        match place {
            Place::Standard => Some(&mut self.standard_bytes),
            Place::Archived => Some(&mut self.archived_bytes),
            Place::Nowhere => None,
        }
    }
}
