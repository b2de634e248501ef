//! What came last of each source in each place: what a person wants to see of records.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};

use super::{SourceState, UseRecord, UseScope, UseSource};

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

/// The newest reading of each source in each place, in the order of these: by turns, and lists of clusters by their dates. Of
/// two of one instant one that failed counts.
pub fn newest_sources<'a>(records: impl IntoIterator<Item = &'a UseRecord>) -> Vec<ReadSource> {
    let mut newest: BTreeMap<UseScope, (Rank, ReadSource)> = BTreeMap::new();
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
            let rank = rank(record, source.source, read.is_failed());
            let kept = newest.entry(scope).or_insert_with(|| (rank, read.clone()));
            if kept.0 < rank {
                *kept = (rank, read);
            }
        }
    }
    newest.into_values().map(|(_, read)| read).collect()
}

/// What makes one reading newer than another of the same source and place: its turn, its date, whether it failed.
type Rank = (u64, DateTime<Utc>, bool);

const fn rank(record: &UseRecord, source: UseSource, is_failed: bool) -> Rank {
    let turn = match source {
        UseSource::Ecs | UseSource::Lambda | UseSource::Inspector | UseSource::References => record.turn,
        UseSource::Kubernetes => 0,
    };
    (turn, record.read_at, is_failed)
}
