//! Calls of an earlier run of which nobody knows whether they were made: what the repository says about them.

use chrono::{DateTime, Utc};
use demurrage_core::journal::{Call, Entry, ImageId, Outcome};
use demurrage_core::plan::RepositoryAddress;
use demurrage_core::{Image, ImageStatus};
use demurrage_store::{Journal, StoreError};
use tokio::task::block_in_place;

/// Writes down what came of the calls of a restoration that have no outcome, by the images that their repository has now.
///
/// # Errors
/// When the journal cannot be written.
pub fn settle(
    journal: &mut Journal,
    repository: &RepositoryAddress,
    present: &[Image],
    now: DateTime<Utc>,
) -> Result<(), StoreError> {
    let open = journal.open_entries().filter(|entry| entry.intent.repository == *repository);
    let outcomes: Vec<Outcome> = open.map(|entry| outcome(entry, present, now)).collect();
    outcomes.iter().try_for_each(|outcome| block_in_place(|| journal.conclude(outcome)))
}

fn outcome(entry: &Entry, present: &[Image], now: DateTime<Utc>) -> Outcome {
    let there = |id: &ImageId| present.iter().find(|image| Some(image.digest) == id.digest);
    let (id, is_done) = match &entry.intent.call {
        Call::PutImage { digest, tag } => {
            let id = ImageId { digest: Some(*digest), tag: tag.clone() };
            let has_tag = |image: &Image| tag.as_ref().is_none_or(|tag| image.tags.contains(tag));
            let is_done = there(&id).is_some_and(has_tag);
            (Some(id), is_done)
        }
        Call::Activate { digest } => {
            let id = ImageId { digest: Some(*digest), tag: None };
            let is_done = there(&id).is_some_and(|image| image.status != ImageStatus::Archived);
            (Some(id), is_done)
        }
        // A restoration makes no other calls.
        Call::Delete { .. }
        | Call::Archive { .. }
        | Call::TagMutability { .. }
        | Call::LifecyclePolicy { .. }
        | Call::ScanOnPush { .. } => (None, false),
    };
    let found = if is_done { "it is there" } else { "it is not there" };
    Outcome {
        number: entry.intent.number,
        at: now,
        done: id.filter(|_| is_done).into_iter().collect(),
        failures: Vec::new(),
        error: Some(format!("the answer was lost; a later run looked, and {found}")),
    }
}
