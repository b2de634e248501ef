//! Which share of the pulls of a repository goes to one place.

use std::fmt;

use rust_decimal::Decimal;

use super::Amount;
use super::amount::UNITS_IN_ONE;

/// A share from 0 to 1, with at most ten decimals.
///
/// ```
/// use demurrage_core::cost::PullShare;
/// let quarter = PullShare::parse("0.25")?;
/// assert_eq!((quarter.of(1_000), quarter.of(2)), (250, 1), "half a pull is one");
/// # Ok::<(), demurrage_core::cost::PullShareError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
// INVARIANT: at most 1.
pub struct PullShare(Amount);

impl PullShare {
    /// All pulls.
    pub const ALL: Self = Self(Amount::of_whole(1));

    /// The share that a decimal text is.
    ///
    /// # Errors
    /// When it is no decimal, less than 0, more than 1, or has more than ten decimals.
    pub fn parse(text: &str) -> Result<Self, PullShareError> {
        let error = || PullShareError { text: text.to_owned() };
        let decimal = Decimal::from_str_exact(text).map_err(|_| error())?;
        let amount = Amount::of_decimal(decimal).ok_or_else(error)?;
        let is_share = amount <= Self::ALL.0 && amount.to_decimal() == decimal;
        is_share.then_some(Self(amount)).ok_or_else(error)
    }

    /// This share of so many pulls, rounded half up to whole ones.
    pub fn of(self, pulls: u64) -> u64 {
        // Less than 2^100, as a share has at most 2^34 units.
        let parts = 2 * u128::from(pulls) * self.0.units() + UNITS_IN_ONE;
        u64::try_from(parts / (2 * UNITS_IN_ONE)).unwrap_or(u64::MAX)
    }
}

impl fmt::Display for PullShare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.to_decimal().normalize().fmt(f)
    }
}

/// A text is not a share.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a share: from 0 to 1, with at most ten decimals")]
pub struct PullShareError {
    /// The text.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::PullShare;

    #[test]
    fn a_share_is_from_nothing_to_all() {
        for (text, of_a_million) in [
            ("0", 0),
            ("0.0000005", 1),
            ("0.0000004999", 0),
            ("0.25", 250_000),
            ("1", 1_000_000),
            ("1.000", 1_000_000),
        ] {
            assert_eq!(PullShare::parse(text).unwrap().of(1_000_000), of_a_million, "{text}");
        }
        for text in ["", "-0.1", "1.0000000001", "2", "0.00000000001", "a quarter", "NaN", "25%"] {
            assert!(PullShare::parse(text).is_err(), "{text}");
        }
        assert_eq!(PullShare::ALL.of(u64::MAX), u64::MAX);
        assert_eq!(PullShare::parse("0.250").unwrap().to_string(), "0.25");
    }
}
