//! A history, for programs: an object for each thing that happened.

use demurrage_core::journal::HistoryRow;
use demurrage_core::{Tag, instant};
use serde_json::{Value, json};

/// Where a row of a history is from.
#[derive(Debug, Clone, Copy)]
pub struct HistoryOf<'a> {
    /// The name of the journal: the hash of the plan, or `restore-` and the journal that was restored.
    pub journal: &'a str,
    /// The number of the entry; nothing for an image that was left alone.
    pub number: Option<u64>,
}

/// The object of a row.
pub fn history_json(of: &HistoryOf<'_>, row: &HistoryRow) -> Value {
    json!({
        "at": instant::format(row.at),
        "what": row.happening.name(),
        "registry_id": row.repository.account,
        "region": row.repository.region,
        "repository_name": row.repository.name,
        "image_digest": row.digest.map(|digest| digest.to_string()),
        "image_tags": row.tags.iter().map(Tag::as_str).collect::<Vec<_>>(),
        "journal": of.journal,
        "entry": of.number,
        "operation": row.operation,
        "rule": row.rule,
        "reason": row.reason,
        "detail": row.detail,
    })
}
