//! From how many pulls on a replica is cheaper than pulling from another region.
//!
//! It assumes that each pull takes a whole image, and that pulls from a replica cost nothing, as they are in its region.
//! Leaves out that a replica is nearer, and there when the region of the repository is not.

use super::transfer::{PullRate, pull_to_region};
use super::{PriceList, Region, Usd};

/// Pulls in a month beyond which nobody is told a number: a trillion.
pub const PULLS_MAX: u64 = 1_000_000_000_000;

/// From when on replication to a region is cheaper than pulls from it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BreakEven {
    /// From so many pulls a month on: the least that cost more than replication.
    From(u64),
    /// Not by [`PULLS_MAX`] pulls.
    Never,
    /// A price, or the size of the image, is not known.
    Unknown,
}

impl BreakEven {
    /// When a replica is cheaper in the region `to` than pulls of an image of that size from the region `from`.
    pub fn of(
        prices: &PriceList,
        rate: PullRate,
        (from, to): (Region, Region),
        image_bytes: Option<u128>,
        replication_usd: Option<Usd>,
    ) -> Self {
        let (Some(image_bytes), Some(replication_usd)) = (image_bytes, replication_usd) else {
            return Self::Unknown;
        };
        let pulls_usd = |pulls: u64| {
            pull_to_region(prices, rate, from, to, image_bytes.saturating_mul(u128::from(pulls)))
        };
        match pulls_usd(PULLS_MAX) {
            None => return Self::Unknown,
            Some(usd) if usd <= replication_usd => return Self::Never,
            Some(_) => {}
        }
        // So many are cheap enough, and so many are not: what pulls cost never falls as they become more.
        let (mut cheap, mut dear) = (0, PULLS_MAX);
        while cheap + 1 < dear {
            let middle = cheap.midpoint(dear);
            if pulls_usd(middle).is_some_and(|usd| usd <= replication_usd) {
                cheap = middle;
            } else {
                dear = middle;
            }
        }
        Self::From(dear)
    }
}
