//! What repositories store by storage class, as a bill counts it: how far they fill the tiers of its prices.

use std::iter::Sum;
use std::ops::Add;

use super::{GbMonths, StoredBytes};

/// GB-months by storage class. A sum is one of figures that were rounded for each repository, as a bill has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StoredGbMonths {
    /// In the standard class.
    pub standard: GbMonths,
    /// In the archive class.
    pub archive: GbMonths,
}

impl StoredGbMonths {
    /// Nothing.
    pub const NOTHING: Self = Self { standard: GbMonths::ZERO, archive: GbMonths::ZERO };

    /// What these bytes of one repository come to in a month.
    pub const fn of(stored: StoredBytes) -> Self {
        Self {
            standard: GbMonths::of_bytes(stored.standard_bytes),
            archive: GbMonths::of_bytes(stored.archived_bytes),
        }
    }

    /// What is left of it without another; nothing of a class where that has more.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        let left =
            |one: GbMonths, other: GbMonths| GbMonths::of_amount(one.amount().saturating_sub(other.amount()));
        Self { standard: left(self.standard, other.standard), archive: left(self.archive, other.archive) }
    }
}

impl Add for StoredGbMonths {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { standard: self.standard + other.standard, archive: self.archive + other.archive }
    }
}

impl Sum for StoredGbMonths {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::NOTHING, Add::add)
    }
}
