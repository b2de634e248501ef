//! A price list for people, one row for each region.

use demurrage_core::cost::{Currency, Price, PriceList, Region, RegionPrices, Tiers};

use crate::dollars::UNKNOWN;
use crate::table;

/// The prices of these regions in dollars, each tier after the other.
pub fn prices_table(list: &PriceList, regions: &[Region], width: Option<u16>) -> String {
    let headers = [
        "region",
        "GB-month\nstandard",
        "GB-month\narchive",
        "GB\nrestored",
        "GB to other\nregions",
        "GB to the\ninternet",
        "GB by\nNAT",
    ];
    let mut rows = table::table(&headers);
    for &region in regions {
        let prices = list.prices(region);
        rows.add_row(vec![
            region.code().to_owned(),
            match region.currency() {
                Currency::Usd => tiers(&prices.storage),
                other @ (Currency::Cny | Currency::Eur) => format!("unknown ({})", other.code()),
            },
            tiers(&prices.archive),
            price(prices.retrieval_gb),
            others(&prices),
            tiers(&prices.internet),
            price(prices.nat_gb),
        ]);
    }
    table::fitted(rows, &[0, 4, 5], width)
}

fn price(price: Price) -> String {
    price.known().map_or_else(|| UNKNOWN.to_owned(), |price| price.normalize().to_string())
}

fn tiers(tiers: &Tiers) -> String {
    let mut prices: Vec<String> = tiers.as_slice().iter().map(|tier| price(tier.price)).collect();
    prices.dedup();
    prices.join(" / ")
}

fn others(prices: &RegionPrices) -> String {
    let exceptions =
        prices.exceptions.iter().map(|(to, exception)| format!(", {} to {to}", price(*exception)));
    price(prices.other_region_gb) + &exceptions.collect::<String>()
}
