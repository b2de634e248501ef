//! What a reconciliation is shown of.

use demurrage_bills::ReadBill;
use demurrage_bills::reconcile::MonthReconciliation;
use rust_decimal::{Decimal, RoundingStrategy};

use crate::PricesUsed;

/// Bills beside inventories, and what both were read from.
#[derive(Debug, Clone)]
pub struct ReconcileReport<'a> {
    /// The price list that computed figures come from.
    pub prices: PricesUsed,
    /// The files of the bill, in the order given.
    pub bills: Vec<BillFile>,
    /// The months, in their order.
    pub months: &'a [MonthReconciliation],
    /// Lines that were summed without the names of their repositories, as there were too many of them.
    pub beyond_limit_lines: u64,
}

impl ReconcileReport<'_> {
    /// How many rows of the bill could not be read, and are in no figure.
    pub(crate) fn unread_rows(&self) -> u64 {
        self.bills.iter().map(|bill| bill.read.bad_rows).sum()
    }
}

/// A file of a bill.
#[derive(Debug, Clone)]
pub struct BillFile {
    /// Its path, as it was given.
    pub path: String,
    /// What was read of it.
    pub read: ReadBill,
}

/// A decimal of a bill with exactly ten decimals, for programs.
pub(crate) fn ten_decimals(decimal: Decimal) -> String {
    with_decimals(decimal, 10, RoundingStrategy::MidpointAwayFromZero)
}

/// An amount in GB or GB-months with four decimals, for people; less than that and more than nothing is `<0.0001`.
pub(crate) fn four_decimals(decimal: Decimal) -> String {
    let rounded = decimal.round_dp_with_strategy(4, RoundingStrategy::MidpointAwayFromZero);
    if rounded.is_zero() && !decimal.is_zero() {
        return "<0.0001".to_owned();
    }
    with_decimals(rounded, 4, RoundingStrategy::MidpointAwayFromZero)
}

/// A share in per cent, cut to two decimals, so that only all of it is `100.00 %`.
pub(crate) fn per_cent(share: Option<Decimal>) -> String {
    let Some(share) = share else { return "—".to_owned() };
    let per_cent = share.saturating_mul(Decimal::ONE_HUNDRED);
    format!("{} %", with_decimals(per_cent, 2, RoundingStrategy::ToZero))
}

/// A decimal with exactly so many decimals, however large it is: a precision in a format string has no room for all.
pub(crate) fn with_decimals(decimal: Decimal, decimals: usize, strategy: RoundingStrategy) -> String {
    let places = u32::try_from(decimals).unwrap_or(u32::MAX);
    let text = decimal.round_dp_with_strategy(places, strategy).to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    format!("{whole}.{fraction:0<decimals$}")
}

#[cfg(test)]
mod tests {
    use rust_decimal::{Decimal, RoundingStrategy};

    use super::{four_decimals, per_cent, ten_decimals, with_decimals};

    fn decimal(text: &str) -> Decimal {
        Decimal::from_str_exact(text).unwrap()
    }

    #[test]
    fn the_largest_numbers_of_a_file_have_their_decimals_too() {
        for text in
            ["1000000000000000000000", "7922816251426433759354395033", "79228162514264337593543950335"]
        {
            assert_eq!(ten_decimals(decimal(text)), format!("{text}.0000000000"));
            assert_eq!(four_decimals(decimal(&format!("-{text}"))), format!("-{text}.0000"));
            let two = with_decimals(decimal(text), 2, RoundingStrategy::ToZero);
            assert_eq!(two, format!("{text}.00"));
        }
        assert_eq!(ten_decimals(decimal("0.00000000005")), "0.0000000001");
    }

    #[test]
    fn per_cents_are_cut_and_amounts_are_rounded() {
        assert_eq!(per_cent(Some(decimal("0.9999999999"))), "99.99 %");
        assert_eq!(per_cent(Some(decimal("1"))), "100.00 %");
        assert_eq!(per_cent(None), "—");
        assert_eq!(four_decimals(decimal("2.99995")), "3.0000");
        assert_eq!(four_decimals(decimal("0.00000001")), "<0.0001");
        assert_eq!(four_decimals(decimal("0")), "0.0000");
        assert_eq!(ten_decimals(decimal("0.00000000005")), "0.0000000001");
        assert_eq!(ten_decimals(decimal("-3")), "-3.0000000000");
    }
}
