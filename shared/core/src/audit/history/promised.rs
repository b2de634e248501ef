//! What is needed to judge whether a promise held.

use crate::audit::{Outcome, Promise, RepositoryUnder};
use crate::ledger::RepositoryLedger;

/// What is promised, and the ledger that tells whether it held; or the answer where one of them is missing.
pub(super) fn promised<'a>(
    under: &RepositoryUnder<'a>,
) -> Result<(&'a Promise, &'a RepositoryLedger), Outcome> {
    let Some(promise) = under.registry.rules.promise(&under.repository.name) else {
        return Err(Outcome::Clean);
    };
    if under.is_cache() && promise.repositories.is_everything() {
        // The tags of a cache have to move; a rule that names the repository is meant so.
        return Err(Outcome::Clean);
    }
    match under.ledger {
        Some(ledger) => Ok((promise, ledger)),
        None => Err(Outcome::NotEvaluated("no ledger of the tags was kept".to_owned())),
    }
}

/// What no finding means: nothing is wrong, or the ledger has not yet seen all tags once.
pub(super) fn without_findings(ledger: &RepositoryLedger) -> Outcome {
    match ledger.reconciled() {
        Some(_) => Outcome::Clean,
        None => Outcome::NotEvaluated("no complete listing of the tags is in the ledger".to_owned()),
    }
}
