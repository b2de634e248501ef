//! The parts of AWS, which share no account.

use super::Region;

/// A part of AWS that has nothing in common with the others but the name: accounts, networks and prices are its own.
///
/// Source: AWS, "Partitions" (General Reference), read 2026-11-23.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Partition {
    /// The regions that everybody can have.
    Commercial,
    /// Those of the government of the United States.
    GovCloud,
    /// Those of China.
    China,
    /// The European Sovereign Cloud.
    EuropeanSovereign,
}

impl Partition {
    /// The partition of a region.
    pub fn of(region: Region) -> Self {
        let starts = |prefix| region.code().starts_with(prefix);
        if starts("us-gov-") {
            Self::GovCloud
        } else if starts("cn-") {
            Self::China
        } else if starts("eusc-") {
            Self::EuropeanSovereign
        } else {
            Self::Commercial
        }
    }

    /// Whether the first GB to the internet are free there. Of the European Sovereign Cloud nobody has read it.
    pub const fn has_free_internet(self) -> bool {
        match self {
            Self::Commercial => true,
            Self::GovCloud | Self::China | Self::EuropeanSovereign => false,
        }
    }
}
