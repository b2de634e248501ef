//! The settings of the same repositories where they are replicated to, from the newest inventories of those registries.
//!
//! A registry of which the store has no inventory is left out: the audit that needs it says then that it was not
//! evaluated.

use std::collections::BTreeMap;

use demurrage_core::audit::{RegistrySettings, ReplicaSettings, Setting};
use demurrage_core::cost::destinations;
use demurrage_core::{RegistryKind, Repository};
use demurrage_store::{InventoryEntry, Store};

use crate::failure::Failure;

/// Settings of replicas, by the name of the repository.
#[derive(Debug, Default)]
pub(in crate::command) struct Replicas(BTreeMap<String, Vec<ReplicaSettings>>);

impl Replicas {
    /// What the newest inventories know of the replicas of these repositories.
    pub(in crate::command) fn of(
        store: &Store,
        newest: &[InventoryEntry],
        settings: &RegistrySettings,
        names: &[&str],
    ) -> Result<Self, Failure> {
        let mut replicas = Self::default();
        let Setting::Is(replication) = &settings.replication else { return Ok(replicas) };
        for entry in newest.iter().filter(|entry| entry.kind == RegistryKind::Private) {
            let Some(account) = &entry.registry_id else { continue };
            let goes_there = |name: &str| {
                destinations(replication, name)
                    .iter()
                    .any(|to| to.registry_id == *account && to.region == entry.region)
            };
            if names.iter().any(|name| goes_there(name)) {
                let repositories = store.repositories(entry)?;
                let sent = repositories.into_iter().filter(|repository| goes_there(&repository.name));
                sent.for_each(|repository| replicas.add(account, &entry.region, repository));
            }
        }
        Ok(replicas)
    }

    fn add(&mut self, account: &str, region: &str, repository: Repository) {
        let Repository { name, lifecycle_policy, tag_mutability, .. } = repository;
        let (account, region) = (account.to_owned(), region.to_owned());
        let settings = ReplicaSettings { account, region, lifecycle_policy, tag_mutability };
        self.0.entry(name).or_default().push(settings);
    }

    /// Those of one repository.
    pub(in crate::command) fn of_repository(&self, name: &str) -> &[ReplicaSettings] {
        self.0.get(name).map_or(&[], Vec::as_slice)
    }
}
