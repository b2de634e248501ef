//! Decimal numbers as text, reckoned as on paper.
//!
//! For: amounts and costs of a bill. Assumes numbers of 0 or more, written with digits and at most one point.
//! Leaves out signs, and every thought of speed.

/// The quotient of two integers, rounded half up to ten decimals: long division, digit by digit.
pub(super) fn quotient(dividend: &str, divisor: u64) -> String {
    let divisor = u128::from(divisor);
    let mut rest = 0;
    let mut digits = String::new();
    // One digit more than the ten decimals decides how it is rounded; those behind it cannot change that.
    for digit in dividend.chars().chain("00000000000".chars()) {
        rest = rest * 10 + value(digit);
        digits.push(digit_of(rest / divisor));
        rest %= divisor;
    }
    digits.insert(digits.len() - 11, '.');
    rounded(&digits)
}

/// The product, exact.
pub(super) fn product(a: &str, b: &str) -> String {
    let (a, a_decimals) = without_point(a);
    let (b, b_decimals) = without_point(b);
    let mut columns = vec![0_u128; a.len() + b.len()];
    for (place_a, digit_a) in a.chars().rev().enumerate() {
        for (place_b, digit_b) in b.chars().rev().enumerate() {
            if let Some(column) = columns.get_mut(place_a + place_b) {
                *column += value(digit_a) * value(digit_b);
            }
        }
    }
    with_point(&carried(columns), a_decimals + b_decimals)
}

/// The sum, exact.
pub(super) fn sum(a: &str, b: &str) -> String {
    let (a, b, decimals) = aligned(a, b);
    let columns = a.chars().rev().zip(b.chars().rev()).map(|(a, b)| value(a) + value(b)).collect();
    with_point(&carried(columns), decimals)
}

/// The first number without the second; nothing where the second is larger.
pub(super) fn difference(a: &str, b: &str) -> Option<String> {
    let (a, b, decimals) = aligned(a, b);
    let mut borrowed = 0;
    let mut digits = Vec::new();
    for (a, b) in a.chars().rev().zip(b.chars().rev()) {
        let column = 10 + value(a) - value(b) - borrowed;
        borrowed = u128::from(column < 10);
        digits.push(column % 10);
    }
    (borrowed == 0).then(|| with_point(&carried(digits), decimals))
}

/// The number with ten decimals, rounded half up.
pub(super) fn rounded(number: &str) -> String {
    let (digits, decimals) = without_point(number);
    let digits = format!("{digits}{}", "0".repeat(11_usize.saturating_sub(decimals)));
    let decimals = decimals.max(11);
    let (kept, dropped) = digits.split_at(digits.len() - (decimals - 10));
    let next = if dropped.starts_with(['5', '6', '7', '8', '9']) { "1" } else { "0" };
    let (kept, next, _) = aligned(kept, next);
    let columns = kept.chars().rev().zip(next.chars().rev()).map(|(a, b)| value(a) + value(b)).collect();
    with_point(&carried(columns), 10)
}

/// Both numbers without their points and with equally many digits, and how many of these are decimals.
fn aligned(a: &str, b: &str) -> (String, String, usize) {
    let ((a, a_decimals), (b, b_decimals)) = (without_point(a), without_point(b));
    let decimals = a_decimals.max(b_decimals);
    let a = a + &"0".repeat(decimals - a_decimals);
    let b = b + &"0".repeat(decimals - b_decimals);
    let length = a.len().max(b.len());
    (format!("{a:0>length$}"), format!("{b:0>length$}"), decimals)
}

/// The digits of a number, and how many of them are decimals.
fn without_point(number: &str) -> (String, usize) {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    (format!("{whole}{decimals}"), decimals.len())
}

/// The number of these digits, with that many decimals, and without zeros in front.
fn with_point(digits: &str, decimals: usize) -> String {
    let length = decimals + 1;
    let digits = format!("{digits:0>length$}");
    let (whole, fraction) = digits.split_at(digits.len() - decimals);
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { whole.to_owned() } else { format!("{whole}.{fraction}") }
}

/// The digits of a number whose columns, the last one first, hold more than a digit each.
fn carried(columns: Vec<u128>) -> String {
    let mut carry = 0;
    let mut digits = Vec::new();
    for column in columns {
        let column = column + carry;
        digits.push(digit_of(column % 10));
        carry = column / 10;
    }
    while carry > 0 {
        digits.push(digit_of(carry % 10));
        carry /= 10;
    }
    digits.iter().rev().collect()
}

/// What a digit is worth.
fn value(digit: char) -> u128 {
    digit.to_digit(10).map_or(0, u128::from)
}

/// The digit that is worth this.
fn digit_of(value: u128) -> char {
    u32::try_from(value).ok().and_then(|value| char::from_digit(value, 10)).unwrap_or('?')
}

#[cfg(test)]
mod tests {
    use super::{difference, product, quotient, rounded, sum};

    #[test]
    fn numbers_are_reckoned_as_on_paper() {
        assert_eq!(quotient("1", 3), "0.3333333333");
        assert_eq!(quotient("2", 3), "0.6666666667");
        assert_eq!(quotient("0", 7), "0.0000000000");
        assert_eq!(quotient("300", 3), "100.0000000000");
        assert_eq!(product("12.5", "0.04"), "0.500");
        assert_eq!(product("99", "99"), "9801");
        assert_eq!(sum("9.99", "0.011"), "10.001");
        assert_eq!(difference("10", "0.01").as_deref(), Some("9.99"));
        assert_eq!(difference("0.01", "10"), None);
        assert_eq!(difference("3.0", "3").as_deref(), Some("0.0"));
        assert_eq!(rounded("0.00000000005"), "0.0000000001");
        assert_eq!(rounded("0.000000000049999"), "0.0000000000");
        assert_eq!(rounded("9.99999999995"), "10.0000000000");
        assert_eq!(rounded("7"), "7.0000000000");
    }
}
