//! What came of reading what is in use in one account and region.

use chrono::{DateTime, Utc};
use demurrage_core::in_use::{SourceRecord, SourceState};
use serde::{Deserialize, Serialize};

use super::Calls;

/// What was read of an account and region; the uses themselves are a record of the store.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkloadsDocument {
    /// The twelve-digit account.
    pub account: String,
    /// The region.
    pub region: String,
    /// When reading began.
    pub read_at: DateTime<Utc>,
    /// Where the record is, as it is shown.
    pub record: String,
    /// How many uses it has.
    pub uses: u64,
    /// The sources that were asked.
    pub sources: Vec<AskedSource>,
    /// What was asked of AWS.
    pub calls: Vec<Calls>,
}

/// What came of asking one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedSource {
    /// Its name, such as `ecs`.
    pub source: String,
    /// Why it was not read, or not all of it; none where it was, or is not there.
    pub failure: Option<String>,
    /// Why it uses nothing, as it says itself; none where it is there.
    pub not_enabled: Option<String>,
}

impl From<&SourceRecord> for AskedSource {
    fn from(record: &SourceRecord) -> Self {
        let (failure, not_enabled) = match &record.state {
            SourceState::Read => (None, None),
            SourceState::NotEnabled(cause) => (None, Some(cause.clone())),
            SourceState::Failed(cause) => (Some(cause.clone()), None),
        };
        Self { source: record.source.name().to_owned(), failure, not_enabled }
    }
}

impl WorkloadsDocument {
    /// Why not everything that is in use is known, one fragment for each source that failed.
    pub fn failures(&self) -> Vec<String> {
        let failed = |asked: &AskedSource| Some(format!("`{}`: {}", asked.source, asked.failure.as_ref()?));
        self.sources.iter().filter_map(failed).collect()
    }
}
