//! The price list of AWS, read anew: without credentials, over HTTP.
//!
//! For each region the files of ECR and of data transfer, and one of ECR Public. It assumes the Price List Bulk API as
//! it was on 2026-11-23. Leaves out NAT gateways and endpoints, whose offers are gigabytes: their prices stay those of
//! the copy that is part of the program, and the source of the list says so. Prices in other currencies than US dollars
//! are not read.
//!
//! - [`refresh`]: the list, and what could not be read of it.

mod offer;
mod region_offers;
mod source;
#[cfg(test)]
mod tests;
mod warning;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use demurrage_core::cost::{PriceList, Region, RegionPrices, Tiers};
use futures::stream::{self, StreamExt};
use serde::Deserialize;

use offer::Offer;
use region_offers::{RegionReading, internet_free_gb, public_storage};
use source::Source;

pub use offer::RowError;
pub use source::FileError;
pub use warning::{PriceWarning, PublicError, What};

/// The server of the price list for all regions but those of China.
///
/// Source: AWS, "Price List Bulk API", read 2026-11-23.
pub const PRICES_URL: &str = "https://pricing.us-east-1.amazonaws.com";

const ECR: &str = "AmazonECR";
const ECR_PUBLIC: &str = "AmazonECRPublic";
const TRANSFER: &str = "AWSDataTransfer";

/// The region whose file of ECR Public is read: that of its API.
const PUBLIC_REGION: &str = "us-east-1";

/// The most bytes of a list of regions; the longest known has ten thousand.
const INDEX_BYTES_MAX: usize = 1 << 20;

/// The most bytes of the file of one offer in one region; the longest known has less than two million.
const OFFER_BYTES_MAX: usize = 32 << 20;

/// How many regions are read at a time.
const REGIONS_AT_A_TIME: usize = 4;

/// Prices that were read anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshed {
    /// The prices. What could not be read is unknown.
    pub list: PriceList,
    /// What that is, in the order of regions.
    pub warnings: Vec<PriceWarning>,
}

/// Why no prices were read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PricesError {
    /// The list of regions of an offer could not be read: there is no server, or not this one.
    #[error("find the prices of {offer}: {error}")]
    Index {
        /// The offer.
        offer: &'static str,
        /// What went wrong.
        error: FileError,
    },
    /// No region has a price of storage.
    #[error("none of the regions has a price of storage: {first}")]
    Nothing {
        /// The first of what went wrong.
        first: String,
    },
}

/// Reads the prices of these regions from a server ([`PRICES_URL`]); `today` is the date that the list gets.
///
/// A region that cannot be read keeps no price, and is a warning.
///
/// # Errors
/// When an offer cannot be found at all, or no region has a price of storage: such a list would be worth less than
/// the one before.
pub async fn refresh(base_url: &str, regions: &[Region], today: NaiveDate) -> Result<Refreshed, PricesError> {
    let no_index = |offer| move |error| PricesError::Index { offer, error };
    let source = Source::new(base_url).map_err(no_index(ECR))?;
    let ecr = Index::read(&source, ECR).await.map_err(no_index(ECR))?;
    let transfer = Index::read(&source, TRANSFER).await.map_err(no_index(TRANSFER))?;
    let reading = stream::iter(regions).map(|region| read_region(&source, &ecr, &transfer, *region));
    let read: Vec<(RegionReading, Option<u64>)> = reading.buffered(REGIONS_AT_A_TIME).collect().await;

    let before = PriceList::embedded();
    let free_gb = read.iter().find_map(|(_, free_gb)| *free_gb);
    let mut warnings = Vec::new();
    let mut prices = BTreeMap::new();
    for (reading, _) in read {
        warnings.extend(reading.warnings);
        prices.insert(reading.prices.region, with_network(reading.prices, &before));
    }
    if prices.values().all(|prices| prices.storage == Tiers::unknown()) {
        let first =
            warnings.first().map_or_else(|| "no region was asked for".to_owned(), ToString::to_string);
        return Err(PricesError::Nothing { first });
    }
    let public_storage = read_public(&source).await.unwrap_or_else(|error| {
        warnings.push(PriceWarning::Public { error });
        Tiers::unknown()
    });
    let internet_free_gb = free_gb.unwrap_or_else(|| {
        warnings.push(PriceWarning::InternetFree { gb: before.internet_free_gb });
        before.internet_free_gb
    });
    let list = PriceList {
        date: today,
        source: format!("AWS price list at {base_url}; NAT gateways and endpoints as of {}", before.date),
        internet_free_gb,
        public_storage,
        regions: prices,
    };
    Ok(Refreshed { list, warnings })
}

/// The prices, with those of NAT gateways and endpoints, which are in offers that are not read.
fn with_network(prices: RegionPrices, before: &PriceList) -> RegionPrices {
    let RegionPrices { nat_gb, nat_hour, endpoint_hour, endpoint_gb, .. } = before.prices(prices.region);
    RegionPrices { nat_gb, nat_hour, endpoint_hour, endpoint_gb, ..prices }
}

/// What is read of a region, and how many GB to the internet its file says are free.
async fn read_region(
    source: &Source,
    ecr: &Index,
    transfer: &Index,
    region: Region,
) -> (RegionReading, Option<u64>) {
    let mut reading = RegionReading::new(region);
    let mut free_gb = None;
    for index in [ecr, transfer] {
        let Some(path) = index.path(region) else {
            reading.warnings.push(PriceWarning::NotOffered { region, offer: index.offer });
            continue;
        };
        match read_json::<Offer>(source, path, OFFER_BYTES_MAX).await {
            Ok(offer) if index.offer == ECR => reading.read_ecr(&offer),
            Ok(offer) => {
                reading.read_transfer(&offer);
                free_gb = internet_free_gb(&offer).ok();
            }
            Err(error) => {
                reading.warnings.push(PriceWarning::File { region, offer: index.offer, error });
            }
        }
    }
    (reading, free_gb)
}

async fn read_public(source: &Source) -> Result<Tiers, PublicError> {
    let index = Index::read(source, ECR_PUBLIC).await?;
    let path = index.paths.get(PUBLIC_REGION).ok_or(RowError::NotOffered)?;
    let offer: Offer = read_json(source, path, OFFER_BYTES_MAX).await?;
    Ok(public_storage(&offer)?)
}

/// Where the files of an offer are.
#[derive(Debug)]
struct Index {
    offer: &'static str,
    /// By the code of the region.
    paths: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct RegionIndex {
    regions: BTreeMap<String, RegionIndexEntry>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RegionIndexEntry {
    current_version_url: String,
}

impl Index {
    async fn read(source: &Source, offer: &'static str) -> Result<Self, FileError> {
        let path = format!("/offers/v1.0/aws/{offer}/current/region_index.json");
        let index: RegionIndex = read_json(source, &path, INDEX_BYTES_MAX).await?;
        let paths = index.regions.into_iter().map(|(region, entry)| (region, entry.current_version_url));
        Ok(Self { offer, paths: paths.collect() })
    }

    fn path(&self, region: Region) -> Option<&str> {
        self.paths.get(region.code()).map(String::as_str)
    }
}

async fn read_json<T: for<'de> Deserialize<'de>>(
    source: &Source,
    path: &str,
    bytes_max: usize,
) -> Result<T, FileError> {
    let bytes = source.read(path, bytes_max).await?;
    serde_json::from_slice(&bytes)
        .map_err(|error| FileError::Shape { path: path.to_owned(), cause: error.to_string() })
}
