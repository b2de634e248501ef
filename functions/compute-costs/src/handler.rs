//! A part of an inventory to bytes.
//!
//! What came of it is put down once: a call that comes again gets the same answer.

use demurrage_contract::documents::{
    CostedDocument, RegistryDocument, ShareDocument, names, prices, segment,
};
use demurrage_contract::{ComputeInput, ComputeOutput, Failure, Status};
use demurrage_core::{RegistryFacts, Replication};
use demurrage_serve::{Call, log_registry, sized};
use demurrage_store::{Depth, Documents, Part, Store};
use tracing::info;

use crate::costing::Costing;

/// Percent of the time after which no repository is begun.
const BEGIN_PERCENT: u32 = 70;
/// What an image takes with its tags, and what a blob or a child takes that a manifest names, read and interned.
const IMAGE_BYTES: u64 = 1_000;
const DESCRIPTOR_BYTES: u64 = 300;
/// What goes through an inventory, whatever it holds: batches of rows and pages of columns.
const WALK_BYTES: u64 = 64 * 1024 * 1024;

pub(crate) fn handle(store: &Store, input: &ComputeInput, call: &Call) -> Result<ComputeOutput, Failure> {
    let documents = store.documents(&[names::RUNS, input.run.as_str()])?;
    let name = names::costed(input.share, input.segment, input.from);
    let costed = if let Some(costed) = documents.read::<CostedDocument>(&name)? {
        costed
    } else {
        let costed = compute(store, &documents, input, call)?;
        documents.agree(&name, costed)?
    };
    info!(repositories = costed.repositories.len(), next = costed.next, "priced");
    let next = ComputeInput { from: costed.next.unwrap_or(input.from), ..input.clone() };
    Ok(ComputeOutput {
        run: input.run.clone(),
        share: input.share,
        segment: input.segment,
        status: Status::of(costed.repositories.iter().any(|repository| repository.now.is_none())),
        more: costed.next.is_some(),
        next,
    })
}

fn compute(
    store: &Store,
    documents: &Documents,
    input: &ComputeInput,
    call: &Call,
) -> Result<CostedDocument, Failure> {
    let (share, collected) = segment(documents, input.share, input.segment)?;
    log_registry(&share.account, &share.region);
    fits(&collected.part, call.memory_bytes)?;
    let costing = costing(documents, &share)?;
    let entry = store.part(&share.inventory, &share.head(), &collected.part)?;
    let mut walk = store.walk(&entry, Depth::Blobs)?;
    walk.skip(input.from as usize)?;
    let mut costed = CostedDocument { from: input.from, ..CostedDocument::default() };
    let mut at = input.from;
    loop {
        if input.from < at && call.is_gone(BEGIN_PERCENT) {
            costed.next = Some(at).filter(|&at| u64::from(at) < collected.part.repositories());
            return Ok(costed);
        }
        let Some(repository) = walk.next_repository()? else { return Ok(costed) };
        costed.repositories.push(costing.of(&repository));
        at += 1;
    }
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
