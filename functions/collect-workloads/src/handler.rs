//! A registry of a run to a record of what is in use in its account and region.
//!
//! What came of it is put down once: a call that comes again gets the same answer, and asks AWS nothing. A source that
//! could not be read is a part of the record, and no failure: what is in use is then unknown, which keeps images.

use chrono::Utc;
use demurrage_aws::CallErrorKind;
use demurrage_aws::accounts::AccountSessions;
use demurrage_aws::workloads::WorkloadOptions;
use demurrage_contract::documents::{PlannedRegistry, RunDocument, WorkloadsDocument, names};
use demurrage_contract::{Failure, FailureKind, Status, WorkloadsInput, WorkloadsLine, WorkloadsOutput};
use demurrage_serve::{Call, configuration_of_run, log_registry, of_call, tallied};
use demurrage_store::{Documents, Store};
use tokio::task::block_in_place;
use tracing::{info, warn};

use crate::known_versions;
use crate::reading::{Read, read};
use crate::unread::{put_unread, settle};

pub(crate) async fn handle(
    store: &Store,
    accounts: &AccountSessions,
    input: &WorkloadsInput,
    call: &Call,
) -> Result<WorkloadsOutput, Failure> {
    let run = match input {
        WorkloadsInput::Line(line) => &line.run,
        WorkloadsInput::Settle(run) => run,
    };
    let documents = store.documents(&[names::RUNS, run.as_str()])?;
    let planned: Option<RunDocument> = block_in_place(|| documents.read(names::RUN))?;
    let planned = planned.ok_or_else(|| bad(format!("there is no run `{run}`, or it was never planned")))?;
    match input {
        WorkloadsInput::Line(line) => one(store, &documents, accounts, &planned, line, call).await,
        WorkloadsInput::Settle(_) => block_in_place(|| settle(store, &documents, &planned)),
    }
}

/// Reads what is in use in one account and region, unless a call before has.
async fn one(
    store: &Store,
    documents: &Documents,
    accounts: &AccountSessions,
    run: &RunDocument,
    line: &WorkloadsLine,
    call: &Call,
) -> Result<WorkloadsOutput, Failure> {
    let planned = run.registries.get(line.registry as usize);
    let planned =
        planned.filter(|planned| (&planned.account, &planned.region) == (&line.account, &line.region));
    let planned = planned.ok_or_else(|| {
        bad(format!(
            "registry {} of the run is not that of {} in {}",
            line.registry, line.account, line.region
        ))
    })?;
    log_registry(&planned.account, &planned.region);
    let name = names::workloads(&planned.account, &planned.region);
    let there = block_in_place(|| documents.read::<WorkloadsDocument>(&name))?;
    let read = match there {
        Some(read) => read,
        None => collect(store, documents, accounts, planned, call).await?,
    };
    let failures = read.failures();
    for failure in &failures {
        warn!("what is in use is not known: {failure}");
    }
    info!(uses = read.uses, failed = failures.len(), "read what is in use");
    let known = u32::from(failures.is_empty());
    Ok(WorkloadsOutput {
        run: line.run.clone(),
        known,
        unknown: 1 - known,
        status: Status::of(!failures.is_empty()),
    })
}

/// Reads, and puts down first what was read and then that it was.
async fn collect(
    store: &Store,
    documents: &Documents,
    accounts: &AccountSessions,
    planned: &PlannedRegistry,
    call: &Call,
) -> Result<WorkloadsDocument, Failure> {
    let (account, region) = (&planned.account, &planned.region);
    let session = match accounts.of(account).await {
        Ok(session) => session,
        // It will be refused again: that is what is known of the account.
        Err(error) if error.kind == CallErrorKind::Credentials => {
            return block_in_place(|| put_unread(store, documents, account, region, &error.to_string()));
        }
        Err(error) => return Err(of_call(&error)),
    };
    let configured = block_in_place(|| configuration_of_run(store, documents))?.in_use;
    let options = WorkloadOptions {
        task_definition_revisions: configured.task_definition_revisions,
        lambda_versions_back: configured.lambda_versions_back,
        inspector: configured.inspector,
    };
    let known = block_in_place(|| known_versions::of(store, account, region))?;
    let turn = block_in_place(|| store.use_turn())?;
    let Read { mut record, function_versions, calls: made } =
        read(&session.in_region(region), &options, &known, call, Utc::now()).await;
    record.turn = turn;
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
