//! Billed dollars beside those of the price list, rate code by rate code.
//!
//! A bill may stand in any tier of a price, as tiers are filled by other services and accounts too: what costs
//! what any tier says is as listed.

use std::collections::BTreeMap;

use demurrage_core::RegistryKind;
use demurrage_core::cost::{Price, PriceList, Region, Tiers, Usd};
use rust_decimal::Decimal;

use super::cause::{Cause, Difference};
use crate::{Sum, UsageKind};

/// Sums of lines that have all in common but the rate code.
pub(crate) type ByRate = BTreeMap<Option<String>, Sum>;

/// Half of the last of ten decimals, by which a rounded figure may be off.
const HALF_UNIT: Decimal = Decimal::from_parts(5, 0, 0, false, 11);

/// What lines cost by the price list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    pub(crate) lines: u64,
    pub(crate) amount: Decimal,
    pub(crate) billed: Usd,
    /// By the list; nothing where it has no price.
    pub(crate) usd: Option<Usd>,
    /// The price that the amount as a whole has by the list.
    pub(crate) price: Option<Decimal>,
    /// Why what is billed is not what is listed.
    pub(crate) differences: Vec<Difference>,
}

/// The tiers of a kind of usage; unknown ones where the list has none.
pub(crate) fn tiers(prices: &PriceList, service: RegistryKind, region: Region, kind: &UsageKind) -> Tiers {
    match (service, kind) {
        (_, UsageKind::In { .. }) => Tiers::flat(Price::Known(Decimal::ZERO)),
        (RegistryKind::Private, UsageKind::Storage) => prices.prices(region).storage,
        (RegistryKind::Private, UsageKind::ArchiveStorage) => prices.prices(region).archive,
        (RegistryKind::Private, UsageKind::Retrieval) => Tiers::flat(prices.prices(region).retrieval_gb),
        (RegistryKind::Private, UsageKind::InterRegionOut { to }) => {
            Tiers::flat(prices.prices(region).to_region(*to))
        }
        (RegistryKind::Private, UsageKind::InternetOut) => prices.prices(region).internet,
        (RegistryKind::Public, UsageKind::Storage) => prices.public_storage.clone(),
        (
            RegistryKind::Public,
            UsageKind::ArchiveStorage
            | UsageKind::Retrieval
            | UsageKind::InterRegionOut { .. }
            | UsageKind::InternetOut,
        )
        | (_, UsageKind::Regional | UsageKind::Other(_)) => Tiers::unknown(),
    }
}

/// By how many dollars that many lines may be off by rounding alone.
pub(crate) fn tolerance(lines: u64, price: Decimal) -> Usd {
    let each = HALF_UNIT.checked_mul(price.saturating_add(Decimal::ONE)).unwrap_or(HALF_UNIT);
    Usd::of_decimal(Decimal::from(lines.saturating_add(1)).checked_mul(each).unwrap_or_default())
}

/// What lines cost by these tiers.
pub(crate) fn listed(tiers: &Tiers, by_rate: &ByRate) -> Listed {
    let prices: Vec<Decimal> = tiers.as_slice().iter().filter_map(|tier| tier.price.known()).collect();
    let mut whole = Listed {
        lines: 0,
        amount: Decimal::ZERO,
        billed: Usd::ZERO,
        usd: Some(Usd::ZERO),
        price: None,
        differences: Vec::new(),
    };
    let mut parts: BTreeMap<Cause, Usd> = BTreeMap::new();
    let mut used: Vec<Decimal> = Vec::new();
    for sum in by_rate.values() {
        let billed = Usd::of_decimal(sum.cost);
        whole.lines = whole.lines.saturating_add(sum.lines);
        whole.amount = whole.amount.saturating_add(sum.amount);
        whole.billed += billed;
        let rate = rate(&prices, sum, billed);
        match rate {
            Some(Rate { price, listed, .. }) => {
                used.push(price);
                whole.usd = whole.usd.map(|all| all + listed);
            }
            None => whole.usd = None,
        }
        for (cause, usd) in rate.map_or([(Cause::NoPrice, billed), NO_PART], |rate| rate.parts) {
            *parts.entry(cause).or_default() += usd;
        }
    }
    used.dedup();
    whole.price = match (used.as_slice(), whole.usd) {
        ([], _) => prices.first().copied(),
        ([one], _) => Some(*one),
        (_, Some(listed)) => listed.to_decimal().checked_div(whole.amount),
        (_, None) => None,
    };
    whole.differences = parts
        .into_iter()
        .filter(|(_, usd)| *usd != Usd::ZERO)
        .map(|(cause, usd)| Difference { cause, usd })
        .collect();
    whole
}

const NO_PART: (Cause, Usd) = (Cause::Rounding, Usd::ZERO);

/// One rate code by the list.
#[derive(Clone, Copy)]
struct Rate {
    price: Decimal,
    listed: Usd,
    /// What is billed minus what is listed, by cause.
    parts: [(Cause, Usd); 2],
}

fn rate(prices: &[Decimal], sum: &Sum, billed: Usd) -> Option<Rate> {
    let cost_at = |price: Decimal| Usd::of_decimal(sum.amount.checked_mul(price).unwrap_or_default());
    let matching = |cost: Usd| {
        prices.iter().copied().find(|price| is_within(cost - cost_at(*price), tolerance(sum.lines, *price)))
    };
    let of = |price: Decimal, parts| Rate { price, listed: cost_at(price), parts };
    if let Some(price) = matching(billed) {
        return Some(of(price, [(Cause::Rounding, billed - cost_at(price)), NO_PART]));
    }
    let first = prices.first().copied()?;
    if billed == Usd::ZERO {
        return Some(of(first, [(Cause::FreeTier, -cost_at(first)), NO_PART]));
    }
    if let Some(list_cost) = sum.list_cost.map(Usd::of_decimal)
        && let Some(price) = matching(list_cost)
    {
        let rounding = (Cause::Rounding, list_cost - cost_at(price));
        // More than the list is no discount, though the bill states both.
        let cause = if billed < list_cost { Cause::Discount } else { Cause::PriceDiffers };
        return Some(of(price, [(cause, billed - list_cost), rounding]));
    }
    Some(of(first, [(Cause::PriceDiffers, billed - cost_at(first)), NO_PART]))
}

/// Whether a difference, either way, is no more than this.
pub(crate) fn is_within(difference: Usd, most: Usd) -> bool {
    -most <= difference && difference <= most
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use demurrage_core::cost::{Price, Tier, Tiers};
    use demurrage_core::instant;
    use rust_decimal::Decimal;

    use super::{ByRate, listed};
    use crate::Sum;
    use crate::decimal_text::decimal;

    fn tiers() -> Tiers {
        let price = |text| Price::Known(decimal(text).unwrap());
        Tiers::new(vec![
            Tier { up_to_gb: Some(10_240), price: price("0.09") },
            Tier { up_to_gb: None, price: price("0.085") },
        ])
        .unwrap()
    }

    fn rates(rates: &[(&str, u64, &str, &str, Option<&str>)]) -> ByRate {
        let at = instant::parse("2024-09-01").unwrap();
        let sum = |(code, lines, amount, cost, list_cost): &(&str, u64, &str, &str, Option<&str>)| {
            let number = |text: &str| decimal(text).unwrap();
            let list_cost = list_cost.map(number);
            let sum = Sum {
                lines: *lines,
                amount: number(amount),
                cost: number(cost),
                list_cost,
                from: at,
                until: at,
            };
            (Some((*code).to_owned()), sum)
        };
        rates.iter().map(sum).collect::<BTreeMap<_, _>>()
    }

    fn parts(rates: &ByRate) -> Vec<(&'static str, String)> {
        let parts = listed(&tiers(), rates).differences;
        parts.into_iter().map(|part| (part.cause.name(), part.usd.to_string())).collect()
    }

    #[test]
    fn each_tier_is_as_listed() {
        let both = rates(&[("T1", 1, "10240", "921.6", None), ("T2", 1, "100", "8.5", None)]);
        assert_eq!(parts(&both), []);
        let whole = listed(&tiers(), &both);
        assert_eq!(whole.usd.unwrap().to_string(), "930.1000000000");
        assert_eq!(whole.amount, Decimal::from(10_340));
    }

    #[test]
    fn what_is_free_is_no_other_price() {
        let free = rates(&[("FREE", 3, "100", "0", None), ("T1", 1, "1", "0.09", None)]);
        assert_eq!(parts(&free), [("free-tier", "-9.0000000000".to_owned())]);
    }

    #[test]
    fn a_discount_that_the_bill_itself_states_is_one_and_another_price_is_another_price() {
        let discounted = rates(&[("T1", 1, "100", "8.1", Some("9"))]);
        assert_eq!(parts(&discounted), [("discount", "-0.9000000000".to_owned())]);
        let other = rates(&[("T1", 1, "100", "8.1", Some("8.1"))]);
        assert_eq!(parts(&other), [("price-differs", "-0.9000000000".to_owned())]);
    }

    #[test]
    fn what_costs_more_than_the_list_cost_beside_it_is_another_price() {
        let dearer = rates(&[("T1", 1, "100", "9.9", Some("9"))]);
        assert_eq!(parts(&dearer), [("price-differs", "0.9000000000".to_owned())]);
    }

    #[test]
    fn rounding_is_half_a_unit_for_each_line_and_no_more() {
        let off = |lines, cost| parts(&rates(&[("T1", lines, "1", cost, None)]));
        assert_eq!(off(10, "0.0900000005"), [("rounding", "0.0000000005".to_owned())]);
        assert_eq!(off(1, "0.0900000005"), [("price-differs", "0.0000000005".to_owned())]);
    }

    #[test]
    fn without_a_price_nothing_is_listed() {
        let all = listed(&Tiers::unknown(), &rates(&[("T1", 1, "1", "0.09", None)]));
        assert_eq!((all.usd, all.price), (None, None));
        assert_eq!(all.differences.len(), 1);
    }
}
