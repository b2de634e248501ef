//! A registry of a run to a record of what is in use in its account and region.
//!
//! What came of it is put down once: a call that comes again gets the same answer, and asks AWS nothing. A source that
//! could not be read is a part of the record, and no failure: what is in use is then unknown, which keeps images.

use chrono::Utc;
use demurrage_aws::Session;
use demurrage_aws::workloads::WorkloadOptions;
use demurrage_contract::documents::{PlannedRegistry, RunDocument, WorkloadsDocument, names};
use demurrage_contract::{Failure, FailureKind, Status, WorkloadsInput, WorkloadsOutput};
use demurrage_serve::{Call, configuration_of_run, log_registry, tallied};
use demurrage_store::{Documents, Store};
use tokio::task::block_in_place;
use tracing::{info, warn};

use crate::known_versions;
use crate::reading::{Read, read};

pub(crate) async fn handle(
    store: &Store,
    session: &Session,
    input: &WorkloadsInput,
    call: &Call,
) -> Result<WorkloadsOutput, Failure> {
    let documents = store.documents(&[names::RUNS, input.run.as_str()])?;
    let run: Option<RunDocument> = block_in_place(|| documents.read(names::RUN))?;
    let run = run.ok_or_else(|| bad(format!("there is no run `{}`, or it was never planned", input.run)))?;
    let planned = run.registries.get(input.registry as usize);
    let planned = planned.ok_or_else(|| bad(format!("the run has no registry {}", input.registry)))?;
    log_registry(&planned.account, &planned.region);
    let name = names::workloads(&planned.account, &planned.region);
    let there = block_in_place(|| documents.read::<WorkloadsDocument>(&name))?;
    let read = match there {
        Some(read) => read,
        None => collect(store, &documents, session, planned, call).await?,
    };
    let failures = read.failures();
    for failure in &failures {
        warn!("what is in use is not known: {failure}");
    }
    info!(uses = read.uses, failed = failures.len(), "read what is in use");
    let next = input.registry + 1;
    let more = (next as usize) < run.registries.len();
    Ok(WorkloadsOutput {
        run: input.run.clone(),
        registry: input.registry,
        status: Status::of(!failures.is_empty()),
        more,
        next: WorkloadsInput { registry: if more { next } else { input.registry }, ..input.clone() },
    })
}

/// Reads, and puts down first what was read and then that it was.
async fn collect(
    store: &Store,
    documents: &Documents,
    session: &Session,
    planned: &PlannedRegistry,
    call: &Call,
) -> Result<WorkloadsDocument, Failure> {
    let (account, region) = (&planned.account, &planned.region);
    if account != session.account() {
        let message =
            format!("the run is about account {account}, and the credentials are of {}", session.account());
        return Err(bad(message));
    }
    let configured = block_in_place(|| configuration_of_run(store, documents))?.in_use;
    let options = WorkloadOptions {
        task_definition_revisions: configured.task_definition_revisions,
        lambda_versions_back: configured.lambda_versions_back,
        inspector: configured.inspector,
    };
    let known = block_in_place(|| known_versions::of(store, account, region))?;
    let Read { record, function_versions, calls: made } =
        read(&session.in_region(region), &options, &known, call, Utc::now()).await;
    let shown = block_in_place(|| {
        if let Some(versions) = &function_versions {
            known_versions::keep(store, account, region, versions)?;
        }
        store.add_use(&record)
    })?;
    let read = WorkloadsDocument {
        account: account.clone(),
        region: region.clone(),
        read_at: record.read_at,
        record: shown,
        uses: record.uses.len() as u64,
        sources: record.sources.iter().map(Into::into).collect(),
        calls: made.iter().map(|(operation, tally)| tallied(operation, *tally)).collect(),
    };
    let name = names::workloads(account, region);
    Ok(block_in_place(|| documents.agree(&name, read))?)
}

fn bad(message: String) -> Failure {
    Failure::new(FailureKind::BadInput, message)
}
