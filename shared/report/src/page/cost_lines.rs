//! What the repositories of a registry cost: they fill the tiers of its prices in common.

use demurrage_core::cost::{Freed, RegionPrices, RegistryCost, StoredBytes, StoredGbMonths, Usd};

use super::repository::PageRepository;

/// What one repository costs, and what its policy saves; nothing where a price is not known.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CostLine {
    pub(super) usd: Option<Usd>,
    pub(super) next: Option<Usd>,
    pub(super) settled: Option<Usd>,
}

/// The lines of these repositories, in their order.
pub(super) fn cost_lines(repositories: &[PageRepository], prices: Option<&RegionPrices>) -> Vec<CostLine> {
    let Some(prices) = prices else { return vec![CostLine::default(); repositories.len()] };
    let stored: Vec<(&str, Option<StoredBytes>)> =
        repositories.iter().map(|it| (&*it.row.name, it.stored)).collect();
    let costs = RegistryCost::of_bytes(&stored, prices).repositories;
    let all: StoredGbMonths = repositories.iter().filter_map(|it| it.stored).map(StoredGbMonths::of).sum();
    let line = |(it, cost): (&PageRepository, demurrage_core::cost::RepositoryCost)| {
        let elsewhere = it.stored.map_or(all, |stored| all.without(StoredGbMonths::of(stored)));
        let of = |freed: Option<&Freed>| match it.row.policy {
            "none" => Some(Usd::ZERO),
            _ => freed?.usd_per_month(prices, elsewhere),
        };
        CostLine { usd: cost.usd, next: of(it.next.as_ref()), settled: of(it.settled.as_ref()) }
    };
    repositories.iter().zip(costs).map(line).collect()
}
