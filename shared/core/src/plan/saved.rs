//! What a plan saves in a month, repository after repository.

use crate::cost::{RegionPrices, StoredBytes, StoredGbMonths, Usd};

/// What the actions of a plan save in one registry; nothing where a price is not known.
///
/// `planned` has what each repository stores before and after, `others` what the others of the registry store: all of them
/// fill the tiers of its prices together. The savings are those of one repository after the other, so that they add up to
/// what the bill of the registry differs by.
pub fn saved(
    prices: &RegionPrices,
    planned: &[(StoredBytes, StoredBytes)],
    others: StoredGbMonths,
) -> Option<Usd> {
    let mut in_all: StoredGbMonths =
        planned.iter().map(|(before, _)| StoredGbMonths::of(*before)).sum::<StoredGbMonths>() + others;
    let mut saved = Usd::ZERO;
    for (before, after) in planned.iter().filter(|(before, after)| before != after) {
        let elsewhere = in_all.without(StoredGbMonths::of(*before));
        saved += before.usd_per_month(prices, elsewhere)? - after.usd_per_month(prices, elsewhere)?;
        in_all = elsewhere + StoredGbMonths::of(*after);
    }
    Some(saved)
}

#[cfg(test)]
mod tests {
    use super::saved;
    use crate::RegistryKind;
    use crate::cost::{PriceList, Region, StoredBytes, StoredGbMonths};

    #[test]
    fn savings_are_the_difference_of_two_bills_and_nothing_changes_for_nothing() {
        let region = Region::parse("us-east-1").unwrap();
        let gib = |number: u128| StoredBytes { standard_bytes: number << 30, archived_bytes: 0 };
        let of = |kind, planned: &[(u128, u128)], others| {
            let prices = PriceList::embedded().registry_prices(kind, region);
            let planned: Vec<_> = planned.iter().map(|&(before, after)| (gib(before), gib(after))).collect();
            saved(&prices, &planned, StoredGbMonths::of(gib(others))).map(|usd| usd.to_string())
        };
        assert_eq!(of(RegistryKind::Private, &[(20, 10), (5, 5)], 0).as_deref(), Some("1.0000000000"));
        assert_eq!(of(RegistryKind::Private, &[(5, 5)], 7).as_deref(), Some("0.0000000000"));
        // Of 60 GB, 50 are free: only the first two that go save anything, whichever repository has them.
        let public = of(RegistryKind::Public, &[(30, 20), (22, 12)], 0);
        assert_eq!(public.as_deref(), Some("0.2000000000"));
    }
}
