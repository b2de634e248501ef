//! What stored bytes cost a month, on top of what other repositories store.

use super::{GbMonths, RegionPrices, StoredBytes, StoredGbMonths, Tiers, Usd};

impl StoredBytes {
    /// What a month of it costs, in dollars: the sum of the rounded lines. Nothing where a price is unknown.
    ///
    /// Tiers are filled by all repositories of an account in a region, and so is the amount of ECR Public that is
    /// free. `elsewhere` is what the others store: here their tiers are filled first, so that the difference of two
    /// costs is what the bill of the whole registry differs by. A class in which nothing is stored costs nothing,
    /// even without a price, unless that is so of both.
    pub fn usd_per_month(self, prices: &RegionPrices, elsewhere: StoredGbMonths) -> Option<Usd> {
        let StoredGbMonths { standard, archive } = StoredGbMonths::of(self);
        let mut usd = Usd::ZERO;
        if self.standard_bytes > 0 || self.archived_bytes == 0 {
            usd += charge(&prices.storage, elsewhere.standard, standard)?;
        }
        if self.archived_bytes > 0 {
            usd += charge(&prices.archive, elsewhere.archive, archive)?;
        }
        Some(usd)
    }
}

fn charge(tiers: &Tiers, filled: GbMonths, amount: GbMonths) -> Option<Usd> {
    tiers.charge_beyond(filled, amount).iter().map(|part| part.usd).sum()
}

#[cfg(test)]
mod tests {
    use crate::RegistryKind;
    use crate::cost::{PriceList, Region, StoredBytes, StoredGbMonths};

    #[test]
    fn what_others_store_fills_the_free_amount_of_ecr_public_first() {
        let region = Region::parse("us-east-1").unwrap();
        let prices = PriceList::embedded().registry_prices(RegistryKind::Public, region);
        let gib = |number: u128| StoredBytes { standard_bytes: number << 30, archived_bytes: 0 };
        let usd = |number, elsewhere| {
            let elsewhere = StoredGbMonths::of(gib(elsewhere));
            gib(number).usd_per_month(&prices, elsewhere).map(|usd| usd.to_string())
        };
        assert_eq!(usd(2, 0).as_deref(), Some("0.0000000000"));
        assert_eq!(usd(2, 49).as_deref(), Some("0.1000000000"));
        assert_eq!(usd(2, 94).as_deref(), Some("0.2000000000"));
        // There is no archive class.
        let archived = StoredBytes { standard_bytes: 0, archived_bytes: 1 };
        assert_eq!(archived.usd_per_month(&prices, StoredGbMonths::NOTHING), None);
    }
}
