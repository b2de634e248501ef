//! A registry in a run about settings alone: what the audits say of them, and nothing of images or of what they cost.

use demurrage_contract::Failure;
use demurrage_contract::documents::{AuditedDocument, names};
use demurrage_store::Documents;

use crate::fold::Folded;

/// Adds what was audited. Where nobody came back from it, that is a problem of the run.
pub(crate) fn add(documents: &Documents, folded: &mut Folded) -> Result<(), Failure> {
    let (account, region) = (&folded.registry.account, &folded.registry.region);
    let audited: Option<AuditedDocument> = documents.read(&names::settings(account, region))?;
    let Some(audited) = audited else {
        let problem = format!("{account} {region}: nobody came back from auditing its settings");
        folded.problems.add([problem], 0);
        return Ok(());
    };
    for repository in &audited.repositories {
        folded.audits.add(documents, repository)?;
    }
    Ok(())
}
