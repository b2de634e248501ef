//! All that is known to be in use, with how well it is known and where from.

use std::collections::BTreeMap;

use super::{Coverage, Moment, SourceState, Use, UseGraph, UseRecord, UseRules, UseScope};
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
/// Of each source in each place those of the last complete reading count, and all that it does not supersede: one that
/// failed may have missed what the one before has, and of two that went on at once neither knows what the other saw.
pub fn current_uses(records: &[UseRecord], rules: &UseRules) -> Vec<Use> {
    let complete = complete_readings(records);
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
            let counts = |scope: UseScope| !rules.is_gone(&scope) && is_current(&complete, &scope, record);
            if !is_named || scopes.any(counts) {
                all.push(used.clone());
            }
        }
    }
    all
}

/// Which records something can still be learnt from, by their places: the newest of each source in each place, and all that
/// its last complete reading does not supersede.
pub fn current_records(records: &[UseRecord]) -> Vec<usize> {
    let complete = complete_readings(records);
    let counts = |record: &UseRecord| {
        record.sources.is_empty()
            || record
                .sources
                .iter()
                .any(|source| is_current(&complete, &UseScope::of_record(record, source), record))
    };
    records.iter().enumerate().filter(|(_, record)| counts(record)).map(|(place, _)| place).collect()
}

/// Whether no complete reading of this source and place takes the place of what this record says of it.
fn is_current(complete: &BTreeMap<UseScope, Vec<Moment>>, scope: &UseScope, record: &UseRecord) -> bool {
    let of_record = Moment::of(record);
    complete.get(scope).is_none_or(|all| !all.iter().any(|later| later.supersedes(of_record, scope.source)))
}

/// The moments at which each source was read completely, in each place.
fn complete_readings(records: &[UseRecord]) -> BTreeMap<UseScope, Vec<Moment>> {
    let mut all: BTreeMap<UseScope, Vec<Moment>> = BTreeMap::new();
    for record in records {
        for source in &record.sources {
            let is_complete = match source.state {
                SourceState::Read | SourceState::NotEnabled(_) => true,
                SourceState::Failed(_) => false,
            };
            if is_complete {
                all.entry(UseScope::of_record(record, source)).or_default().push(Moment::of(record));
            }
        }
    }
    all
}

#[cfg(test)]
mod tests;
