//! Storage over time, as a bill counts it.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

use super::amount::BYTES_IN_GB;
use super::{Amount, MonthHours};

/// GB-months: bytes / 2^30 for a whole month, with ten decimals, rounded half up once from the exact quotient.
///
/// ```
/// use demurrage_core::cost::GbMonths;
/// assert_eq!(GbMonths::of_bytes(512 * 1024).to_string(), "0.0004882813");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct GbMonths(Amount);

impl GbMonths {
    /// Nothing.
    pub const ZERO: Self = Self(Amount::ZERO);

    /// This amount of GB-months.
    pub const fn of_amount(amount: Amount) -> Self {
        Self(amount)
    }

    /// What these bytes come to when they are stored for a month, whatever the month.
    pub const fn of_bytes(bytes: u128) -> Self {
        Self(Amount::of_quotient(bytes, BYTES_IN_GB))
    }

    /// What is billed for these byte-hours of a month: a byte that is stored for an hour is one.
    pub const fn of_byte_hours(byte_hours: u128, month: MonthHours) -> Self {
        // 2^30 times at most 744 is less than 2^40.
        Self(Amount::of_quotient(byte_hours, BYTES_IN_GB * month.hours() as u64))
    }

    /// The amount.
    pub const fn amount(self) -> Amount {
        self.0
    }
}

impl From<GbMonths> for Amount {
    fn from(gb_months: GbMonths) -> Self {
        gb_months.0
    }
}

impl Add for GbMonths {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sum for GbMonths {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for GbMonths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for GbMonths {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} GB-Mo", self.0)
    }
}
