//! All prices, with the date when they were read.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};

use super::{Region, RegionPrices, Tiers};
use crate::RegistryKind;

/// How old a copy of the prices may be before that is a warning, in days.
pub const PRICE_LIST_AGE_DAYS_MAX: i64 = 90;

/// Prices of one date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PriceList {
    /// When they were read.
    pub date: NaiveDate,
    /// Where they are from, in one sentence without its full stop.
    pub source: String,
    /// GB to the internet that are free every month, over all regions but those of China and `GovCloud`.
    pub internet_free_gb: u64,
    /// A GB-month of ECR Public.
    pub public_storage: Tiers,
    /// The prices of regions. One that is missing has none.
    pub regions: BTreeMap<Region, RegionPrices>,
}

impl PriceList {
    /// The copy that is part of the program.
    pub fn embedded() -> Self {
        super::embedded_prices::price_list()
    }

    /// The prices of a region; unknown ones where the list has none.
    pub fn prices(&self, region: Region) -> RegionPrices {
        self.regions.get(&region).cloned().unwrap_or_else(|| RegionPrices::unknown(region))
    }

    /// The prices of a registry in a region: ECR Public has a price of storage of its own, and no archive class, so
    /// none of that. Whoever prices a registry takes them from here.
    pub fn registry_prices(&self, kind: RegistryKind, region: Region) -> RegionPrices {
        let prices = self.prices(region);
        match kind {
            RegistryKind::Private => prices,
            RegistryKind::Public => {
                RegionPrices { storage: self.public_storage.clone(), archive: Tiers::unknown(), ..prices }
            }
        }
    }

    /// How many days before `now` it was read; negative where that is still to come.
    pub fn age_days(&self, now: DateTime<Utc>) -> i64 {
        now.date_naive().signed_duration_since(self.date).num_days()
    }

    /// Whether it is so old that its prices may have changed: more than [`PRICE_LIST_AGE_DAYS_MAX`].
    pub fn is_old(&self, now: DateTime<Utc>) -> bool {
        self.age_days(now) > PRICE_LIST_AGE_DAYS_MAX
    }
}
