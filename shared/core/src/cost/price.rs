//! A price, or that there is none.

use rust_decimal::Decimal;

use super::{Amount, Usd};

/// The largest price that is taken for one, in dollars: beyond it, arithmetic would stop being exact.
const PRICE_MAX: Decimal = Decimal::from_parts(1_000_000, 0, 0, false, 0);

/// The most decimals of a price. AWS gives ten.
const PRICE_DECIMALS_MAX: u32 = 15;

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
    /// The price that a text names exactly: digits with at most one point, at most 15 decimals that count, from 0 to a
    /// million dollars. Nothing for any other text: whoever reads prices asks here, so that what one reader takes every
    /// other takes.
    pub fn parse(text: &str) -> Option<Self> {
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
            return None;
        }
        let price = Decimal::from_str_exact(text).ok()?.normalize();
        (price <= PRICE_MAX && price.scale() <= PRICE_DECIMALS_MAX).then_some(Self::Known(price))
    }

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

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::Price;

    #[test]
    fn a_price_has_at_most_15_decimals_and_a_million_dollars_and_no_sign() {
        assert_eq!(
            Price::parse("0.100000000000001000"),
            Some(Price::Known(Decimal::new(100_000_000_000_001, 15)))
        );
        assert_eq!(Price::parse("1000000"), Some(Price::Known(Decimal::new(1_000_000, 0))));
        for text in ["1000000.5", "0.12345678901234567", "-1", "+1", "1e3", "", ".", "1.2.3", "0x1"] {
            assert_eq!(Price::parse(text), None, "{text}");
        }
    }
}
