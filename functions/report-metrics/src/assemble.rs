//! The inventory of a registry from the parts that its shares have written.
//!
//! Repositories of a share without an outcome are in it, too, as repositories that could not be read: one that is
//! missing would look deleted.

use demurrage_contract::documents::{ShareDocument, names};
use demurrage_contract::{Failure, FailureKind};
use demurrage_core::{Listing, RegistryFacts};
use demurrage_store::{Documents, InventoryEntry, Part, Store, StoreError};

use crate::fold::{Folded, Piece};

/// Puts the inventory together, unless it is there.
pub(crate) fn inventory(
    store: &Store,
    documents: &Documents,
    folded: &Folded,
    attempt: &str,
) -> Result<InventoryEntry, Failure> {
    let name = &folded.registry.inventory;
    if let Some(entry) = existing(store, name)? {
        return Ok(entry);
    }
    let mut parts = Vec::new();
    for piece in &folded.pieces {
        parts.push(match piece {
            Piece::Written(part) => part.clone(),
            Piece::Missing { share, from, cause } => {
                missing(store, documents, name, *share, *from, cause, attempt)?
            }
        });
    }
    let facts = RegistryFacts::from(&folded.registry.facts);
    match store.add_parts(name, &folded.registry.head(), &parts, &facts, &folded.registry.problems) {
        Ok(entry) => Ok(entry),
        // Another call may have put it there meanwhile, with parts of its own for what is missing.
        Err(error) => existing(store, name)?.ok_or_else(|| error.into()),
    }
}

fn existing(store: &Store, name: &str) -> Result<Option<InventoryEntry>, Failure> {
    match store.find(name) {
        Ok(entry) => Ok(Some(entry)),
        Err(StoreError::NoSuch { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Writes a part of the repositories that were not read.
fn missing(
    store: &Store,
    documents: &Documents,
    inventory: &str,
    share: u32,
    from: u32,
    cause: &str,
    attempt: &str,
) -> Result<Part, Failure> {
    let document: Option<ShareDocument> = documents.read(&names::share(share))?;
    let document = document
        .ok_or_else(|| Failure::new(FailureKind::Damaged, format!("`{}` is missing", names::share(share))))?;
    let mut writer = store.begin_part(inventory, &names::missing_part(share, attempt))?;
    for described in document.repositories.get(from as usize..).unwrap_or_default() {
        let mut repository = described.repository();
        repository.listing = Listing::Failed(format!("its share of the run has no outcome: {cause}"));
        writer.repository(&repository)?;
    }
    Ok(writer.finish()?)
}
