//! Transfer and retrieval in one month: the bill knows how much, the price list what it costs.

use demurrage_core::RegistryKind;
use demurrage_core::cost::{PriceList, Region, Usd};
use rust_decimal::Decimal;

use super::cause::Difference;
use super::prices_of::{ByRate, listed, tiers};
use crate::UsageKind;

/// What was transferred or retrieved.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct TransferKey {
    pub(crate) service: RegistryKind,
    pub(crate) account: Option<String>,
    pub(crate) region: Region,
    pub(crate) kind: UsageKind,
    /// Whether lines of transfer name the repository at all, AWS does not say.
    pub(crate) repository: Option<String>,
}

/// Transfer or retrieval in one month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransferRow {
    /// Which of the two services.
    pub service: RegistryKind,
    /// The account, where the bill says so.
    pub account: Option<String>,
    /// The region on whose side it is billed.
    pub region: Region,
    /// What it is.
    pub kind: UsageKind,
    /// The repository, where the bill names it.
    pub repository: Option<String>,
    /// How many lines are billed.
    pub lines: u64,
    /// Billed.
    pub billed_gb: Decimal,
    /// Billed.
    pub billed_usd: Usd,
    /// Computed: the billed GB by the price list; nothing where it has no price.
    pub listed_usd: Option<Usd>,
    /// What is billed minus what is listed, by cause.
    pub differences: Vec<Difference>,
}

impl TransferRow {
    pub(crate) fn of(key: TransferKey, by_rate: &ByRate, prices: &PriceList) -> Self {
        let listed = listed(&tiers(prices, key.service, key.region, &key.kind), by_rate);
        Self {
            service: key.service,
            account: key.account,
            region: key.region,
            kind: key.kind,
            repository: key.repository,
            lines: listed.lines,
            billed_gb: listed.amount,
            billed_usd: listed.billed,
            listed_usd: listed.usd,
            differences: listed.differences,
        }
    }

    /// Whether the price is that of the list, but for what the bill itself explains.
    pub fn is_as_listed(&self) -> bool {
        self.listed_usd.is_some() && self.differences.iter().all(|part| part.cause.is_explained())
    }
}
