//! What a registry costs, from the bytes of its repositories: they fill the tiers of its prices together.

use demurrage_contract::documents::CostedRepository;
use demurrage_core::cost::{PriceList, Region, RegionPrices, RegistryCost, StoredBytes, StoredGbMonths, Usd};
use demurrage_core::{Fact, RegistryFacts, RegistryKind, Replication};
use demurrage_report::RegistryCosts;

/// Whether it is known where a registry replicates to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Replicating {
    /// It was read.
    Known,
    /// It was not, or could not be understood.
    Unknown,
}

impl Replicating {
    /// What the settings of a registry say.
    pub(crate) fn of(facts: &RegistryFacts) -> Self {
        let is_known = match &facts.description {
            Fact::Present(text) => Replication::parse(text).is_ok(),
            Fact::Absent => true,
            Fact::NotEvaluated => false,
        };
        if is_known { Self::Known } else { Self::Unknown }
    }
}

/// What the repositories of a registry store and cost; nothing where there are some, and none could be listed.
pub(crate) fn costs(
    repositories: &[CostedRepository],
    region: &str,
    list: &PriceList,
    replicating: Replicating,
) -> Option<RegistryCosts> {
    if !repositories.is_empty() && repositories.iter().all(|repository| repository.now.is_none()) {
        return None;
    }
    let prices = Region::parse(region).ok().map(|region| list.registry_prices(RegistryKind::Private, region));
    let mut costs = RegistryCosts {
        reclaimable_bytes: Some(0),
        reclaimable: prices.as_ref().map(|_| Usd::ZERO),
        replication_low: (replicating == Replicating::Known).then_some(Usd::ZERO),
        replication_high: (replicating == Replicating::Known).then_some(Usd::ZERO),
        ..RegistryCosts::default()
    };
    let stored = |repository: &CostedRepository| repository.now.map(StoredBytes::from);
    let bytes: Vec<_> = repositories.iter().map(|one| (&*one.name, stored(one))).collect();
    costs.storage = prices.as_ref().and_then(|prices| RegistryCost::of_bytes(&bytes, prices).total);
    let in_all: StoredGbMonths = bytes.iter().filter_map(|(_, stored)| *stored).map(StoredGbMonths::of).sum();
    for repository in repositories {
        costs.repositories_inexact += u64::from(!repository.is_exact);
        let Some(now) = stored(repository) else { continue };
        costs.stored_bytes += now.standard_bytes;
        costs.archived_bytes += now.archived_bytes;
        if let Some(after) = repository.after_settled.map(StoredBytes::from) {
            let freed = now.total().saturating_sub(after.total());
            costs.reclaimable_bytes = costs.reclaimable_bytes.map(|sum| sum + freed);
            let saved = saved(now, after, prices.as_ref(), in_all.without(StoredGbMonths::of(now)));
            costs.reclaimable = costs.reclaimable.zip(saved).map(|(sum, saved)| sum + saved);
        }
        if repository.is_policy_unknown {
            (costs.reclaimable_bytes, costs.reclaimable) = (None, None);
        }
        for to in &repository.replication {
            costs.replication_low = costs.replication_low.zip(to.low).map(|(sum, low)| sum + low);
            costs.replication_high = costs.replication_high.zip(to.high).map(|(sum, high)| sum + high);
        }
    }
    Some(costs)
}

fn saved(
    now: StoredBytes,
    after: StoredBytes,
    prices: Option<&RegionPrices>,
    elsewhere: StoredGbMonths,
) -> Option<Usd> {
    let prices = prices?;
    Some(now.usd_per_month(prices, elsewhere)? - after.usd_per_month(prices, elsewhere)?)
}

#[cfg(test)]
mod tests {
    use demurrage_contract::documents::{CostedRepository, Stored};
    use demurrage_core::cost::PriceList;

    use super::{Replicating, costs};

    fn repository(name: &str, now: u64, after: Option<u64>) -> CostedRepository {
        let stored = |standard_bytes| Stored { standard_bytes, archived_bytes: 0 };
        CostedRepository {
            name: name.to_owned(),
            is_exact: true,
            images_without_manifest: 0,
            now: Some(stored(now)),
            after_next_run: after.map(stored),
            after_settled: after.map(stored),
            is_policy_unknown: false,
            replication: Vec::new(),
        }
    }

    #[test]
    fn sums_are_of_rounded_lines_and_what_is_freed_is_the_difference_of_two_costs() {
        let gb = 1 << 30;
        let repositories = [repository("a", 3 * gb, Some(gb)), repository("b", 22, None)];
        let costs =
            costs(&repositories, "ap-northeast-2", &PriceList::embedded(), Replicating::Known).unwrap();
        assert_eq!(costs.stored_bytes, 3 * u128::from(gb) + 22);
        assert_eq!(costs.storage.unwrap().to_string(), "0.3000000021");
        assert_eq!(costs.reclaimable_bytes, Some(2 * u128::from(gb)));
        assert_eq!(costs.reclaimable.unwrap().to_string(), "0.2000000000");
        assert_eq!(costs.replication_high.unwrap().to_string(), "0.0000000000");
    }

    #[test]
    fn where_it_is_not_known_what_a_policy_frees_no_sum_of_it_is_known() {
        let unknown = CostedRepository { is_policy_unknown: true, ..repository("b", 22, None) };
        let repositories = [repository("a", 3 << 30, Some(1 << 30)), unknown];
        let costs =
            costs(&repositories, "ap-northeast-2", &PriceList::embedded(), Replicating::Known).unwrap();
        assert_eq!(costs.storage.unwrap().to_string(), "0.3000000021");
        assert_eq!((costs.reclaimable_bytes, costs.reclaimable), (None, None));
    }

    #[test]
    fn without_a_price_bytes_are_known_and_dollars_are_not() {
        let repositories = [repository("a", 1024, Some(0))];
        let costs = costs(&repositories, "cn-north-1", &PriceList::embedded(), Replicating::Known).unwrap();
        assert_eq!((costs.stored_bytes, costs.reclaimable_bytes), (1024, Some(1024)));
        assert_eq!((costs.storage, costs.reclaimable), (None, None));
        let unlisted = CostedRepository { now: None, ..repository("a", 0, None) };
        let of = |repositories: &[CostedRepository], replicating| {
            super::costs(repositories, "ap-northeast-2", &PriceList::embedded(), replicating)
        };
        assert_eq!(of(&[unlisted], Replicating::Known), None);
        let empty = of(&[], Replicating::Unknown).unwrap();
        assert_eq!(empty.storage.unwrap().to_string(), "0.0000000000");
        assert_eq!(empty.replication_high, None);
    }
}
