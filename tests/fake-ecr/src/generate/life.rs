//! When a push happened, and what became of it: pulls, the archive, the way back.
//!
//! All are ages in milliseconds before `now`; smaller is later.

use chrono::{DateTime, TimeDelta, Utc};

use super::profile::{DAY_MS, Profile, purpose};

/// Nothing is younger than this: a listing takes its time.
const YOUNGEST_MS: u64 = 600_000;
/// A repository is that much older than its first image.
const EMPTY_MS: u64 = 2 * DAY_MS;
/// Archived images are older than this.
const ARCHIVE_MS: u64 = 90 * DAY_MS;

/// What became of the images of a push.
#[derive(Debug, Clone, Copy)]
pub(super) struct Life {
    /// Age of the push.
    pub(super) pushed_ms: u64,
    /// Age of the last pull.
    pub(super) pulled_ms: Option<u64>,
    pub(super) class: Class,
}

/// Which storage class it is in, and how it came there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Class {
    /// Never archived.
    Active,
    /// In the archive class since then.
    Archived { archived_ms: u64 },
    /// Was archived, and came back.
    Restored { archived_ms: u64, activated_ms: u64 },
    /// On its way back, and there in so many milliseconds.
    Activating { archived_ms: u64, left_ms: u64 },
}

impl Life {
    /// The life of the push whose first image has this number.
    pub(super) fn of(profile: &Profile, first: u64) -> Self {
        let mut stream = profile.stream(purpose::LIFE, [first, 0]);
        let pushed_ms = pushed_ms(profile, first, stream.chance(12));
        let class = match stream.below(100) {
            _ if pushed_ms < ARCHIVE_MS + DAY_MS || !stream.chance(profile.archived_percent) => Class::Active,
            0..90 => Class::Archived { archived_ms: stream.between(DAY_MS, pushed_ms - ARCHIVE_MS) },
            90..97 => {
                let archived_ms = stream.between(DAY_MS, pushed_ms - ARCHIVE_MS);
                Class::Restored { archived_ms, activated_ms: stream.between(YOUNGEST_MS, archived_ms - 1) }
            }
            _ => {
                let archived_ms = stream.between(DAY_MS, pushed_ms - ARCHIVE_MS);
                Class::Activating { archived_ms, left_ms: stream.between(60_000, 1_200_000) }
            }
        };
        // A third is never pulled, a third soon after the push, a third until a short time ago.
        let pulled_ms = match stream.below(3) {
            0 => None,
            1 => Some(pushed_ms.saturating_sub(stream.below(7 * DAY_MS)).max(60_000)),
            _ => Some(stream.between(60_000, pushed_ms)),
        };
        Self { pushed_ms, pulled_ms: pulled_ms.map(|pulled| pulled.max(class.archived_ms())), class }
    }
}

impl Class {
    /// Age of the time at which pulls ended, in milliseconds; 0 when they can go on.
    fn archived_ms(self) -> u64 {
        match self {
            Self::Active | Self::Restored { .. } => 0,
            Self::Archived { archived_ms } | Self::Activating { archived_ms, .. } => archived_ms,
        }
    }
}

/// Whole days since the push; the same at any `now`.
pub(super) fn age_days(life: &Life) -> u64 {
    life.pushed_ms / DAY_MS
}

/// The time that long before `now`; `now` where the calendar ends.
pub(super) fn at(now: DateTime<Utc>, age_ms: u64) -> DateTime<Utc> {
    span(age_ms).and_then(|span| now.checked_sub_signed(span)).unwrap_or(now)
}

/// The time that long after `now`; `now` where the calendar ends.
pub(super) fn after(now: DateTime<Utc>, left_ms: u64) -> DateTime<Utc> {
    span(left_ms).and_then(|span| now.checked_add_signed(span)).unwrap_or(now)
}

/// Pushes are spread evenly over the life of the repository. `tied` ones share the moment of another.
fn pushed_ms(profile: &Profile, first: u64, tied: bool) -> u64 {
    let span = profile.created_age_ms.saturating_sub(EMPTY_MS + YOUNGEST_MS);
    let step = span / profile.images.max(1);
    let slot = if tied { first - first % 16 } else { first };
    let jitter = profile.stream(purpose::TIME, [slot, 0]).below(step);
    YOUNGEST_MS + (step * (profile.images - slot)).saturating_sub(jitter)
}

fn span(milliseconds: u64) -> Option<TimeDelta> {
    i64::try_from(milliseconds).ok().and_then(TimeDelta::try_milliseconds)
}
