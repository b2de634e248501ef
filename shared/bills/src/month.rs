//! A calendar month in UTC, by which AWS bills.

use std::fmt;

use chrono::{DateTime, Datelike, Months, NaiveDate, Utc};

/// A month of a year.
///
/// ```
/// let month = demurrage_bills::Month::parse("2024-09").unwrap();
/// assert_eq!(month.hours(), 720);
/// assert_eq!(month.to_string(), "2024-09");
/// assert_eq!(demurrage_bills::Month::parse("2024-13"), None);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    // INVARIANT: a first day of a month, and there is a next month.
    first: NaiveDate,
}

impl Month {
    /// Reads `YYYY-MM`.
    pub fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-')?;
        let is_number = |part: &str, length| part.len() == length && part.bytes().all(|b| b.is_ascii_digit());
        if !is_number(year, 4) || !is_number(month, 2) {
            return None;
        }
        Self::starting(NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, 1)?)
    }

    /// The month in which this instant lies; nothing at the end of what can be counted.
    pub fn of(instant: DateTime<Utc>) -> Option<Self> {
        Self::starting(instant.date_naive().with_day(1)?)
    }

    fn starting(first: NaiveDate) -> Option<Self> {
        first.checked_add_months(Months::new(1)).map(|_| Self { first })
    }

    /// Its first instant.
    pub fn start(self) -> DateTime<Utc> {
        self.first.and_time(chrono::NaiveTime::MIN).and_utc()
    }

    /// The first instant of the next month.
    pub fn end(self) -> DateTime<Utc> {
        let next = self.first.checked_add_months(Months::new(1)).unwrap_or(self.first);
        next.and_time(chrono::NaiveTime::MIN).and_utc()
    }

    /// How many hours it has: 672, 696, 720 or 744.
    pub fn hours(self) -> u32 {
        u32::try_from((self.end() - self.start()).num_hours()).unwrap_or_default()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.first.format("%Y-%m"))
    }
}

#[cfg(test)]
mod tests {
    use demurrage_core::instant;

    use super::Month;

    #[test]
    fn a_month_has_the_hours_of_its_calendar() {
        for (text, hours) in [("2024-02", 696), ("2025-02", 672), ("2024-09", 720), ("2024-12", 744)] {
            assert_eq!(Month::parse(text).unwrap().hours(), hours, "{text}");
        }
    }

    #[test]
    fn the_last_instant_belongs_to_the_month_and_the_next_one_does_not() {
        let september = Month::parse("2024-09").unwrap();
        assert_eq!(Month::of(instant::parse("2024-09-30T23:59:59Z").unwrap()), Some(september));
        assert_ne!(Month::of(instant::parse("2024-10-01T00:00:00Z").unwrap()), Some(september));
    }

    #[test]
    fn what_is_no_month_is_refused() {
        for text in ["2024-00", "2024-9", "24-09", "2024-09-01", "2024", "+024-09"] {
            assert_eq!(Month::parse(text), None, "{text}");
        }
    }
}
