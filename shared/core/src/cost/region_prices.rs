//! The prices of one region.

use std::collections::BTreeMap;

use super::{Currency, Partition, Price, Region, Tiers};

/// The prices of one region, in US dollars.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionPrices {
    /// The region.
    pub region: Region,
    /// A GB-month in the standard class.
    pub storage: Tiers,
    /// A GB-month in the archive class.
    pub archive: Tiers,
    /// Where the prices of the archive class are from.
    pub archive_origin: PriceOrigin,
    /// A GB that is restored from the archive class.
    pub retrieval_gb: Price,
    /// A GB to another region, but for `exceptions`.
    pub other_region_gb: Price,
    /// A GB to these regions.
    pub exceptions: BTreeMap<Region, Price>,
    /// A GB to the internet, by what goes there in a month. The free part is no tier of it.
    pub internet: Tiers,
    /// A GB through a NAT gateway.
    pub nat_gb: Price,
    /// An hour of a NAT gateway.
    pub nat_hour: Price,
    /// An hour of an interface endpoint in one zone.
    pub endpoint_hour: Price,
    /// A GB through interface endpoints, by what goes through them in a month.
    pub endpoint_gb: Tiers,
}

impl RegionPrices {
    /// Those of a region of which nobody read any.
    pub fn unknown(region: Region) -> Self {
        Self {
            region,
            storage: Tiers::unknown(),
            archive: Tiers::unknown(),
            archive_origin: PriceOrigin::Inferred,
            retrieval_gb: Price::Unknown,
            other_region_gb: Price::Unknown,
            exceptions: BTreeMap::new(),
            internet: Tiers::unknown(),
            nat_gb: Price::Unknown,
            nat_hour: Price::Unknown,
            endpoint_hour: Price::Unknown,
            endpoint_gb: Tiers::unknown(),
        }
    }

    /// A GB from here to another region. Unknown for this region itself, for one of another partition, which no price
    /// is about, and for one that is billed in another currency.
    pub fn to_region(&self, destination: Region) -> Price {
        let is_other_partition = Partition::of(destination) != Partition::of(self.region);
        if destination == self.region || is_other_partition || destination.currency() != Currency::Usd {
            return Price::Unknown;
        }
        self.exceptions.get(&destination).copied().unwrap_or(self.other_region_gb)
    }
}

/// Where a price is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PriceOrigin {
    /// It was read for this region.
    Listed,
    /// It was read for other regions, and is the same in all of them.
    Inferred,
}
