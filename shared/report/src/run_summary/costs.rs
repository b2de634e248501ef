//! What registries store and cost, and the prices behind that, for every summary of a run.

use chrono::{DateTime, Utc};
use demurrage_core::cost::{PRICE_LIST_AGE_DAYS_MAX, PriceList, Usd};
use serde_json::{Value, json};

use super::RunSummary;
use crate::amount::large_bytes;
use crate::dollars::{UNKNOWN, dollars};
use crate::{PricesUsed, RegistrySummary};

/// What a registry stores, what that costs in a month, and what its policies would save.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RegistryCosts {
    /// Bytes of distinct blobs in the standard class.
    pub stored_bytes: u128,
    /// Bytes of distinct blobs in the archive class.
    pub archived_bytes: u128,
    /// Repositories whose figures are not exact.
    pub repositories_inexact: u64,
    /// What both classes cost in a month; nothing where a price is not known.
    pub storage: Option<Usd>,
    /// Bytes that the policies free when they are run until nothing changes; nothing where that of one is not known.
    pub reclaimable_bytes: Option<u128>,
    /// What that saves in a month; nothing where that or a price is not known.
    pub reclaimable: Option<Usd>,
    /// What replication costs in a month, at the least; nothing where a price is not known.
    pub replication_low: Option<Usd>,
    /// The same, at the most.
    pub replication_high: Option<Usd>,
}

/// The price list of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPrices {
    /// Its date, and where it is from.
    pub used: PricesUsed,
    /// Whether it was more than 90 days old when the run started.
    pub is_old: bool,
}

impl RunPrices {
    /// What a run that started then says of its list.
    pub fn of(list: &PriceList, started_at: DateTime<Utc>) -> Self {
        let used = PricesUsed { date: list.date, source: list.source.clone() };
        Self { used, is_old: list.is_old(started_at) }
    }

    /// The list in a sentence, and how to get a newer one where that is due. The source is written by `quote`.
    pub(super) fn sentence(&self, quote: fn(&str) -> String) -> String {
        let PricesUsed { date, source } = &self.used;
        let said = format!("Prices of {date}: {}.", quote(source));
        if self.is_old {
            format!(
                "{said} WARNING: that is more than {PRICE_LIST_AGE_DAYS_MAX} days before this run; `demurrage \
                prices refresh` puts the current ones into the store."
            )
        } else {
            said
        }
    }

    pub(super) fn json(&self) -> Value {
        json!({ "date": self.used.date.to_string(), "source": self.used.source, "isOld": self.is_old })
    }
}

impl RegistryCosts {
    /// What the policies free.
    pub(super) fn freed(&self) -> String {
        self.reclaimable_bytes.map_or_else(|| UNKNOWN.to_owned(), large_bytes)
    }

    /// What replication costs, from the least to the most.
    pub(super) fn replication(&self) -> String {
        match (self.replication_low, self.replication_high) {
            (Some(low), Some(high)) => format!("{} to {}", dollars(Some(low)), dollars(Some(high))),
            (_, _) => dollars(None),
        }
    }

    /// Bytes are numbers, dollars texts with ten decimals; what is not known is null.
    pub(super) fn json(&self) -> Value {
        let bytes = |bytes: u128| u64::try_from(bytes).unwrap_or(u64::MAX);
        json!({
            "storedBytes": bytes(self.stored_bytes),
            "archivedBytes": bytes(self.archived_bytes),
            "repositoriesInexact": self.repositories_inexact,
            "storageUsdPerMonth": self.storage,
            "reclaimableBytes": self.reclaimable_bytes.map(bytes),
            "reclaimableUsdPerMonth": self.reclaimable,
            "replicationLowUsdPerMonth": self.replication_low,
            "replicationHighUsdPerMonth": self.replication_high,
        })
    }
}

/// One sentence for each registry that was priced. Texts of others are written by `quote`.
pub(super) fn sentences(summary: &RunSummary, quote: fn(&str) -> String) -> Vec<String> {
    let sentence = |registry: &RegistrySummary| {
        let costs = registry.costs?;
        Some(format!(
            "{} {}: {} stored and {} archived cost {} USD a month; policies free {} and save {} USD a month; \
            replication costs {} USD a month",
            quote(&registry.account),
            quote(&registry.region),
            large_bytes(costs.stored_bytes),
            large_bytes(costs.archived_bytes),
            dollars(costs.storage),
            costs.freed(),
            dollars(costs.reclaimable),
            costs.replication(),
        ))
    };
    summary.registries.iter().filter_map(sentence).collect()
}
