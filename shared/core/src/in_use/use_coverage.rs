//! Whether every source that could name an image in use was read, all of it, and lately.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, TimeDelta, Utc};

use super::use_gap::shown;
use super::{
    ReadSource, SourceState, Unsaid, UnsaidTopic, UseGap, UseGapReason, UseRecord, UseRules, UseScope,
    UseSource, newest_sources,
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
    ///   use images of any registry. Of the registry's own account it may be as old as what is asked for, because whoever
    ///   applies a plan can ask there; elsewhere as old as for a plan, until the rules call it gone.
    /// - A reading that failed last is a gap for every registry, and so is one from the future.
    /// - Inspector can only add to what the others say, so that nobody could ask it is no gap, and nothing of it grows old,
    ///   unless the rules ask for it by name.
    pub fn gaps(
        &self,
        account: Option<&str>,
        region: &str,
        now: DateTime<Utc>,
        max_age: TimeDelta,
    ) -> Vec<UseGap> {
        let asked = self.rules.asked(account, region);
        let known = self.newest.keys().filter(|scope| scope.source != UseSource::Inspector);
        let scopes: BTreeSet<&UseScope> = asked.iter().chain(known).collect();
        let of_scope = |scope: &UseScope| {
            let is_asked = asked.contains(scope) || is_of_account(scope, account);
            let accepted = if is_asked { max_age } else { self.rules.max_age.max(max_age) };
            let accepted = self.rules.max_age_of(scope, accepted);
            let read = self.newest.get(scope);
            let why = read.map_or(Some(UseGapReason::Missing), |read| gap(read, now, accepted))?;
            Some(UseGap { scope: scope.clone(), why })
        };
        scopes.into_iter().filter_map(of_scope).collect()
    }

    /// What was asked about the images of a registry, in words:
    /// `ECS of 123456789012 us-east-1 read 2026-11-25 01:00 UTC; Lambda of …`, also what nobody had to ask. Empty where
    /// nothing was.
    pub fn asked(&self, account: Option<&str>, region: &str) -> String {
        let asked = self.rules.asked(account, region);
        let known = self.newest.keys().filter(|scope| scope.source != UseSource::Inspector);
        let scopes: BTreeSet<&UseScope> = asked.iter().chain(known).collect();
        let read = scopes
            .into_iter()
            .filter_map(|scope| Some(format!("{scope} read {}", shown(self.newest.get(scope)?.read_at))));
        read.collect::<Vec<_>>().join("; ")
    }

    /// The regions of an account that whoever applies a plan to its registry in this region has to ask: those that the rules
    /// ask for, and those that somebody read before.
    pub fn regions_to_ask(&self, account: &str, region: &str) -> BTreeSet<String> {
        let mut regions = self.rules.regions_of(account, region);
        let known = self
            .newest
            .keys()
            .filter(|scope| scope.source != UseSource::Inspector && is_of_account(scope, Some(account)));
        regions.extend(known.filter_map(|scope| scope.region.clone()));
        regions
    }

    /// What may use images of a registry of this account and region, and is asked by nobody, because the rules do not say
    /// whether it is there. No gap: only the team can know.
    pub fn unsaid(&self, account: Option<&str>, region: &str) -> BTreeSet<Unsaid> {
        let unsaid = |topic: &UnsaidTopic| match topic {
            UnsaidTopic::Regions => self.rules.of_regions().next().map(|_| Unsaid::Regions {
                account: account.map(str::to_owned),
                asked: match account {
                    Some(account) => self.regions_to_ask(account, region),
                    None => BTreeSet::from([region.to_owned()]),
                },
            }),
            UnsaidTopic::Clusters => {
                let is_read = self.newest.keys().any(|scope| scope.source == UseSource::Kubernetes);
                (!is_read && self.rules.clusters.is_empty()).then_some(Unsaid::Clusters)
            }
        };
        self.rules.unsaid.iter().filter_map(unsaid).collect()
    }

    /// What is known and was read longer ago than this, though not too long ago for a plan: such as a list of a cluster, or
    /// an account that only others can ask. In words, one each.
    pub fn older(&self, now: DateTime<Utc>, max_age: TimeDelta) -> Vec<String> {
        let older = self
            .newest
            .values()
            .filter(|read| read.scope.source != UseSource::Inspector && max_age < now - read.read_at);
        older.map(|read| format!("{} as of {}", read.scope, shown(read.read_at))).collect()
    }

    /// What could not be read of sources that can only add, and are not asked for by name: no gaps, and worth a warning.
    pub fn additions_missed(&self) -> Vec<String> {
        let missed = self.newest.values().filter(|read| {
            read.scope.source == UseSource::Inspector && !self.rules.sources.contains(&read.scope.source)
        });
        let said = missed.filter_map(|read| match &read.state {
            SourceState::Failed(cause) => Some(format!("{} could not be read: {cause}", read.scope)),
            SourceState::Read | SourceState::NotEnabled(_) => None,
        });
        said.collect()
    }

    /// The accounts of which it is known what they use: somewhere all sources that the rules ask for were read, and nothing
    /// that is known of the account failed or is older than this.
    pub fn read_accounts(&self, now: DateTime<Utc>, max_age: TimeDelta) -> BTreeSet<String> {
        let mut whole: BTreeMap<(&str, &str), BTreeSet<UseSource>> = BTreeMap::new();
        let mut broken: BTreeSet<&str> = BTreeSet::new();
        for (scope, read) in &self.newest {
            let (Some(account), Some(region)) = (&scope.account, &scope.region) else { continue };
            let is_veto = scope.source != UseSource::Inspector || self.rules.sources.contains(&scope.source);
            if gap(read, now, max_age).is_none() {
                whole.entry((account, region)).or_default().insert(scope.source);
            } else if is_veto {
                broken.insert(account);
            }
        }
        let is_whole =
            |sources: &BTreeSet<UseSource>| self.rules.of_regions().all(|asked| sources.contains(&asked));
        let accounts =
            whole.iter().filter(|(_, sources)| is_whole(sources)).map(|((account, _), _)| *account);
        accounts.filter(|account| !broken.contains(account)).map(str::to_owned).collect()
    }
}

/// Whether it is read of a region of this account.
fn is_of_account(scope: &UseScope, account: Option<&str>) -> bool {
    account.is_some() && scope.account.as_deref() == account && scope.source.is_of_regions()
}

/// What is wrong with the newest reading of a source that may have this age.
fn gap(read: &ReadSource, now: DateTime<Utc>, max_age: TimeDelta) -> Option<UseGapReason> {
    let read_at = read.read_at;
    if let SourceState::Failed(cause) = &read.state {
        return Some(UseGapReason::Failed { read_at, cause: cause.clone() });
    }
    if now + CLOCK_SKEW < read_at {
        return Some(UseGapReason::FromTheFuture { read_at });
    }
    let age = now - read_at;
    (max_age < age).then_some(UseGapReason::TooOld { read_at, age })
}

#[cfg(test)]
mod tests;
