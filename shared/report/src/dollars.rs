//! Dollars as people read them; programs get all ten decimals.

use demurrage_core::cost::Usd;

use crate::amount::{grouped, large_bytes};

/// What stands where a price is not known.
pub(crate) const UNKNOWN: &str = "unknown";

/// Dollars rounded half up to cents: `1,204.37`; less than half a cent and more than nothing is `<0.01`. What is not
/// known is `unknown`.
pub fn dollars(amount: Option<Usd>) -> String {
    amount.map_or_else(|| UNKNOWN.to_owned(), |amount| hundredths(&amount.to_string()))
}

/// A number with decimals, as exact as it is, rounded half up to two of them: `1,204.37`; less than half of the second
/// and more than nothing is `<0.01`.
pub(crate) fn hundredths(exact: &str) -> String {
    let (sign, digits) = exact.strip_prefix('-').map_or(("", exact), |digits| ("-", digits));
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
    let number = |text: &str| text.parse::<u64>().ok();
    let (Some(dollars), Some(thousandths)) = (number(whole), number(&format!("{decimals:0<3.3}"))) else {
        // More than 64 bits: nobody rounds that.
        return exact.to_owned();
    };
    let hundredths = (thousandths + 5) / 10;
    let (dollars, hundredths) = (dollars.saturating_add(hundredths / 100), hundredths % 100);
    if dollars == 0 && hundredths == 0 && digits.contains(|digit: char| ('1'..='9').contains(&digit)) {
        return format!("{sign}<0.01");
    }
    format!("{sign}{}.{hundredths:02}", grouped(dollars))
}

/// All ten decimals, or `unknown`: for cells that programs read as well.
pub(crate) fn exact(amount: Option<Usd>) -> String {
    amount.map_or_else(|| UNKNOWN.to_owned(), |amount| amount.to_string())
}

/// Bytes, and what they cost in a month: `1.50 GiB (0.15 USD a month)`.
pub fn size_and_dollars(bytes: u128, amount: Option<Usd>) -> String {
    match amount {
        Some(_) => format!("{} ({} USD a month)", large_bytes(bytes), dollars(amount)),
        None => format!("{} (no price is known)", large_bytes(bytes)),
    }
}

#[cfg(test)]
mod tests {
    use super::{dollars, exact};

    #[test]
    fn dollars_are_rounded_half_up_to_cents_and_never_to_nothing() {
        let shown = |text: &str| dollars(text.parse().ok());
        for (exact, wanted) in [
            ("0", "0.00"),
            ("0.0000000001", "<0.01"),
            ("0.0049999999", "<0.01"),
            ("0.005", "0.01"),
            ("0.995", "1.00"),
            ("1234567.8949", "1,234,567.89"),
            ("-0.001", "-<0.01"),
            ("-12.345", "-12.35"),
        ] {
            assert_eq!(shown(exact), wanted, "{exact}");
        }
    }

    #[test]
    fn what_is_not_known_is_no_number() {
        assert_eq!(dollars(None), "unknown");
        assert_eq!(exact(None), "unknown");
        assert_eq!(exact("0.3193246518".parse().ok()), "0.3193246518");
    }
}
