//! The share of a bill that is explained.

use std::iter::Sum;
use std::ops::Add;

use demurrage_core::cost::Usd;
use rust_decimal::{Decimal, RoundingStrategy};

/// How much of what is billed is explained: in dollars, so that the share is exact.
///
/// Sums keep what is not explained apart until the end: what one repository is not billed for counts against what
/// is billed for others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Explained {
    billed: Usd,
    /// The differences that are not explained, each as a number above 0.
    unexplained: Usd,
}

impl Explained {
    /// Of these dollars all but what is not explained, which counts whether too much or too little is billed.
    pub(crate) const fn of(billed: Usd, unexplained: Usd) -> Self {
        Self { billed, unexplained }
    }

    /// What is billed.
    pub const fn billed(self) -> Usd {
        self.billed
    }

    /// What is explained: 0 up to what is billed.
    pub fn explained(self) -> Usd {
        (self.billed - self.unexplained).max(Usd::ZERO)
    }

    /// The share, 0 to 1, cut to ten decimals: 1 means all. Nothing where nothing is billed.
    pub fn share(self) -> Option<Decimal> {
        if self.billed <= Usd::ZERO {
            return None;
        }
        let share = self.explained().to_decimal().checked_div(self.billed.to_decimal())?;
        Some(share.round_dp_with_strategy(10, RoundingStrategy::ToZero))
    }
}

impl Add for Explained {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { billed: self.billed + other.billed, unexplained: self.unexplained + other.unexplained }
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

    #[test]
    fn what_is_missing_in_one_part_counts_against_the_others() {
        let usd = |text: &str| text.parse().unwrap();
        let parts = [Explained::of(usd("3"), usd("0")), Explained::of(usd("0"), usd("1.5"))];
        let all: Explained = parts.into_iter().sum();
        assert_eq!((all.billed(), all.explained()), (usd("3"), usd("1.5")));
        let more: Explained = parts.into_iter().chain([Explained::of(usd("0"), usd("9"))]).sum();
        assert_eq!(more.explained(), usd("0"));
    }
}
