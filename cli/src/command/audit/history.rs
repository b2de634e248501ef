//! What the tags of a registry were on: by the tag ledger of the store, or by inventories that are gone through.
//!
//! It assumes that repositories are asked for in the order of their names. The ledger is streamed; what inventories tell is
//! held, a few hundred bytes for each tag.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::ledger::{ListingWindow, RepositoryLedger};
use demurrage_core::{RepositoriesListing, Repository};
use demurrage_report::count;
use demurrage_store::{Depth, InventoryEntry, LedgerWalk, Store};

use crate::failure::Failure;
use crate::talk;

/// How long an inventory is taken to have been read: it says when it was begun, and not when it ended. As the tag ledger of
/// a store takes it.
const LISTING_TIME: TimeDelta = TimeDelta::minutes(15);

/// From when on history is judged.
#[derive(Debug, Clone, Copy)]
pub(in crate::command) struct Since {
    pub(in crate::command) taken_at: DateTime<Utc>,
}

/// What the tags of one registry were on.
pub(in crate::command) enum History {
    /// By the ledger, with the repository that was read from it last.
    Kept { walk: Box<LedgerWalk>, next: Option<(String, RepositoryLedger)> },
    /// By inventories.
    Learnt(BTreeMap<String, RepositoryLedger>),
    /// It could not be read.
    Unknown,
}

impl History {
    /// The history of the registry of this inventory, its newest.
    pub(in crate::command) fn of(
        store: &Store,
        entry: &InventoryEntry,
        since: Option<Since>,
    ) -> Result<Self, Failure> {
        if let Some(since) = since {
            return Self::learnt(store, entry, Some(since));
        }
        let walk = match store.ledger_of(entry).and_then(|ledger| ledger.walk()) {
            Ok(Some(walk)) => walk,
            Ok(None) => return Self::learnt(store, entry, None),
            Err(error) => {
                talk::warn(format!("what happened to tags is not known: {error}"));
                talk::hint("`--since INVENTORY` judges it by inventories");
                return Ok(Self::Unknown);
            }
        };
        if !walk.inventories().any(|name| name == entry.name()) {
            talk::warn(format!(
                "the tag ledger is behind: it has not learnt {}, the newest inventory",
                entry.name()
            ));
            talk::hint(
                "the next inventory brings it up to date; `--since INVENTORY` judges by inventories meanwhile",
            );
        }
        let mut walk = Box::new(walk);
        let next = walk.next_repository()?;
        Ok(Self::Kept { walk, next })
    }

    /// Whether nothing is known because it could not be read.
    pub(in crate::command) const fn is_unknown(&self) -> bool {
        matches!(self, Self::Unknown)
    }

    /// What all inventories of the registry tell, or those from a time on.
    fn learnt(store: &Store, newest: &InventoryEntry, since: Option<Since>) -> Result<Self, Failure> {
        let (mut entries, unreadable) = store.readable_inventories()?;
        for error in &unreadable {
            talk::warn(format!("what happened to tags is judged without an inventory: {error}"));
        }
        entries.retain(|entry| {
            (entry.kind, &entry.registry_id, &entry.region)
                == (newest.kind, &newest.registry_id, &newest.region)
                && since.is_none_or(|since| since.taken_at <= entry.taken_at)
        });
        talk::say(format!("history: {}", count(entries.len(), "inventory")));
        let mut ledgers: BTreeMap<String, RepositoryLedger> = BTreeMap::new();
        for (entry, window) in entries.iter().zip(windows(&entries)) {
            learn(store, entry, window, &mut ledgers)?;
        }
        Ok(Self::Learnt(ledgers))
    }

    /// The ledger of the repository of this name; nothing where history could not be read.
    pub(in crate::command) fn of_repository(
        &mut self,
        name: &str,
    ) -> Result<Option<RepositoryLedger>, Failure> {
        match self {
            Self::Unknown => Ok(None),
            Self::Learnt(ledgers) => Ok(Some(ledgers.remove(name).unwrap_or_default())),
            Self::Kept { walk, next } => {
                while next.as_ref().is_some_and(|(held, _)| held.as_str() < name) {
                    *next = walk.next_repository()?;
                }
                let is_it = next.as_ref().is_some_and(|(held, _)| held == name);
                let found = if is_it { next.take() } else { None };
                if is_it {
                    *next = walk.next_repository()?;
                }
                Ok(Some(found.map(|(_, ledger)| ledger).unwrap_or_default()))
            }
        }
    }
}

/// Learns what an inventory tells. Repositories that are missing from a complete listing are gone, with their tags.
fn learn(
    store: &Store,
    entry: &InventoryEntry,
    window: ListingWindow,
    ledgers: &mut BTreeMap<String, RepositoryLedger>,
) -> Result<(), Failure> {
    let mut walk = store.walk(entry, Depth::Children)?;
    let mut seen = std::collections::BTreeSet::new();
    while let Some(repository) = walk.next_repository()? {
        ledgers.entry(repository.name.clone()).or_default().learn_inventory(&repository, window);
        seen.insert(repository.name);
    }
    if entry.repositories_listing == RepositoriesListing::Complete {
        for (name, ledger) in ledgers.iter_mut().filter(|(name, _)| !seen.contains(*name)) {
            ledger.learn_inventory(&Repository::new(name), window);
        }
    }
    Ok(())
}

/// Between which times inventories were read that come one after another: none goes on while the next is read.
fn windows(entries: &[InventoryEntry]) -> Vec<ListingWindow> {
    let usual = |entry: &InventoryEntry| {
        ListingWindow::new(entry.taken_at, entry.taken_at + LISTING_TIME, TimeDelta::zero())
    };
    let second = TimeDelta::seconds(1);
    let nexts = entries.iter().skip(1).map(|next| Some(usual(next).from - second)).chain([None]);
    let window = |(entry, next): (&InventoryEntry, Option<DateTime<Utc>>)| {
        let window = usual(entry);
        let until = next.map_or(window.until, |next| window.until.min(next).max(window.from));
        ListingWindow { until, ..window }
    };
    entries.iter().zip(nexts).map(window).collect()
}
