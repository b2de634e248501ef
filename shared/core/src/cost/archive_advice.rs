//! Whether it pays to archive images rather than to keep them as they are, and from when on.
//!
//! Archived bytes cost the same as others until an account has 150 TB of them in a region; whatever is archived
//! is billed for 90 days at least, and a restore is paid by the GB. Assumes that what is archived would stay
//! otherwise; leaves out that an archived image cannot be pulled.

use super::{GbMonths, Gigabytes, RegionPrices, Usd};

/// For how many days whatever is archived is billed at least.
///
/// Source: ECR user guide, "Archiving an image", read 2026-11-23: deleted earlier, it is charged for the rest.
pub const ARCHIVE_DAYS_MIN: u64 = 90;

/// How many days a month counts here.
pub const MONTH_DAYS: u64 = 30;

/// What it comes to when so many bytes are archived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArchiveAdvice {
    /// A price is unknown.
    Unknown,
    /// A month costs as much as before, or more.
    SavesNothing {
        /// What a month costs, in both classes.
        cost: MonthlyCost,
        /// From how many GB-months on, in the archive class of an account and region, more of them are cheaper
        /// there than in the standard class; nothing where they never are.
        saves_beyond_gb: Option<u64>,
    },
    /// A month costs less, and it pays after a while.
    Saves {
        /// What a month costs, in both classes.
        cost: MonthlyCost,
        /// What a restore of all of it costs.
        restore_usd: Usd,
        /// The fewest whole days after which it has cost less, with the minimum of [`ARCHIVE_DAYS_MIN`] days, when
        /// it is deleted then and never restored. A month is [`MONTH_DAYS`] days here.
        pays_after_days: u64,
        /// The same, when all of it is restored once. Nothing where that is beyond all time.
        pays_after_days_restored_once: Option<u64>,
    },
}

/// What a month of the same bytes costs in each class, in dollars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthlyCost {
    /// In the standard class.
    pub standard_usd: Usd,
    /// In the archive class, in the tiers that are not filled yet.
    pub archive_usd: Usd,
}

/// What it comes to when these bytes of the standard class are archived.
///
/// `archived` is what the account has in the archive class of the region already.
pub fn archive_advice(bytes: u128, archived: GbMonths, prices: &RegionPrices) -> ArchiveAdvice {
    let gb_months = GbMonths::of_bytes(bytes);
    let parts = prices.archive.charge_beyond(archived, gb_months);
    let archive: Option<Usd> = parts.iter().map(|part| part.usd).sum();
    let (Some(standard_usd), Some(archive_usd)) = (prices.storage.charge(gb_months), archive) else {
        return ArchiveAdvice::Unknown;
    };
    let cost = MonthlyCost { standard_usd, archive_usd };
    if standard_usd <= archive_usd {
        return ArchiveAdvice::SavesNothing { cost, saves_beyond_gb: saves_beyond_gb(prices) };
    }
    let Some(restore_usd) = prices.retrieval_gb.charge(Gigabytes::of_bytes(bytes)) else {
        return ArchiveAdvice::Unknown;
    };
    match pays_after_days(cost, Usd::ZERO) {
        Some(pays_after_days_unrestored) => ArchiveAdvice::Saves {
            cost,
            restore_usd,
            pays_after_days: pays_after_days_unrestored,
            pays_after_days_restored_once: pays_after_days(cost, restore_usd),
        },
        None => ArchiveAdvice::SavesNothing { cost, saves_beyond_gb: saves_beyond_gb(prices) },
    }
}

/// Where the first tier of the archive class begins that is cheaper than the standard class.
fn saves_beyond_gb(prices: &RegionPrices) -> Option<u64> {
    let standard = prices.storage.as_slice().first()?.price.known()?;
    let mut begin = 0;
    for tier in prices.archive.as_slice() {
        if tier.price.known()? < standard {
            return Some(begin);
        }
        begin = tier.up_to_gb?;
    }
    None
}

/// The fewest days after which the archive class, with its minimum and this fee, has cost less.
fn pays_after_days(cost: MonthlyCost, fee: Usd) -> Option<u64> {
    let fee = fee.times(MONTH_DAYS);
    let within_minimum = cost.archive_usd.times(ARCHIVE_DAYS_MIN) + fee;
    let early = (1..=ARCHIVE_DAYS_MIN).find(|&days| within_minimum < cost.standard_usd.times(days));
    // After the minimum each day saves a thirtieth of what a month saves.
    let later = || {
        let saved = (cost.standard_usd - cost.archive_usd).to_decimal();
        let days = fee.to_decimal().checked_div(saved)?.floor();
        u64::try_from(days).ok()?.checked_add(1)
    };
    early.or_else(later)
}
