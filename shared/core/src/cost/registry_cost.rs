//! What the repositories of one account and region cost a month, line by line as a bill has it.

use super::{
    GbMonths, Price, RegionPrices, RepositoryStorage, StoredBytes, StoredGbMonths, TierCharge, Tiers, Usd,
};
use crate::lifecycle::StorageClass;

/// What the repositories of one account and region cost, if what they store now is stored for a month.
///
/// A line for each repository, storage class and tier, each rounded; sums are of rounded lines. The tiers of the
/// archive class are filled by all repositories together, in the order of their names: so what one repository
/// pays for its archive depends on those before it, and the sum does not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistryCost {
    /// What each repository costs, in the order given.
    pub repositories: Vec<RepositoryCost>,
    /// The sum of all lines; nothing where a price is unknown.
    pub total: Option<Usd>,
}

/// What one repository costs a month.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RepositoryCost {
    /// Its lines, the standard class first, then the tiers of the archive class. A class in which nothing is
    /// stored has none, but for the standard class of a repository that stores nothing at all.
    pub lines: Vec<CostLine>,
    /// Their sum; nothing where a price is unknown.
    pub usd: Option<Usd>,
}

/// One line of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CostLine {
    /// The storage class.
    pub class: StorageClass,
    /// The place of the tier among those of the class, from 0.
    pub tier: usize,
    /// How much is stored.
    pub amount: GbMonths,
    /// The price for each GB-month.
    pub price: Price,
    /// What it costs; nothing where the price is unknown.
    pub usd: Option<Usd>,
}

impl RegistryCost {
    /// What these repositories cost, each with its name.
    ///
    /// One whose images could not be listed has no lines and no cost, and adds nothing to the total: whoever shows
    /// the total says so.
    pub fn of(repositories: &[(&str, &RepositoryStorage)], prices: &RegionPrices) -> Self {
        let bytes: Vec<_> = repositories
            .iter()
            .map(|(name, storage)| (*name, storage.is_listed.then_some(storage.stored)))
            .collect();
        Self::of_bytes(&bytes, prices)
    }

    /// What repositories cost that store these bytes, each with its name; nothing for one of which that is not
    /// known.
    pub fn of_bytes(repositories: &[(&str, Option<StoredBytes>)], prices: &RegionPrices) -> Self {
        let mut costs = vec![RepositoryCost::default(); repositories.len()];
        let mut order: Vec<_> = repositories.iter().zip(&mut costs).collect();
        order.sort_by_key(|((name, _), _)| *name);
        let mut filled = Filled(StoredGbMonths::NOTHING);
        let mut total = Some(Usd::ZERO);
        for ((_, stored), cost) in order {
            let Some(stored) = stored else { continue };
            *cost = filled.cost(*stored, prices);
            total = total.zip(cost.usd).map(|(sum, usd)| sum + usd);
        }
        Self { repositories: costs, total }
    }
}

/// How much repositories before have filled of the tiers.
struct Filled(StoredGbMonths);

impl Filled {
    fn cost(&mut self, stored: StoredBytes, prices: &RegionPrices) -> RepositoryCost {
        let mut lines = Vec::with_capacity(1);
        if stored.standard_bytes > 0 || stored.archived_bytes == 0 {
            let amount = GbMonths::of_bytes(stored.standard_bytes);
            lines.extend(class_lines(StorageClass::Standard, &prices.storage, &mut self.0.standard, amount));
        }
        if stored.archived_bytes > 0 {
            let amount = GbMonths::of_bytes(stored.archived_bytes);
            lines.extend(class_lines(StorageClass::Archive, &prices.archive, &mut self.0.archive, amount));
        }
        let usd = lines.iter().map(|line| line.usd).sum();
        RepositoryCost { lines, usd }
    }
}

fn class_lines(
    class: StorageClass,
    tiers: &Tiers,
    filled: &mut GbMonths,
    amount: GbMonths,
) -> impl Iterator<Item = CostLine> {
    let parts = tiers.charge_beyond(*filled, amount);
    *filled = *filled + amount;
    parts.into_iter().map(move |TierCharge { tier, amount, price, usd }| CostLine {
        class,
        tier,
        amount: GbMonths::of_amount(amount),
        price,
        usd,
    })
}

#[cfg(test)]
mod tests {
    use super::RegistryCost;
    use crate::cost::{Blobs, PriceList, Region, RepositoryStorage};
    use crate::{Image, Listing, Repository};

    #[test]
    fn a_repository_that_could_not_be_listed_has_no_cost_and_hides_that_of_no_other() {
        let mut listed = Repository::new("listed");
        let mut image = Image::new(crate::Digest::from_bytes([1; 32]));
        image.size_bytes = Some(1 << 30);
        listed.images.push(image);
        let mut failed = Repository::new("failed");
        failed.listing = Listing::Failed("access denied".to_owned());
        let storage = [&listed, &failed]
            .map(|repository| RepositoryStorage::of(repository, &Blobs::of(&repository.images)));
        let prices = PriceList::embedded().prices(Region::parse("eu-west-1").unwrap());
        let cost = RegistryCost::of(&[("listed", &storage[0]), ("failed", &storage[1])], &prices);
        let text = |place: usize| cost.repositories[place].usd.map(|usd| usd.to_string());
        assert_eq!(text(0).as_deref(), Some("0.1000000000"));
        assert_eq!(text(1), None);
        assert!(cost.repositories[1].lines.is_empty());
        assert_eq!(cost.total.map(|usd| usd.to_string()).as_deref(), Some("0.1000000000"));
    }
}
