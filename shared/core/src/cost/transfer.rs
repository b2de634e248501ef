//! What it costs to move bytes out of a region.
//!
//! Data that comes into a region costs nothing, and within one region nothing here does. Prices are those of the
//! region that is left. Leaves out what moves: see [`ReplicationCost`](super::ReplicationCost) and
//! [`PullCost`](super::PullCost), and what lies on the way within a region: see
//! [`SameRegionPath`](super::SameRegionPath).
//!
//! Sources: AWS, "Understanding data transfer charges" (Cost and Usage Report guide) and the FAQ of the global network,
//! read 2026-11-23.

use std::collections::BTreeMap;

use super::{Amount, Gigabytes, Partition, PriceList, Region, TierCharge, Usd};

/// By which rate a pull from another region is charged: a switch, because AWS says both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum PullRate {
    /// The rate between regions, at the source alone. The Cost and Usage Report guide says so, and the FAQ of the
    /// global network ("we charge … only based on the source Region"); read 2026-11-23.
    #[default]
    InterRegionAtSource,
    /// The rate to the internet, at both sides. The containers blog says so ("Understanding data transfer costs for
    /// AWS container services"); read 2026-11-23.
    InternetAtBothSides,
}

impl PullRate {
    /// The name in options and answers: `inter-region` or `internet`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::InterRegionAtSource => "inter-region",
            Self::InternetAtBothSides => "internet",
        }
    }

    /// The rate of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::InterRegionAtSource, Self::InternetAtBothSides].into_iter().find(|rate| rate.name() == name)
    }
}

/// What bytes cost that go from one region to another, charged at the source alone; nothing where the price is not
/// known. Within a region they cost 0.
///
/// Between partitions (commercial, `GovCloud`, China, European Sovereign Cloud) no price is known.
pub fn to_region(prices: &PriceList, from: Region, to: Region, bytes: u128) -> Option<Usd> {
    if from == to {
        return Some(Usd::ZERO);
    }
    prices.prices(from).to_region(to).charge(Gigabytes::of_bytes(bytes))
}

/// What the bytes of pulls cost that go from one region to another, by this rate; nothing where a price is not known.
///
/// At the rate to the internet they are charged from its first tier, and without the free amount: what else the
/// account sends is not known here. Between partitions no price is known by either rate.
pub fn pull_to_region(
    prices: &PriceList,
    rate: PullRate,
    from: Region,
    to: Region,
    bytes: u128,
) -> Option<Usd> {
    match rate {
        PullRate::InterRegionAtSource => to_region(prices, from, to, bytes),
        PullRate::InternetAtBothSides if from == to => Some(Usd::ZERO),
        PullRate::InternetAtBothSides if Partition::of(from) != Partition::of(to) => None,
        PullRate::InternetAtBothSides => {
            let at = |region| prices.prices(region).internet.charge(Gigabytes::of_bytes(bytes));
            Some(at(from)? + at(to)?)
        }
    }
}

/// Bytes that go from a region to the internet in one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Egress {
    /// The region.
    pub from: Region,
    /// The bytes that are asked about.
    pub bytes: u128,
    /// What else the account sends from there in that month. It comes first: it takes of the free amount and fills
    /// the tiers. 0 where it is not known, which makes the rest dear rather than cheap but for the free amount.
    pub other_bytes: u128,
}

/// What the bytes from one region to the internet cost in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InternetCharge {
    /// The region.
    pub from: Region,
    /// What of them is free.
    pub free: Gigabytes,
    /// The rest by the tiers of the region: one line of a bill each.
    pub parts: Vec<TierCharge>,
    /// The sum; nothing where a price is not known.
    pub usd: Option<Usd>,
}

/// What one account sends to the internet in one month, charge after charge.
///
/// The free amount ([`PriceList::internet_free_gb`]) is there once for all regions, and goes to what is charged first.
/// Tiers count what is beyond it, for each region by itself.
/// Source: AWS, data transfer prices and descriptions on bills ("beyond the global free tier"), read 2026-11-23; that
/// tiers are by region is inferred from there being a product for each.
///
/// ```
/// use demurrage_core::cost::{InternetMonth, PriceList, Region};
/// let (prices, from) = (PriceList::embedded(), Region::parse("us-east-1")?);
/// let mut month = InternetMonth::new(&prices);
/// let mut charge = || month.charge(from, 60 << 30).usd.map(|usd| usd.to_string());
/// assert_eq!(charge().as_deref(), Some("0.0000000000"));
/// assert_eq!(charge().as_deref(), Some("1.8000000000"), "100 GB are free, and 20 are not");
/// # Ok::<(), demurrage_core::cost::RegionError>(())
/// ```
#[derive(Debug, Clone)]
pub struct InternetMonth<'a> {
    prices: &'a PriceList,
    free_left: Amount,
    /// What the tiers of a region hold already.
    filled: BTreeMap<Region, Amount>,
}

impl<'a> InternetMonth<'a> {
    /// A month in which nothing was sent yet.
    pub fn new(prices: &'a PriceList) -> Self {
        Self { prices, free_left: Amount::of_whole(prices.internet_free_gb), filled: BTreeMap::new() }
    }

    /// Sends bytes from a region, after everything that was sent before.
    pub fn charge(&mut self, from: Region, bytes: u128) -> InternetCharge {
        let all = Gigabytes::of_bytes(bytes).amount();
        let has_free = Partition::of(from).has_free_internet();
        let free = if has_free { all.min(self.free_left) } else { Amount::ZERO };
        let paid = all.saturating_sub(free);
        self.free_left = self.free_left.saturating_sub(free);
        let filled = self.filled.entry(from).or_default();
        let parts = self.prices.prices(from).internet.charge_beyond(*filled, paid);
        *filled += paid;
        let usd = parts.iter().map(|part| part.usd).sum();
        InternetCharge { from, free: Gigabytes::of_amount(free), parts, usd }
    }
}

/// What an account pays in a month for bytes to the internet, for each region, in the order of their codes.
///
/// The free amount goes to the regions in that order, which is ours, and to what is not asked about first.
pub fn internet(prices: &PriceList, egress: &[Egress]) -> Vec<InternetCharge> {
    let mut by_region: BTreeMap<Region, (u128, u128)> = BTreeMap::new();
    for Egress { from, bytes, other_bytes } in egress {
        let (asked, other) = by_region.entry(*from).or_default();
        *asked = asked.saturating_add(*bytes);
        *other = other.saturating_add(*other_bytes);
    }
    let mut month = InternetMonth::new(prices);
    for (from, (_, other_bytes)) in &by_region {
        month.charge(*from, *other_bytes);
    }
    by_region.into_iter().map(|(from, (bytes, _))| month.charge(from, bytes)).collect()
}
