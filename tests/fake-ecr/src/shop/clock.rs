//! Instants of the shop: all are counted back from `now`, and shown as people in Seoul see them.

use super::random::Random;
use chrono::{DateTime, Datelike, Days, NaiveDateTime, TimeDelta, Timelike, Utc, Weekday};

/// Seconds in a day.
pub(super) const DAY_SECONDS: u64 = 86_400;

const SEOUL_SECONDS: u64 = 9 * 3_600;
/// No image is younger than this: the CLI calls that wrote the files took a while.
const YOUNGEST_SECONDS: u64 = 20 * 60;

/// `seconds` before the instant; the instant itself where the calendar ends.
pub(super) fn earlier(instant: DateTime<Utc>, seconds: u64) -> DateTime<Utc> {
    span(seconds).and_then(|span| instant.checked_sub_signed(span)).unwrap_or(instant)
}

/// `seconds` after the instant; the instant itself where the calendar ends.
pub(super) fn later(instant: DateTime<Utc>, seconds: u64) -> DateTime<Utc> {
    span(seconds).and_then(|span| instant.checked_add_signed(span)).unwrap_or(instant)
}

/// Whole seconds from `instant` to `now`; 0 when `instant` is not before `now`.
pub(super) fn age_seconds(now: DateTime<Utc>, instant: DateTime<Utc>) -> u64 {
    u64::try_from((now - instant).num_seconds()).unwrap_or(0)
}

/// Date and time of day in Seoul, which has no summer time.
pub(super) fn seoul(instant: DateTime<Utc>) -> NaiveDateTime {
    later(instant, SEOUL_SECONDS).naive_utc()
}

/// As the AWS CLI prints it: `2026-10-03T09:12:44.123000+09:00`.
pub(super) fn iso_seoul(instant: DateTime<Utc>) -> String {
    let local = seoul(instant);
    // Python leaves a fraction of zero out.
    let form =
        if local.nanosecond() < 1_000 { "%Y-%m-%dT%H:%M:%S+09:00" } else { "%Y-%m-%dT%H:%M:%S%.6f+09:00" };
    local.format(form).to_string()
}

/// A moment of a working day about `seconds_ago` before now: Monday to Friday, 09:00 to 21:00 in Seoul.
///
/// Always takes four steps of the stream.
pub(super) fn working_time(now: DateTime<Utc>, seconds_ago: u64, random: &mut Random) -> DateTime<Utc> {
    let latest = earlier(now, YOUNGEST_SECONDS);
    let seconds_of_day = 9 * 3_600 + random.below(12) * 3_600 + random.below(60) * 60 + random.below(60);
    let milliseconds = random.below(1_000);
    let mut date = seoul(earlier(now, seconds_ago)).date();
    // At most two days of weekend, and today when its moment is still to come.
    for _ in 0..5 {
        let midnight = earlier(date.and_time(chrono::NaiveTime::MIN).and_utc(), SEOUL_SECONDS);
        let moment = later(midnight, seconds_of_day);
        let weekend = matches!(date.weekday(), Weekday::Sat | Weekday::Sun);
        if moment <= latest && !weekend {
            return with_milliseconds(moment, milliseconds);
        }
        date = date.checked_sub_days(Days::new(1)).unwrap_or(date);
    }
    earlier(latest, seconds_ago)
}

fn with_milliseconds(instant: DateTime<Utc>, milliseconds: u64) -> DateTime<Utc> {
    i64::try_from(milliseconds)
        .ok()
        .and_then(TimeDelta::try_milliseconds)
        .and_then(|span| instant.checked_add_signed(span))
        .unwrap_or(instant)
}

fn span(seconds: u64) -> Option<TimeDelta> {
    i64::try_from(seconds).ok().and_then(TimeDelta::try_seconds)
}
