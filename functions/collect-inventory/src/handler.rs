//! A share of work to a part of an inventory.
//!
//! What came of it is put down once: a call that comes again gets the same answer, and asks AWS nothing.

use std::time::Duration;

use demurrage_aws::collect::{CollectedShare, Extent, Progress, Share, Stop, Time, collect_share};
use demurrage_contract::documents::{
    CollectedDocument, DescribedRepository, SENTENCES_MAX, ShareDocument, names,
};
use demurrage_contract::{
    AuditInput, CollectOutput, ComputeInput, EvaluateInput, Failure, FailureKind, InventoryLine, Status,
    WorkLine,
};
use demurrage_core::Repository;
use demurrage_serve::{Call, calls, of_call, of_collection, sized};
use demurrage_store::{InventoryEntry, Store};
use tokio::task::block_in_place;
use tracing::{info, warn};

use crate::clients::Clients;

/// Percent of the time after which no repository is begun, no manifests are read, and no answer is waited for. The
/// rest is for the files of the part, which are then finished and put into the store.
const BEGIN_PERCENT: u32 = 50;
const READ_PERCENT: u32 = 70;
const LIST_PERCENT: u32 = 85;
/// What collecting takes, whatever the share: images that wait to be recorded, batches of manifests on their way,
/// row groups of three files, two passes over an earlier inventory (`docs/COLLECT.md`, "Memory").
const COLLECTING_BYTES: u64 = 190 * 1024 * 1024;
/// The longest pause between two calls that is taken for a rate: more is a share that never ends.
const INTERVAL_MAX: Duration = Duration::from_secs(1_000);
/// What a repository of the share takes while it waits for its turn.
const REPOSITORY_BYTES: u64 = 3 * 1024;

pub(crate) async fn handle(
    store: &Store,
    clients: &Clients,
    extent: Extent,
    line: &WorkLine,
    call: &Call,
) -> Result<CollectOutput, Failure> {
    let line = match line {
        WorkLine::Inventory(line) => line,
        WorkLine::Workloads(_) | WorkLine::Settings(_) => {
            return Err(bad("the line is not about the inventory of a share".to_owned()));
        }
    };
    let documents = store.documents(&[names::RUNS, line.run.as_str()])?;
    let name = names::collected(line.share, line.segment);
    let collected = if let Some(collected) = block_in_place(|| documents.read(&name))? {
        collected
    } else {
        let share = names::share(line.share);
        let share: Option<ShareDocument> = block_in_place(|| documents.read(&share))?;
        let share = share.ok_or_else(|| bad(format!("the run has no share {}", line.share)))?;
        let new = collect(store, clients, extent, line, &share, call).await?;
        block_in_place(|| documents.agree::<CollectedDocument>(&name, new))?
    };
    if collected.from != line.from {
        let message =
            format!("the segment begins at repository {}, and not at {}", collected.from, line.from);
        return Err(bad(message));
    }
    info!(
        repositories = collected.part.repositories(),
        images = collected.part.images(),
        next = collected.next,
        "collected"
    );
    Ok(output(line, &collected))
}

fn output(line: &InventoryLine, collected: &CollectedDocument) -> CollectOutput {
    let next = match collected.next {
        Some(from) => InventoryLine { segment: line.segment + 1, from, ..line.clone() },
        None => line.clone(),
    };
    CollectOutput {
        run: line.run.clone(),
        share: line.share,
        segment: line.segment,
        status: Status::of(collected.is_partial()),
        more: collected.next.is_some(),
        next: WorkLine::Inventory(next),
        evaluate: EvaluateInput { run: line.run.clone(), share: line.share, segment: line.segment, from: 0 },
        compute: ComputeInput { run: line.run.clone(), share: line.share, segment: line.segment, from: 0 },
        audit: AuditInput { run: line.run.clone(), share: line.share, segment: line.segment, from: 0 },
    }
}

async fn collect(
    store: &Store,
    clients: &Clients,
    extent: Extent,
    line: &InventoryLine,
    share: &ShareDocument,
    call: &Call,
) -> Result<CollectedDocument, Failure> {
    if (&*share.account, &*share.region) != (&*line.account, &*line.region) {
        return Err(bad(format!(
            "the share is of account {} in {}, and the line says {} in {}",
            share.account, share.region, line.account, line.region
        )));
    }
    let waiting = share.repositories.len() as u64 * REPOSITORY_BYTES;
    sized("collecting the share", COLLECTING_BYTES + waiting, call.memory_bytes)?;
    let from = line.from as usize;
    let described = share.repositories.get(from..).filter(|rest| !rest.is_empty());
    let described = described.ok_or_else(|| bad(format!("the share has no repository {from}")))?;
    let repositories: Vec<Repository> = described.iter().map(DescribedRepository::repository).collect();
    let interval = Duration::try_from_secs_f64(line.calls_per_second.recip()).ok();
    let interval = interval.filter(|interval| !interval.is_zero() && *interval <= INTERVAL_MAX);
    let interval = interval.ok_or_else(|| bad(format!("`{}` is no rate of calls", line.calls_per_second)))?;
    let session = clients.accounts.of(&line.account).await.map_err(|error| of_call(&error))?;
    let ecr = clients.ecr(&session, &line.region, interval);
    let mut problems = Vec::new();
    let earlier = block_in_place(|| earlier(store, &share.earlier, &mut problems));
    let part = names::part(line.share, line.segment, &call.attempt);
    let wanted = Share {
        inventory: &share.inventory,
        part: &part,
        repositories,
        earlier,
        extent,
        time: Time {
            begin_until: call.after_percent(BEGIN_PERCENT),
            read_until: call.after_percent(READ_PERCENT),
            list_until: call.after_percent(LIST_PERCENT),
        },
    };
    let (progress, stop) = (Progress::default(), Stop::default());
    let collecting = collect_share(&session, &ecr, store, wanted, &progress, &stop);
    let collected = Box::pin(collecting).await.map_err(of_collection)?;
    worth_keeping(&collected)?;
    problems.extend(collected.problems.iter().cloned());
    Ok(document(line, share, collected, problems))
}

/// Refuses a segment of which AWS throttled everything away: later it may be read, and nothing of it is lost.
fn worth_keeping(collected: &CollectedShare) -> Result<(), Failure> {
    let repositories = collected.part.repositories();
    let throttled: u64 = collected.calls.iter().map(|line| line.tally.throttled).sum();
    if repositories == 0 || collected.repositories_unread < repositories || throttled == 0 {
        return Ok(());
    }
    let message = format!(
        "none of {repositories} repositories could be read: {throttled} calls were throttled, and all their repetitions"
    );
    Err(Failure::new(FailureKind::Throttled, message))
}

/// Inventories that are gone, or damaged, are no reason not to make a new one: manifests are read again.
fn earlier(store: &Store, wanted: &[String], problems: &mut Vec<String>) -> Vec<InventoryEntry> {
    let mut entries = Vec::new();
    for name in wanted {
        match store.find(name) {
            Ok(entry) => entries.push(entry),
            Err(error) => problems.push(format!("manifests that were read before are not used: {error}")),
        }
    }
    entries
}

fn document(
    line: &InventoryLine,
    share: &ShareDocument,
    collected: CollectedShare,
    mut problems: Vec<String>,
) -> CollectedDocument {
    for problem in &problems {
        // A sentence about a repository begins with its name, which has no blanks.
        let of = problem.split_once(": ").map(|(name, _)| name).filter(|name| !name.contains(' '));
        warn!(repository = of, "{problem}");
    }
    let next = line.from as usize + collected.done;
    let next = (next < share.repositories.len()).then(|| u32::try_from(next).unwrap_or(u32::MAX));
    let problems_more = problems.len().saturating_sub(SENTENCES_MAX) as u64;
    problems.truncate(SENTENCES_MAX);
    CollectedDocument {
        from: line.from,
        next,
        part: collected.part,
        repositories_unread: collected.repositories_unread,
        repositories_gone: collected.repositories_gone,
        manifests_unread: collected.unread.active + collected.unread.archived,
        indexes_unread: collected.unread.indexes,
        is_pull_excluded: collected.exclusion.leaves_no_trace(),
        problems,
        problems_more,
        calls: collected.calls.iter().map(calls).collect(),
    }
}

fn bad(message: String) -> Failure {
    Failure::new(FailureKind::BadInput, message)
}
