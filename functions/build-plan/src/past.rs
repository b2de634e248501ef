//! How much plans did that were applied: what is usual.

use demurrage_contract::Failure;
use demurrage_core::apply::ApplyReport;
use demurrage_store::Store;

/// Plans that tell what is usual, the newest.
const PAST_MAX: usize = 20;
/// Plans that are looked at for that.
const LOOKED_AT_MAX: usize = 200;
/// Where the report of a plan lies that was applied.
const JOURNALS: &str = "journals";
const REPORT: &str = "done.json";

/// The images of each plan that was applied to its end, the newest first.
pub(crate) fn applied_images(store: &Store) -> Result<Vec<u64>, Failure> {
    let mut past = Vec::new();
    for mark in store.plans()?.into_iter().rev().take(LOOKED_AT_MAX) {
        let journal = store.documents(&[JOURNALS, &mark.hash.to_string()])?;
        let Some(report) = journal.read::<ApplyReport>(REPORT)? else { continue };
        let images = report.repositories.iter().map(|it| it.expired + it.archived + it.untagged);
        past.push(images.sum());
        if PAST_MAX <= past.len() {
            break;
        }
    }
    Ok(past)
}
