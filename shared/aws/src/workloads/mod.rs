//! What runs in an account and region, asked of Amazon ECS, AWS Lambda and Amazon Inspector: images in use.
//!
//! It errs on one side: what may run, may be started, or ran until lately is a use. A source that did not answer in full
//! is a failed one, with what was read of it and what was not. It assumes a session in the region that is asked about.
//! Leaves out what no list of AWS names: AWS Batch, App Runner, `SageMaker`, `CodeBuild`, Step Functions, `EventBridge`
//! Pipes and whatever calls `RunTask` itself are for a file of references.
//!
//! - [`read_workloads`]: asks all of them.
//! - [`KnownFunctionVersions`]: what need not be asked again.
//!
//! An image of a task definition with angle brackets, such as `<IMAGE1_NAME>`, is a place that a deployment fills in: it
//! cannot be run, and is no use.

mod actions;
mod client;
mod ecs;
mod found;
mod inspector;
mod known_functions;
mod lambda;
mod pages;
#[cfg(test)]
mod tests;

pub use actions::WORKLOAD_ACTIONS;
pub use known_functions::{KnownFunctionVersions, KnownFunctionVersionsError};

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use demurrage_core::in_use::{SourceRecord, SourceState, UseRecord};

use crate::{Session, Tally};
use ecs::Ecs;
use found::Found;
use inspector::Inspector;
use lambda::Lambda;

/// How far back reading goes, and what of it is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WorkloadOptions {
    /// How many of the newest active revisions of each family of task definitions are uses, whether or not anything runs them.
    pub task_definition_revisions: u32,
    /// How many images of a function that it has no more are uses still: of versions that were deleted, and of what
    /// `$LATEST` was before. Only what [`KnownFunctionVersions`] remembers can be told.
    pub lambda_versions_back: u32,
    /// Whether Amazon Inspector is asked, too.
    pub inspector: bool,
}

impl Default for WorkloadOptions {
    fn default() -> Self {
        Self { task_definition_revisions: 3, lambda_versions_back: 3, inspector: true }
    }
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkloadsRead {
    /// The uses, in the order of their references, and what came of each source.
    pub record: UseRecord,
    /// What is known of functions now: for the next reading.
    pub function_versions: KnownFunctionVersions,
    /// What went over the wire, by operation, such as `ecs:ListTasks`.
    pub calls: BTreeMap<String, Tally>,
}

/// Asks what is in use in the account and region of the session.
///
/// It never fails as a whole: a source that did not answer in full is [`SourceState::Failed`], with what was not read, and
/// what was read of it is in the record.
pub async fn read_workloads(
    session: &Session,
    options: &WorkloadOptions,
    known_functions: &KnownFunctionVersions,
    now: DateTime<Utc>,
) -> WorkloadsRead {
    let (ecs, lambda, inspector) = (Ecs::new(session), Lambda::new(session), Inspector::new(session));
    let of_inspector = async { if options.inspector { Some(inspector.read().await) } else { None } };
    // On the heap, because whoever calls this holds it.
    let (of_ecs, (of_lambda, function_versions), of_inspector) = tokio::join!(
        Box::pin(ecs.read(options.task_definition_revisions)),
        Box::pin(lambda.read(options.lambda_versions_back, known_functions)),
        Box::pin(of_inspector)
    );
    let mut sources = Vec::new();
    let mut uses = Vec::new();
    for (found, not_enabled) in
        [(of_ecs, None), (of_lambda, None)].into_iter().chain(of_inspector.map(|read| (read.found, read.off)))
    {
        let Found { source, uses: more, .. } = &found;
        uses.extend(more.iter().cloned());
        let state = not_enabled.map_or_else(|| found.state(), SourceState::NotEnabled);
        sources.push(SourceRecord { source: *source, name: None, state });
    }
    uses.sort_by_cached_key(|used| {
        (used.reference.to_string(), used.source, used.evidence.clone(), used.since)
    });
    uses.dedup();
    let record = UseRecord {
        account: Some(session.account().to_owned()),
        region: Some(session.region().to_owned()),
        turn: 0,
        read_at: now,
        sources,
        uses,
    };
    let mut calls = ecs.calls();
    calls.extend(lambda.calls());
    calls.extend(inspector.calls());
    WorkloadsRead { record, function_versions, calls }
}
