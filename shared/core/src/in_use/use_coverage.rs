//! Whether every source that could name an image in use was read, all of it, and lately.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::use_gap::shown;
use super::{
    ReadSource, SourceState, UseGap, UseGapReason, UseRecord, UseRules, UseScope, UseSource, newest_sources,
};

/// How far ahead of ours the clock that dated a record may be.
const CLOCK_SKEW: TimeDelta = TimeDelta::minutes(5);

/// What was read last of each source, and what is asked of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Coverage {
    rules: UseRules,
    newest: BTreeMap<UseScope, ReadSource>,
}

impl Coverage {
    /// The coverage that these records give, in any order. Files of references are none: they can only add.
    pub fn of<'a>(records: impl IntoIterator<Item = &'a UseRecord>, rules: &UseRules) -> Self {
        let read = newest_sources(records)
            .into_iter()
            .filter(|read| read.scope.source != UseSource::References && !rules.is_gone(&read.scope));
        let newest = read.map(|read| (read.scope.clone(), read)).collect();
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
        let of_scope = |(scope, max_age): (UseScope, Option<TimeDelta>)| {
            let max_age = max_age.map(|max_age| self.rules.max_age_of(&scope, max_age));
            let read = self.newest.get(&scope);
            let why = read.map_or(Some(UseGapReason::Missing), |read| gap(read, now, max_age))?;
            Some(UseGap { scope, why })
        };
        scopes.into_iter().filter_map(of_scope).collect()
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

/// What is wrong with the newest reading of a source that may have this age, if it may be too old at all.
fn gap(read: &ReadSource, now: DateTime<Utc>, max_age: Option<TimeDelta>) -> Option<UseGapReason> {
    let read_at = read.read_at;
    if let SourceState::Failed(cause) = &read.state {
        return Some(UseGapReason::Failed { read_at, cause: cause.clone() });
    }
    if now + CLOCK_SKEW < read_at {
        return Some(UseGapReason::FromTheFuture { read_at });
    }
    let age = now - read_at;
    max_age.is_some_and(|max_age| max_age < age).then_some(UseGapReason::TooOld { read_at, age })
}

#[cfg(test)]
mod tests;
