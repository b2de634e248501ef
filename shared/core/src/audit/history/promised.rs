//! What is needed to judge whether a promise held.

use crate::audit::{Confidence, Outcome, Promise, RepositoryUnder};
use crate::ledger::RepositoryLedger;

/// A promise to a repository, with what tells whether it held.
pub(super) struct Promised<'a> {
    pub(super) promise: &'a Promise,
    /// The most that is known of whether it is about the repository.
    pub(super) confidence: Confidence,
    pub(super) ledger: &'a RepositoryLedger,
}

/// What is promised, and the ledger that tells whether it held; or the answer where one of them is missing.
pub(super) fn promised<'a>(under: &RepositoryUnder<'a>) -> Result<Promised<'a>, Outcome> {
    let Some(promise) = under.registry.rules.promise(&under.repository.name) else {
        return Err(Outcome::Clean);
    };
    let Some(confidence) = under.is_promised(promise) else { return Err(Outcome::Clean) };
    match under.ledger {
        Some(ledger) => Ok(Promised { promise, confidence, ledger }),
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
