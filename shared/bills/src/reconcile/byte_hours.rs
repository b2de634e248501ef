//! Byte-hours of a repository in a part of a month, as a step function over its inventories.
//!
//! An hour counts what the last inventory before it said. Where a repository appears between two inventories
//! and says when it was created, it counts from then. Hours before the first inventory count what that said,
//! hours after the last one what that said: these are assumed, and counted apart.

use chrono::{DateTime, Utc};
use demurrage_core::cost::{GbMonths, MonthHours};

use super::history::{Held, RepositoryHistory, State};
use crate::Month;

/// What was computed of a repository, or of several together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Computed {
    /// Bytes of the standard class × hours.
    pub stored_byte_hours: u128,
    /// Bytes of the archive class × hours.
    pub archived_byte_hours: u128,
    /// Bytes that may have been mounted × hours.
    pub mounted_byte_hours: u128,
    /// By how many byte-hours of the standard class it may be wrong, as nobody knows when between two
    /// inventories something changed.
    pub stored_step_byte_hours: u128,
    /// The same of the archive class.
    pub archived_step_byte_hours: u128,
    /// How many byte-hours of the standard class hours may have held that no inventory saw.
    pub stored_unseen: Unseen,
    /// The same of the archive class.
    pub archived_unseen: Unseen,
    /// On what it rests.
    pub basis: Basis,
}

/// By how many byte-hours a figure may be wrong, as no inventory saw some of the hours.
///
/// In such an hour nothing may have been stored, or up to twice the most that any inventory found: the limit is ours,
/// and beyond it a difference has another cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Unseen {
    /// What was computed for these hours: no more can be missing.
    pub less_byte_hours: u128,
    /// What could be there on top of that.
    pub more_byte_hours: u128,
}

impl Unseen {
    fn of(computed: [(u128, u64); 2], most_bytes: u128) -> Self {
        let hours = computed.iter().map(|(_, hours)| u128::from(*hours)).sum::<u128>();
        let byte_hours = computed.iter().map(|(bytes, hours)| bytes.saturating_mul(u128::from(*hours)));
        let less_byte_hours = byte_hours.fold(0, u128::saturating_add);
        let most = most_bytes.saturating_mul(2).saturating_mul(hours);
        Self { less_byte_hours, more_byte_hours: most.saturating_sub(less_byte_hours) }
    }

    const fn and(self, other: Self) -> Self {
        Self {
            less_byte_hours: self.less_byte_hours.saturating_add(other.less_byte_hours),
            more_byte_hours: self.more_byte_hours.saturating_add(other.more_byte_hours),
        }
    }
}

/// On what a computed figure rests. Of several repositories, the least of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basis {
    /// How many hours are billed.
    pub hours: u64,
    /// How many of them lie between two inventories, or before the repository was created.
    pub observed_hours: u64,
    /// How many inventories the figure is made of.
    pub inventories: usize,
    /// Whether all of these knew every blob.
    pub is_exact: bool,
}

impl Computed {
    /// Nothing, for this many hours.
    pub(crate) const fn nothing(hours: u64) -> Self {
        Self {
            stored_byte_hours: 0,
            archived_byte_hours: 0,
            mounted_byte_hours: 0,
            stored_step_byte_hours: 0,
            archived_step_byte_hours: 0,
            stored_unseen: Unseen { less_byte_hours: 0, more_byte_hours: 0 },
            archived_unseen: Unseen { less_byte_hours: 0, more_byte_hours: 0 },
            basis: Basis { hours, observed_hours: hours, inventories: usize::MAX, is_exact: true },
        }
    }

    /// Both together. They are of the same hours.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            stored_byte_hours: self.stored_byte_hours.saturating_add(other.stored_byte_hours),
            archived_byte_hours: self.archived_byte_hours.saturating_add(other.archived_byte_hours),
            mounted_byte_hours: self.mounted_byte_hours.saturating_add(other.mounted_byte_hours),
            stored_step_byte_hours: self.stored_step_byte_hours.saturating_add(other.stored_step_byte_hours),
            archived_step_byte_hours: self
                .archived_step_byte_hours
                .saturating_add(other.archived_step_byte_hours),
            stored_unseen: self.stored_unseen.and(other.stored_unseen),
            archived_unseen: self.archived_unseen.and(other.archived_unseen),
            basis: Basis {
                hours: self.basis.hours,
                observed_hours: self.basis.observed_hours.min(other.basis.observed_hours),
                inventories: self.basis.inventories.min(other.basis.inventories),
                is_exact: self.basis.is_exact && other.basis.is_exact,
            },
        }
    }
}

/// Hours that are billed, from the beginning of the first to the end of the last, within one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Window {
    pub(crate) month: Month,
    pub(crate) from: DateTime<Utc>,
    pub(crate) until: DateTime<Utc>,
}

impl Window {
    /// How many hours.
    pub(crate) fn hours(self) -> u64 {
        count(hour_after(self.from), hour_after(self.until))
    }

    /// What is billed for byte-hours of this month.
    pub(crate) fn gb_months(self, byte_hours: u128) -> GbMonths {
        GbMonths::of_byte_hours(byte_hours, MonthHours::of(self.month.start().date_naive()))
    }
}

/// The byte-hours of a repository.
pub(crate) fn byte_hours(history: &RepositoryHistory, window: Window) -> Computed {
    let (from, until) = (hour_after(window.from), hour_after(window.until));
    let within = |begin: i64, end: i64| count(begin.max(from), end.min(until));
    let mut computed = Computed::nothing(window.hours());
    computed.basis.inventories = 0;
    let Some((first, last)) = history.states.first().zip(history.states.last()) else { return computed };
    let states = history.states.as_slice();
    for (place, state) in states.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|place| states.get(place));
        let after = states.get(place + 1);
        let begin = begins(before, state).map_or(i64::MIN, hour_after);
        let end = after.and_then(|after| begins(Some(state), after)).map_or(i64::MAX, hour_after);
        let hours = within(begin, end);
        computed.count(state.held, hours);
        if hours != 0 {
            computed.basis.inventories += 1;
            computed.basis.is_exact &= state.held.is_exact;
        }
        // What comes to be between two inventories and says when, is not in doubt before.
        if let Some(after) = after.filter(|after| state.is_there || after.created_at.is_none()) {
            computed.step(state.held, after.held, hours);
        }
        if begin != i64::MIN {
            // From its creation on it counts what it held later; when that was pushed, nobody knows.
            computed.step(Held::NOTHING, state.held, within(begin, hour_after(state.at)));
        }
    }
    let first_hour = begins(None, first).map_or(i64::MIN, hour_after);
    let before = within(first_hour, hour_after(first.at));
    let behind = within(hour_after(last.at), i64::MAX);
    computed.basis.observed_hours = window.hours().saturating_sub(before + behind);
    let unseen = |bytes: fn(&Held) -> u128| {
        let most = states.iter().map(|state| bytes(&state.held)).max().unwrap_or_default();
        Unseen::of([(bytes(&first.held), before), (bytes(&last.held), behind)], most)
    };
    computed.stored_unseen = unseen(|held| held.stored_bytes);
    computed.archived_unseen = unseen(|held| held.archived_bytes);
    computed
}

/// From when on a state counts: of the first of all, for ever before, unless it says when it was created.
fn begins(before: Option<&State>, state: &State) -> Option<DateTime<Utc>> {
    match before {
        None => state.created_at.map(|created_at| created_at.min(state.at)),
        Some(before) if before.is_there || !state.is_there => Some(state.at),
        Some(before) => Some(state.created_at.unwrap_or(state.at).clamp(before.at, state.at)),
    }
}

impl Computed {
    fn count(&mut self, held: Held, hours: u64) {
        let hours = u128::from(hours);
        self.stored_byte_hours += held.stored_bytes.saturating_mul(hours);
        self.archived_byte_hours += held.archived_bytes.saturating_mul(hours);
        self.mounted_byte_hours += held.mounted_bytes.saturating_mul(hours);
    }

    fn step(&mut self, before: Held, after: Held, hours: u64) {
        let hours = u128::from(hours);
        self.stored_step_byte_hours += before.stored_bytes.abs_diff(after.stored_bytes).saturating_mul(hours);
        self.archived_step_byte_hours +=
            before.archived_bytes.abs_diff(after.archived_bytes).saturating_mul(hours);
    }
}

/// The hour that begins at the instant, or next after it, counted from 1970.
fn hour_after(instant: DateTime<Utc>) -> i64 {
    const HOUR_SECONDS: i64 = 3600;
    let seconds = instant.timestamp() + i64::from(instant.timestamp_subsec_nanos() != 0);
    (seconds + HOUR_SECONDS - 1).div_euclid(HOUR_SECONDS)
}

/// How many hours lie between both.
fn count(from: i64, until: i64) -> u64 {
    u64::try_from(until.saturating_sub(from)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};
    use demurrage_core::{RegistryKind, RepositoriesListing, instant};

    use super::{Basis, Computed, Unseen, Window, byte_hours};
    use crate::Month;
    use crate::reconcile::history::{Held, RegistryHistory};

    fn at(text: &str) -> DateTime<Utc> {
        instant::parse(text).unwrap()
    }

    fn september() -> Window {
        let month = Month::parse("2024-09").unwrap();
        Window { month, from: month.start(), until: month.end() }
    }

    fn held(stored_bytes: u128) -> Held {
        Held { stored_bytes, archived_bytes: 0, mounted_bytes: 0, is_exact: true }
    }

    /// A registry with the repository `app`, or without it where nothing is held.
    fn history(inventories: &[(&str, Option<u128>)], created_at: Option<&str>) -> RegistryHistory {
        let mut history = RegistryHistory::new(RegistryKind::Private, None, "eu-west-1".to_owned());
        for (taken_at, bytes) in inventories {
            let app = bytes.map(|bytes| ("app".to_owned(), created_at.map(at), Some(held(bytes))));
            history.add(at(taken_at), RepositoriesListing::Complete, app);
        }
        history
    }

    fn computed(inventories: &[(&str, Option<u128>)], created_at: Option<&str>) -> Computed {
        byte_hours(history(inventories, created_at).repository("app").unwrap(), september())
    }

    #[test]
    fn one_inventory_counts_for_the_whole_month_and_all_hours_are_assumed() {
        let app = computed(&[("2024-09-10T08:17:00Z", Some(1000))], None);
        assert_eq!(app.stored_byte_hours, 720_000);
        assert_eq!(app.basis, Basis { hours: 720, observed_hours: 0, inventories: 1, is_exact: true });
    }

    #[test]
    fn an_hour_counts_what_the_inventory_before_it_said() {
        let app = computed(
            &[("2024-08-31", Some(10)), ("2024-09-11T00:30:00Z", Some(1000)), ("2024-10-01", Some(1000))],
            None,
        );
        // 241 hours of 10 bytes: the hour that began before the inventory counts the older one.
        assert_eq!(app.stored_byte_hours, 241 * 10 + 479 * 1000);
        assert_eq!(app.basis.observed_hours, 720);
        assert_eq!(app.basis.inventories, 2);
        assert_eq!(app.stored_step_byte_hours, 241 * 990);
    }

    #[test]
    fn hours_outside_of_all_inventories_are_assumed() {
        let app = computed(&[("2024-09-02", Some(1)), ("2024-09-04", Some(1))], None);
        assert_eq!((app.stored_byte_hours, app.basis.observed_hours), (720, 48));
    }

    #[test]
    fn an_hour_that_no_inventory_saw_held_nothing_or_up_to_twice_the_most_that_was_found() {
        let app =
            computed(&[("2024-09-02", Some(3)), ("2024-09-04", Some(5)), ("2024-09-29", Some(1))], None);
        let (before, behind) = (24, 48);
        let less_byte_hours = 3 * before + behind;
        let more_byte_hours = 10 * (before + behind) - less_byte_hours;
        assert_eq!(app.stored_unseen, Unseen { less_byte_hours, more_byte_hours });
        let seen = computed(&[("2024-08-31", Some(3)), ("2024-10-01", Some(5))], None);
        assert_eq!(seen.stored_unseen, Unseen::default());
    }

    #[test]
    fn a_repository_counts_from_its_creation_where_an_inventory_before_had_none() {
        let inventories = [("2024-08-31", None), ("2024-09-20", Some(7)), ("2024-10-01", Some(7))];
        let app = computed(&inventories, Some("2024-09-16T00:00:00Z"));
        assert_eq!(app.stored_byte_hours, 7 * 15 * 24);
        assert_eq!(app.basis.observed_hours, 720);
        // Between its creation and the inventory nobody knows what was pushed when.
        assert_eq!(app.stored_step_byte_hours, 7 * 4 * 24);
    }

    #[test]
    fn a_repository_that_goes_counts_until_the_inventory_without_it() {
        let app = computed(&[("2024-09-01", Some(5)), ("2024-09-03", None), ("2024-10-01", None)], None);
        assert_eq!(app.stored_byte_hours, 5 * 48);
        assert_eq!(app.stored_step_byte_hours, 5 * 48);
    }

    #[test]
    fn a_month_before_all_inventories_rests_on_the_first_of_them() {
        let app = computed(&[("2024-11-01", Some(3)), ("2024-11-02", Some(9))], Some("2024-01-01"));
        assert_eq!((app.stored_byte_hours, app.basis.observed_hours, app.basis.inventories), (3 * 720, 0, 1));
    }

    #[test]
    fn the_hour_of_a_real_bill_is_the_amount_of_it() {
        // 0.0005297618 GB-months in an hour of September are 409,555,730 bytes, give or take 39.
        let window = Window { until: at("2024-09-01T01:00:00Z"), ..september() };
        let registry = history(&[("2024-08-01", Some(409_555_730))], None);
        let app = byte_hours(registry.repository("app").unwrap(), window);
        assert_eq!(window.gb_months(app.stored_byte_hours).to_string(), "0.0005297618");
    }
}
