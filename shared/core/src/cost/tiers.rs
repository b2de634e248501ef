//! Prices that depend on how much there is.

use super::{Amount, Price, Usd};

/// One tier.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tier {
    /// Where it ends, in GB or GB-months; the amount at the end is still in it. Nothing: it has no end.
    pub up_to_gb: Option<u64>,
    /// What each GB or GB-month in it costs.
    pub price: Price,
}

/// The tiers of one price, lowest first, filled one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
// INVARIANT: at least one; ends ascend strictly from above 0; only the last has none.
pub struct Tiers(Vec<Tier>);

/// The part of an amount that is in one tier: one line of a bill.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TierCharge {
    /// The place of the tier, from 0.
    pub tier: usize,
    /// How much is in it.
    pub amount: Amount,
    /// The price of the tier.
    pub price: Price,
    /// What the part costs; nothing where the price is unknown.
    pub usd: Option<Usd>,
}

impl Tiers {
    /// These tiers.
    ///
    /// # Errors
    /// When they do not cover every amount exactly once.
    pub fn new(tiers: Vec<Tier>) -> Result<Self, TiersError> {
        let Some((last, before)) = tiers.split_last() else { return Err(TiersError::None) };
        if let Some(end) = last.up_to_gb {
            return Err(TiersError::Ends { at_gb: end });
        }
        let mut begin = 0;
        for tier in before {
            match tier.up_to_gb {
                Some(end) if begin < end => begin = end,
                Some(_) | None => return Err(TiersError::Order { at_gb: begin }),
            }
        }
        Ok(Self(tiers))
    }

    /// One price for every amount.
    pub fn flat(price: Price) -> Self {
        Self(vec![Tier { up_to_gb: None, price }])
    }

    /// No price for any amount.
    pub fn unknown() -> Self {
        Self::flat(Price::Unknown)
    }

    /// The tiers, lowest first.
    pub fn as_slice(&self) -> &[Tier] {
        &self.0
    }

    /// What an amount costs that is all there is: the sum of the rounded parts. Nothing where a price is unknown.
    pub fn charge(&self, amount: impl Into<Amount>) -> Option<Usd> {
        self.charge_beyond(Amount::ZERO, amount).iter().map(|part| part.usd).sum()
    }

    /// The parts of an amount that comes on top of another, which has filled the tiers before.
    ///
    /// An amount of 0 is one part, of the tier that the next byte would be in: so its price is known or not,
    /// too.
    pub fn charge_beyond(&self, filled: impl Into<Amount>, amount: impl Into<Amount>) -> Vec<TierCharge> {
        let (mut begin, mut left) = (filled.into(), amount.into());
        let mut parts = Vec::with_capacity(1);
        for (place, tier) in self.0.iter().enumerate() {
            let room = tier.up_to_gb.map_or(Amount::MAX, |end| Amount::of_whole(end).saturating_sub(begin));
            if room == Amount::ZERO {
                continue;
            }
            let part = left.min(room);
            parts.push(TierCharge {
                tier: place,
                amount: part,
                price: tier.price,
                usd: tier.price.charge(part),
            });
            left = left.saturating_sub(part);
            if left == Amount::ZERO {
                break;
            }
            begin += part;
        }
        parts
    }
}

/// Why tiers do not fit together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TiersError {
    /// There is none.
    #[error("there is no tier")]
    None,
    /// The last one ends.
    #[error("there is no tier above {at_gb} GB")]
    Ends {
        /// Where.
        at_gb: u64,
    },
    /// One does not end above the one before.
    #[error("the tier that begins at {at_gb} GB does not end above that")]
    Order {
        /// Where it begins.
        at_gb: u64,
    },
}

#[cfg(test)]
mod tests {
    use super::{Tier, Tiers, TiersError};
    use crate::cost::Price;

    #[test]
    fn tiers_cover_every_amount_exactly_once_or_are_none() {
        let of = |ends: &[Option<u64>]| {
            let tier = |&up_to_gb: &Option<u64>| Tier { up_to_gb, price: Price::Unknown };
            Tiers::new(ends.iter().map(tier).collect()).map(|tiers| tiers.as_slice().len())
        };
        assert_eq!(of(&[None]), Ok(1));
        assert_eq!(of(&[Some(1), Some(2), None]), Ok(3));
        assert_eq!(of(&[]), Err(TiersError::None));
        assert_eq!(of(&[Some(1), Some(5)]), Err(TiersError::Ends { at_gb: 5 }));
        assert_eq!(of(&[Some(5), Some(5), None]), Err(TiersError::Order { at_gb: 5 }));
        assert_eq!(of(&[Some(0), None]), Err(TiersError::Order { at_gb: 0 }));
        assert_eq!(of(&[Some(7), None, None]), Err(TiersError::Order { at_gb: 7 }));
    }
}
