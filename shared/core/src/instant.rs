//! Reading and writing instants as the AWS CLI and people write them.
//!
//! Text: ISO 8601 with any offset, `T` or a space between date and time, seconds and fractions optional; a
//! text without an offset is UTC, a date alone is its midnight. Numbers: seconds since 1970, with a
//! fraction. Leaves out zone names and leap seconds.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, Utc};

/// The instant that the text names.
///
/// ```
/// use demurrage_core::instant::parse;
/// let utc = parse("2026-11-01T00:00:00Z");
/// assert!(utc.is_some());
/// assert_eq!(parse("2026-11-01T09:00:00+09:00"), utc);
/// assert_eq!(parse("2026-11-01 00:00"), utc);
/// assert_eq!(parse("1793491200"), utc);
/// assert_eq!(parse("tomorrow"), None);
/// ```
pub fn parse(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.to_utc());
    }
    for format in
        ["%Y-%m-%dT%H:%M:%S%.f%#z", "%Y-%m-%d %H:%M:%S%.f%#z", "%Y-%m-%dT%H:%M%#z", "%Y-%m-%d %H:%M%#z"]
    {
        if let Ok(time) = DateTime::parse_from_str(text, format) {
            return Some(time.to_utc());
        }
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
            return Some(time.and_utc());
        }
    }
    if let Ok(date) = NaiveDate::parse_from_str(text, "%Y-%m-%d") {
        return date.and_hms_opt(0, 0, 0).map(|time| time.and_utc());
    }
    parse_epoch(text)
}

/// The instant that many seconds after 1970-01-01T00:00:00Z, given in decimal notation (`1793491200.123`,
/// `1.7934912E9`), exact to the nanosecond.
pub fn parse_epoch(text: &str) -> Option<DateTime<Utc>> {
    if text.contains(['e', 'E']) {
        let seconds: f64 = text.parse().ok()?;
        // In a core without float arithmetic: print the number in full, then read that exactly.
        return if seconds.is_finite() && !text.contains("inf") {
            parse_epoch(&format!("{seconds:.6}"))
        } else {
            None
        };
    }
    let (negative, digits) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if whole.is_empty() || !all_digits(whole) || !all_digits(fraction) {
        return None;
    }
    let nanos: i64 = fraction
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(9)
        .fold(0, |n, digit| n * 10 + i64::from(digit - b'0'));
    let since = TimeDelta::try_seconds(whole.parse().ok()?)?.checked_add(&TimeDelta::nanoseconds(nanos))?;
    let epoch = DateTime::<Utc>::UNIX_EPOCH;
    if negative { epoch.checked_sub_signed(since) } else { epoch.checked_add_signed(since) }
}

/// The instant as the AWS CLI prints it: `2026-11-01T00:00:00+00:00`, with a fraction where it has one.
pub fn format(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, false)
}

/// The instant as sentences for people name it, to the minute: `2026-11-01 09:30 UTC`.
pub fn minute(time: DateTime<Utc>) -> String {
    time.format("%Y-%m-%d %H:%M UTC").to_string()
}

#[cfg(test)]
mod tests {
    use super::{format, parse};

    #[test]
    fn every_form_of_one_instant_is_the_same_instant() {
        let forms = [
            "2026-11-01T00:00:00.5Z",
            "2026-11-01T09:00:00.500000+09:00",
            "2026-11-01T09:00:00.5+0900",
            "2026-11-01 00:00:00.5",
            "2026-11-01T00:00:00.500",
            "1793491200.5",
            "1.7934912005E9",
        ];
        for form in forms {
            let time = parse(form).unwrap_or_else(|| panic!("`{form}` is an instant"));
            assert_eq!(format(time), "2026-11-01T00:00:00.500+00:00", "{form}");
        }
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for text in ["", "now", "2026-13-01", "1e400", "--5", "12:00", "99999999999999999999", "NaN", "inf"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }
}
