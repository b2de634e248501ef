//! Pulls of the repositories of a registry, as `CloudWatch` has counted them in the last 30 whole days.
//!
//! It assumes the metric `RepositoryPullCount` of `AWS/ECR`, which has one figure for each repository: nothing of an image,
//! and nothing of who pulled or from where. Leaves out what a pull costs: see [`PullCost`](super::PullCost).
//!
//! The stored form is JSON. A member that is not known is refused, and so is a newer form.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Days, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Serialize};

/// How many days are counted. A month of pulls has as many.
pub const PULL_WINDOW_DAYS: u64 = 30;

/// The form that is written. It is raised when a reader of the one before would misread it.
const FORMAT_VERSION: u64 = 1;

/// The [`PULL_WINDOW_DAYS`] whole days, in UTC, before one that does not count any more.
///
/// ```
/// use demurrage_core::{cost::PullWindow, instant};
/// let window = instant::parse("2026-11-01T09:30:00Z").map(PullWindow::before);
/// assert_eq!(window.map(|it| it.to_string()).as_deref(), Some("between 2026-10-02 and 2026-11-01"));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PullWindow {
    /// The day that does not count any more.
    until: NaiveDate,
}

impl PullWindow {
    /// The last whole days before this time.
    pub fn before(now: DateTime<Utc>) -> Self {
        Self { until: now.date_naive() }
    }

    /// The beginning of the first day.
    pub fn since(self) -> DateTime<Utc> {
        midnight(self.first_day())
    }

    /// The end of the last day, which is the beginning of the one after it.
    pub fn until(self) -> DateTime<Utc> {
        midnight(self.until)
    }

    fn first_day(self) -> NaiveDate {
        self.until.checked_sub_days(Days::new(PULL_WINDOW_DAYS)).unwrap_or(NaiveDate::MIN)
    }
}

impl fmt::Display for PullWindow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "between {} and {}", self.first_day(), self.until)
    }
}

fn midnight(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(NaiveTime::MIN).and_utc()
}

/// What was counted of one private registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullCounts {
    /// The twelve-digit account.
    pub registry_id: String,
    /// The region.
    pub region: String,
    /// When the pulls were.
    pub window: PullWindow,
    /// Pulls by the name of the repository; 0 where `CloudWatch` has none.
    pub pulls: BTreeMap<String, u64>,
    /// Repositories whose pulls could not be read, each with the cause as a fragment.
    pub unread: BTreeMap<String, String>,
}

impl PullCounts {
    /// The pulls of a repository in the window; nothing where they were not read.
    pub fn of(&self, repository_name: &str) -> Option<u64> {
        self.pulls.get(repository_name).copied()
    }

    /// The stored form: the same counts give the same text.
    pub fn to_json(&self) -> String {
        let stored = Stored {
            format_version: FORMAT_VERSION,
            registry_id: self.registry_id.clone(),
            region: self.region.clone(),
            since: self.window.first_day().to_string(),
            until: self.window.until.to_string(),
            pulls: self.pulls.clone(),
            unread: self.unread.clone(),
        };
        // INVARIANT: maps with text keys, text and integers, which JSON has words for.
        let mut text = serde_json::to_string_pretty(&stored).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the text is none, or of a newer form, or its days are not [`PULL_WINDOW_DAYS`].
    pub fn from_json(text: &str) -> Result<Self, PullCountsError> {
        let unreadable = |error: serde_json::Error| PullCountsError::Shape { cause: error.to_string() };
        let Versioned { format_version } = serde_json::from_str(text).map_err(unreadable)?;
        if format_version != FORMAT_VERSION {
            return Err(PullCountsError::Version { found: format_version });
        }
        let stored: Stored = serde_json::from_str(text).map_err(unreadable)?;
        let no_window =
            || PullCountsError::Window { since: stored.since.clone(), until: stored.until.clone() };
        let until = NaiveDate::parse_from_str(&stored.until, "%Y-%m-%d").map_err(|_| no_window())?;
        let window = PullWindow { until };
        if window.first_day().to_string() != stored.since {
            return Err(no_window());
        }
        let Stored { registry_id, region, pulls, unread, .. } = stored;
        Ok(Self { registry_id, region, window, pulls, unread })
    }
}

/// Why a text is not what was counted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PullCountsError {
    /// It is not JSON, or has members that are missing or not known.
    #[error("the counted pulls are not readable: {cause}")]
    Shape {
        /// What the JSON reader said.
        cause: String,
    },
    /// It was written by another version of the program.
    #[error("the counted pulls have the form {found}, and this version reads the form {FORMAT_VERSION}")]
    Version {
        /// Its form.
        found: u64,
    },
    /// Its days are none, or another number of them.
    #[error("the pulls are counted from `{since}` to `{until}`, which are not {PULL_WINDOW_DAYS} days")]
    Window {
        /// The text in the place of the first day.
        since: String,
        /// The text in the place of the day after the last.
        until: String,
    },
}

#[derive(Deserialize)]
struct Versioned {
    format_version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Stored {
    format_version: u64,
    registry_id: String,
    region: String,
    since: String,
    until: String,
    pulls: BTreeMap<String, u64>,
    unread: BTreeMap<String, String>,
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{PullCounts, PullCountsError, PullWindow};
    use crate::instant;

    fn window(now: &str) -> PullWindow {
        PullWindow::before(instant::parse(now).unwrap())
    }

    fn counts() -> PullCounts {
        PullCounts {
            registry_id: "123456789012".to_owned(),
            region: "eu-west-1".to_owned(),
            window: window("2026-11-01T00:00:01Z"),
            pulls: BTreeMap::from([("a".to_owned(), 0), ("b/c".to_owned(), u64::MAX)]),
            unread: BTreeMap::from([("d".to_owned(), "throttled".to_owned())]),
        }
    }

    #[test]
    fn a_window_has_thirty_whole_days_and_ends_with_the_day_before() {
        for now in ["2026-11-01T00:00:00Z", "2026-11-01T23:59:59Z"] {
            assert_eq!(window(now).since(), instant::parse("2026-10-02T00:00:00Z").unwrap());
            assert_eq!(window(now).until(), instant::parse("2026-11-01T00:00:00Z").unwrap());
        }
        assert_eq!(window("2026-10-31T23:59:59Z").to_string(), "between 2026-10-01 and 2026-10-31");
    }

    #[test]
    fn what_is_stored_is_read_again() {
        assert_eq!(PullCounts::from_json(&counts().to_json()), Ok(counts()));
    }

    #[test]
    fn what_was_not_read_is_not_nothing() {
        assert_eq!(counts().of("a"), Some(0));
        assert_eq!(counts().of("d"), None);
        assert_eq!(counts().of("e"), None);
    }

    #[test]
    fn another_form_other_days_and_unknown_members_are_refused() {
        let text = counts().to_json();
        let read = |from: &str, to: &str| PullCounts::from_json(&text.replace(from, to)).unwrap_err();
        assert_eq!(
            read("\"format_version\": 1", "\"format_version\": 2"),
            PullCountsError::Version { found: 2 }
        );
        for other in ["2026-10-03", "2026-10-01", "nonsense"] {
            assert!(matches!(read("2026-10-02", other), PullCountsError::Window { .. }), "{other}");
        }
        assert!(matches!(read("2026-11-01", "2026-11-31"), PullCountsError::Window { .. }));
        assert!(matches!(read("\"unread\"", "\"unraed\""), PullCountsError::Shape { .. }));
    }
}
