//! One repository that is held: its record, its images, its layers, its preview.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::contents::Contents;
use crate::model::RepositoryRecord;

/// A repository of a registry.
#[derive(Debug, Clone)]
pub(crate) struct Repository {
    /// Its settings.
    pub(crate) record: RepositoryRecord,
    /// Its images; shared with previews and readers, copied when it is changed while shared.
    pub(crate) contents: Arc<Contents>,
}

/// The one slot for a preview that a repository has.
#[derive(Debug, Clone)]
pub(crate) struct Preview {
    /// The policy, as it was started.
    pub(crate) text: String,
    /// When it began, on the server's clock.
    pub(crate) started_at: DateTime<Utc>,
    /// When it began, on the machine's.
    pub(crate) started: Instant,
    /// How long it is in progress.
    pub(crate) takes: TimeDelta,
    /// How long its result stays.
    pub(crate) stays: TimeDelta,
    /// The rows of the answer, with the tags and the digest that select them.
    pub(crate) rows: Vec<PreviewRow>,
    /// `summary`.
    pub(crate) summary: Value,
}

/// One image that the policy would act on.
#[derive(Debug, Clone)]
pub(crate) struct PreviewRow {
    /// Its digest.
    pub(crate) digest: String,
    /// Its tags when the preview began.
    pub(crate) tags: Vec<String>,
    /// The row as the API writes it.
    pub(crate) row: Value,
}

/// The layers of the repositories of one registry: digest → size in bytes.
pub(crate) type Layers = BTreeMap<String, BTreeMap<String, u64>>;
