//! Lengths of time as people write them: `90d`.

use chrono::TimeDelta;
use toml::Spanned;

use crate::problems::Problems;

/// Days that a length may have at most: a century.
const DAYS_MAX: i64 = 36_525;

/// A length of time, such as `12h`, `90d` or `2w`.
pub(crate) fn length_of_time(given: &Spanned<String>, problems: &mut Problems<'_>) -> Option<TimeDelta> {
    let length = parse(given.get_ref());
    if length.is_none() {
        let message = format!("`{}` is no length of time", given.get_ref());
        problems.add(
            given.span(),
            message,
            "write hours, days or weeks, such as `12h`, `90d` or `2w`; at most 36525 days",
        );
    }
    length
}

fn parse(text: &str) -> Option<TimeDelta> {
    let text = text.trim();
    let (number, hours) = [("h", 1), ("d", 24), ("w", 24 * 7)]
        .into_iter()
        .find_map(|(unit, hours)| Some((text.strip_suffix(unit)?.trim_end(), hours)))?;
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let length = TimeDelta::try_hours(number.parse::<i64>().ok()?.checked_mul(hours)?)?;
    (TimeDelta::zero() < length && length <= TimeDelta::days(DAYS_MAX)).then_some(length)
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::parse;

    #[test]
    fn a_length_has_a_number_and_a_unit() {
        assert_eq!(parse("90d"), Some(TimeDelta::days(90)));
        assert_eq!(parse("12 h"), Some(TimeDelta::hours(12)));
        assert_eq!(parse("2w"), Some(TimeDelta::days(14)));
        assert_eq!(parse("36525d"), Some(TimeDelta::days(36_525)));
        for text in ["", "90", "d", "0d", "-1d", "1.5d", "90 days", "36526d", "9999999999999999999w"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
