//! All that is known to be in use, with how well it is known and where from.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{Coverage, SourceState, Use, UseGraph, UseRecord, UseRules, UseScope};
use crate::plan::Source;

/// What is in use, as records and files say it.
#[derive(Debug, Clone)]
pub struct KnownUses {
    /// The uses.
    pub graph: UseGraph,
    /// Which sources were read, and when.
    pub coverage: Coverage,
    /// What that was learnt from, each with its hash, by name.
    pub records: Vec<Source>,
}

impl KnownUses {
    /// What these records say, and these uses that people name themselves. `sources` are the names and hashes of all of
    /// them.
    pub fn of(
        records: &[UseRecord],
        references: Vec<Use>,
        mut sources: Vec<Source>,
        rules: &UseRules,
    ) -> Self {
        sources.sort();
        let mut uses = current_uses(records, rules);
        uses.extend(references);
        Self { graph: UseGraph::of(uses), coverage: Coverage::of(records, rules), records: sources }
    }
}

/// The uses of records that still count, in the order of records.
///
/// Of each source in each place those of the last complete reading count, and all that were read later: one that failed
/// may have missed what the one before has.
pub fn current_uses(records: &[UseRecord], rules: &UseRules) -> Vec<Use> {
    let since = last_complete(records);
    let mut all: Vec<Use> = Vec::new();
    for record in records {
        for used in &record.uses {
            // A source that stands in a record several times cannot be told apart by its uses: one that counts is enough.
            let mut scopes = record
                .sources
                .iter()
                .filter(|source| source.source == used.source)
                .map(|source| UseScope::of_record(record, source))
                .peekable();
            let is_named = scopes.peek().is_some();
            let counts = |scope: UseScope| {
                !rules.is_gone(&scope) && since.get(&scope).is_none_or(|since| *since <= record.read_at)
            };
            if !is_named || scopes.any(counts) {
                all.push(used.clone());
            }
        }
    }
    all
}

/// Which records something can still be learnt from, by their places: the newest of each source in each place, and all from
/// its last complete reading on.
pub fn current_records(records: &[UseRecord]) -> Vec<usize> {
    let since = last_complete(records);
    let counts = |record: &UseRecord| {
        record.sources.is_empty()
            || record.sources.iter().any(|source| {
                since.get(&UseScope::of_record(record, source)).is_none_or(|since| *since <= record.read_at)
            })
    };
    records.iter().enumerate().filter(|(_, record)| counts(record)).map(|(place, _)| place).collect()
}

/// When each source was last read completely, in each place.
fn last_complete(records: &[UseRecord]) -> BTreeMap<UseScope, DateTime<Utc>> {
    let mut last: BTreeMap<UseScope, DateTime<Utc>> = BTreeMap::new();
    for record in records {
        for source in &record.sources {
            let is_complete = match source.state {
                SourceState::Read | SourceState::NotEnabled(_) => true,
                SourceState::Failed(_) => false,
            };
            if is_complete {
                let kept = last.entry(UseScope::of_record(record, source)).or_insert(record.read_at);
                *kept = record.read_at.max(*kept);
            }
        }
    }
    last
}

#[cfg(test)]
mod tests;
