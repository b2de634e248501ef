//! What is known of the tags of a registry, by repository.

use std::collections::BTreeMap;

use demurrage_core::in_use::UseGraph;
use demurrage_core::ledger::RepositoryLedger;
use demurrage_core::{RegistryKind, Repository};
use demurrage_store::{InventoryEntry, Store, StoreError};

use crate::talk;

/// What tags were on, by the name of the repository.
pub(super) struct Ledgers {
    by_name: BTreeMap<String, RepositoryLedger>,
    /// Why what is not in there cannot be read. What it would say keeps images.
    damage: Option<String>,
}

impl Ledgers {
    /// The ledger of a registry, where there is one. Where nothing was ever learnt, the inventories are gone through for those
    /// repositories of which something that is in use names a tag.
    pub(super) fn read(
        store: &Store,
        entry: &InventoryEntry,
        repositories: &[Repository],
        graph: &UseGraph,
    ) -> Self {
        let mut by_name = BTreeMap::new();
        let damage =
            learn(store, entry, repositories, graph, &mut by_name).err().map(|error| error.to_string());
        if let Some(cause) = &damage {
            talk::warn(format!("what happened to tags is not all known: {cause}"));
        }
        Self { by_name, damage }
    }

    /// What is known of the tags of a repository, or why that cannot be read.
    pub(super) fn of(&self, name: &str) -> Result<Option<&RepositoryLedger>, &str> {
        match (self.by_name.get(name), &self.damage) {
            (Some(ledger), _) => Ok(Some(ledger)),
            (None, Some(cause)) => Err(cause),
            (None, None) => Ok(None),
        }
    }
}

fn learn(
    store: &Store,
    entry: &InventoryEntry,
    repositories: &[Repository],
    graph: &UseGraph,
    by_name: &mut BTreeMap<String, RepositoryLedger>,
) -> Result<(), StoreError> {
    let ledger = store.ledger_of(entry)?;
    let Some(mut walk) = ledger.walk()? else {
        for repository in repositories {
            if graph.asks_for_ledger(RegistryKind::Private, &repository.name) {
                by_name.insert(repository.name.clone(), ledger.repository(&repository.name)?);
            }
        }
        return Ok(());
    };
    while let Some((name, ledger)) = walk.next_repository()? {
        by_name.insert(name, ledger);
    }
    Ok(())
}
