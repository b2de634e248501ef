//! What all registries stored at earlier times, and what they will.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::document::{Forecasted, OverTime, Past};
use super::key::RegistryKey;

/// Bytes without and with the policies; the latter is nothing where a policy is not known.
pub(super) type Horizons = Vec<(u32, u128, Option<u128>)>;

/// Sums of all registries.
#[derive(Debug, Default)]
pub(super) struct Sums {
    past: BTreeMap<RegistryKey, BTreeMap<DateTime<Utc>, u128>>,
    ahead: BTreeMap<u32, (u128, Option<u128>)>,
    /// Whether there is a repository of which nothing can be forecast.
    is_ahead_unknown: bool,
}

impl Sums {
    /// What a registry stored at a time.
    pub(super) fn past(&mut self, registry: &RegistryKey, at: DateTime<Utc>, bytes: u128) {
        self.past.entry(registry.clone()).or_default().insert(at, bytes);
    }

    /// What a repository will store; nothing where that cannot be told.
    pub(super) fn ahead(&mut self, horizons: Option<Horizons>) {
        let Some(horizons) = horizons else {
            self.is_ahead_unknown = true;
            return;
        };
        for (days, without, with) in horizons {
            let sum = self.ahead.entry(days).or_insert((0, Some(0)));
            sum.0 += without;
            sum.1 = sum.1.zip(with).map(|(sum, more)| sum + more);
        }
    }

    /// A point for each time at which one of them was read, from when on all of them were: before that, what a registry
    /// stored would look like growth.
    pub(super) fn finish(self, now: DateTime<Utc>) -> OverTime {
        let begin = self.past.values().filter_map(|of| of.keys().next()).max().copied();
        let times: BTreeSet<DateTime<Utc>> =
            self.past.values().flat_map(BTreeMap::keys).copied().filter(|at| begin <= Some(*at)).collect();
        let stored = |at: DateTime<Utc>| {
            let newest = |of: &BTreeMap<DateTime<Utc>, u128>| {
                of.range(..=at).next_back().map_or(0, |(_, bytes)| *bytes)
            };
            Past { at, bytes: self.past.values().map(newest).sum() }
        };
        let ahead = |(days, (without_policies, with_policies)): (u32, (u128, Option<u128>))| {
            let at = now.checked_add_signed(TimeDelta::days(i64::from(days)))?;
            Some(Forecasted { at, without_policies, with_policies })
        };
        let past = times.into_iter().map(stored).collect();
        let forecast = if self.is_ahead_unknown {
            Vec::new()
        } else {
            self.ahead.into_iter().filter_map(ahead).collect()
        };
        OverTime { past, forecast }
    }
}
