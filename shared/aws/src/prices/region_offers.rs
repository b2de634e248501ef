//! The prices of one region, out of the files that are about it.
//!
//! Products are told apart by the codes of regions and by exact usage types behind the prefix of the region: the file
//! of ECR has rows for both storage classes and for signing, that of data transfer the free amount of all regions, and
//! both may have Local Zones. A price that cannot be read is unknown, and said; the others stay.
//!
//! Source: Price List Bulk API, read 2026-11-23.

use std::collections::BTreeMap;

use demurrage_core::cost::{Partition, Price, PriceOrigin, Region, RegionPrices, Tiers};
use rust_decimal::Decimal;

use super::offer::{Attributes, Offer, RowError};
use super::warning::{PriceWarning, What};

const STORAGE: &str = "TimedStorage-ByteHrs";
const ARCHIVE: &str = "TimedStorage-Archive-ByteHrs";
const RETRIEVAL: &str = "Retrieval-Archive";
const INTERNET: &str = "DataTransfer-Out-Bytes";
const GLOBAL_INTERNET: &str = "Global-DataTransfer-Out-Bytes";
const BETWEEN_REGIONS: &str = "-AWS-Out-Bytes";
const GB_MONTHS: &str = "GB-Mo";
const GB: &str = "GB";
const REGION: &str = "AWS Region";

/// The prices of one region while they are read, and what could not be.
#[derive(Debug)]
pub(super) struct RegionReading {
    pub(super) prices: RegionPrices,
    pub(super) warnings: Vec<PriceWarning>,
}

impl RegionReading {
    /// A region of which nothing is read yet.
    pub(super) fn new(region: Region) -> Self {
        Self { prices: RegionPrices::unknown(region), warnings: Vec::new() }
    }

    /// Reads the file of ECR.
    pub(super) fn read_ecr(&mut self, offer: &Offer) {
        let region = self.prices.region;
        let storage = offer.price_of(GB_MONTHS, |product| is_of_ecr(product, region, STORAGE));
        self.prices.storage = self.or_unknown(What::Storage, storage);
        let archive = offer.price_of(GB_MONTHS, |product| is_of_ecr(product, region, ARCHIVE));
        self.prices.archive = self.or_unknown(What::Archive, archive);
        self.prices.archive_origin = PriceOrigin::Listed;
        let retrieval = offer.price_of(GB, |product| is_of_ecr(product, region, RETRIEVAL));
        self.prices.retrieval_gb = self.flat(What::Retrieval, retrieval);
    }

    /// Reads the file of data transfer.
    pub(super) fn read_transfer(&mut self, offer: &Offer) {
        let region = self.prices.region;
        let internet = offer.price_of(GB, |product| is_to_internet(product, region));
        self.prices.internet = self.or_unknown(What::Internet, internet);
        let mut to_regions = BTreeMap::new();
        let is_near = |to: &Region| *to != region && Partition::of(*to) == Partition::of(region);
        for destination in Region::all().filter(is_near) {
            let price = offer.price_of(GB, |product| is_between(product, region, destination));
            let price = self.flat(What::ToRegion(destination), price);
            to_regions.insert(destination, price);
        }
        let usual = most_frequent(to_regions.values());
        self.prices.other_region_gb = usual;
        to_regions.retain(|_, price| *price != usual);
        self.prices.exceptions = to_regions;
    }

    fn or_unknown(&mut self, what: What, price: Result<Tiers, RowError>) -> Tiers {
        price.unwrap_or_else(|error| {
            self.warnings.push(PriceWarning::Price { region: self.prices.region, what, error });
            Tiers::unknown()
        })
    }

    /// A price that does not depend on how much there is.
    fn flat(&mut self, what: What, price: Result<Tiers, RowError>) -> Price {
        let tiers = self.or_unknown(what, price);
        if let [tier] = tiers.as_slice() {
            return tier.price;
        }
        let (region, error) = (self.prices.region, RowError::Tiered);
        self.warnings.push(PriceWarning::Price { region, what, error });
        Price::Unknown
    }
}

/// The storage of ECR Public.
pub(super) fn public_storage(offer: &Offer) -> Result<Tiers, RowError> {
    offer.price_of(GB_MONTHS, |product| {
        let prefix = product.usage_type.strip_suffix(STORAGE);
        prefix.is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('-'))
    })
}

/// The GB to the internet that are free every month, as the file of data transfer of any region has them.
pub(super) fn internet_free_gb(offer: &Offer) -> Result<u64, RowError> {
    let (sku, _) =
        offer.products(|product| product.usage_type == GLOBAL_INTERNET).next().ok_or(RowError::NotOffered)?;
    offer.free_amount(sku, GB)
}

fn is_of_ecr(product: &Attributes, region: Region, usage_type: &str) -> bool {
    product.region_code == region.code() && is_usage_type(&product.usage_type, region, usage_type)
}

fn is_to_internet(product: &Attributes, region: Region) -> bool {
    product.transfer_type == "AWS Outbound"
        && product.to_location == "External"
        && product.from_region_code == region.code()
        && is_region(&product.from_location_type)
        && product.operation.is_empty()
        && is_usage_type(&product.usage_type, region, INTERNET)
}

fn is_between(product: &Attributes, from: Region, to: Region) -> bool {
    let pair = || product.usage_type.strip_suffix(BETWEEN_REGIONS)?.split_once('-');
    product.transfer_type == "InterRegion Outbound"
        && product.from_region_code == from.code()
        && product.to_region_code == to.code()
        && is_region(&product.from_location_type)
        && is_region(&product.to_location_type)
        && product.operation.is_empty()
        && pair().is_some_and(|(source, destination)| is_prefix(source, from) && is_prefix(destination, to))
}

/// Whether it is a region, and no Local Zone; old files do not say.
fn is_region(location_type: &str) -> bool {
    location_type.is_empty() || location_type == REGION
}

/// Whether the usage type is this one in this region. In us-east-1 some begin with its prefix and some do not.
fn is_usage_type(text: &str, region: Region, usage_type: &str) -> bool {
    match text.strip_suffix(usage_type) {
        Some("") => Region::from_usage_prefix("") == Some(region),
        Some(prefix) => prefix.strip_suffix('-').is_some_and(|prefix| is_prefix(prefix, region)),
        None => false,
    }
}

/// Whether the usage types of the region begin with this. Of a region whose prefix is not known anything may be one
/// that is no other region's, and is written as one.
fn is_prefix(prefix: &str, region: Region) -> bool {
    let is_written_so = |prefix: &str| {
        !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
    };
    match region.usage_prefix() {
        Some(_) => !prefix.is_empty() && Region::from_usage_prefix(prefix) == Some(region),
        None => is_written_so(prefix) && Region::from_usage_prefix(prefix).is_none(),
    }
}

/// The price that most have, among known ones; of several the lowest.
fn most_frequent<'a>(prices: impl Iterator<Item = &'a Price>) -> Price {
    let mut counts: BTreeMap<Decimal, usize> = BTreeMap::new();
    for price in prices.filter_map(|price| price.known()) {
        *counts.entry(price).or_default() += 1;
    }
    // The last of equal counts is taken: from the highest price down.
    counts
        .into_iter()
        .rev()
        .max_by_key(|(_, count)| *count)
        .map_or(Price::Unknown, |(price, _)| Price::Known(price))
}
