//! The inventory of a registry from the parts that its shares have written.
//!
//! Repositories of a share without an outcome are in it, too, as repositories that could not be read: one that is
//! missing would look deleted.

use demurrage_contract::documents::{
    CollectedDocument, FoundDocument, PlannedRegistry, RegistryDocument, ShareDocument, names,
};
use demurrage_contract::{Failure, FailureKind};
use demurrage_core::{Listing, RegistryFacts};
use demurrage_store::{Documents, InventoryEntry, Part, Store, StoreError};

/// Shares whose documents are held at a time.
const SHARES_AT_A_TIME: usize = 256;

/// Whether an inventory had to be put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Assembled {
    /// It had.
    Now,
    /// It was there.
    Before,
}

/// What an inventory is put together of, in the order of repositories.
#[derive(Debug)]
enum Piece {
    /// A part that was written.
    Written(Part),
    /// Repositories of a share that were not read, from this one on, and why.
    Missing { share: u32, from: u32, cause: String },
}

/// Puts the inventory of a registry of a run together, unless it is there. `attempt` names this call, as far as names have to
/// differ from those of another at the same time.
///
/// # Errors
/// When a document of the run is missing or damaged, its shares do not fit together, or the store refuses.
pub fn assemble(
    store: &Store,
    documents: &Documents,
    planned: &PlannedRegistry,
    found: &FoundDocument,
    attempt: &str,
) -> Result<(InventoryEntry, Assembled), Failure> {
    let of_registry = names::registry(&planned.account, &planned.region);
    let registry: RegistryDocument =
        documents.read(&of_registry)?.ok_or_else(|| missing_document(documents, &of_registry))?;
    let name = &registry.inventory;
    if let Some(entry) = existing(store, name)? {
        return Ok((entry, Assembled::Before));
    }
    let mut parts = Vec::new();
    for piece in pieces(documents, planned, found)? {
        parts.push(match piece {
            Piece::Written(part) => part,
            Piece::Missing { share, from, cause } => {
                missing(store, documents, name, share, from, &cause, attempt)?
            }
        });
    }
    // Shares that do not fit together would be an inventory that lacks repositories and says that it does not.
    let listed: u64 = parts.iter().map(Part::repositories).sum();
    if listed != u64::from(registry.repositories) {
        let message = format!(
            "the shares of `{name}` have {listed} repositories, and {} were listed",
            registry.repositories
        );
        return Err(Failure::new(FailureKind::Damaged, message));
    }
    let facts = RegistryFacts::from(&registry.facts);
    match store.add_parts(name, &registry.head(), &parts, &facts, &registry.problems) {
        Ok(entry) => Ok((entry, Assembled::Now)),
        // Another call may have put it there meanwhile, with parts of its own for what is missing.
        Err(error) => {
            let entry = existing(store, name)?.ok_or_else(|| Failure::from(error))?;
            Ok((entry, Assembled::Before))
        }
    }
}

/// What its shares have written, and what they have not.
fn pieces(
    documents: &Documents,
    planned: &PlannedRegistry,
    found: &FoundDocument,
) -> Result<Vec<Piece>, Failure> {
    let mut pieces = Vec::new();
    for shares in planned.shares.chunks(SHARES_AT_A_TIME) {
        let mut of_shares = Vec::new();
        for &share in shares {
            let no_share = || {
                let message = format!("`{}` has no share {share}", documents.shown(names::FOUND));
                Failure::new(FailureKind::Damaged, message)
            };
            of_shares.push((share, found.shares.get(share as usize).ok_or_else(no_share)?));
        }
        let segments = of_shares.iter().flat_map(|(share, found)| {
            (0_u32..).zip(&found.segments).map(|(segment, _)| names::collected(*share, segment))
        });
        let segments: Vec<String> = segments.collect();
        let mut collected = documents.read_all::<CollectedDocument>(&segments)?.into_iter().zip(&segments);
        for (share, found) in of_shares {
            let mut from = 0;
            for (document, name) in collected.by_ref().take(found.segments.len()) {
                let document = document.ok_or_else(|| missing_document(documents, name))?;
                from = document.next.unwrap_or(from);
                pieces.push(Piece::Written(document.part));
            }
            if let Some(cause) = found.cause.as_ref().filter(|_| !found.is_whole) {
                pieces.push(Piece::Missing { share, from, cause: cause.clone() });
            }
        }
    }
    Ok(pieces)
}

fn missing_document(documents: &Documents, name: &str) -> Failure {
    Failure::new(FailureKind::Damaged, format!("`{}` is missing", documents.shown(name)))
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
