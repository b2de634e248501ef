//! When an image will be acted on, if nothing changes.

use chrono::{DateTime, TimeDelta, Utc};

use super::{AgeUnit, Decision, Reason, Switches};

/// What would bring the end of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The next run acts on it: within 24 hours (user guide, lifecycle policies, read 2026-11-23).
    Run,
    /// Its age passes the limit at this time.
    At(DateTime<Utc>),
    /// It falls out of the count when so many more images that the rule selects are pushed.
    AfterPushes(u64),
    /// It goes with its subject, at this place in the list of images.
    WithSubject(u32),
    /// It can go once this index is gone, at this place in the list of images.
    AfterIndex(u32),
    /// It is on its way back from the archive class; rules may select it then.
    AfterRestore,
    /// A time is missing, so nobody knows.
    Unknown,
    /// No rule ever acts on it.
    Never,
}

impl Next {
    /// What follows from the decision about an image.
    pub fn of(decision: &Decision, switches: Switches) -> Self {
        match decision.reason {
            Reason::BeyondCount { .. } | Reason::OlderThan { .. } => Self::Run,
            Reason::WithinCount { rank, limit } => {
                Self::AfterPushes(limit.saturating_sub(u64::from(rank)) + 1)
            }
            Reason::NotOlder { since, limit_days, .. } => {
                passes_at(since, limit_days, switches.age).map_or(Self::Never, Self::At)
            }
            Reason::UnknownTime { .. } => Self::Unknown,
            Reason::ReferencedByIndex { index } => Self::AfterIndex(index),
            Reason::FollowsSubject { subject } => Self::WithSubject(subject),
            Reason::Activating => Self::AfterRestore,
            Reason::NotSelected => Self::Never,
        }
    }
}

/// The time from which an age is more than so many days (to the instant: after which); `None`: never.
fn passes_at(since: DateTime<Utc>, days: u64, unit: AgeUnit) -> Option<DateTime<Utc>> {
    let days = i64::try_from(days).ok()?;
    let days = match unit {
        AgeUnit::Instant => days,
        AgeUnit::WholeDays => days.checked_add(1)?,
    };
    since.checked_add_signed(TimeDelta::try_days(days)?)
}

#[cfg(test)]
mod tests {
    use super::{AgeUnit, passes_at};
    use crate::instant;

    #[test]
    fn an_age_passes_after_the_days_and_after_one_more_in_whole_days() {
        let since = instant::parse("2026-11-01").unwrap();
        assert_eq!(passes_at(since, 7, AgeUnit::Instant), instant::parse("2026-11-08"));
        assert_eq!(passes_at(since, 7, AgeUnit::WholeDays), instant::parse("2026-11-09"));
        assert_eq!(passes_at(since, u64::MAX, AgeUnit::Instant), None);
        assert_eq!(passes_at(since, i64::MAX.unsigned_abs(), AgeUnit::WholeDays), None);
    }
}
