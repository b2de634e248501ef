//! A part of an inventory to findings, and to what the tag ledger did not know yet.
//!
//! What came of it is put down once: a call that comes again gets the same answer. What the ledger learns it learns
//! once, however often it is told.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_aws::ledger::TagLedger;
use demurrage_contract::documents::{
    AuditedDocument, CollectedDocument, DescribedRepository, RegistryDocument, ShareDocument, goes_on, names,
    segment,
};
use demurrage_contract::{AuditInput, AuditOutput, AuditTask, Failure, RunId, Status};
use demurrage_core::audit::RegistrySettings;
use demurrage_core::ledger::{EventRepository, ListingWindow, RepositoryLedger};
use demurrage_core::{Listing, RegistryFacts, Repository};
use demurrage_serve::{Call, configuration_of_run, log_registry, of_ledger, readers_in, sized};
use demurrage_store::{Depth, Documents, Part, Store};
use tokio::task::block_in_place;
use tracing::{info, warn};

use crate::auditing::{Auditing, Settings};
use crate::moved::Span;
use crate::replicas::Replicas;
use crate::settings_alone;
use crate::uses::Uses;

/// Percent of the time after which no repository is begun.
const BEGIN_PERCENT: u32 = 70;
/// What an image takes with its tags and what the ledger knows of them, and what a blob or a child takes that a
/// manifest names.
const IMAGE_BYTES: u64 = 2_500;
const DESCRIPTOR_BYTES: u64 = 300;
/// What goes through an inventory, whatever it holds: batches of rows and pages of columns.
const WALK_BYTES: u64 = 64 * 1024 * 1024;

/// How far the clock here may be from the one that ECR puts into events. Both are of AWS, which keeps those of its machines
/// within a second; a minute more of a window costs an event or two that the next run tells of.
const CLOCK_MARGIN: TimeDelta = TimeDelta::minutes(1);

pub(crate) async fn handle(
    store: &Store,
    ledger: &TagLedger,
    settings: &Settings,
    task: &AuditTask,
    call: &Call,
) -> Result<AuditOutput, Failure> {
    let input = match task {
        AuditTask::Share(input) => input,
        AuditTask::Settings(line) => {
            return block_in_place(|| settings_alone::handle(store, settings, line, call));
        }
    };
    let documents = store.documents(&[names::RUNS, input.run.as_str()])?;
    let read = block_in_place(|| segment(&documents, input.share, input.segment))?;
    let Some((share, collected)) = read else {
        warn!(share = input.share, segment = input.segment, "it was not read, so there is nothing to audit");
        return Ok(output(input, Status::Partial, None));
    };
    let name = names::audited(input.share, input.segment, input.from);
    let there = block_in_place(|| documents.read::<AuditedDocument>(&name))?;
    let audited = if let Some(audited) = there {
        audited
    } else {
        let audited = audit(store, &documents, ledger, settings, input, (&share, &collected), call).await?;
        block_in_place(|| documents.agree(&name, audited))?
    };
    let moved: u64 = audited.repositories.iter().map(|repository| repository.tags_moved).sum();
    let findings: usize = audited.repositories.iter().map(|repository| repository.findings.len()).sum();
    info!(repositories = audited.repositories.len(), findings, moved, next = audited.next, "audited");
    let status = Status::of(audited.repositories.iter().any(|repository| !repository.is_reconciled));
    Ok(output(input, status, goes_on(audited.next, input.segment, &collected)))
}

/// The answer, with the segment and the repository at which it goes on.
fn output(input: &AuditInput, status: Status, next: Option<(u32, u32)>) -> AuditOutput {
    let (segment, from) = next.unwrap_or((input.segment, input.from));
    AuditOutput {
        run: input.run.clone(),
        status,
        more: next.is_some(),
        next: AuditTask::Share(AuditInput { segment, from, ..input.clone() }),
    }
}

async fn audit(
    store: &Store,
    documents: &Documents,
    ledger: &TagLedger,
    settings: &Settings,
    input: &AuditInput,
    (share, collected): (&ShareDocument, &CollectedDocument),
    call: &Call,
) -> Result<AuditedDocument, Failure> {
    log_registry(&share.account, &share.region);
    fits(&collected.part, call.memory_bytes)?;
    // By the service's clock: what was listed was listed after the run began, and before now.
    let window = ListingWindow::new(share.now.min(share.taken_at), Utc::now(), CLOCK_MARGIN);
    let auditing = block_in_place(|| auditing(store, documents, settings, share, window))?;
    let names: BTreeSet<&str> = share.repositories.iter().map(DescribedRepository::name).collect();
    let replicas = block_in_place(|| Replicas::of(store, &auditing.settings, &names, call.memory_bytes))?;
    let mut walk = block_in_place(|| {
        let entry = store.part(&share.inventory, &share.head(), &collected.part)?;
        let mut walk = store.walk(&entry, Depth::Blobs)?;
        walk.skip(input.from as usize)?;
        Ok::<_, Failure>(walk)
    })?;
    let mut audited = AuditedDocument { from: input.from, ..AuditedDocument::default() };
    let mut at = input.from;
    loop {
        if input.from < at && call.is_gone(BEGIN_PERCENT) {
            audited.next = Some(at).filter(|&at| u64::from(at) < collected.part.repositories());
            return Ok(audited);
        }
        let Some(repository) = block_in_place(|| walk.next_repository())? else { return Ok(audited) };
        let history = history(ledger, share, &repository, window, &input.run).await?;
        let replicas = replicas.of_repository(&repository.name);
        audited.repositories.push(block_in_place(|| auditing.of(&repository, &history, replicas)));
        at += 1;
    }
}

/// What the ledger knows of a repository, now that it knows what is listed.
async fn history(
    ledger: &TagLedger,
    share: &ShareDocument,
    repository: &Repository,
    window: ListingWindow,
    run: &RunId,
) -> Result<RepositoryLedger, Failure> {
    let arn = if let Some(arn) = &repository.arn {
        arn.clone()
    } else {
        let (account, region) = (share.account.clone(), share.region.clone());
        EventRepository { account, region, name: repository.name.clone() }.arn()
    };
    // A tag that a listing lacks is gone only where it is all of them.
    if repository.listing == Listing::Complete {
        let learned = ledger.reconcile(&arn, repository, window, run.as_str()).await;
        learned.map_err(|error| of_ledger(&error))?;
    }
    ledger.load(&arn).await.map_err(|error| of_ledger(&error))
}

/// What holds for all repositories of the registry.
fn auditing(
    store: &Store,
    documents: &Documents,
    settings: &Settings,
    share: &ShareDocument,
    window: ListingWindow,
) -> Result<Auditing, Failure> {
    let name = names::registry(&share.account, &share.region);
    let registry = documents.read::<RegistryDocument>(&name)?;
    let facts = registry.map(|registry| RegistryFacts::from(&registry.facts)).unwrap_or_default();
    let configuration = configuration_of_run(store, documents)?;
    Ok(Auditing {
        uses: Uses::of(
            store,
            &configuration.in_use.rules,
            &share.account,
            &share.region,
            &facts.description,
            Utc::now(),
        )?,
        rules: configuration.rules,
        settings: RegistrySettings::of(&facts),
        account: share.account.clone(),
        region: share.region.clone(),
        now: share.now,
        readers: readers_in(&share.account, &settings.readers),
        span: Span { after: before(store, share), until: share.taken_at, listed_after: window.from },
    })
}

/// When the inventory before was taken. One that cannot be found is as good as none: what moved is counted once more.
fn before(store: &Store, share: &ShareDocument) -> Option<DateTime<Utc>> {
    let newest = share.earlier.last()?;
    match store.find(newest) {
        Ok(entry) => Some(entry.taken_at),
        Err(error) => {
            warn!("tags that moved are counted from the beginning: {error}");
            None
        }
    }
}

/// Refuses a part of which the largest repository would not fit, before anything of it is loaded.
fn fits(part: &Part, memory_bytes: u64) -> Result<(), Failure> {
    let repository = part
        .images_of_largest()
        .saturating_mul(IMAGE_BYTES)
        .saturating_add(part.tag_bytes_of_largest().saturating_mul(2))
        .saturating_add(part.descriptors_of_largest().saturating_mul(DESCRIPTOR_BYTES));
    sized("the largest repository of the share", WALK_BYTES.saturating_add(repository), memory_bytes)
}
