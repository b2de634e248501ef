//! The share of a bill that is explained.

use std::iter::Sum;
use std::ops::Add;

use demurrage_core::cost::Usd;
use rust_decimal::{Decimal, RoundingStrategy};

/// How much of what is billed is explained: both in dollars, so that the share is exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Explained {
    /// What is explained: 0 up to what is billed.
    pub explained: Usd,
    /// What is billed.
    pub billed: Usd,
}

impl Explained {
    /// Of these dollars all but what is not explained, which counts whether too much or too little is billed.
    pub(crate) fn of(billed: Usd, unexplained: Usd) -> Self {
        let billed = billed.max(Usd::ZERO);
        Self { explained: (billed - unexplained).max(Usd::ZERO), billed }
    }

    /// The share, 0 to 1, cut to ten decimals: 1 means all. Nothing where nothing is billed.
    pub fn share(self) -> Option<Decimal> {
        let share = self.explained.to_decimal().checked_div(self.billed.to_decimal())?;
        Some(share.round_dp_with_strategy(10, RoundingStrategy::ToZero))
    }
}

impl Add for Explained {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { explained: self.explained + other.explained, billed: self.billed + other.billed }
    }
}

impl Sum for Explained {
    fn sum<I: Iterator<Item = Self>>(shares: I) -> Self {
        shares.fold(Self::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::Explained;

    #[test]
    fn a_share_is_never_rounded_up_to_all() {
        let usd = |text: &str| text.parse().unwrap();
        let most = Explained::of(usd("300"), usd("0.0000000001"));
        assert_eq!(most.share().unwrap().to_string(), "0.9999999999");
        assert_eq!(Explained::of(usd("3"), usd("0")).share().unwrap().normalize().to_string(), "1");
        assert_eq!(Explained::of(usd("3"), usd("7")).share().unwrap().normalize().to_string(), "0");
        assert_eq!(Explained::of(usd("0"), usd("0")).share(), None);
    }
}
