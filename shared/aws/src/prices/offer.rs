//! One file of the price list: what is offered in one region, and at which prices.
//!
//! It knows the shape of the file (Price List Bulk API, version `v1.0`, read 2026-11-23) and nothing of what is
//! offered. Members that are not used are ignored. Descriptions and names of places are never read: they are text for
//! people, and have changed.

use std::collections::BTreeMap;

use demurrage_core::cost::{Price, Tier, Tiers};
use rust_decimal::Decimal;
use serde::Deserialize;

/// The term under which everybody buys. Beside it may stand that of the free tier, `A429C66SYZ`, with prices of zero.
///
/// Source: price list and rows of bills, read 2026-11-23.
const STANDARD_TERM: &str = "JRTCKXETXF";

/// The only currency that is priced.
const CURRENCY: &str = "USD";

/// The most ranges that a price has; the longest known has four.
const RANGES_MAX: usize = 100;

/// A file of the price list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Offer {
    #[serde(default)]
    products: BTreeMap<String, Product>,
    #[serde(default)]
    terms: Terms,
}

/// One thing that is sold.
#[derive(Debug, Deserialize)]
pub(super) struct Product {
    #[serde(default)]
    pub(super) attributes: Attributes,
}

/// What it is. What a product does not have is empty.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Attributes {
    #[serde(rename = "usagetype")]
    pub(super) usage_type: String,
    pub(super) operation: String,
    pub(super) region_code: String,
    pub(super) transfer_type: String,
    pub(super) from_region_code: String,
    pub(super) from_location_type: String,
    pub(super) to_location: String,
    pub(super) to_region_code: String,
    pub(super) to_location_type: String,
}

#[derive(Debug, Default, Deserialize)]
struct Terms {
    #[serde(rename = "OnDemand", default)]
    on_demand: BTreeMap<String, BTreeMap<String, Term>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Term {
    #[serde(default)]
    offer_term_code: String,
    #[serde(default)]
    price_dimensions: BTreeMap<String, Dimension>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Dimension {
    #[serde(default)]
    begin_range: String,
    #[serde(default)]
    end_range: String,
    #[serde(default)]
    unit: String,
    #[serde(default)]
    price_per_unit: BTreeMap<String, String>,
}

/// Why a product has no price here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// Nothing of that usage type is offered.
    #[error("nothing is offered")]
    NotOffered,
    /// It is offered twice, at different prices.
    #[error("it is offered at different prices ({first} and {second})")]
    Ambiguous {
        /// The number of one product.
        first: String,
        /// The number of the other.
        second: String,
    },
    /// Its price depends on how much there is, which it has never done.
    #[error("it depends on how much there is")]
    Tiered,
    /// It has no price for everybody.
    #[error("product {sku} has no standard term")]
    NoTerm {
        /// The number of the product.
        sku: String,
    },
    /// It is priced in another currency.
    #[error("product {sku} is priced in {currencies}, and only USD is read")]
    Currency {
        /// The number of the product.
        sku: String,
        /// The currencies that it is priced in.
        currencies: String,
    },
    /// It is sold by another unit.
    #[error("product {sku} is sold by `{unit}`")]
    Unit {
        /// The number of the product.
        sku: String,
        /// The unit.
        unit: String,
    },
    /// A number is none, or below zero.
    #[error("product {sku}: `{text}` is not a number that a price can have")]
    Number {
        /// The number of the product.
        sku: String,
        /// What stands there.
        text: String,
    },
    /// The ranges leave something out, or overlap.
    #[error("the ranges of product {sku} do not reach from 0 to infinity")]
    Ranges {
        /// The number of the product.
        sku: String,
    },
}

impl Offer {
    /// The products for which this is so, with their numbers.
    pub(super) fn products<'a>(
        &'a self,
        is_wanted: impl Fn(&Attributes) -> bool + 'a,
    ) -> impl Iterator<Item = (&'a str, &'a Attributes)> {
        self.products
            .iter()
            .filter(move |(_, product)| is_wanted(&product.attributes))
            .map(|(sku, product)| (sku.as_str(), &product.attributes))
    }

    /// The price that all products have for which this is so.
    pub(super) fn price_of(
        &self,
        unit: &str,
        is_wanted: impl Fn(&Attributes) -> bool,
    ) -> Result<Tiers, RowError> {
        let mut found: Option<(&str, Tiers)> = None;
        for (sku, _) in self.products(is_wanted) {
            let tiers = self.price(sku, unit)?;
            match &found {
                Some((_, known)) if *known == tiers => {}
                Some((first, _)) => {
                    return Err(RowError::Ambiguous { first: (*first).to_owned(), second: sku.to_owned() });
                }
                None => found = Some((sku, tiers)),
            }
        }
        found.map(|(_, tiers)| tiers).ok_or(RowError::NotOffered)
    }

    /// How much of a product costs nothing, in whichever term, where that is all that it is about.
    pub(super) fn free_amount(&self, sku: &str, unit: &str) -> Result<u64, RowError> {
        let terms = self.terms.on_demand.get(sku).ok_or_else(|| RowError::NoTerm { sku: sku.to_owned() })?;
        for term in terms.values() {
            if let [Range { begin_gb: 0, end_gb: Some(end_gb), price }] = ranges(term, sku, unit)?.as_slice()
                && price.is_zero()
            {
                return Ok(*end_gb);
            }
        }
        Err(RowError::Ranges { sku: sku.to_owned() })
    }

    /// The price of a product in its standard term, by the range of the amount.
    fn price(&self, sku: &str, unit: &str) -> Result<Tiers, RowError> {
        let no_term = || RowError::NoTerm { sku: sku.to_owned() };
        let terms = self.terms.on_demand.get(sku).ok_or_else(no_term)?;
        let term = terms.values().find(|term| term.offer_term_code == STANDARD_TERM).ok_or_else(no_term)?;
        tiers(&ranges(term, sku, unit)?).ok_or_else(|| RowError::Ranges { sku: sku.to_owned() })
    }
}

/// The ranges of a term, ascending.
fn ranges(term: &Term, sku: &str, unit: &str) -> Result<Vec<Range>, RowError> {
    if RANGES_MAX < term.price_dimensions.len() {
        return Err(RowError::Ranges { sku: sku.to_owned() });
    }
    let read = |dimension| Range::of(dimension, sku, unit);
    let mut ranges: Vec<Range> = term.price_dimensions.values().map(read).collect::<Result<_, _>>()?;
    // The file has them in no order.
    ranges.sort_by_key(|range| range.begin_gb);
    Ok(ranges)
}

/// A price for the part of an amount that lies in a range.
struct Range {
    begin_gb: u64,
    /// `None`: without an end.
    end_gb: Option<u64>,
    price: Decimal,
}

impl Range {
    fn of(dimension: &Dimension, sku: &str, unit: &str) -> Result<Self, RowError> {
        if dimension.unit != unit {
            return Err(RowError::Unit { sku: sku.to_owned(), unit: dimension.unit.clone() });
        }
        let Some(price) = dimension.price_per_unit.get(CURRENCY) else {
            let currencies: Vec<&str> = dimension.price_per_unit.keys().map(String::as_str).collect();
            return Err(RowError::Currency { sku: sku.to_owned(), currencies: currencies.join(", ") });
        };
        let number = |text: &str| RowError::Number { sku: sku.to_owned(), text: text.to_owned() };
        let end_gb = match dimension.end_range.as_str() {
            "Inf" => None,
            text => Some(text.parse().map_err(|_| number(text))?),
        };
        Ok(Self {
            begin_gb: dimension.begin_range.parse().map_err(|_| number(&dimension.begin_range))?,
            end_gb,
            price: Price::parse(price).and_then(Price::known).ok_or_else(|| number(price))?,
        })
    }
}

/// The ranges as tiers, where each begins where the one before it ends, from nothing to infinity.
fn tiers(ranges: &[Range]) -> Option<Tiers> {
    let mut begin_gb = Some(0);
    for range in ranges {
        if begin_gb != Some(range.begin_gb) {
            return None;
        }
        begin_gb = range.end_gb;
    }
    let tier = |range: &Range| Tier { up_to_gb: range.end_gb, price: Price::Known(range.price) };
    Tiers::new(ranges.iter().map(tier).collect()).ok()
}
