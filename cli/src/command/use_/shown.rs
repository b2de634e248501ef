//! What the store knows of use, put together with the images of its inventories.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use demurrage_core::RepositoriesListing;
use demurrage_core::in_use::{KnownUses, ReadSource, UseGap, UseRecord, UseRules, newest_sources};
use demurrage_core::lifecycle::Relations;
use demurrage_report::{UseReport, UsedRepository};
use demurrage_store::{Depth, InventoryEntry, Store};

use crate::failure::Failure;
use crate::known_uses::{InUse, TagTimes, gaps, say_unsaid};
use crate::talk;

/// What is known of use.
pub(super) struct Shown {
    known: KnownUses,
    pub(super) sources: Vec<ReadSource>,
    gaps: Vec<UseGap>,
}

/// What the inventories of the store have of it.
#[derive(Default)]
struct Found<'a> {
    repositories: Vec<UsedRepository<'a>>,
    /// The uses that are of an image, by their places.
    resolved: BTreeSet<u32>,
}

impl Shown {
    /// Reads the records.
    pub(super) fn of(store: &Store, rules: &UseRules, now: DateTime<Utc>) -> Result<Self, Failure> {
        let records: Vec<UseRecord> = store.uses()?.into_iter().map(|(_, record)| record).collect();
        let sources = newest_sources(&records);
        let known = KnownUses::of(&records, Vec::new(), Vec::new(), rules);
        let gaps = gaps(store, &known, now, rules.max_age)?;
        Ok(Self { known, sources, gaps })
    }

    /// Says what nobody asks.
    pub(super) fn say_unsaid(&self, store: &Store) -> Result<(), Failure> {
        say_unsaid(store, &self.known)
    }

    /// Goes through the newest inventory of each registry, and says what of it is in use.
    pub(super) fn report(
        &self,
        store: &Store,
        stored: Vec<String>,
        now: DateTime<Utc>,
    ) -> Result<UseReport<'_>, Failure> {
        let entries = store.newest()?;
        let mut found = Found::default();
        for entry in &entries {
            self.look_through(store, entry, &mut found)?;
        }
        let registries: Vec<(Option<&str>, &str)> =
            entries.iter().map(|it| (it.registry_id.as_deref(), it.region.as_str())).collect();
        let uses = (0..u32::MAX).zip(self.known.graph.uses());
        let unresolved = uses
            .filter(|(place, used)| !found.resolved.contains(place) && InUse::may_be_here(used, &registries))
            .map(|(_, used)| used)
            .collect();
        Ok(UseReport {
            now,
            sources: self.sources.clone(),
            gaps: self.gaps.clone(),
            repositories: found.repositories,
            unresolved,
            stored,
        })
    }

    /// Goes through an inventory, one repository at a time.
    fn look_through<'a>(
        &'a self,
        store: &Store,
        entry: &InventoryEntry,
        found: &mut Found<'a>,
    ) -> Result<(), Failure> {
        if entry.repositories_listing != RepositoriesListing::Complete {
            talk::warn(format!("{}: not all repositories are in this inventory", entry.name()));
        }
        let graph = &self.known.graph;
        let account = entry.registry_id.as_deref();
        let mut times = TagTimes::of(store, entry.kind, account, &entry.region)?;
        let mut walk = store.walk(entry, Depth::Children)?;
        while let Some(repository) = walk.next_repository()? {
            let ledger = times.of_repository(graph, &repository.name)?;
            let uses = graph.uses_of_repository(entry.kind, &repository, ledger.as_ref());
            if uses.is_empty() {
                continue;
            }
            found.resolved.extend(uses);
            let relations = Relations::of(&repository.images);
            let in_use = graph.of_repository_at(entry.kind, &repository, &relations, ledger.as_ref());
            found.repositories.extend(UsedRepository::of(
                entry.registry_id.clone(),
                &entry.region,
                &repository,
                &in_use.protections,
                graph.uses(),
            ));
        }
        Ok(())
    }
}
