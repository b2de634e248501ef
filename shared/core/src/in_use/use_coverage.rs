//! Whether every source that could name an image in use was read, all of it, and lately.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::use_gap::shown;
use super::{SourceState, UseGap, UseGapReason, UseRecord, UseRules, UseScope, UseSource};

/// How far ahead of ours the clock that dated a record may be.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// What was read last of each source, and what is asked of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    rules: UseRules,
    newest: BTreeMap<UseScope, Newest>,
}

/// The newest reading of a source.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Newest {
    read_at: DateTime<Utc>,
    state: SourceState,
}

impl Coverage {
    /// The coverage that these records give, in any order. Files of references are none: they can only add.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a UseRecord>, rules: &UseRules) -> Self {
        let mut newest: BTreeMap<UseScope, Newest> = BTreeMap::new();
        for record in records {
            for source in record.sources.iter().filter(|it| it.source != UseSource::References) {
                let scope = UseScope::of_record(record, source);
                if rules.is_gone(&scope) {
                    continue;
                }
                let read = Newest { read_at: record.read_at, state: source.state.clone() };
                let kept = newest.entry(scope).or_insert_with(|| read.clone());
                if kept.is_superseded_by(&read) {
                    *kept = read;
                }
            }
        }
        Self { rules: rules.clone(), newest }
    }

    /// What is not known that could keep an image of a registry of this account and region; empty: everything is.
    /// `max_age` is how long ago it may have been read: [`UseRules::max_age`] for plans, less when one is applied.
    ///
    /// - What the rules ask for has to have been read, all of it, not longer ago than `max_age`.
    /// - What was read once has to be read again: a cluster, an account or a region that somebody read is there, and may
    ///   use images of any registry. It may be as old as for a plan, until the rules call it gone.
    /// - A reading that failed last is a gap for every registry, and so is one from the future.
    pub fn gaps(
        &self,
        account: Option<&str>,
        region: &str,
        now: DateTime<Utc>,
        max_age: TimeDelta,
    ) -> Vec<UseGap> {
        let mut scopes: BTreeMap<UseScope, Option<TimeDelta>> = BTreeMap::new();
        for scope in self.newest.keys() {
            // What Inspector says can only add: that it is old takes nothing away.
            let is_veto = scope.source != UseSource::Inspector;
            scopes.insert(scope.clone(), is_veto.then(|| self.rules.max_age.max(max_age)));
        }
        for scope in self.rules.asked(account, region) {
            scopes.insert(scope, Some(max_age));
        }
        let gap = |(scope, max_age): (UseScope, Option<TimeDelta>)| {
            let max_age = max_age.map(|max_age| self.rules.max_age_of(&scope, max_age));
            let why = self.newest.get(&scope).map_or(Some(UseGapReason::Missing), |it| it.gap(now, max_age));
            why.map(|why| UseGap { scope, why })
        };
        scopes.into_iter().filter_map(gap).collect()
    }

    /// What was asked about the images of a registry, in words:
    /// `ECS of 123456789012 us-east-1 read 2026-11-25 01:00 UTC; Lambda of …`. Empty where nothing had to be.
    pub fn asked(&self, account: Option<&str>, region: &str) -> String {
        let scopes = self.rules.asked(account, region);
        let read = scopes
            .iter()
            .filter_map(|scope| Some(format!("{scope} read {}", shown(self.newest.get(scope)?.read_at))));
        read.collect::<Vec<_>>().join("; ")
    }
}

impl Newest {
    /// Whether another reading counts in its place. Of two of one instant the one that failed does.
    fn is_superseded_by(&self, other: &Self) -> bool {
        let is_failed = |it: &Self| matches!(it.state, SourceState::Failed(_));
        (self.read_at, is_failed(self)) < (other.read_at, is_failed(other))
    }

    fn gap(&self, now: DateTime<Utc>, max_age: Option<TimeDelta>) -> Option<UseGapReason> {
        let read_at = self.read_at;
        if let SourceState::Failed(cause) = &self.state {
            return Some(UseGapReason::Failed { read_at, cause: cause.clone() });
        }
        if now + CLOCK_SKEW < read_at {
            return Some(UseGapReason::FromTheFuture { read_at });
        }
        let age = now - read_at;
        max_age.is_some_and(|max_age| max_age < age).then_some(UseGapReason::TooOld { read_at, age })
    }
}

#[cfg(test)]
mod tests;
