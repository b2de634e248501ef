//! How long a month is, as a bill counts it.

use chrono::{Datelike, NaiveDate};

/// The hours of one calendar month in UTC: 672, 696, 720 or 744.
///
/// Source: quantities on bills of September times 720 are whole GB, times 730 they are not; read 2026-11-23.
///
/// ```
/// use demurrage_core::cost::MonthHours;
/// let february = chrono::NaiveDate::from_ymd_opt(2028, 2, 29);
/// assert_eq!(february.map(|date| MonthHours::of(date).hours()), Some(696));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthHours(u32);

impl MonthHours {
    /// Those of the month that the date is in.
    pub fn of(date: NaiveDate) -> Self {
        Self(u32::from(date.num_days_in_month()) * 24)
    }

    /// The number.
    pub const fn hours(self) -> u32 {
        self.0
    }
}
