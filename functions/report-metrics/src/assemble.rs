//! The inventory of a registry from the parts that its shares have written.
//!
//! Repositories of a share without an outcome are in it, too, as repositories that could not be read: one that is
//! missing would look deleted.

use demurrage_contract::documents::{ShareDocument, names};
use demurrage_contract::{Failure, FailureKind};
use demurrage_core::{Listing, RegistryFacts};
use demurrage_store::{Documents, InventoryEntry, Part, Store, StoreError};

use crate::fold::{Folded, Piece};

/// Whether an inventory had to be put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// It had.
    Done,
    /// It was there.
    None,
}

/// Puts the inventory together, unless it is there.
pub(crate) fn inventory(
    store: &Store,
    documents: &Documents,
    folded: &Folded,
    attempt: &str,
) -> Result<(InventoryEntry, Work), Failure> {
    let name = &folded.registry.inventory;
    if let Some(entry) = existing(store, name)? {
        return Ok((entry, Work::None));
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
    // Shares that do not fit together would be an inventory that lacks repositories and says that it does not.
    let listed: u64 = parts.iter().map(Part::repositories).sum();
    if listed != u64::from(folded.registry.repositories) {
        let message = format!(
            "the shares of `{name}` have {listed} repositories, and {} were listed",
            folded.registry.repositories
        );
        return Err(Failure::new(FailureKind::Damaged, message));
    }
    let facts = RegistryFacts::from(&folded.registry.facts);
    match store.add_parts(name, &folded.registry.head(), &parts, &facts, &folded.registry.problems) {
        Ok(entry) => Ok((entry, Work::Done)),
        // Another call may have put it there meanwhile, with parts of its own for what is missing.
        Err(error) => {
            let entry = existing(store, name)?.ok_or_else(|| Failure::from(error))?;
            Ok((entry, Work::None))
        }
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
