//! What one repository stores: the naive sum, what is billed, and how sure that is.

use std::fmt;

use rust_decimal::Decimal;

use super::{Blobs, Holding, LAYER_BYTES_MAX, StoredBytes};
use crate::{Digest, ImageStatus, Listing, Repository};

/// What one repository stores.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryStorage {
    /// Images, indexes and artifacts that were listed.
    pub images: u64,
    /// Those of them whose manifest was not read, or is of a kind that is not known. An index counts nothing,
    /// another image its `imageSizeInBytes`, as if it shared nothing.
    pub images_without_manifest: u64,
    /// Their `imageSizeInBytes`, added up: what others show. It counts shared layers many times.
    pub image_size_sum_bytes: u128,
    /// The distinct blobs by storage class: what is billed.
    pub stored: StoredBytes,
    /// Whether the images are known at all.
    pub is_listed: bool,
    /// What makes the figures less than exact, or is odd; at most one of a kind.
    pub warnings: Vec<StorageWarning>,
}

impl RepositoryStorage {
    /// What a repository stores; `blobs` are those of its images.
    pub fn of(repository: &Repository, blobs: &Blobs) -> Self {
        let images = &repository.images;
        let sizes = images.iter().filter_map(|image| image.size_bytes);
        Self {
            images: count(images.len()),
            images_without_manifest: count(blobs.images_without_manifest().len()),
            image_size_sum_bytes: sizes.map(u128::from).sum(),
            stored: Holding::of(blobs, images).stored(),
            is_listed: !matches!(repository.listing, Listing::Failed(_)),
            warnings: warnings(repository, blobs),
        }
    }

    /// Whether the stored bytes are exact: everything was listed and read, and nothing contradicts itself.
    pub fn is_exact(&self) -> bool {
        !self.warnings.iter().any(StorageWarning::is_inexact)
    }

    /// How many times the naive sum is the distinct blobs, to two decimals; nothing where no byte is stored.
    pub fn deduplication_ratio(&self) -> Option<Decimal> {
        let stored = self.stored.total();
        let hundredths =
            self.image_size_sum_bytes.checked_mul(100)?.checked_add(stored / 2)?.checked_div(stored)?;
        Decimal::try_from_i128_with_scale(i128::try_from(hundredths).ok()?, 2).ok()
    }
}

/// Something that makes what a repository stores less than exact, or that is odd.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageWarning {
    /// The images could not be listed: nothing is known of what is stored.
    NotListed,
    /// Not all images were listed: at least this much is stored.
    CutOff,
    /// The blobs of images are not known.
    WithoutManifest {
        /// How many images.
        images: u64,
        /// How many of them have no size either, and count nothing; indexes are none of them.
        without_size: u64,
    },
    /// Manifests give a blob two sizes. The larger one counts.
    TwoSizes {
        /// How many blobs.
        blobs: u64,
        /// The first of them.
        digest: Digest,
        /// Its smallest size.
        smaller_bytes: u64,
        /// Its largest size.
        larger_bytes: u64,
    },
    /// A blob is larger than a layer can be ([`LAYER_BYTES_MAX`]). It counts all the same.
    TooLarge {
        /// How many blobs.
        blobs: u64,
        /// The first of them.
        digest: Digest,
        /// Its size.
        size_bytes: u64,
    },
    /// Images have a status that is not known. They count as standard.
    UnrecognisedStatus {
        /// How many images.
        images: u64,
    },
}

impl StorageWarning {
    /// Whether the stored bytes may be other than computed.
    pub const fn is_inexact(&self) -> bool {
        match self {
            Self::NotListed
            | Self::CutOff
            | Self::WithoutManifest { .. }
            | Self::TwoSizes { .. }
            | Self::UnrecognisedStatus { .. } => true,
            Self::TooLarge { .. } => false,
        }
    }
}

impl fmt::Display for StorageWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotListed => write!(f, "its images could not be listed: what it stores is not known"),
            Self::CutOff => write!(f, "not all of its images were listed: it stores at least this much"),
            Self::WithoutManifest { images, without_size } => {
                write!(f, "{images} of its images have no manifest that could be read")?;
                if *without_size > 0 {
                    write!(f, ", and {without_size} of these no size either: they count nothing")?;
                }
                Ok(())
            }
            Self::TwoSizes { blobs, digest, smaller_bytes, larger_bytes } => write!(
                f,
                "{blobs} of its blobs have two sizes, the first {digest} with {smaller_bytes} and {larger_bytes} bytes: the \
                 larger one counts"
            ),
            Self::TooLarge { blobs, digest, size_bytes } => write!(
                f,
                "{blobs} of its blobs are larger than ECR takes a layer, the first {digest} with {size_bytes} bytes (at most \
                 {LAYER_BYTES_MAX})"
            ),
            Self::UnrecognisedStatus { images } => {
                write!(f, "{images} of its images have a status that is not known: they count as standard")
            }
        }
    }
}

fn warnings(repository: &Repository, blobs: &Blobs) -> Vec<StorageWarning> {
    let listing = match &repository.listing {
        Listing::Complete => None,
        Listing::CutOff => Some(StorageWarning::CutOff),
        Listing::Failed(_) => Some(StorageWarning::NotListed),
    };
    let all = [
        listing,
        without_manifest(repository, blobs),
        two_sizes(blobs),
        too_large(blobs),
        unrecognised_status(repository),
    ];
    all.into_iter().flatten().collect()
}

fn without_manifest(repository: &Repository, blobs: &Blobs) -> Option<StorageWarning> {
    let places = blobs.images_without_manifest();
    let images = places.iter().filter_map(|&place| repository.images.get(place as usize));
    let without_size = images.filter(|image| image.size_bytes.is_none() && !image.is_index()).count();
    (!places.is_empty()).then(|| StorageWarning::WithoutManifest {
        images: count(places.len()),
        without_size: count(without_size),
    })
}

fn two_sizes(blobs: &Blobs) -> Option<StorageWarning> {
    let (first, smaller_bytes) = blobs.two_sizes().min_by_key(|(blob, _)| blob.digest)?;
    Some(StorageWarning::TwoSizes {
        blobs: count(blobs.two_sizes().count()),
        digest: first.digest?,
        smaller_bytes,
        larger_bytes: first.size_bytes,
    })
}

fn too_large(blobs: &Blobs) -> Option<StorageWarning> {
    let large = || {
        let large = blobs.all().iter().filter(|blob| blob.size_bytes > LAYER_BYTES_MAX);
        large.filter_map(|blob| Some((blob.digest?, blob.size_bytes)))
    };
    let (digest, size_bytes) = large().min()?;
    Some(StorageWarning::TooLarge { blobs: count(large().count()), digest, size_bytes })
}

fn unrecognised_status(repository: &Repository) -> Option<StorageWarning> {
    let unrecognised = repository.images.iter().filter(|image| image.status == ImageStatus::Unrecognised);
    let images = count(unrecognised.count());
    (images > 0).then_some(StorageWarning::UnrecognisedStatus { images })
}

/// A number of things in memory as a number.
fn count(things: usize) -> u64 {
    u64::try_from(things).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{RepositoryStorage, StorageWarning};
    use crate::cost::{Blobs, LAYER_BYTES_MAX, StoredBytes};
    use crate::{Descriptor, Digest, Image, ImageStatus, Manifest, ManifestKind, Repository};

    /// An image with these layers: digest and size.
    fn image(number: u8, layers: &[(u8, u64)]) -> Image {
        let mut image = Image::new(Digest::from_bytes([number; 32]));
        let mut manifest = Manifest::new(ManifestKind::OciImage);
        let layers = layers.iter().map(|&(digest, size_bytes)| Descriptor {
            digest: Digest::from_bytes([digest; 32]),
            media_type: String::new(),
            size_bytes,
        });
        manifest.layers = layers.collect();
        image.manifest = Some(Box::new(manifest));
        image
    }

    #[test]
    fn a_warning_counts_all_and_has_the_figures_of_the_first_in_the_order_of_digests() {
        let large = LAYER_BYTES_MAX + 1;
        let mut repository = Repository::new("a");
        repository.images = vec![
            image(1, &[(9, 5), (8, 7), (7, large + 1), (6, large)]),
            image(2, &[(9, 4), (8, 9)]),
            image(3, &[(9, 6), (8, 8), (6, large)]),
            Image { status: ImageStatus::Unrecognised, ..image(4, &[]) },
            Image { manifest: None, size_bytes: Some(1), ..image(5, &[]) },
            Image { manifest: None, ..image(6, &[]) },
        ];
        let digest = |number| Digest::from_bytes([number; 32]);
        let found = RepositoryStorage::of(&repository, &Blobs::of(&repository.images));
        let expected = [
            StorageWarning::WithoutManifest { images: 2, without_size: 1 },
            StorageWarning::TwoSizes { blobs: 2, digest: digest(8), smaller_bytes: 7, larger_bytes: 9 },
            StorageWarning::TooLarge { blobs: 2, digest: digest(6), size_bytes: large },
            StorageWarning::UnrecognisedStatus { images: 1 },
        ];
        assert_eq!(found.warnings, expected);
        assert_eq!(found.stored.standard_bytes, 6 + 9 + 1 + 2 * u128::from(large) + 1);
    }

    #[test]
    fn the_ratio_is_the_naive_sum_over_the_distinct_blobs_to_two_decimals() {
        let ratio = |image_size_sum_bytes, standard_bytes, archived_bytes| {
            let repository = Repository::new("a");
            let storage = RepositoryStorage {
                image_size_sum_bytes,
                stored: StoredBytes { standard_bytes, archived_bytes },
                ..RepositoryStorage::of(&repository, &Blobs::of(&[]))
            };
            storage.deduplication_ratio().map(|ratio| ratio.to_string())
        };
        assert_eq!(ratio(220, 107, 13).as_deref(), Some("1.83"));
        assert_eq!(ratio(1, 3, 0).as_deref(), Some("0.33"));
        assert_eq!(ratio(201, 0, 200).as_deref(), Some("1.01"));
        assert_eq!(ratio(0, 0, 0), None);
    }

    #[test]
    fn a_warning_says_how_much_and_names_the_first() {
        let digest = Digest::from_bytes([0xab; 32]);
        let two = StorageWarning::TwoSizes { blobs: 2, digest, smaller_bytes: 1, larger_bytes: 3 };
        let named = format!("the first {digest} with 1 and 3 bytes: the larger one counts");
        assert_eq!(two.to_string(), format!("2 of its blobs have two sizes, {named}"));
        let unread = |without_size| StorageWarning::WithoutManifest { images: 5, without_size }.to_string();
        assert_eq!(unread(0), "5 of its images have no manifest that could be read");
        assert!(unread(2).ends_with("and 2 of these no size either: they count nothing"));
    }
}
