//! A price, or that there is none.

use rust_decimal::Decimal;

use super::{Amount, Usd};

/// US dollars for one GB, GB-month or hour.
///
/// A price that was not read is unknown. It is never 0, and nothing that needs it has a cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Price {
    /// It was read: 0 or more.
    Known(Decimal),
    /// Nobody read it, or it is in another currency.
    #[default]
    Unknown,
}

impl Price {
    /// The price, where it is known.
    pub const fn known(self) -> Option<Decimal> {
        match self {
            Self::Known(price) => Some(price),
            Self::Unknown => None,
        }
    }

    /// What an amount costs; nothing where the price is unknown, however small the amount.
    pub fn charge(self, amount: impl Into<Amount>) -> Option<Usd> {
        self.known().map(|price| Usd::of(amount, price))
    }
}
