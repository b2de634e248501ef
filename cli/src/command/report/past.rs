//! What a registry stored before, by its earlier inventories. Those in which something is missing are passed over: it would
//! look as if it had been deleted.

use demurrage_core::Listing;
use demurrage_core::cost::{Blobs, RepositoryStorage};
use demurrage_report::count;
use demurrage_report::page::PageMaker;
use demurrage_store::{Depth, InventoryEntry, Store};

use super::registry::Registry;
use crate::failure::Failure;
use crate::talk;

/// Gives the page what the registry stored at earlier times.
pub(super) fn take_in(registry: &Registry<'_>, maker: &mut PageMaker) {
    let asked = registry.basis.asked;
    let earlier: Vec<&InventoryEntry> =
        registry.basis.all.iter().filter(|it| is_before(it, registry.entry)).collect();
    let mut incomplete = 0;
    for entry in evenly(&earlier, asked.past) {
        match stored(asked.store, entry) {
            Ok(Some(bytes)) => maker.past(&registry.about(), entry.taken_at, bytes),
            Ok(None) => incomplete += 1,
            Err(failure) => {
                talk::warn(format!("what was stored before is shown without one time: {failure}"));
            }
        }
    }
    if incomplete != 0 {
        let inventories = count(incomplete, "inventory");
        talk::say(format!("{}: {inventories} not complete, and left out over time", registry.place()));
    }
}

/// Whether it is an earlier inventory of the same registry.
pub(super) fn is_before(earlier: &InventoryEntry, entry: &InventoryEntry) -> bool {
    (earlier.kind, &earlier.registry_id, &earlier.region) == (entry.kind, &entry.registry_id, &entry.region)
        && earlier.taken_at < entry.taken_at
}

/// So many of them at the most, the first and the last among them, as evenly as their order allows.
fn evenly<'e>(entries: &[&'e InventoryEntry], most: usize) -> Vec<&'e InventoryEntry> {
    let last = entries.len().saturating_sub(1);
    let steps = most.min(entries.len());
    let place = |step: usize| step * last / steps.saturating_sub(1).max(1);
    (0..steps).filter_map(|step| entries.get(place(step)).copied()).collect()
}

/// The bytes that it says are stored; nothing where not all of it was read. Of files nobody says whether they are those of
/// all repositories: they are taken for it.
fn stored(store: &Store, entry: &InventoryEntry) -> Result<Option<u128>, Failure> {
    let mut walk = store.walk(entry, Depth::Blobs)?;
    let mut bytes = 0_u128;
    while let Some(repository) = walk.next_repository()? {
        if repository.listing != Listing::Complete {
            return Ok(None);
        }
        let storage = RepositoryStorage::of(&repository, &Blobs::of(&repository.images));
        bytes = bytes.saturating_add(storage.stored.total());
    }
    Ok(Some(bytes))
}
