//! What earlier inventories know of manifests, which never change.
//!
//! Reading a manifest counts as a pull, and costs a call; an archived one cannot be read at all. So each is
//! read once in its life, and handed on from inventory to inventory. A repository that could not be listed
//! the last time is looked up in the inventory before, and so on. Imports are not asked: nobody has compared
//! their manifests with their digests.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use demurrage_core::{Digest, Listing, Manifest, RepositoriesListing, Repository};
use demurrage_store::{Head, InventoryEntry, KnownManifests, ManifestCursor, Store, StoreError};

use super::ScanFindings;

/// Earlier inventories that are looked through, at most.
const DEPTH_MAX: usize = 64;

/// Which manifests are known: names are asked for in ascending order.
#[derive(Debug, Default)]
pub(super) struct Known {
    inventories: Vec<KnownManifests>,
    /// What turned out to be damaged while it was read: it is not asked any more.
    pub(super) damaged: Vec<String>,
}

/// What earlier inventories know, for those who ask at different times. Each is asked in ascending order.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) known: Known,
    /// For who records.
    pub(super) recalled: Recalled,
    /// For who wants to know the children of the newest index; where nobody does, it knows nothing.
    pub(super) of_the_newest: Recalled,
}

/// The known manifests themselves: asked for in ascending order of names and digests.
#[derive(Debug, Default)]
pub(super) struct Recalled(Vec<ManifestCursor>);

/// What the inventories of a registry know of these repositories. One that is damaged is no reason not to make a
/// new one, and is named in `problems`.
///
/// # Errors
/// When the place of the store cannot be read.
pub(super) fn of_registry(
    store: &Store,
    head: &Head,
    repositories: &[Repository],
    scan_findings: ScanFindings,
    problems: &mut Vec<String>,
) -> Result<Memory, StoreError> {
    let (mut entries, damaged) = store.readable_inventories()?;
    entries.retain(|entry| {
        (entry.kind, &entry.registry_id, &entry.region) == (head.kind, &head.registry_id, &head.region)
    });
    problems.extend(damaged.iter().map(unused));
    Ok(of_inventories(store, &entries, repositories, scan_findings, problems))
}

/// The same, of these inventories alone: they are of the registry, the oldest first.
pub(super) fn of_inventories(
    store: &Store,
    entries: &[InventoryEntry],
    repositories: &[Repository],
    scan_findings: ScanFindings,
    problems: &mut Vec<String>,
) -> Memory {
    let (memory, damaged) = open(store, entries, repositories, scan_findings);
    problems.extend(damaged.iter().map(unused));
    memory
}

fn unused(damage: &StoreError) -> String {
    format!("manifests that were read before are not used: {damage}")
}

/// Opens what is known of these repositories in these inventories (oldest first), and says what is damaged.
fn open(
    store: &Store,
    entries: &[InventoryEntry],
    repositories: &[Repository],
    scan_findings: ScanFindings,
) -> (Memory, Vec<StoreError>) {
    let (mut memory, mut damaged) = (Memory::default(), Vec::new());
    let mut unknown: BTreeMap<&str, Option<DateTime<Utc>>> =
        repositories.iter().map(|repository| (&*repository.name, repository.created_at)).collect();
    let collected =
        entries.iter().filter(|entry| entry.repositories_listing == RepositoriesListing::Complete);
    for entry in collected.rev().take(DEPTH_MAX) {
        // What did not exist then cannot be known then.
        unknown.retain(|_, created_at| created_at.is_none_or(|created_at| created_at <= entry.taken_at));
        if unknown.is_empty() {
            break;
        }
        match open_one(store, entry, &mut unknown, scan_findings) {
            Ok(Some(opened)) => {
                memory.known.inventories.push(opened.digests);
                memory.recalled.0.push(opened.manifests);
                memory.of_the_newest.0.extend(opened.of_the_newest);
            }
            Ok(None) => {}
            Err(error) => damaged.push(error),
        }
    }
    (memory, damaged)
}

/// One inventory, opened for each who asks.
struct Opened {
    digests: KnownManifests,
    manifests: ManifestCursor,
    of_the_newest: Option<ManifestCursor>,
}

/// Opens an inventory, if it has images of a repository of which nothing is known yet; those that it lists
/// completely are known then.
fn open_one(
    store: &Store,
    entry: &InventoryEntry,
    unknown: &mut BTreeMap<&str, Option<DateTime<Utc>>>,
    scan_findings: ScanFindings,
) -> Result<Option<Opened>, StoreError> {
    let (Some((&first, _)), Some((&last, _))) = (unknown.first_key_value(), unknown.last_key_value()) else {
        return Ok(None);
    };
    // Names and listings of this range alone: a registry may be large, and a share of it small.
    let mut listed = store.listings(entry, first, last)?;
    listed.retain(|(name, listing)| unknown.contains_key(&**name) && !matches!(listing, Listing::Failed(_)));
    if listed.is_empty() {
        return Ok(None);
    }
    let of_the_newest = match scan_findings {
        ScanFindings::AsListed => None,
        ScanFindings::OfTheNewest => Some(store.manifests(entry)?),
    };
    let (digests, manifests) = (store.known_manifests(entry)?, store.manifests(entry)?);
    for (name, _) in listed.iter().filter(|(_, listing)| *listing == Listing::Complete) {
        unknown.remove(&**name);
    }
    Ok(Some(Opened { digests, manifests, of_the_newest }))
}

impl Known {
    /// The digests of a repository whose manifests are known, in ascending order.
    pub(super) fn repository(&mut self, name: &str) -> Vec<Digest> {
        let mut digests = Vec::new();
        let damaged = &mut self.damaged;
        self.inventories.retain_mut(|inventory| match inventory.repository(name) {
            Ok(known) => {
                digests.extend(known);
                true
            }
            Err(damage) => {
                damaged.push(unused(&damage));
                false
            }
        });
        digests.sort_unstable();
        digests.dedup();
        digests
    }
}

impl Recalled {
    /// The manifest, where it is known. What turns out to be damaged is told to `problems`, and not asked any more:
    /// the next collection reads anew what this one has not.
    pub(super) fn manifest(
        &mut self,
        name: &str,
        digest: Digest,
        problems: &mut Vec<String>,
    ) -> Option<Manifest> {
        let mut found = None;
        self.0.retain_mut(|inventory| {
            if found.is_some() {
                return true;
            }
            match inventory.seek(name, digest) {
                Ok(manifest) => {
                    found = manifest;
                    true
                }
                Err(damage) => {
                    problems.push(unused(&damage));
                    false
                }
            }
        });
        found
    }
}
