//! Numbers with their units, as people read them.

use chrono::{DateTime, TimeDelta, Utc};

/// A size in binary units with three digits: `182 MiB`.
///
/// ```
/// assert_eq!(demurrage_report::bytes(190_840_832), "182 MiB");
/// assert_eq!(demurrage_report::bytes(1_610_612_736), "1.50 GiB");
/// assert_eq!(demurrage_report::bytes(17), "17 B");
/// ```
pub fn bytes(bytes: u64) -> String {
    large_bytes(bytes.into())
}

/// [`bytes`] of sums, which may be larger than any one of them.
pub fn large_bytes(bytes: u128) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut divisor = 1024_u128;
    let mut unit = "KiB";
    for larger in UNITS.into_iter().skip(1) {
        if bytes < divisor * 1024 {
            break;
        }
        divisor *= 1024;
        unit = larger;
    }
    // Hundredths, rounded half up, in integers: no float ever stands for a size.
    let hundredths = (bytes.saturating_mul(200) + divisor) / (2 * divisor);
    let (whole, part) = (hundredths / 100, hundredths % 100);
    match whole {
        100.. => format!("{} {unit}", (hundredths + 50) / 100),
        10.. => format!("{whole}.{} {unit}", part / 10),
        0.. => format!("{whole}.{part:02} {unit}"),
    }
}

/// A number of things: `1 image`, `1,204 images`.
///
/// ```
/// assert_eq!(demurrage_report::count(1204, "image"), "1,204 images");
/// assert_eq!(demurrage_report::count(1, "repository"), "1 repository");
/// assert_eq!(demurrage_report::count(2, "repository"), "2 repositories");
/// ```
pub fn count(number: usize, noun: &str) -> String {
    let plural = match (noun.strip_suffix('y'), noun.strip_suffix("ex")) {
        (Some(stem), _) if !noun.ends_with("ay") => format!("{stem}ies"),
        (_, Some(_)) => format!("{noun}es"),
        _ => format!("{noun}s"),
    };
    format!("{} {}", grouped(number as u64), if number == 1 { noun } else { &plural })
}

/// A number with commas between its groups of three digits.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (position, digit) in digits.chars().enumerate() {
        if position != 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The time from one instant to a later one, in its two largest units: `12 days`, `7 days 23 hours`,
/// `40 minutes`; `less than a minute` otherwise.
pub fn days(from: DateTime<Utc>, to: DateTime<Utc>) -> String {
    let length = to.signed_duration_since(from).max(TimeDelta::zero());
    let one = |number: i64, noun: &str| count(usize::try_from(number).unwrap_or(usize::MAX), noun);
    let (whole, hours) = (length.num_days(), length.num_hours() % 24);
    match (whole, hours, length.num_minutes()) {
        (0, 0, 0) => "less than a minute".to_owned(),
        (0, 0, minutes) => one(minutes, "minute"),
        (0, hours, _) => one(hours, "hour"),
        (1..10, 1.., _) => format!("{} {}", one(whole, "day"), one(hours, "hour")),
        (whole, _, _) => one(whole, "day"),
    }
}
