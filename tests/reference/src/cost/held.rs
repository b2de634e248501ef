//! Images with the blobs that they hold, and what is stored for them.
//!
//! For: savings, sweeps and forecasts. Assumes ids of blobs that differ where blobs do. Leaves out how an image
//! comes by its blobs: one that has none known is given one of its own.

use crate::model::{Image, Status};

/// An image with what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The image.
    pub image: Image,
    /// The blobs: what stands for the digest, and the size that this image's manifest gives.
    pub blobs: Vec<(u64, u64)>,
}

/// What is stored for these images: bytes of the standard class, and of the archive class.
///
/// Each distinct blob once, with its size among `all`, which is the largest given. It is archived only if every
/// image that holds it is.
pub(crate) fn stored(images: &[Held], all: &[Held]) -> (u128, u128) {
    let mut ids: Vec<u64> = images.iter().flat_map(|held| &held.blobs).map(|(id, _)| *id).collect();
    ids.sort_unstable();
    ids.dedup();
    let (mut standard, mut archived) = (0, 0);
    for id in ids {
        let size = size_of(id, all);
        let mut holders = images.iter().filter(|held| held.blobs.iter().any(|(held, _)| *held == id));
        if holders.all(|held| held.image.status == Status::Archived) {
            archived += size;
        } else {
            standard += size;
        }
    }
    (standard, archived)
}

/// The size of a blob: the largest that any manifest gives.
pub(crate) fn size_of(id: u64, all: &[Held]) -> u128 {
    let given = all.iter().flat_map(|held| &held.blobs).filter(|(held, _)| *held == id);
    given.map(|(_, size)| u128::from(*size)).max().unwrap_or(0)
}
