//! Between which times a listing of a repository was read, in AWS's clock.
//!
//! Assumes that the caller knows how far its clock may be from AWS's. Leaves out clocks.

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};

/// The time in which a listing was read: every tag in it was as listed at some time between the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListingWindow {
    /// Nothing in the listing is older: an event before it is certainly older than the listing.
    pub from: DateTime<Utc>,
    /// Nothing in the listing is newer: an event after it is certainly newer than the listing.
    pub until: DateTime<Utc>,
}

impl ListingWindow {
    /// The window of a listing whose first page was asked for at `started` and whose last page came at `ended`, by a
    /// clock that is at most `margin` from the one that AWS puts into events.
    ///
    /// Both ends are whole seconds, as the times of events are, and the window is never narrower than what it is
    /// of. A margin below zero counts as none.
    pub fn new(started: DateTime<Utc>, ended: DateTime<Utc>, margin: TimeDelta) -> Self {
        let margin = margin.max(TimeDelta::zero());
        let earliest = started.min(ended).checked_sub_signed(margin).unwrap_or(DateTime::<Utc>::MIN_UTC);
        let latest = ended.max(started).checked_add_signed(margin).unwrap_or(DateTime::<Utc>::MAX_UTC);
        let until = latest.trunc_subsecs(0);
        let until =
            if until < latest { until.checked_add_signed(TimeDelta::seconds(1)) } else { Some(until) };
        Self { from: earliest.trunc_subsecs(0), until: until.unwrap_or(latest) }
    }

    /// Whether a time is within it, so that the listing may be older or newer.
    pub fn holds(&self, time: DateTime<Utc>) -> bool {
        self.from <= time && time <= self.until
    }
}
