//! Bytes that are moved, as a bill counts them.

use std::fmt;
use std::iter::Sum;
use std::ops::Add;

use super::Amount;
use super::amount::BYTES_IN_GB;

/// GB that are transferred or retrieved: bytes / 2^30 with ten decimals, rounded half up once.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Gigabytes(Amount);

impl Gigabytes {
    /// Nothing.
    pub const ZERO: Self = Self(Amount::ZERO);

    /// This amount of GB.
    pub const fn of_amount(amount: Amount) -> Self {
        Self(amount)
    }

    /// What these bytes come to.
    pub const fn of_bytes(bytes: u128) -> Self {
        Self(Amount::of_quotient(bytes, BYTES_IN_GB))
    }

    /// The amount.
    pub const fn amount(self) -> Amount {
        self.0
    }
}

impl From<Gigabytes> for Amount {
    fn from(gigabytes: Gigabytes) -> Self {
        gigabytes.0
    }
}

impl Add for Gigabytes {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sum for Gigabytes {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Gigabytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for Gigabytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} GB", self.0)
    }
}
