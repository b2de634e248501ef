//! A plan that somebody names: its folder, its `plan.json`, or its hash in the store.

use std::path::Path;

use demurrage_store::{PlanError, Store, StoredPlan};

use crate::failure::Failure;

/// The plan that is meant. A path that is there is one; everything else is a hash.
pub(crate) fn find(store: &Store, given: &str) -> Result<StoredPlan, Failure> {
    let path = Path::new(given);
    let found = if path.exists() { StoredPlan::in_folder(path) } else { store.plan(given) };
    found.map_err(failure)
}

/// Why a plan cannot be read, as a failure of the command.
pub(crate) fn failure(error: PlanError) -> Failure {
    let help = error.help();
    match error {
        PlanError::Store(error) => Failure::Store(error),
        other => Failure::usage(other.to_string(), help),
    }
}
