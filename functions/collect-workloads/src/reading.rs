//! Reading what is in use, within the time of the call.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use demurrage_aws::workloads::{KnownFunctionVersions, WorkloadOptions, read_workloads};
use demurrage_aws::{Session, Tally};
use demurrage_core::in_use::{SourceRecord, SourceState, UseRecord, UseSource};
use demurrage_serve::Call;
use tokio::time::timeout_at;

/// Percent of the time after which nothing is waited for any more: the rest is for saying so.
const READ_PERCENT: u32 = 85;

/// Why nothing was read, where the time was up.
const LATE: &str = "the time of the function was up before all of it was read";

/// What was read.
pub(crate) struct Read {
    pub(crate) record: UseRecord,
    /// What is known of functions now; nothing where the time was up before.
    pub(crate) function_versions: Option<KnownFunctionVersions>,
    /// What was asked, by operation.
    pub(crate) calls: BTreeMap<String, Tally>,
}

/// Asks all sources; where that takes longer than there is, none of them was read.
pub(crate) async fn read(
    session: &Session,
    options: &WorkloadOptions,
    known: &KnownFunctionVersions,
    call: &Call,
    now: DateTime<Utc>,
) -> Read {
    let reading = Box::pin(read_workloads(session, options, known, now));
    if let Ok(read) = timeout_at(call.after_percent(READ_PERCENT), reading).await {
        let function_versions = Some(read.function_versions);
        Read { record: read.record, function_versions, calls: read.calls }
    } else {
        let record = unread(session.account(), session.region(), LATE, now);
        Read { record, function_versions: None, calls: BTreeMap::new() }
    }
}

/// A record of sources that were not read, or not in time, for this reason.
pub(crate) fn unread(account: &str, region: &str, cause: &str, now: DateTime<Utc>) -> UseRecord {
    let failed = |source| SourceRecord { source, name: None, state: SourceState::Failed(cause.to_owned()) };
    UseRecord {
        account: Some(account.to_owned()),
        region: Some(region.to_owned()),
        turn: 0,
        read_at: now,
        sources: [UseSource::Ecs, UseSource::Lambda].map(failed).to_vec(),
        uses: Vec::new(),
    }
}
