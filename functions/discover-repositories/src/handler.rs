//! Regions to registries, registries to shares, shares to lines of work.
//!
//! Each registry is written down when it was read, so that a call that follows goes on where one stopped; what a
//! run is about is written last, and from then on every call gives the same answer.

use demurrage_aws::collect::CollectError;
use demurrage_aws::{CallErrorKind, Session};
use demurrage_contract::documents::{
    DescribedRepository, PlannedRegistry, RegistryDocument, RunDocument, ShareDocument, UnreadRegistry, names,
};
use demurrage_contract::{
    DiscoverInput, DiscoverOutput, Failure, FailureKind, InventoryLine, PartLine, RunId, WorkLine,
    WorkloadsLine,
};
use demurrage_serve::{Call, of_collection, price_list, sized};
use demurrage_store::{Documents, Store};
use serde::Serialize;
use tokio::task::block_in_place;
use tokio::time::timeout_at;
use tracing::{info, warn};

use crate::plan;
use crate::settings::Settings;
use crate::survey::{self, Surveyed};

/// Percent of the time after which no other registry is begun, and after which one that was begun is given up.
const BEGIN_PERCENT: u32 = 60;
const GIVE_UP_PERCENT: u32 = 85;
/// What a repository takes while shares are made, at most: names of 256 characters, an ARN and a key.
const REPOSITORY_BYTES: u64 = 3 * 1024;

pub(crate) async fn handle(
    store: &Store,
    session: &Session,
    settings: &Settings,
    input: &DiscoverInput,
    call: &Call,
) -> Result<DiscoverOutput, Failure> {
    let run = RunId::of(&input.execution, input.started_at);
    let documents = store.documents(&[names::RUNS, run.as_str()])?;
    if let Some(found) = block_in_place(|| documents.read::<RunDocument>(names::RUN))? {
        return Ok(output(&documents, &found.run, Some(&found)));
    }
    // What is set now holds for the whole run: half of a plan by other settings would not fit the other half.
    let settings = &block_in_place(|| documents.agree(names::SETTINGS, settings.clone()))?;
    block_in_place(|| keep_prices(store, &documents))?;
    let regions = settings.regions_of(input.request.regions.as_deref())?;
    let account = session.account();
    if !survey_all(store, session, settings, &run, &regions, &documents, call).await? {
        return Ok(output(&documents, &run, None));
    }
    let planned = block_in_place(|| {
        let (registries, unread) = read_down(&documents, account, &regions)?;
        let repositories: u64 = registries.iter().map(|registry| u64::from(registry.repositories)).sum();
        sized("the list of repositories", repositories * REPOSITORY_BYTES, call.memory_bytes)?;
        put_down(&documents, settings, input, &run, &registries, unread)
    })?;
    info!(shares = planned.shares, registries = planned.registries.len(), "planned");
    Ok(output(&documents, &run, Some(&planned)))
}

/// One price list for all of the run: the newest of the store, or the program's own.
fn keep_prices(store: &Store, documents: &Documents) -> Result<(), Failure> {
    documents.put_new(names::PRICES, price_list(store)?.to_json().as_bytes())?;
    Ok(())
}

/// The answer; without a number of shares one that asks to be called again.
fn output(documents: &Documents, run: &RunId, planned: Option<&RunDocument>) -> DiscoverOutput {
    let (bucket, work) = documents.object(names::WORK);
    let (_, parts) = documents.object(names::PARTS);
    DiscoverOutput {
        run: run.clone(),
        bucket,
        work,
        lines: planned.map_or(0, |planned| planned.lines),
        parts,
        shares: planned.map_or(0, |planned| planned.shares),
        settings_only: planned.is_some_and(|planned| planned.settings_only),
        more: planned.is_none(),
    }
}

/// Reads the registries that no call before has looked at; false where the time was up before it had.
async fn survey_all(
    store: &Store,
    session: &Session,
    settings: &Settings,
    run: &RunId,
    regions: &[String],
    documents: &Documents,
    call: &Call,
) -> Result<bool, Failure> {
    let account = session.account();
    let (mut failed, mut is_any_read, mut has_tried) = (Vec::new(), false, false);
    let mut is_all = true;
    for region in regions {
        let (name, unread) = (names::registry(account, region), names::unread_registry(account, region));
        let is_read = block_in_place(|| documents.get(&name))?.is_some();
        if is_read || block_in_place(|| documents.get(&unread))?.is_some() {
            is_any_read |= is_read;
            continue;
        }
        if has_tried && call.is_gone(BEGIN_PERCENT) {
            is_all = false;
            break;
        }
        has_tried = true;
        let surveying = survey::registry(store, session, settings, run, region);
        match timeout_at(call.after_percent(GIVE_UP_PERCENT), surveying).await {
            Ok(Ok(surveyed)) => {
                block_in_place(|| keep(documents, &surveyed))?;
                is_any_read = true;
            }
            Ok(Err(error)) => {
                warn!(account, region, "{error}");
                failed.push((region, error));
            }
            Err(_) => failed.push((region, CollectError::Interrupted)),
        }
    }
    // A region that failed is put down before the next call: it would be first again, and take its time again.
    block_in_place(|| settle(documents, account, failed, is_any_read || !is_all))?;
    Ok(is_all)
}

/// The repositories first: a registry that is written down has them.
fn keep(documents: &Documents, surveyed: &Surveyed) -> Result<(), Failure> {
    let Surveyed { document, repositories } = surveyed;
    let (account, region) = (&document.account, &document.region);
    // Whoever comes second goes on with the list of the first: two lists would make shares that do not fit together.
    documents.agree(&names::repositories(account, region), repositories.clone())?;
    documents.agree(&names::registry(account, region), document.clone())?;
    Ok(())
}

/// One region that cannot be read does not hide the others; where none can, the call has failed, and may work later
/// if any of them may.
fn settle(
    documents: &Documents,
    account: &str,
    failed: Vec<(&String, CollectError)>,
    goes_on: bool,
) -> Result<(), Failure> {
    let mut failures = Vec::new();
    for (region, error) in failed {
        let problem = match &error {
            CollectError::Interrupted => "it could not be listed within the time of a function".to_owned(),
            CollectError::Call(call) if call.kind == CallErrorKind::Credentials => {
                format!("{error}; is the region enabled for the account?")
            }
            CollectError::Call(_) | CollectError::Store(_) | CollectError::Broken => error.to_string(),
        };
        if goes_on {
            let unread =
                UnreadRegistry { account: Some(account.to_owned()), region: region.clone(), problem };
            documents.agree(&names::unread_registry(account, region), unread)?;
            continue;
        }
        let kind = match error {
            CollectError::Interrupted => FailureKind::Throttled,
            error => of_collection(error).kind,
        };
        failures.push(Failure::new(kind, format!("{region}: {problem}")));
    }
    let retried = failures.iter().position(|failure| failure.kind.is_retried());
    if failures.is_empty() { Ok(()) } else { Err(failures.swap_remove(retried.unwrap_or_default())) }
}

fn read_down(
    documents: &Documents,
    account: &str,
    regions: &[String],
) -> Result<(Vec<RegistryDocument>, Vec<UnreadRegistry>), Failure> {
    let of_registries: Vec<String> = regions.iter().map(|region| names::registry(account, region)).collect();
    let of_unread: Vec<String> =
        regions.iter().map(|region| names::unread_registry(account, region)).collect();
    let registries: Vec<Option<RegistryDocument>> = documents.read_all(&of_registries)?;
    let unread: Vec<Option<UnreadRegistry>> = documents.read_all(&of_unread)?;
    // A registry that was read by a second attempt at the same time is read.
    let unread = unread.into_iter().zip(&registries).filter(|(_, read)| read.is_none());
    let unread = unread.filter_map(|(unread, _)| unread).collect();
    Ok((registries.into_iter().flatten().collect(), unread))
}

/// Writes shares, lines and, last, what the run is about.
fn put_down(
    documents: &Documents,
    settings: &Settings,
    input: &DiscoverInput,
    run: &RunId,
    registries: &[RegistryDocument],
    unread: Vec<UnreadRegistry>,
) -> Result<RunDocument, Failure> {
    let mut lists = Vec::new();
    for registry in registries {
        let name = names::repositories(&registry.account, &registry.region);
        let list: Option<Vec<DescribedRepository>> = documents.read(&name)?;
        lists.push(list.ok_or_else(|| Failure::new(FailureKind::Damaged, format!("`{name}` is missing")))?);
    }
    let ranges: Vec<_> = lists
        .iter()
        .map(|list| {
            let weights: Vec<u64> = list.iter().map(|one| plan::weight(one.images_before)).collect();
            plan::shares(&weights, settings.share_images)
        })
        .collect();
    let counts: Vec<usize> = ranges.iter().map(Vec::len).collect();
    let order = plan::interleaved(&counts);
    let at_a_time = plan::at_a_time(&order, counts.len(), settings.concurrency);
    let mut planned: Vec<PlannedRegistry> = registries
        .iter()
        .zip(&counts)
        .map(|(registry, &shares)| PlannedRegistry {
            account: registry.account.clone(),
            region: registry.region.clone(),
            shares: vec![0; shares],
        })
        .collect();
    let (mut work, mut parts) = (Vec::new(), Vec::new());
    for (registry, of) in (0..).zip(registries) {
        let (run, account, region) = (run.clone(), of.account.clone(), of.region.clone());
        write(&mut work, &WorkLine::Workloads(WorkloadsLine { run, registry, account, region }))?;
    }
    for (share, &(at, number)) in (0_u32..).zip(&order) {
        let (Some(registry), Some(list), Some(range)) =
            (registries.get(at), lists.get(at), ranges.get(at).and_then(|ranges| ranges.get(number)))
        else {
            continue;
        };
        let document = ShareDocument {
            account: registry.account.clone(),
            region: registry.region.clone(),
            inventory: registry.inventory.clone(),
            taken_at: registry.taken_at,
            now: input.started_at,
            earlier: registry.earlier.clone(),
            repositories: list.get(range.clone()).unwrap_or_default().to_vec(),
        };
        let planned_before = documents.agree(&names::share(share), document.clone())?;
        if planned_before != document {
            let message = format!("`{}` was planned otherwise: start another run", names::share(share));
            return Err(Failure::new(FailureKind::Damaged, message));
        }
        if let Some(number) = planned.get_mut(at).and_then(|planned| planned.shares.get_mut(number)) {
            *number = share;
        }
        let rate = plan::rate(settings.calls_per_second, at_a_time.get(at).copied().unwrap_or(1));
        let line = InventoryLine {
            run: run.clone(),
            share,
            account: registry.account.clone(),
            region: registry.region.clone(),
            calls_per_second: rate,
            segment: 0,
            from: 0,
        };
        write(&mut work, &WorkLine::Inventory(line))?;
        write(&mut parts, &PartLine { run: run.clone(), share })?;
    }
    documents.put(names::WORK, &work)?;
    documents.put(names::PARTS, &parts)?;
    let shares = u32::try_from(order.len()).unwrap_or(u32::MAX);
    let lines = u32::try_from(order.len() + registries.len()).unwrap_or(u32::MAX);
    let document = RunDocument {
        run: run.clone(),
        started_at: input.started_at,
        registries: planned,
        unread,
        shares,
        lines,
        settings_only: false,
        accounts_inactive: 0,
    };
    Ok(documents.agree(names::RUN, document)?)
}

fn write(lines: &mut Vec<u8>, line: &impl Serialize) -> Result<(), Failure> {
    serde_json::to_writer(&mut *lines, line).map_err(broken)?;
    lines.push(b'\n');
    Ok(())
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn broken(error: serde_json::Error) -> Failure {
    Failure::new(FailureKind::Broken, format!("a document could not be written: {error}"))
}
