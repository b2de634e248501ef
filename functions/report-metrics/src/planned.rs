//! The plan that was made after a run, as its summary tells it.

use demurrage_report::RunPlan;
use demurrage_store::Store;

use crate::fold::Problems;

/// What a plan of this hash does. One that cannot be read is a problem of the run, which is reported all the same.
pub(crate) fn plan(store: &Store, hash: Option<&str>, problems: &mut Problems) -> Option<RunPlan> {
    match store.plan(hash?) {
        Ok(found) => Some(RunPlan::of(&found.plan, &store.shown())),
        Err(error) => {
            problems.add([format!("the plan of the run cannot be read: {error}")], 0);
            None
        }
    }
}
