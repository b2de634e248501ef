//! What a run had come to when it was put together.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// Which documents were there: whoever puts the run together again does it from these, and comes to the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundDocument {
    /// When.
    pub ended_at: DateTime<Utc>,
    /// The shares, in the order of their numbers.
    pub shares: Vec<FoundShare>,
    /// What was not read of what is in use, in the order of the registries.
    #[serde(default)]
    pub unread_uses: Vec<UnreadUses>,
}

/// An account and region of which not everything is known that is in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadUses {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// Why, one fragment for each source.
    pub causes: Vec<String>,
}

/// What was there of one share.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundShare {
    /// Its segments that were read, one after another from the first.
    pub segments: Vec<FoundSegment>,
    /// Whether the last of them ends the share.
    pub is_whole: bool,
    /// Why not, where a function said so.
    pub cause: Option<String>,
}

/// What was there of one segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundSegment {
    /// From which repositories on it was evaluated, one after another from the first.
    pub evaluated: Vec<u32>,
    /// From which repositories on it was priced, one after another from the first.
    pub costed: Vec<u32>,
    /// From which repositories on it was audited, one after another from the first.
    pub audited: Vec<u32>,
    /// Whether the last of each ends the segment.
    pub is_whole: bool,
}
