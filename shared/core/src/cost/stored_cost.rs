//! What stored bytes cost a month, on top of what other repositories store.

use super::{GbMonths, RegionPrices, StoredBytes, Usd};

impl StoredBytes {
    /// What a month of it costs, in dollars: the sum of the rounded lines. Nothing where a price is unknown.
    ///
    /// The tiers of the archive class are filled by all repositories of an account in a region. `elsewhere` is
    /// what the others have in that class: here their tiers are filled first, so that the difference of two
    /// costs is what the bill of the whole registry differs by. A class in which nothing is stored costs nothing,
    /// even without a price, unless that is so of both.
    pub fn usd_per_month(self, prices: &RegionPrices, elsewhere: GbMonths) -> Option<Usd> {
        let mut usd = Usd::ZERO;
        if self.standard_bytes > 0 || self.archived_bytes == 0 {
            usd += prices.storage.charge(GbMonths::of_bytes(self.standard_bytes))?;
        }
        if self.archived_bytes > 0 {
            let parts = prices.archive.charge_beyond(elsewhere, GbMonths::of_bytes(self.archived_bytes));
            let archived: Option<Usd> = parts.iter().map(|part| part.usd).sum();
            usd += archived?;
        }
        Some(usd)
    }
}
