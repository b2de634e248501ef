//! What of the prices could not be read.

use std::fmt;

use demurrage_core::cost::Region;

use super::offer::RowError;
use super::source::FileError;

/// Something that was not read. What it is about has no price.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PriceWarning {
    /// An offer has no file for the region.
    NotOffered {
        /// The region.
        region: Region,
        /// The offer, as the price list names it.
        offer: &'static str,
    },
    /// The file of a region could not be read.
    File {
        /// The region.
        region: Region,
        /// The offer.
        offer: &'static str,
        /// What went wrong.
        error: FileError,
    },
    /// One price is not in the file, or not as it has to be.
    Price {
        /// The region.
        region: Region,
        /// What it is the price of.
        what: What,
        /// What is wrong with it.
        error: RowError,
    },
    /// The storage of ECR Public has no price.
    Public {
        /// What went wrong.
        error: PublicError,
    },
    /// How much is free to the internet is not in any file, so it is what it was in the copy before.
    InternetFree {
        /// The GB that are taken to be free.
        gb: u64,
    },
}

/// Why the storage of ECR Public has no price.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PublicError {
    /// A file could not be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// The price is not in it.
    #[error(transparent)]
    Price(#[from] RowError),
}

/// What a price is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// The standard class.
    Storage,
    /// The archive class.
    Archive,
    /// Restoring from the archive class.
    Retrieval,
    /// Transfer to the internet.
    Internet,
    /// Transfer to another region.
    ToRegion(Region),
}

impl fmt::Display for PriceWarning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOffered { region, offer } => {
                write!(f, "{region} has no prices of {offer}: the price list has no file for it")
            }
            Self::File { region, offer, error } => write!(f, "{region} has no prices of {offer}: {error}"),
            Self::Price { region, what, error } => write!(f, "{region} has no price of {what}: {error}"),
            Self::Public { error } => write!(f, "ECR Public has no price of storage: {error}"),
            Self::InternetFree { gb } => {
                write!(
                    f,
                    "the price list does not say how much is free to the internet: it is taken to be {gb} GB"
                )
            }
        }
    }
}

impl fmt::Display for What {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Storage => f.write_str("storage"),
            Self::Archive => f.write_str("archive storage"),
            Self::Retrieval => f.write_str("retrieval from the archive"),
            Self::Internet => f.write_str("transfer to the internet"),
            Self::ToRegion(region) => write!(f, "transfer to {region}"),
        }
    }
}
