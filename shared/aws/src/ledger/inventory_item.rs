//! What is known of a repository as a whole, as an item: the last listing that was reconciled, and a count of what
//! was written since, so that whoever reconciles notices it.

use chrono::{DateTime, Utc};
use demurrage_core::ledger::ListingWindow;

use super::attributes::{Attributes, item, number, text, time, window};
use super::key::{INVENTORY, Key};
use super::table::Item;

/// What is known of a repository as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Inventory {
    /// How often it was written; 0 where it was not yet.
    pub(super) version: u64,
    /// Transactions about the repository since it was written.
    pub(super) writes: u64,
    /// The window of the last complete listing that was reconciled.
    pub(super) reconciled: Option<ListingWindow>,
    /// When the newest setting of tag mutability was seen last.
    pub(super) mutability_seen_at: Option<DateTime<Utc>>,
    /// The run that wrote it: a partition of what came of it.
    pub(super) by: Option<String>,
}

/// The item, the next version of it, after which nothing was written yet.
pub(super) fn write(repository: &str, inventory: &Inventory) -> Item {
    let mut item = item(&Key::new(repository, INVENTORY));
    let mut put = |name: &str, value| item.insert(name.to_owned(), value);
    put("version", number(inventory.version.saturating_add(1)));
    put("writes", number(0));
    if let Some(reconciled) = inventory.reconciled {
        put("reconciled", window(reconciled));
    }
    if let Some(seen_at) = inventory.mutability_seen_at {
        put("mutability_seen_at", time(seen_at));
    }
    if let Some(by) = &inventory.by {
        put("by", text(by));
    }
    item
}

/// What was written.
pub(super) fn read(attributes: Attributes<'_>) -> Result<Inventory, String> {
    Ok(Inventory {
        version: attributes.maybe_number("version")?.unwrap_or_default(),
        writes: attributes.maybe_number("writes")?.unwrap_or_default(),
        reconciled: attributes.maybe_window("reconciled")?,
        mutability_seen_at: attributes.maybe_time("mutability_seen_at")?,
        by: attributes.maybe_text("by")?.map(str::to_owned),
    })
}
