//! US dollars, to the last digit of a bill.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};
use std::str::FromStr;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Amount;
use super::amount::{DECIMALS, UNITS_IN_ONE};

/// How many decimals of a price count. AWS gives ten.
const PRICE_DECIMALS: u32 = 15;

/// US dollars with exactly ten decimals; negative where something is saved or given back.
///
/// Serialised as the text that [`Display`](fmt::Display) gives, such as `0.3193246518`, and never as a number:
/// readers of JSON make floats of those. Sums stop at 2^96 ten-billionths, which no bill reaches.
///
/// ```
/// use demurrage_core::cost::{GbMonths, Usd};
/// let price = rust_decimal::Decimal::new(1, 1);
/// assert_eq!(Usd::of(GbMonths::of_bytes(22), price).to_string(), "0.0000000021");
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Usd(i128);

impl Usd {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    const LIMIT: i128 = (1 << 96) - 1;

    /// What an amount costs at a price for each: one line of a bill, rounded half up to ten decimals.
    ///
    /// Source: 614 of 614 rows of real bills round so, read 2026-11-23. Of a price, 15 decimals count.
    pub fn of(amount: impl Into<Amount>, price: Decimal) -> Self {
        let price =
            price.round_dp_with_strategy(PRICE_DECIMALS, RoundingStrategy::MidpointAwayFromZero).normalize();
        let units = amount.into().units();
        let mantissa = price.mantissa().unsigned_abs();
        let scale = 10_u128.pow(price.scale().min(PRICE_DECIMALS));
        // The quotient of the product, without the product: that of the whole part is an integer, and the rest is
        // less than 10^15, which leaves room for a price of a hundred million.
        let rest = (units % scale).saturating_mul(mantissa).saturating_add(scale / 2) / scale;
        let cost = (units / scale).saturating_mul(mantissa).saturating_add(rest);
        let cost = Self::capped(i128::try_from(cost).unwrap_or(Self::LIMIT));
        if price.is_sign_negative() { -cost } else { cost }
    }

    /// The dollars that this decimal is, rounded half away from zero to ten decimals.
    pub fn of_decimal(decimal: Decimal) -> Self {
        let size = Amount::of_decimal(decimal.abs()).unwrap_or_default();
        let cost = Self(i128::try_from(size.units()).unwrap_or(Self::LIMIT));
        if decimal.is_sign_negative() { -cost } else { cost }
    }

    /// The dollars as a decimal.
    pub fn to_decimal(self) -> Decimal {
        // INVARIANT: within 2^96 - 1 units of 0, which is what a decimal holds.
        Decimal::try_from_i128_with_scale(self.0, DECIMALS).unwrap_or(Decimal::MAX)
    }

    /// That many times as much.
    #[must_use]
    pub const fn times(self, count: u64) -> Self {
        Self::capped(self.0.saturating_mul(count as i128))
    }

    const fn capped(units: i128) -> Self {
        if units > Self::LIMIT {
            Self(Self::LIMIT)
        } else if units < -Self::LIMIT {
            Self(-Self::LIMIT)
        } else {
            Self(units)
        }
    }
}

impl Add for Usd {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self::capped(self.0 + other.0)
    }
}

impl AddAssign for Usd {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Usd {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self::capped(self.0 - other.0)
    }
}

impl Neg for Usd {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl Sum for Usd {
    fn sum<I: Iterator<Item = Self>>(costs: I) -> Self {
        costs.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let units = self.0.unsigned_abs();
        f.pad(&format!("{sign}{}.{:010}", units / UNITS_IN_ONE, units % UNITS_IN_ONE))
    }
}

impl fmt::Debug for Usd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} USD")
    }
}

impl FromStr for Usd {
    type Err = UsdError;

    fn from_str(text: &str) -> Result<Self, UsdError> {
        let unreadable = || UsdError { text: text.to_owned() };
        let decimal = Decimal::from_str_exact(text).map_err(|_| unreadable())?;
        if decimal.normalize().scale() > DECIMALS { Err(unreadable()) } else { Ok(Self::of_decimal(decimal)) }
    }
}

impl Serialize for Usd {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Usd {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// A text is not an amount of dollars.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an amount of dollars with at most ten decimals")]
pub struct UsdError {
    /// The text.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::Usd;
    use crate::cost::Amount;

    fn usd(text: &str) -> Usd {
        text.parse().unwrap()
    }

    #[test]
    fn dollars_are_text_with_ten_decimals_in_json_and_come_back() {
        for text in ["0.3193246518", "0.0000000000", "-12.0000000001", "7922816251426433759.3543950335"] {
            assert_eq!(usd(text).to_string(), text);
            let json = serde_json::to_string(&usd(text)).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Usd>(&json).unwrap(), usd(text));
        }
        assert_eq!(usd("3").to_string(), "3.0000000000");
        assert_eq!(format!("{:>15}|", usd("0.1")), "   0.1000000000|");
        for text in ["", "0.00000000001", "1,5", "1e3", "$1", "99999999999999999999999999999999"] {
            assert!(text.parse::<Usd>().is_err(), "{text}");
        }
        assert!(serde_json::from_str::<Usd>("0.1").is_err(), "a number of JSON is no amount of dollars");
    }

    #[test]
    fn dollars_are_added_subtracted_and_multiplied_exactly() {
        assert_eq!(usd("0.0000000001") + usd("0.9999999999"), usd("1"));
        assert_eq!(usd("0.1") - usd("0.3"), usd("-0.2"));
        assert_eq!(-usd("0.1"), usd("-0.1"));
        assert_eq!(usd("0.0000000021").times(3), usd("0.0000000063"));
        assert_eq!([usd("1"), usd("2"), usd("-0.5")].into_iter().sum::<Usd>(), usd("2.5"));
        assert!(usd("-1") < Usd::ZERO);
    }

    #[test]
    fn a_negative_price_is_rounded_as_its_opposite_is() {
        let cents = |price: i64| Usd::of(Amount::of_whole(1), Decimal::new(price, 11));
        assert_eq!(cents(5).to_string(), "0.0000000001");
        assert_eq!(cents(-5).to_string(), "-0.0000000001");
        assert_eq!(cents(4).to_string(), "0.0000000000");
        assert_eq!(Usd::of_decimal(Decimal::new(-15, 11)).to_string(), "-0.0000000002");
    }

    #[test]
    fn what_is_more_than_any_bill_stops_at_the_limit() {
        let limit = usd("7922816251426433759.3543950335");
        assert_eq!(Usd::of(Amount::MAX, Decimal::MAX), limit);
        assert_eq!(Usd::of(Amount::MAX, Decimal::MIN), -limit);
        assert_eq!(limit + usd("0.0000000001"), limit);
        assert_eq!(limit.times(u64::MAX), limit);
        assert_eq!((-limit).times(u64::MAX), -limit);
        assert_eq!(-limit - limit, -limit);
        assert_eq!(limit.to_decimal().to_string(), limit.to_string());
        assert_eq!(Usd::of_decimal(Decimal::MAX), limit);
    }
}
