//! Decimals from the texts of bills, exactly.
//!
//! A text with an exponent (`9.3E-9`) is written out first. What does not fit 28 decimals is rounded there:
//! eighteen more than any price of AWS has.

use std::str::FromStr;

use rust_decimal::Decimal;

/// An exponent beyond which no amount of money lies; it bounds the length of the text that is written out.
const EXPONENT_MAX: i32 = 60;

/// The decimal that the text names.
pub(crate) fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let lower = text.to_ascii_lowercase();
    match lower.split_once('e') {
        Some((mantissa, exponent)) => plain(&written_out(mantissa, exponent.parse().ok()?)?),
        None => plain(text),
    }
}

/// The decimal of a double: that of its shortest text, which is what was meant by whoever wrote it.
pub(crate) fn decimal_of_double(value: f64) -> Option<Decimal> {
    if value.is_finite() { plain(&value.to_string()) } else { None }
}

fn plain(text: &str) -> Option<Decimal> {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') {
        return None;
    }
    Decimal::from_str_exact(text).or_else(|_| Decimal::from_str(text)).ok()
}

/// The text without its exponent.
fn written_out(mantissa: &str, exponent: i32) -> Option<String> {
    if !(-EXPONENT_MAX..=EXPONENT_MAX).contains(&exponent) {
        return None;
    }
    let (sign, digits) = match mantissa.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", mantissa.strip_prefix('+').unwrap_or(mantissa)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let places = usize::try_from(exponent.unsigned_abs()).ok()?;
    let zeros = "0".repeat(places);
    let (whole, part) = if exponent < 0 {
        let padded = format!("{zeros}{whole}");
        let (whole, moved) = padded.split_at_checked(padded.len().checked_sub(places)?)?;
        (whole.to_owned(), format!("{moved}{part}"))
    } else {
        let padded = format!("{part}{zeros}");
        let (moved, part) = padded.split_at_checked(places)?;
        (format!("{whole}{moved}"), part.to_owned())
    };
    let point = if part.is_empty() { "" } else { "." };
    Some(format!("{sign}{}{point}{part}", if whole.is_empty() { "0" } else { &whole }))
}

#[cfg(test)]
mod tests {
    use rust_decimal::Decimal;

    use super::{decimal, decimal_of_double};

    #[test]
    fn texts_are_taken_to_the_last_digit() {
        for (text, exact) in [
            ("0.0005297618", "0.0005297618"),
            ("-0.0529762", "-0.0529762"),
            ("9.3E-9", "0.0000000093"),
            ("1.25e+2", "125"),
            ("1E3", "1000"),
            ("12.5E1", "125"),
            ("-4.2E-1", "-0.42"),
            (" 1 ", "1"),
            ("12345678901.0000000001", "12345678901.0000000001"),
        ] {
            assert_eq!(decimal(text), Some(Decimal::from_str_exact(exact).unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_beyond_28_decimals_is_rounded_there() {
        assert_eq!(decimal("0.00000000000000000000000000049"), decimal("0.0000000000000000000000000005"));
        assert_eq!(decimal("1E-40"), Some(Decimal::ZERO));
    }

    #[test]
    fn what_is_no_number_is_none() {
        for text in ["", "-", "NaN", "Infinity", "1,5", "0x1", "1E", "1E999", "1_000", "1.2.3"] {
            assert_eq!(decimal(text), None, "{text}");
        }
    }

    #[test]
    fn a_double_means_the_shortest_text_that_names_it() {
        assert_eq!(decimal_of_double(0.000_529_761_8), decimal("0.0005297618"));
        assert_eq!(decimal_of_double(0.1 + 0.2), decimal("0.30000000000000004"));
        assert_eq!(decimal_of_double(1e-10), decimal("0.0000000001"));
        assert_eq!(decimal_of_double(f64::NAN), None);
    }
}
