//! Whole registries of a store: what a repository costs depends on the others of its registry, and on those that it is
//! replicated to.

use demurrage_core::cost::{Region, destinations};
use demurrage_core::{Fact, Inventory, Listing, RegistryKind, Replication};
use demurrage_store::Store;

use crate::failure::Failure;
use crate::selected::{announce, entries};
use crate::warnings::Source;
use crate::{talk, warnings};

/// What was read.
pub(crate) struct Registries {
    /// The newest inventories of the registries that are asked about.
    pub(crate) asked: Vec<Inventory>,
    /// Those of registries that these replicate to, where there are any.
    pub(crate) replicas: Vec<Inventory>,
    /// Whether anything is missing of the repositories that are wanted.
    pub(crate) is_partial: bool,
}

/// Reads all repositories of registries; says what was not read of those whose names `wanted` takes.
pub(crate) fn read(
    store: &Store,
    region: Option<Region>,
    wanted: impl Fn(&str) -> bool,
) -> Result<Registries, Failure> {
    let mut read = Registries { asked: Vec::new(), replicas: Vec::new(), is_partial: false };
    for entry in entries(store, region.map(Region::code))? {
        announce(&entry);
        let inventory = store.read(&entry, |_| true)?;
        for note in &inventory.notes {
            talk::warn(note);
            read.is_partial = true;
        }
        let repositories = || inventory.repositories.iter().filter(|repository| wanted(&repository.name));
        read.is_partial |= repositories().any(|repository| repository.listing != Listing::Complete);
        warnings::say_unread(repositories(), Source::Store);
        read.asked.push(inventory);
    }
    if region.is_some() {
        read.replicas = replicas(store, &read.asked, wanted)?;
    }
    Ok(read)
}

impl Registries {
    /// The registry of this account and region, where an inventory of it was read.
    pub(crate) fn find(&self, account: &str, region: &str) -> Option<&Inventory> {
        self.all().find(|it| is_private_of(it, account, region))
    }

    /// Every inventory that was read.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Inventory> {
        self.asked.iter().chain(&self.replicas)
    }
}

/// The replication of a registry, where it was read.
pub(crate) fn replication(inventory: &Inventory) -> Option<Replication> {
    match &inventory.registry.description {
        Fact::Present(answer) => Replication::parse(answer).ok(),
        Fact::Absent => Some(Replication::default()),
        Fact::NotEvaluated => None,
    }
}

fn is_private_of(inventory: &Inventory, account: &str, region: &str) -> bool {
    inventory.kind == RegistryKind::Private
        && inventory.registry_id.as_deref() == Some(account)
        && inventory.region == region
}

/// The inventories of the store to whose registries the wanted repositories are replicated.
fn replicas(
    store: &Store,
    asked: &[Inventory],
    wanted: impl Fn(&str) -> bool,
) -> Result<Vec<Inventory>, Failure> {
    let mut read = Vec::new();
    for entry in store.newest()? {
        let Some(account) = &entry.registry_id else { continue };
        let goes_there = |inventory: &Inventory| {
            let Some(replication) = replication(inventory) else { return false };
            let names = inventory.repositories.iter().map(|repository| &*repository.name);
            let mut to = names.filter(|name| wanted(name)).flat_map(|name| destinations(&replication, name));
            to.any(|to| to.registry_id == *account && to.region == entry.region)
        };
        let is_asked = asked.iter().any(|it| is_private_of(it, account, &entry.region));
        if entry.kind == RegistryKind::Private && !is_asked && asked.iter().any(goes_there) {
            announce(&entry);
            read.push(store.read(&entry, |_| true)?);
        }
    }
    Ok(read)
}
