//! What earlier inventories know of manifests, which never change.
//!
//! Reading a manifest counts as a pull, and costs a call; an archived one cannot be read at all. So each is
//! read once in its life, and handed on from inventory to inventory. A repository that could not be listed
//! the last time is looked up in the inventory before.

use demurrage_core::{Digest, Listing, Manifest};
use demurrage_store::{InventoryEntry, KnownManifests, ManifestCursor, Store, StoreError};

/// Earlier inventories that are asked, at most.
const DEPTH_MAX: usize = 4;

/// The inventories of one registry that have something to add, the newest first.
fn worth_asking(store: &Store, mut entries: Vec<InventoryEntry>) -> Result<Vec<InventoryEntry>, StoreError> {
    entries.reverse();
    let mut worth = Vec::new();
    for entry in entries.into_iter().take(DEPTH_MAX) {
        let repositories = store.repositories(&entry)?;
        worth.push(entry);
        if repositories.iter().all(|repository| repository.listing == Listing::Complete) {
            break;
        }
    }
    Ok(worth)
}

/// Which manifests are known: names are asked for in ascending order.
pub(super) struct Known(Vec<KnownManifests>);

/// The known manifests themselves: asked for in ascending order of names and digests.
pub(super) struct Recalled(Vec<ManifestCursor>);

/// Opens both over these inventories, oldest first.
///
/// # Errors
/// When an inventory cannot be read.
pub(super) fn open(store: &Store, entries: Vec<InventoryEntry>) -> Result<(Known, Recalled), StoreError> {
    let entries = worth_asking(store, entries)?;
    let known = entries.iter().map(|entry| store.known_manifests(entry)).collect::<Result<_, _>>()?;
    let manifests = entries.iter().map(|entry| store.manifests(entry)).collect::<Result<_, _>>()?;
    Ok((Known(known), Recalled(manifests)))
}

impl Known {
    pub(super) fn nothing() -> Self {
        Self(Vec::new())
    }

    /// The digests of a repository whose manifests are known, in ascending order.
    pub(super) fn repository(&mut self, name: &str) -> Result<Vec<Digest>, StoreError> {
        let mut digests = Vec::new();
        for inventory in &mut self.0 {
            digests.extend(inventory.repository(name)?);
        }
        digests.sort_unstable();
        digests.dedup();
        Ok(digests)
    }
}

impl Recalled {
    pub(super) fn nothing() -> Self {
        Self(Vec::new())
    }

    /// The manifest, where it is known.
    pub(super) fn manifest(&mut self, name: &str, digest: Digest) -> Result<Option<Manifest>, StoreError> {
        for inventory in &mut self.0 {
            if let Some(manifest) = inventory.seek(name, digest)? {
                return Ok(Some(manifest));
            }
        }
        Ok(None)
    }
}
