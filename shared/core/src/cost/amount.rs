//! What a bill counts: GB, GB-months or hours with ten decimals.
//!
//! Kept as an integer of ten-billionths, so that what is exact stays exact and what is rounded is rounded once.
//! Leaves out what is counted: see [`GbMonths`](super::GbMonths) and [`Gigabytes`](super::Gigabytes).

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign};

use rust_decimal::{Decimal, RoundingStrategy};

/// How many decimals a bill gives an amount or a price.
///
/// Source: rate strings of the AWS price list and usage amounts of 614 rows of bills, read 2026-11-23.
pub(super) const DECIMALS: u32 = 10;

/// Ten-billionths in one.
pub(super) const UNITS_IN_ONE: u128 = 10_000_000_000;

/// Bytes in one GB of a bill.
///
/// Source: 194 of 194 small quantities on real bills are whole bytes of a GB of 2^30, read 2026-11-23.
pub(super) const BYTES_IN_GB: u64 = 1 << 30;

/// An amount of 0 or more with exactly ten decimals.
///
/// Sums stop at [`Amount::MAX`], which is a thousand times more than all the storage in the world.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Amount(u128);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The largest amount: 2^96 - 1 ten-billionths.
    pub const MAX: Self = Self((1 << 96) - 1);

    /// That many whole ones.
    pub const fn of_whole(count: u64) -> Self {
        // 2^64 of 2^34 units are less than 2^98.
        Self::capped(count as u128 * UNITS_IN_ONE)
    }

    /// The exact quotient of two integers, rounded half up once. A divisor of 0 counts as 1.
    pub(super) const fn of_quotient(dividend: u128, divisor: u64) -> Self {
        let divisor = if divisor == 0 { 1 } else { divisor as u128 };
        let (whole, rest) = (dividend / divisor, dividend % divisor);
        // rest < 2^64, so that all of this is less than 2^100.
        let fraction = (2 * rest * UNITS_IN_ONE + divisor) / (2 * divisor);
        Self::capped(whole.saturating_mul(UNITS_IN_ONE).saturating_add(fraction))
    }

    /// The amount that this decimal is, rounded half up to ten decimals; nothing for a negative one.
    pub fn of_decimal(decimal: Decimal) -> Option<Self> {
        let rounded = decimal.round_dp_with_strategy(DECIMALS, RoundingStrategy::MidpointAwayFromZero);
        let mantissa = u128::try_from(rounded.mantissa()).ok()?;
        let scale = 10_u128.checked_pow(DECIMALS.checked_sub(rounded.scale())?)?;
        Some(Self::capped(mantissa.saturating_mul(scale)))
    }

    /// The amount as a decimal.
    pub fn to_decimal(self) -> Decimal {
        // INVARIANT: at most 2^96 - 1 units, which is what a decimal holds.
        i128::try_from(self.0)
            .ok()
            .and_then(|units| Decimal::try_from_i128_with_scale(units, DECIMALS).ok())
            .unwrap_or(Decimal::MAX)
    }

    /// What is left of the amount without the other; nothing where that is larger.
    #[must_use]
    pub const fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }

    /// Ten-billionths.
    pub(super) const fn units(self) -> u128 {
        self.0
    }

    const fn capped(units: u128) -> Self {
        if units > Self::MAX.0 { Self::MAX } else { Self(units) }
    }
}

impl Add for Amount {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::capped(self.0 + other.0)
    }
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{}.{:010}", self.0 / UNITS_IN_ONE, self.0 % UNITS_IN_ONE))
    }
}

impl fmt::Debug for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::Amount;
    use crate::cost::{GbMonths, Gigabytes};

    #[test]
    fn an_amount_stops_at_the_largest_decimal_with_ten_decimals() {
        assert_eq!(Amount::MAX.to_decimal().to_string(), Amount::MAX.to_string());
        assert_eq!(Amount::MAX + Amount::of_whole(1), Amount::MAX);
        assert_eq!(Amount::of_whole(u64::MAX), Amount::MAX);
        assert_eq!(GbMonths::of_bytes(u128::MAX).amount(), Amount::MAX);
        assert_eq!(Gigabytes::of_bytes(u128::MAX).amount(), Amount::MAX);
        assert_eq!(Amount::of_decimal(Decimal::MAX), Some(Amount::MAX));
    }

    #[test]
    fn an_amount_comes_from_a_decimal_that_is_not_negative() {
        let of = |text: &str| Amount::of_decimal(Decimal::from_str_exact(text).unwrap());
        assert_eq!(of("0.00052976180").unwrap().to_string(), "0.0005297618");
        assert_eq!(of("0.00000000005").unwrap().to_string(), "0.0000000001");
        assert_eq!(of("0.00000000004999").unwrap(), Amount::ZERO);
        assert_eq!(of("-1"), None);
    }

    #[test]
    fn a_difference_is_never_less_than_nothing() {
        assert_eq!(Amount::of_whole(3).saturating_sub(Amount::of_whole(1)), Amount::of_whole(2));
        assert_eq!(Amount::of_whole(1).saturating_sub(Amount::of_whole(3)), Amount::ZERO);
    }
}
