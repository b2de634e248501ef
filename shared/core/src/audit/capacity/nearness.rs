//! How near a quota is, by what is there and by the pace at which it came.

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::{Capacity, Confidence, Flaw, Severity};

/// Days by which the pace is measured.
const PACE_DAYS: u64 = 30;

/// How many there are of what a quota limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stock {
    pub(super) count: u64,
    /// How many of them came in the last 30 days; nothing where the time of one is not known.
    pub(super) recent: Option<u64>,
}

impl Stock {
    /// What came at these times.
    pub fn of(times: impl ExactSizeIterator<Item = Option<DateTime<Utc>>>, now: DateTime<Utc>) -> Self {
        let count = u64::try_from(times.len()).unwrap_or(u64::MAX);
        let begin = now.checked_sub_signed(TimeDelta::days(30)).unwrap_or(now);
        let mut recent = Some(0);
        for time in times {
            recent = recent.zip(time).map(|(recent, time)| recent + u64::from(begin < time && time <= now));
        }
        Self { count, recent }
    }

    /// How many there are.
    pub const fn count(&self) -> u64 {
        self.count
    }

    /// Days until a quota at the pace of the last 30, at the earliest: what came and went since, and what went of
    /// the others, is not known, so the true pace is this one at most.
    pub fn days_to(&self, quota: u64) -> Option<u64> {
        let recent = self.recent.filter(|&recent| 0 < recent)?;
        Some(quota.saturating_sub(self.count).saturating_mul(PACE_DAYS).div_ceil(recent))
    }
}

/// How near a quota is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nearness {
    /// It is reached.
    Reached,
    /// So much of it is used that it is near.
    Near,
    /// At the pace of the last 30 days it is reached soon.
    Soon,
}

impl Nearness {
    /// How near a quota is where it is near.
    pub(super) fn of(stock: &Stock, quota: u64, capacity: &Capacity) -> Option<Self> {
        let is_soon = stock.days_to(quota).is_some_and(|days| days <= u64::from(capacity.near_days));
        Self::by_count(stock.count, quota, capacity).or_else(|| is_soon.then_some(Self::Soon))
    }

    /// The same, by what is there alone.
    pub(super) fn by_count(count: u64, quota: u64, capacity: &Capacity) -> Option<Self> {
        let near = u128::from(quota) * u128::from(capacity.near_percent);
        if quota <= count {
            Some(Self::Reached)
        } else if near <= u128::from(count) * 100 {
            Some(Self::Near)
        } else {
            None
        }
    }

    /// How bad it is.
    pub(super) const fn severity(self) -> Severity {
        match self {
            Self::Reached => Severity::High,
            Self::Near => Severity::Medium,
            Self::Soon => Severity::Low,
        }
    }

    /// The flaw that it is, where `what` says how many of how many there are.
    pub(super) fn flaw(self, what: &str, stock: &Stock, quota: u64) -> Flaw {
        let pace = match (stock.recent, stock.days_to(quota)) {
            (Some(recent), Some(days)) if self != Self::Reached => format!(
                ", {recent} of them new in {PACE_DAYS} days: at that pace the quota is reached in {days} days at the \
                 earliest"
            ),
            _ if self == Self::Reached => ": the quota is reached".to_owned(),
            _ => String::new(),
        };
        let confidence = match self {
            Self::Reached | Self::Near => Confidence::Certain,
            Self::Soon => Confidence::Likely,
        };
        let flaw = Flaw::new(self.severity(), confidence, format!("{what}{pace}"));
        let flaw = flaw.with("count", stock.count.to_string()).with("quota", quota.to_string());
        match stock.recent {
            Some(recent) => flaw.with("new-in-30-days", recent.to_string()),
            None => flaw,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::{Nearness, Stock};
    use crate::audit::Capacity;

    fn stock(ages_seconds: &[Option<i64>]) -> Stock {
        let now = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::days(1_000);
        let times: Vec<_> =
            ages_seconds.iter().map(|age| age.map(|age| now - TimeDelta::seconds(age))).collect();
        Stock::of(times.into_iter(), now)
    }

    #[test]
    fn what_came_exactly_30_days_ago_is_not_new() {
        let month = 30 * 86_400;
        assert_eq!(stock(&[Some(month), Some(month - 1), Some(0), Some(-1)]).recent, Some(2));
    }

    #[test]
    fn with_one_time_unknown_there_is_no_pace() {
        let unknown = stock(&[Some(1), None, Some(1)]);
        assert_eq!((unknown.count, unknown.recent, unknown.days_to(3)), (3, None, None));
    }

    #[test]
    fn a_part_of_a_day_to_a_quota_is_a_day() {
        let two = Stock { count: 10, recent: Some(7) };
        assert_eq!(two.days_to(12), Some(9), "60 / 7");
        assert_eq!(two.days_to(10), Some(0));
    }

    #[test]
    fn the_limits_of_nearness_are_near() {
        let capacity = Capacity { near_percent: 80, near_days: 30, ..Capacity::default() };
        let of = |count, recent| Nearness::of(&Stock { count, recent: Some(recent) }, 10, &capacity);
        assert_eq!(of(10, 0), Some(Nearness::Reached));
        assert_eq!(of(9, 9), Some(Nearness::Near));
        assert_eq!(of(8, 0), Some(Nearness::Near));
        assert_eq!(of(7, 3), Some(Nearness::Soon), "three more in 30 days");
        assert_eq!(of(7, 2), None, "three more in 45 days");
    }
}
