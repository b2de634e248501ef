//! What is known of the tags of a registry, by repository.

use std::collections::BTreeMap;

use demurrage_core::ledger::RepositoryLedger;
use demurrage_store::{InventoryEntry, Store};

use crate::failure::Failure;
use crate::talk;

/// The ledger of each repository, by name; none where nobody kept one, or it cannot be read: what it would say is unknown
/// then, and keeps images.
pub(super) fn of_registry(
    store: &Store,
    entry: &InventoryEntry,
) -> Result<BTreeMap<String, RepositoryLedger>, Failure> {
    let mut ledgers = BTreeMap::new();
    let walk = match store.ledger_of(entry).and_then(|ledger| ledger.walk()) {
        Ok(walk) => walk,
        Err(error) => {
            talk::warn(format!("what happened to tags is not known: {error}"));
            return Ok(ledgers);
        }
    };
    let Some(mut walk) = walk else { return Ok(ledgers) };
    while let Some((name, ledger)) = walk.next_repository()? {
        ledgers.insert(name, ledger);
    }
    Ok(ledgers)
}
