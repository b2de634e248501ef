//! Why a billed figure differs from a computed one.

use demurrage_core::cost::Usd;

/// One cause of a difference. Each part of a difference has one, in the order in which they are looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Cause {
    /// Both are the same but for the last of ten decimals of each line.
    Rounding,
    /// The bill itself says that it costs nothing: the free tier.
    FreeTier,
    /// The bill itself says that it costs less than by the list: a discount. Never more.
    Discount,
    /// The price of the bill is not that of the price list in use.
    PriceDiffers,
    /// The price list has no price.
    NoPrice,
    /// There is no inventory of the registry.
    NoInventory,
    /// No inventory has the repository: it went before the first, came after the last, or could not be read.
    NotInInventories,
    /// Less is billed than computed, and rows of the bill could not be read: theirs may be what is missing.
    RowsNotRead,
    /// The bill has no line of the repository.
    NotBilled,
    /// Not all billed hours lie between two inventories; no more than what those can have held.
    NoInventoryThen,
    /// It changed between two inventories, and nobody knows when.
    ChangedBetween,
    /// Not every manifest was read, so that the bytes are too many.
    Inexact,
    /// Less is billed, by no more than what may be mounted from other repositories.
    MountedBlobs,
    /// None of these.
    Unknown,
}

impl Cause {
    /// The name in reports.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rounding => "rounding",
            Self::FreeTier => "free-tier",
            Self::Discount => "discount",
            Self::PriceDiffers => "price-differs",
            Self::NoPrice => "no-price",
            Self::NoInventory => "no-inventory",
            Self::NotInInventories => "not-in-inventories",
            Self::RowsNotRead => "rows-not-read",
            Self::NotBilled => "not-billed",
            Self::NoInventoryThen => "no-inventory-then",
            Self::ChangedBetween => "changed-between-inventories",
            Self::Inexact => "inexact-repository",
            Self::MountedBlobs => "mounted-blobs",
            Self::Unknown => "unknown",
        }
    }

    /// Whether a part with this cause is explained: by arithmetic, or by the bill itself.
    pub const fn is_explained(self) -> bool {
        match self {
            Self::Rounding | Self::FreeTier | Self::Discount => true,
            Self::PriceDiffers
            | Self::NoPrice
            | Self::NoInventory
            | Self::NotInInventories
            | Self::RowsNotRead
            | Self::NotBilled
            | Self::NoInventoryThen
            | Self::ChangedBetween
            | Self::Inexact
            | Self::MountedBlobs
            | Self::Unknown => false,
        }
    }
}

/// A part of what is billed minus what was computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// Its cause.
    pub cause: Cause,
    /// The dollars: above 0 where more is billed.
    pub usd: Usd,
}
