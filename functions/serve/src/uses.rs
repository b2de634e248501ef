//! What is known to be in use, as the store has it.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_contract::Failure;
use demurrage_core::in_use::{KnownUses, SourceState, UseRecord, UseRules};
use demurrage_core::plan::Source;
use demurrage_store::{Store, sha256};

/// What the records of a store say.
#[derive(Debug, Clone)]
pub struct StoredUses {
    /// What is in use, and how well that is known.
    pub known: KnownUses,
    records: Vec<UseRecord>,
}

impl StoredUses {
    /// What the records of this store say.
    ///
    /// # Errors
    /// When one of them cannot be read: what it would have said keeps images.
    pub fn of(store: &Store, rules: &UseRules) -> Result<Self, Failure> {
        let stored = store.uses()?;
        let source = |(name, record): &(String, UseRecord)| Source {
            name: format!("use/{name}"),
            hash: sha256(record.to_json().as_bytes()).to_string(),
        };
        let sources = stored.iter().map(source).collect();
        let records: Vec<UseRecord> = stored.into_iter().map(|(_, record)| record).collect();
        Ok(Self { known: KnownUses::of(&records, Vec::new(), sources, rules), records })
    }

    /// The accounts that were asked what they use, all of it and not longer ago than this.
    pub fn accounts(&self, now: DateTime<Utc>, max_age: TimeDelta) -> BTreeSet<String> {
        let is_known = |record: &&UseRecord| {
            let is_whole = record.sources.iter().all(|source| match source.state {
                SourceState::Read | SourceState::NotEnabled(_) => true,
                SourceState::Failed(_) => false,
            });
            is_whole && !record.sources.is_empty() && now - record.read_at <= max_age
        };
        self.records.iter().filter(is_known).filter_map(|record| record.account.clone()).collect()
    }
}
