//! The tag ledger of a store, which learns from each inventory that is made.

use demurrage_store::{InventoryEntry, LedgerOutcome, Store};

use crate::talk;

/// Has the ledger learn what an inventory tells; whether it did. The inventory is good whatever comes of it, so a failure is
/// a warning. It waits for files or the network.
pub(crate) fn learn(store: &Store, entry: &InventoryEntry) -> bool {
    match store.learn(entry) {
        Ok(learned) => {
            for error in &learned.unreadable {
                talk::warn(format!("the tag ledger goes without an inventory: {error}"));
            }
            match learned.outcome {
                LedgerOutcome::Learnt | LedgerOutcome::Known | LedgerOutcome::Rebuilt { .. } => {}
                LedgerOutcome::TooOld => talk::warn(format!(
                    "the tag ledger has not learnt {}: it is older than what is known, and inventories that were learnt \
                     are no longer in the store",
                    entry.name()
                )),
            }
            // What is too old will never be learnt: asking again would not help.
            learned.unreadable.is_empty()
        }
        Err(error) => {
            talk::warn(format!("the tag ledger was not brought up to {}: {error}", entry.name()));
            talk::hint("the inventory is stored; the next one brings the ledger up to date");
            false
        }
    }
}
