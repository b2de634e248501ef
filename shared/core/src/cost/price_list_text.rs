//! Price lists as they are stored: JSON with prices as decimal text, `null` for an unknown one.
//!
//! A member that is not known is refused, and so is a newer form. Regions that are not known are left out: a
//! newer version may have added them, and this one cannot ask for their prices.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::{Price, PriceList, PriceOrigin, Region, RegionPrices, Tier, Tiers, TiersError};

/// The form that is written. It is raised when a reader of the one before would misread it.
const FORMAT_VERSION: u64 = 1;

impl PriceList {
    /// The stored form: the same list gives the same text.
    pub fn to_json(&self) -> String {
        // INVARIANT: maps with text keys, text and integers, which JSON has words for.
        let mut text = serde_json::to_string_pretty(&stored(self)).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the text is not a price list, or of a newer form, or a price or a tier in it cannot be one.
    pub fn from_json(text: &str) -> Result<Self, PriceListError> {
        let unreadable = |error: serde_json::Error| PriceListError::Shape { cause: error.to_string() };
        let Versioned { format_version } = serde_json::from_str(text).map_err(unreadable)?;
        if format_version != FORMAT_VERSION {
            return Err(PriceListError::Version { found: format_version });
        }
        let stored: Stored = serde_json::from_str(text).map_err(unreadable)?;
        let date = NaiveDate::parse_from_str(&stored.date, "%Y-%m-%d")
            .map_err(|_| PriceListError::Date { text: stored.date })?;
        let known = stored
            .regions
            .into_iter()
            .filter_map(|(code, prices)| Some((Region::parse(&code).ok()?, prices)));
        let regions = known.map(|(region, prices)| Ok((region, region_prices(region, prices)?)));
        Ok(Self {
            date,
            source: stored.source,
            internet_free_gb: stored.internet_free_gb,
            public_storage: tiers("public_storage_gb_month", stored.public_storage_gb_month)?,
            regions: regions.collect::<Result<_, _>>()?,
        })
    }
}

/// Why a text is not a price list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PriceListError {
    /// It is not JSON, or has members that are missing or not known.
    #[error("the price list is not readable: {cause}")]
    Shape {
        /// What the JSON reader said.
        cause: String,
    },
    /// It was written by another version of the program.
    #[error("the price list has the form {found}, and this version reads the form {FORMAT_VERSION}")]
    Version {
        /// Its form.
        found: u64,
    },
    /// Its date is none.
    #[error("the date of the price list, `{text}`, is not of the form 2026-09-21")]
    Date {
        /// The text in its place.
        text: String,
    },
    /// A price is none.
    #[error("{place}: `{text}` is not a price: at most 15 decimals, and from 0 to a million dollars")]
    Price {
        /// The region and the member.
        place: String,
        /// The text in its place.
        text: String,
    },
    /// Tiers do not fit together.
    #[error("{place}: {cause}")]
    Tiers {
        /// The region and the member.
        place: String,
        /// Why.
        cause: TiersError,
    },
}

#[derive(Deserialize)]
struct Versioned {
    format_version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format_version: u64,
    date: String,
    source: String,
    internet_free_gb: u64,
    public_storage_gb_month: Vec<StoredTier>,
    regions: BTreeMap<String, StoredRegion>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredTier {
    up_to_gb: Option<u64>,
    price: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredRegion {
    storage_gb_month: Vec<StoredTier>,
    archive_gb_month: Vec<StoredTier>,
    archive_origin: StoredOrigin,
    retrieval_gb: Option<String>,
    other_region_gb: Option<String>,
    exceptions_gb: BTreeMap<String, Option<String>>,
    internet_gb: Vec<StoredTier>,
    nat_gateway_gb: Option<String>,
    nat_gateway_hour: Option<String>,
    endpoint_hour: Option<String>,
    endpoint_gb: Vec<StoredTier>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredOrigin {
    Listed,
    Inferred,
}

fn stored(list: &PriceList) -> Stored {
    Stored {
        format_version: FORMAT_VERSION,
        date: list.date.to_string(),
        source: list.source.clone(),
        internet_free_gb: list.internet_free_gb,
        public_storage_gb_month: stored_tiers(&list.public_storage),
        regions: list
            .regions
            .iter()
            .map(|(region, prices)| (region.code().to_owned(), stored_region(prices)))
            .collect(),
    }
}

fn stored_region(prices: &RegionPrices) -> StoredRegion {
    let exceptions = prices.exceptions.iter();
    StoredRegion {
        storage_gb_month: stored_tiers(&prices.storage),
        archive_gb_month: stored_tiers(&prices.archive),
        archive_origin: match prices.archive_origin {
            PriceOrigin::Listed => StoredOrigin::Listed,
            PriceOrigin::Inferred => StoredOrigin::Inferred,
        },
        retrieval_gb: stored_price(prices.retrieval_gb),
        other_region_gb: stored_price(prices.other_region_gb),
        exceptions_gb: exceptions.map(|(to, price)| (to.code().to_owned(), stored_price(*price))).collect(),
        internet_gb: stored_tiers(&prices.internet),
        nat_gateway_gb: stored_price(prices.nat_gb),
        nat_gateway_hour: stored_price(prices.nat_hour),
        endpoint_hour: stored_price(prices.endpoint_hour),
        endpoint_gb: stored_tiers(&prices.endpoint_gb),
    }
}

fn stored_tiers(tiers: &Tiers) -> Vec<StoredTier> {
    let tiers = tiers.as_slice().iter();
    tiers.map(|tier| StoredTier { up_to_gb: tier.up_to_gb, price: stored_price(tier.price) }).collect()
}

fn stored_price(price: Price) -> Option<String> {
    price.known().map(|price| price.normalize().to_string())
}

fn region_prices(region: Region, given: StoredRegion) -> Result<RegionPrices, PriceListError> {
    let place = |member: &str| format!("{region}: {member}");
    let exceptions = given.exceptions_gb.into_iter().filter_map(|(to, text)| {
        let to = Region::parse(&to).ok()?;
        Some(price(&place("exceptions_gb"), text).map(|price| (to, price)))
    });
    Ok(RegionPrices {
        region,
        storage: tiers(&place("storage_gb_month"), given.storage_gb_month)?,
        archive: tiers(&place("archive_gb_month"), given.archive_gb_month)?,
        archive_origin: match given.archive_origin {
            StoredOrigin::Listed => PriceOrigin::Listed,
            StoredOrigin::Inferred => PriceOrigin::Inferred,
        },
        retrieval_gb: price(&place("retrieval_gb"), given.retrieval_gb)?,
        other_region_gb: price(&place("other_region_gb"), given.other_region_gb)?,
        exceptions: exceptions.collect::<Result<_, _>>()?,
        internet: tiers(&place("internet_gb"), given.internet_gb)?,
        nat_gb: price(&place("nat_gateway_gb"), given.nat_gateway_gb)?,
        nat_hour: price(&place("nat_gateway_hour"), given.nat_gateway_hour)?,
        endpoint_hour: price(&place("endpoint_hour"), given.endpoint_hour)?,
        endpoint_gb: tiers(&place("endpoint_gb"), given.endpoint_gb)?,
    })
}

fn tiers(place: &str, given: Vec<StoredTier>) -> Result<Tiers, PriceListError> {
    let tiers = given
        .into_iter()
        .map(|tier| Ok(Tier { up_to_gb: tier.up_to_gb, price: price(place, tier.price)? }))
        .collect::<Result<_, PriceListError>>()?;
    Tiers::new(tiers).map_err(|cause| PriceListError::Tiers { place: place.to_owned(), cause })
}

fn price(place: &str, text: Option<String>) -> Result<Price, PriceListError> {
    let Some(text) = text else { return Ok(Price::Unknown) };
    Price::parse(&text).ok_or_else(|| PriceListError::Price { place: place.to_owned(), text })
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use rust_decimal::Decimal;

    use super::PriceListError;
    use crate::cost::{Price, PriceList, Region, TiersError};

    #[test]
    fn a_price_list_comes_back_as_it_was_stored() {
        let list = PriceList::embedded();
        let text = list.to_json();
        assert_eq!(PriceList::from_json(&text), Ok(list));
        assert!(text.contains("\"price\": null"), "an unknown price is no number");
    }

    #[test]
    fn a_region_that_is_not_known_yet_is_left_out() {
        let text = PriceList::embedded().to_json().replace("\"af-south-1\"", "\"af-south-2\"");
        let list = PriceList::from_json(&text).unwrap();
        let cape_town = Region::parse("af-south-1").unwrap();
        assert_eq!(list.regions.len(), PriceList::embedded().regions.len() - 1);
        assert_eq!(list.prices(cape_town).storage.as_slice()[0].price, Price::Unknown);
    }

    #[test]
    fn what_is_no_price_list_is_refused_with_its_place() {
        let good = PriceList::embedded().to_json();
        let refused = |from: &str, to: &str| {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good, "`{from}` stands in the text");
            PriceList::from_json(&bad).unwrap_err()
        };
        assert_eq!(
            refused("\"format_version\": 1", "\"format_version\": 2"),
            PriceListError::Version { found: 2 }
        );
        assert_eq!(refused("2026-09-21\"", "21 Sep\""), PriceListError::Date { text: "21 Sep".to_owned() });
        for (price, text) in [("\"0.1\"", "-0.1"), ("\"0.1\"", "0.1 USD"), ("\"0.1\"", "1000001")] {
            let error = refused(price, &format!("\"{text}\""));
            let place = "public_storage_gb_month".to_owned();
            assert_eq!(error, PriceListError::Price { place, text: text.to_owned() });
        }
        assert_eq!(
            refused("\"up_to_gb\": 153600", "\"up_to_gb\": 0").to_string(),
            "af-south-1: archive_gb_month: the tier that begins at 0 GB does not end above that"
        );
        assert!(matches!(refused("\"source\"", "\"sauce\""), PriceListError::Shape { .. }));
        assert!(matches!(PriceList::from_json("[]"), Err(PriceListError::Shape { .. })));
        assert!(matches!(
            PriceList::from_json(&good.replace("\"up_to_gb\": null", "\"up_to_gb\": 9999999")),
            Err(PriceListError::Tiers { cause: TiersError::Ends { at_gb: 9_999_999 }, .. })
        ));
    }

    #[test]
    fn a_copy_is_old_on_the_ninety_first_day() {
        let list = PriceList::embedded();
        assert_eq!(list.date, NaiveDate::from_ymd_opt(2026, 9, 21).unwrap());
        let at = |text| crate::instant::parse(text).unwrap();
        assert!(!list.is_old(at("2026-12-20T23:59:59Z")));
        assert!(list.is_old(at("2026-12-21T00:00:00Z")));
        assert!(!list.is_old(at("2026-09-01")), "a list from the future is not old");
    }

    #[test]
    fn prices_hold_what_arithmetic_can_hold() {
        let text = PriceList::embedded().to_json();
        let with = |price: &str| {
            let list = PriceList::from_json(&text.replacen("\"0.1\"", &format!("\"{price}\""), 1))?;
            Ok::<_, PriceListError>(list.public_storage.as_slice()[1].price)
        };
        assert_eq!(with("0.100000000000001000"), Ok(Price::Known(Decimal::new(100_000_000_000_001, 15))));
        assert!(with("0.1000000000000001").is_err());
    }
}
