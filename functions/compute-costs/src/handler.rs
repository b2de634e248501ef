//! A part of an inventory to bytes.
//!
//! What came of it is put down once: a call that comes again gets the same answer.

use demurrage_contract::documents::{
    BlobFile, CollectedDocument, CostedDocument, RegistryDocument, ShareDocument, goes_on, names, prices,
    segment,
};
use demurrage_contract::{ComputeInput, ComputeOutput, Failure, Status};
use demurrage_core::cost::RegistryBlobs;
use demurrage_core::{RegistryFacts, Replication};
use demurrage_serve::{Call, log_registry, sized};
use demurrage_store::{Depth, Documents, Part, Store};
use tracing::{info, warn};

use crate::costing::Costing;

/// Percent of the time after which no repository is begun.
const BEGIN_PERCENT: u32 = 70;
/// What an image takes with its tags, and what a blob or a child takes that a manifest names, read and interned.
const IMAGE_BYTES: u64 = 1_000;
const DESCRIPTOR_BYTES: u64 = 300;
/// What a blob takes that is kept until it is put down, and then as a row.
const HELD_BLOB_BYTES: u64 = 200;
/// Percent of the memory beyond which blobs are put down and the call ends.
const HELD_PERCENT: u64 = 25;
/// What goes through an inventory, whatever it holds: batches of rows and pages of columns.
const WALK_BYTES: u64 = 64 * 1024 * 1024;

pub(crate) fn handle(store: &Store, input: &ComputeInput, call: &Call) -> Result<ComputeOutput, Failure> {
    let documents = store.documents(&[names::RUNS, input.run.as_str()])?;
    let Some((share, collected)) = segment(&documents, input.share, input.segment)? else {
        warn!(share = input.share, segment = input.segment, "it was not read, so there is nothing to price");
        return Ok(output(input, Status::Partial, None));
    };
    let name = names::costed(input.share, input.segment, input.from);
    let costed = if let Some(costed) = documents.read::<CostedDocument>(&name)? {
        costed
    } else {
        let costed = compute(store, &documents, input, &share, &collected, call)?;
        documents.agree(&name, costed)?
    };
    info!(repositories = costed.repositories.len(), next = costed.next, "priced");
    let status = Status::of(costed.repositories.iter().any(|repository| repository.now.is_none()));
    Ok(output(input, status, goes_on(costed.next, input.segment, &collected)))
}

/// The answer, with the segment and the repository at which it goes on.
fn output(input: &ComputeInput, status: Status, next: Option<(u32, u32)>) -> ComputeOutput {
    let (segment, from) = next.unwrap_or((input.segment, input.from));
    ComputeOutput {
        run: input.run.clone(),
        share: input.share,
        segment: input.segment,
        status,
        more: next.is_some(),
        next: ComputeInput { segment, from, ..input.clone() },
    }
}

fn compute(
    store: &Store,
    documents: &Documents,
    input: &ComputeInput,
    share: &ShareDocument,
    collected: &CollectedDocument,
    call: &Call,
) -> Result<CostedDocument, Failure> {
    log_registry(&share.account, &share.region);
    fits(&collected.part, call.memory_bytes)?;
    let costing = costing(documents, share)?;
    let entry = store.part(&share.inventory, &share.head(), &collected.part)?;
    let mut walk = store.walk(&entry, Depth::Blobs)?;
    walk.skip(input.from as usize)?;
    let mut costed = CostedDocument { from: input.from, ..CostedDocument::default() };
    let mut held = RegistryBlobs::default();
    let (mut at, mut blobs_held) = (input.from, 0_u64);
    while let Some(repository) = walk.next_repository()? {
        let (repository, blobs) = costing.of(&repository, &mut held);
        costed.repositories.push(repository);
        at += 1;
        // Its blobs are kept until they are put down.
        blobs_held = blobs_held.saturating_add(blobs);
        let is_full = call.memory_bytes / 100 * HELD_PERCENT < blobs_held.saturating_mul(HELD_BLOB_BYTES);
        if (is_full || call.is_gone(BEGIN_PERCENT)) && u64::from(at) < collected.part.repositories() {
            costed.next = Some(at);
            break;
        }
    }
    let object = names::blobs(input.share, input.segment, input.from, &call.attempt);
    let (file, bytes) = BlobFile::of(&held.into_run(), object);
    if let Some(object) = &file.object {
        documents.put_new(object, &bytes)?;
    }
    costed.blobs = Some(file);
    Ok(costed)
}

/// What holds for all repositories of the registry.
fn costing(documents: &Documents, share: &ShareDocument) -> Result<Costing, Failure> {
    let name = names::registry(&share.account, &share.region);
    let registry = documents.read::<RegistryDocument>(&name)?;
    let facts = registry.map(|registry| RegistryFacts::from(&registry.facts)).unwrap_or_default();
    Ok(Costing {
        now: share.now,
        account: share.account.clone(),
        region: share.region.clone(),
        // What was not read is not replicated as far as anybody knows; the run says that it was not read.
        replication: facts
            .description
            .present()
            .and_then(|text| Replication::parse(text).ok())
            .unwrap_or_default(),
        prices: prices(documents)?,
    })
}

/// Refuses a part of which the largest repository would not fit, before anything of it is loaded.
fn fits(part: &Part, memory_bytes: u64) -> Result<(), Failure> {
    let repository = part
        .images_of_largest()
        .saturating_mul(IMAGE_BYTES)
        .saturating_add(part.tag_bytes_of_largest())
        .saturating_add(part.descriptors_of_largest().saturating_mul(DESCRIPTOR_BYTES));
    sized("the largest repository of the share", WALK_BYTES.saturating_add(repository), memory_bytes)
}
