//! A part of an inventory to previews and counts.
//!
//! What came of it is put down once, after the previews: a call that comes again gets the same answer.

use demurrage_contract::documents::{
    CollectedDocument, EvaluatedDocument, ShareDocument, goes_on, names, segment,
};
use demurrage_contract::{EvaluateInput, EvaluateOutput, Failure, FailureKind, Status};
use demurrage_serve::{Call, log_registry, sized};
use demurrage_store::{Depth, Documents, Part, Store};
use tracing::{info, warn};

use crate::evaluation::Evaluation;

/// Percent of the time after which no repository is begun.
const BEGIN_PERCENT: u32 = 70;
/// What an image takes with its tags, and what a child takes that an index names; with long tags and media types,
/// rounded up.
const IMAGE_BYTES: u64 = 1_000;
const CHILD_BYTES: u64 = 250;
/// Previews after which the evaluation is handed over, so that they stay a small object.
const PREVIEWS_BYTES_MAX: usize = 32 * 1024 * 1024;
/// What the line of an image in a preview takes.
const LINE_BYTES: u64 = 600;
/// What goes through an inventory, whatever it holds: batches of rows and pages of columns.
const WALK_BYTES: u64 = 64 * 1024 * 1024;

pub(crate) fn handle(store: &Store, input: &EvaluateInput, call: &Call) -> Result<EvaluateOutput, Failure> {
    let documents = store.documents(&[names::RUNS, input.run.as_str()])?;
    let Some((share, collected)) = segment(&documents, input.share, input.segment)? else {
        warn!(
            share = input.share,
            segment = input.segment,
            "it was not read, so there is nothing to evaluate"
        );
        return Ok(output(input, Status::Partial, None));
    };
    let name = names::evaluated(input.share, input.segment, input.from);
    let evaluated = if let Some(evaluated) = documents.read::<EvaluatedDocument>(&name)? {
        evaluated
    } else {
        let evaluated = evaluate(store, &documents, input, &share, &collected, call)?;
        documents.agree(&name, evaluated)?
    };
    info!(
        repositories = evaluated.repositories,
        expiring = evaluated.expiring_next,
        archiving = evaluated.archiving_next,
        next = evaluated.next,
        "evaluated"
    );
    let status = Status::of(evaluated.not_evaluated != 0 || evaluated.rejected_policies != 0);
    Ok(output(input, status, goes_on(evaluated.next, input.segment, &collected)))
}

/// The answer, with the segment and the repository at which it goes on.
fn output(input: &EvaluateInput, status: Status, next: Option<(u32, u32)>) -> EvaluateOutput {
    let (segment, from) = next.unwrap_or((input.segment, input.from));
    EvaluateOutput {
        run: input.run.clone(),
        share: input.share,
        segment: input.segment,
        status,
        more: next.is_some(),
        next: EvaluateInput { segment, from, ..input.clone() },
    }
}

fn evaluate(
    store: &Store,
    documents: &Documents,
    input: &EvaluateInput,
    share: &ShareDocument,
    collected: &CollectedDocument,
    call: &Call,
) -> Result<EvaluatedDocument, Failure> {
    log_registry(&share.account, &share.region);
    fits(&collected.part, call.memory_bytes)?;
    let entry = store.part(&share.inventory, &share.head(), &collected.part)?;
    let mut walk = store.walk(&entry, Depth::Children)?;
    walk.skip(input.from as usize)?;
    let mut evaluation = Evaluation::new(share.now, input.from);
    let mut at = input.from;
    let next = loop {
        let is_enough = call.is_gone(BEGIN_PERCENT) || PREVIEWS_BYTES_MAX <= evaluation.previews_bytes();
        if input.from < at && is_enough {
            break Some(at).filter(|&at| u64::from(at) < collected.part.repositories());
        }
        let Some(repository) = walk.next_repository()? else { break None };
        evaluation.add(&repository).map_err(|error| {
            Failure::new(FailureKind::Broken, format!("a preview could not be written: {error}"))
        })?;
        at += 1;
    };
    // Under a name of this attempt: another at the same time may stop elsewhere, and one document wins.
    let name = names::previews(input.share, input.segment, input.from, &call.attempt);
    let (document, previews) = evaluation.end(next, name.clone());
    documents.put(&name, &previews)?;
    Ok(document)
}

/// Refuses a part of which the largest repository would not fit, before anything of it is loaded.
fn fits(part: &Part, memory_bytes: u64) -> Result<(), Failure> {
    let repository = part
        .images_of_largest()
        .saturating_mul(IMAGE_BYTES)
        .saturating_add(part.tag_bytes_of_largest())
        .saturating_add(part.children_of_largest().saturating_mul(CHILD_BYTES));
    // Twice: what is written is copied once.
    let previews =
        part.images_of_largest().saturating_mul(LINE_BYTES).saturating_add(PREVIEWS_BYTES_MAX as u64) * 2;
    let needed = WALK_BYTES.saturating_add(repository).saturating_add(previews);
    sized("the largest repository of the share, with its previews,", needed, memory_bytes)
}
