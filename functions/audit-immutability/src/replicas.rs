//! The settings of the same repositories where they are replicated to, from the newest inventories of those registries.
//!
//! A registry of which the store has no inventory is left out, and so is one whose inventory cannot be read or would
//! not fit: an audit that needs it says then that it was not evaluated.

use std::collections::{BTreeMap, BTreeSet};

use demurrage_core::audit::{RegistrySettings, ReplicaSettings, Setting};
use demurrage_core::cost::destinations;
use demurrage_core::{Destination, Repository};
use demurrage_store::{InventoryEntry, Store, StoreError};
use tracing::warn;

/// What a repository takes without its images, with its policies.
const REPOSITORY_BYTES: u64 = 8 * 1024;
/// Percent of the memory that the repositories of one destination may take while they are looked through.
const MEMORY_PERCENT: u64 = 20;

/// Settings of replicas, by the name of the repository.
#[derive(Debug, Default)]
pub(crate) struct Replicas(BTreeMap<String, Vec<ReplicaSettings>>);

impl Replicas {
    /// What the store knows of the replicas of these repositories.
    pub(crate) fn of(
        store: &Store,
        settings: &RegistrySettings,
        names: &BTreeSet<&str>,
        memory_bytes: u64,
    ) -> Result<Self, StoreError> {
        let Setting::Is(replication) = &settings.replication else { return Ok(Self::default()) };
        let mut wanted: BTreeMap<&Destination, BTreeSet<&str>> = BTreeMap::new();
        for &name in names {
            for destination in destinations(replication, name) {
                wanted.entry(destination).or_default().insert(name);
            }
        }
        let mut replicas = Self::default();
        for (destination, names) in wanted {
            let (entries, _) = store.newest_of(&destination.registry_id, &destination.region, 1)?;
            if let Some(entry) = entries.first() {
                replicas.add(store, entry, destination, &names, memory_bytes);
            }
        }
        Ok(replicas)
    }

    fn add(
        &mut self,
        store: &Store,
        entry: &InventoryEntry,
        destination: &Destination,
        names: &BTreeSet<&str>,
        memory_bytes: u64,
    ) {
        let needed = (entry.repositories() as u64).saturating_mul(REPOSITORY_BYTES);
        if memory_bytes / 100 * MEMORY_PERCENT < needed {
            warn!(region = destination.region, "there are too many replicas to look at in this memory");
            return;
        }
        let repositories = match store.repositories(entry) {
            Ok(repositories) => repositories,
            Err(error) => {
                warn!(region = destination.region, "settings of replicas are not known: {error}");
                return;
            }
        };
        for repository in repositories.into_iter().filter(|one| names.contains(&*one.name)) {
            let Repository { name, lifecycle_policy, tag_mutability, .. } = repository;
            let (account, region) = (destination.registry_id.clone(), destination.region.clone());
            let settings = ReplicaSettings { account, region, lifecycle_policy, tag_mutability };
            self.0.entry(name).or_default().push(settings);
        }
    }

    /// Those of one repository, in the order of region and account.
    pub(crate) fn of_repository(&self, name: &str) -> &[ReplicaSettings] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}
