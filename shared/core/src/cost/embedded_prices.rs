//! The copy of the prices that is part of the program: `prices.csv` beside this file.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::{Price, PriceList, PriceOrigin, Region, RegionPrices, Tier, Tiers};

const PRICES: &str = include_str!("prices.csv");

/// Where the tiers of the archive class end, in GB-months: 150 TB.
///
/// Source: AWS price list, rows 0-153600 and 153600-Inf, read 2026-09-24.
const ARCHIVE_ENDS_GB: [Option<u64>; 2] = [Some(153_600), None];

/// Where the tiers to the internet end, in GB a month: 10, 50 and 150 TB.
///
/// Source: AWS price list of 2024-09.
const INTERNET_ENDS_GB: [Option<u64>; 4] = [Some(10_240), Some(51_200), Some(153_600), None];

/// Where the tiers of interface endpoints end, in GB a month (1 and 5 PB), with their prices in thousandths.
///
/// Source: AWS price list of 2026-09-21; the first tier is the same wherever it was read.
const ENDPOINT_TIERS: [(Option<u64>, i64); 3] = [(Some(1_048_576), 10), (Some(5_242_880), 6), (None, 4)];

/// GB to the internet that are free every month. Source: AWS price list, `Global-DataTransfer-Out-Bytes`.
const INTERNET_FREE_GB: u64 = 100;

/// GB-months of ECR Public that are free, and the price of the others in hundredths. Source: AWS's page of prices,
/// read by others in 2026-03.
const PUBLIC_TIERS: [(Option<u64>, i64); 2] = [(Some(50), 0), (None, 10)];

#[expect(clippy::expect_used, reason = "the copy is part of the program, and a test reads it")]
pub(super) fn price_list() -> PriceList {
    read(PRICES).expect("the embedded prices can be read")
}

fn read(text: &str) -> Option<PriceList> {
    let said = |what: &str| text.lines().find_map(|line| line.strip_prefix(what));
    let mut rows = text.lines().filter(|line| !line.starts_with('#')).map(|line| line.split(','));
    let names: Vec<&str> = rows.next()?.collect();
    let regions = rows.map(|row| region_prices(&names.iter().copied().zip(row).collect()));
    Some(PriceList {
        date: NaiveDate::parse_from_str(said("# date: ")?, "%Y-%m-%d").ok()?,
        source: said("# source: ")?.to_owned(),
        internet_free_gb: INTERNET_FREE_GB,
        public_storage: tiers(PUBLIC_TIERS, |cents| Some(Price::Known(Decimal::new(cents, 2))))?,
        regions: regions.map(|prices| Some((prices.as_ref()?.region, prices?))).collect::<Option<_>>()?,
    })
}

fn region_prices(row: &BTreeMap<&str, &str>) -> Option<RegionPrices> {
    let cell = |name: &str| row.get(name).copied();
    let price_of = |name: &str| price(cell(name)?);
    let numbered = |name: &'static str| move |number: usize| price_of(&format!("{name}_{number}"));
    let exception = match (cell("exception_region")?, cell("exception")?) {
        ("", "") => None,
        (region, exception) => Some((Region::parse(region).ok()?, price(exception)?)),
    };
    Some(RegionPrices {
        region: Region::parse(cell("region")?).ok()?,
        storage: Tiers::flat(price_of("storage")?),
        archive: tiers(ends(ARCHIVE_ENDS_GB), numbered("archive"))?,
        archive_origin: match cell("archive_origin")? {
            "listed" => PriceOrigin::Listed,
            "inferred" => PriceOrigin::Inferred,
            _ => return None,
        },
        retrieval_gb: price_of("retrieval")?,
        other_region_gb: price_of("other_region")?,
        exceptions: exception.into_iter().collect(),
        internet: tiers(ends(INTERNET_ENDS_GB), numbered("internet"))?,
        nat_gb: price_of("nat_gateway_gb")?,
        nat_hour: price_of("nat_gateway_hour")?,
        endpoint_hour: price_of("endpoint_hour")?,
        endpoint_gb: tiers(ENDPOINT_TIERS, |mills| Some(Price::Known(Decimal::new(mills, 3))))?,
    })
}

/// The ends of tiers, each with the number of its tier from 1.
fn ends<const N: usize>(ends: [Option<u64>; N]) -> impl Iterator<Item = (Option<u64>, usize)> {
    ends.into_iter().zip(1..)
}

fn tiers<T>(
    ends: impl IntoIterator<Item = (Option<u64>, T)>,
    price: impl Fn(T) -> Option<Price>,
) -> Option<Tiers> {
    let tiers = ends.into_iter().map(|(up_to_gb, of)| Some(Tier { up_to_gb, price: price(of)? }));
    Tiers::new(tiers.collect::<Option<_>>()?).ok()
}

fn price(cell: &str) -> Option<Price> {
    match cell {
        "unknown" => Some(Price::Unknown),
        known => Decimal::from_str_exact(known).ok().map(Price::Known),
    }
}

#[cfg(test)]
mod tests {
    use super::{PRICES, price_list, read};
    use crate::cost::{GbMonths, Price, PriceOrigin, Region};

    #[test]
    fn the_copy_says_when_and_where_it_was_read() {
        let list = price_list();
        assert_eq!(list.date.to_string(), "2026-09-21");
        assert!(list.source.starts_with("AWS price list of 2026-09"), "{}", list.source);
        assert_eq!(list.internet_free_gb, 100);
    }

    #[test]
    fn the_first_50_gb_months_of_ecr_public_are_free() {
        let cost = |gb: u128| price_list().public_storage.charge(GbMonths::of_bytes(gb << 30));
        let text = |gb| cost(gb).map(|usd| usd.to_string());
        assert_eq!(text(50).as_deref(), Some("0.0000000000"));
        assert_eq!(text(51).as_deref(), Some("0.1000000000"));
    }

    #[test]
    fn archive_prices_are_inferred_where_nobody_read_them() {
        let list = price_list();
        let listed = list.regions.values().filter(|prices| prices.archive_origin == PriceOrigin::Listed);
        let listed: Vec<_> = listed.map(|prices| prices.region.code()).collect();
        assert_eq!(listed, ["ap-northeast-1", "ca-central-1", "us-east-1"]);
    }

    #[test]
    fn a_region_without_prices_has_none_of_them() {
        let prices = price_list().prices(Region::parse("cn-north-1").unwrap());
        assert_eq!(prices.storage.charge(GbMonths::ZERO), None);
        assert_eq!(prices.archive.charge(GbMonths::ZERO), None);
        assert_eq!(prices.to_region(Region::parse("cn-northwest-1").unwrap()), Price::Unknown);
    }

    #[test]
    fn a_copy_with_a_mistake_is_not_read_in_part() {
        assert!(read(PRICES).is_some());
        for (from, to) in [
            ("# date: 2026", "# dated: 2026"),
            ("# source: ", "# of: "),
            ("us-west-2,", "us-west-3,"),
            (",0.138,", ",0,138,"),
            (",inferred,", ",guessed,"),
            ("us-east-2,0.01", "us-east-9,0.01"),
            ("region,storage,", "region,store,"),
        ] {
            let bad = PRICES.replacen(from, to, 1);
            assert_ne!(bad, PRICES, "`{from}` stands in the copy");
            assert!(read(&bad).is_none(), "`{to}`");
        }
    }
}
