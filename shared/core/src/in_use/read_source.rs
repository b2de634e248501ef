//! What came last of each source in each place: what a person wants to see of records.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{SourceState, UseRecord, UseScope};

/// The newest reading of one source in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadSource {
    /// The source, and where.
    pub scope: UseScope,
    /// When reading began.
    pub read_at: DateTime<Utc>,
    /// What came of it.
    pub state: SourceState,
    /// How many uses its record has of this source.
    pub uses: usize,
}

impl ReadSource {
    /// Whether it was not read, or not all of it.
    pub const fn is_failed(&self) -> bool {
        matches!(self.state, SourceState::Failed(_))
    }
}

/// The newest reading of each source in each place, in the order of these. Of two of one instant one that failed counts.
pub fn newest_sources<'a>(records: impl IntoIterator<Item = &'a UseRecord>) -> Vec<ReadSource> {
    let mut newest: BTreeMap<UseScope, ReadSource> = BTreeMap::new();
    for record in records {
        for source in &record.sources {
            let scope = UseScope::of_record(record, source);
            let uses = record.uses.iter().filter(|used| used.source == source.source).count();
            let read = ReadSource {
                scope: scope.clone(),
                read_at: record.read_at,
                state: source.state.clone(),
                uses,
            };
            let kept = newest.entry(scope).or_insert_with(|| read.clone());
            if (kept.read_at, kept.is_failed()) < (read.read_at, read.is_failed()) {
                *kept = read;
            }
        }
    }
    newest.into_values().collect()
}
