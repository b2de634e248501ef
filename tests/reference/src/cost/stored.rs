//! What a repository stores: its distinct blobs, found by looking at every image for every blob.
//!
//! For: the comparison with the core. Leaves out how manifests are read.

/// An image with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredImage {
    /// Whether its status is `ARCHIVED`.
    pub is_archived: bool,
    /// `imageSizeInBytes`.
    pub size_bytes: Option<u64>,
    /// Whether it is an index.
    pub is_index: bool,
    /// What its manifest names as configuration, layers and blobs; nothing where no manifest was read, or one of a
    /// kind that is not known.
    pub named: Option<Vec<Named>>,
}

/// What a manifest says of one blob.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its digest.
    pub digest: String,
    /// Its media type.
    pub media_type: String,
    /// Its size.
    pub size_bytes: u64,
}

/// What is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stored {
    /// Bytes of the standard class.
    pub standard_bytes: u128,
    /// Bytes of the archive class.
    pub archived_bytes: u128,
    /// Whether a blob was given two sizes.
    pub has_two_sizes: bool,
}

/// What these images store.
pub fn stored(images: &[StoredImage]) -> Stored {
    stored_with(images, images)
}

/// What images store when `all` were there before, from which blobs have their sizes.
pub fn stored_with(images: &[StoredImage], all: &[StoredImage]) -> Stored {
    let mut stored = Stored { standard_bytes: 0, archived_bytes: 0, has_two_sizes: false };
    let mut digests: Vec<&String> = images.iter().flat_map(blobs).map(|named| &named.digest).collect();
    digests.sort();
    digests.dedup();
    for digest in digests {
        let sizes: Vec<u64> = all
            .iter()
            .flat_map(blobs)
            .filter(|named| named.digest == *digest)
            .map(|named| named.size_bytes)
            .collect();
        stored.has_two_sizes |= sizes.iter().any(|size| sizes.first() != Some(size));
        let size = u128::from(sizes.into_iter().max().unwrap_or(0));
        if holders(images, digest).iter().all(|holder| holder.is_archived) {
            stored.archived_bytes += size;
        } else {
            stored.standard_bytes += size;
        }
    }
    for image in images.iter().filter(|image| image.named.is_none() && !image.is_index) {
        let size = u128::from(image.size_bytes.unwrap_or(0));
        if image.is_archived {
            stored.archived_bytes += size;
        } else {
            stored.standard_bytes += size;
        }
    }
    stored
}

/// The bytes that one image holds alone, and those that others hold, too.
pub fn exclusive_and_shared(images: &[StoredImage], place: usize) -> (u128, u128) {
    let whole = |images: &[StoredImage]| {
        let stored = stored_with(images, images);
        stored.standard_bytes + stored.archived_bytes
    };
    let Some(image) = images.get(place) else { return (0, 0) };
    let mut without = images.to_vec();
    without.remove(place);
    let without = stored_with(&without, images);
    let exclusive = whole(images) - without.standard_bytes - without.archived_bytes;
    // All that it holds, with the sizes that blobs have in the repository.
    let held = stored_with(std::slice::from_ref(image), images);
    (exclusive, held.standard_bytes + held.archived_bytes - exclusive)
}

/// What the registry stores for an image; an index has nothing by itself.
fn blobs(image: &StoredImage) -> impl Iterator<Item = &Named> {
    let named = image.named.iter().filter(|_| !image.is_index).flatten();
    named.filter(|named| {
        !named.media_type.contains("nondistributable") && !named.media_type.contains(".foreign.")
    })
}

/// The images that hold a blob.
fn holders<'a>(images: &'a [StoredImage], digest: &str) -> Vec<&'a StoredImage> {
    images.iter().filter(|image| blobs(image).any(|named| named.digest == *digest)).collect()
}
