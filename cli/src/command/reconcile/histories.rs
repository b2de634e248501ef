//! What the inventories of a store say of the months of a bill: repository by repository, one at a time in memory.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use demurrage_bills::Month;
use demurrage_bills::reconcile::{Held, RegistryHistory};
use demurrage_core::cost::{BlobMounting, Blobs, MountEncryption, RepositoryStorage};
use demurrage_core::{Digest, Listing, Repository};
use demurrage_report::count;
use demurrage_store::{Depth, InventoryEntry, Store};

use crate::failure::Failure;
use crate::talk;

/// What was read.
pub(super) struct Histories {
    pub(super) histories: Vec<RegistryHistory>,
    /// Whether anything of these inventories could not be read when they were made.
    pub(super) is_partial: bool,
}

/// The registries of the store through the inventories that tell of these months.
pub(super) fn histories(store: &Store, months: &[Month]) -> Result<Histories, Failure> {
    let mut by_registry: BTreeMap<_, Vec<InventoryEntry>> = BTreeMap::new();
    for entry in store.inventories()? {
        let registry = (entry.kind, entry.registry_id.clone(), entry.region.clone());
        by_registry.entry(registry).or_default().push(entry);
    }
    if by_registry.is_empty() {
        return Err(Failure::usage(
            format!("the store `{}` holds no inventory", store.shown()),
            "make one with `demurrage collect --region REGION`, or try `demurrage demo`",
        ));
    }
    let mut read = Histories { histories: Vec::new(), is_partial: false };
    for ((kind, account, region), entries) in by_registry {
        let wanted = of_months(&entries, months);
        talk::say(format!(
            "{} {region}: {} for {}",
            account.as_deref().unwrap_or("unknown account"),
            count(wanted.len(), "inventory"),
            count(months.len(), "month")
        ));
        let mut history = RegistryHistory::new(kind, account, region);
        for entry in wanted {
            read.is_partial |= add(store, entry, &mut history)?;
        }
        read.histories.push(history);
    }
    Ok(read)
}

/// The inventories within each month, the last one before it and the first one after it. Of several that were taken
/// at the same time, the last.
fn of_months<'a>(entries: &'a [InventoryEntry], months: &[Month]) -> Vec<&'a InventoryEntry> {
    let mut wanted: BTreeMap<DateTime<Utc>, &InventoryEntry> = BTreeMap::new();
    for month in months {
        let before = entries.iter().rfind(|entry| entry.taken_at <= month.start());
        let within =
            entries.iter().filter(|entry| month.start() < entry.taken_at && entry.taken_at < month.end());
        let after = entries.iter().find(|entry| month.end() <= entry.taken_at);
        wanted.extend(before.into_iter().chain(within).chain(after).map(|entry| (entry.taken_at, entry)));
    }
    wanted.into_values().collect()
}

/// Adds an inventory to the history of its registry; returns whether something of it is missing.
fn add(store: &Store, entry: &InventoryEntry, history: &mut RegistryHistory) -> Result<bool, Failure> {
    // Without a repository: the settings of the registry.
    let inventory = store.read(entry, |_| false)?;
    let shared = match BlobMounting::of(&inventory.registry) {
        BlobMounting::On => Some(Shared::of(store, entry)?),
        BlobMounting::Off | BlobMounting::NotRead => None,
    };
    let mut is_partial = !inventory.notes.is_empty();
    let mut repositories = Vec::new();
    let mut walk = store.walk(entry, Depth::Blobs)?;
    while let Some(repository) = walk.next_repository()? {
        is_partial |= repository.listing != Listing::Complete;
        let held = held(&repository, shared.as_ref());
        repositories.push((repository.name, repository.created_at, held));
    }
    history.add(entry.taken_at, entry.repositories_listing, repositories);
    Ok(is_partial)
}

/// What a repository holds; nothing where its images could not be listed.
fn held(repository: &Repository, shared: Option<&Shared>) -> Option<Held> {
    let blobs = Blobs::of(&repository.images);
    let storage = RepositoryStorage::of(repository, &blobs);
    storage.is_listed.then(|| Held {
        stored_bytes: storage.stored.standard_bytes,
        archived_bytes: storage.stored.archived_bytes,
        mounted_bytes: shared.map_or(0, |shared| shared.bytes_of(repository, &blobs)),
        is_exact: storage.is_exact(),
    })
}

/// Blobs that several repositories of one encryption hold, which a registry that mounts blobs may store once.
struct Shared {
    by_encryption: BTreeMap<MountEncryption, SharedBlobs>,
}

#[derive(Default)]
struct SharedBlobs {
    /// Those that a repository holds.
    held: BTreeSet<Digest>,
    /// Those of them that several hold.
    several: BTreeSet<Digest>,
}

impl Shared {
    fn of(store: &Store, entry: &InventoryEntry) -> Result<Self, Failure> {
        let mut by_encryption: BTreeMap<MountEncryption, SharedBlobs> = BTreeMap::new();
        let mut walk = store.walk(entry, Depth::Blobs)?;
        while let Some(repository) = walk.next_repository()? {
            let Some(encryption) = MountEncryption::of(&repository) else { continue };
            let shared = by_encryption.entry(encryption).or_default();
            for digest in Blobs::of(&repository.images).all().iter().filter_map(|blob| blob.digest) {
                if !shared.held.insert(digest) {
                    shared.several.insert(digest);
                }
            }
        }
        Ok(Self { by_encryption })
    }

    fn bytes_of(&self, repository: &Repository, blobs: &Blobs) -> u128 {
        let Some(shared) = MountEncryption::of(repository).and_then(|it| self.by_encryption.get(&it)) else {
            return 0;
        };
        let is_shared = |digest| shared.several.contains(&digest);
        let several = blobs.all().iter().filter(|blob| blob.digest.is_some_and(is_shared));
        several.map(|blob| u128::from(blob.size_bytes)).sum()
    }
}
