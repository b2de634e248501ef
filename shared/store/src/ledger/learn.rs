//! Learning what a stored inventory tells.
//!
//! The newest inventory is learnt by going through the ledger and the inventory side by side. Whatever else there is to
//! learn (an older one, one of which the writing was lost, or one that begins while the one before may still have been
//! read) is learnt by building the ledger anew, inventory by inventory, which takes all that are in it.

use chrono::TimeDelta;
use demurrage_core::ledger::{ListingWindow, RepositoryLedger};
use demurrage_core::{RepositoriesListing, Repository};
use tempfile::NamedTempFile;

use super::file_writer::FileWriter;
use super::ledger_walk::LearntInventory;
use super::past::Past;
use super::{Ledger, LedgerWalk};
use crate::{InventoryEntry, Store, StoreError};

/// How long an inventory is taken to have been read, where nobody says otherwise and the next did not begin before. It
/// says when it was begun, and not when it ended.
const LISTING_TIME: TimeDelta = TimeDelta::minutes(15);

/// What an inventory has taught a ledger.
#[derive(Debug)]
pub struct LedgerLearned {
    /// What became of the inventory.
    pub outcome: LedgerOutcome,
    /// Tags about which there was anything to keep.
    pub changes: u64,
    /// Why other inventories could not be looked at.
    pub unreadable: Vec<StoreError>,
}

/// What became of an inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerOutcome {
    /// It is in the ledger now.
    Learnt,
    /// It was in the ledger already: nothing is written.
    Known,
    /// The ledger was built anew of so many inventories, this one among them.
    Rebuilt {
        /// How many.
        inventories: usize,
    },
    /// It is older than the newest that is in the ledger, and of those that are in it some are no longer in the store:
    /// nothing is written.
    TooOld,
}

impl Store {
    /// Learns what a stored inventory tells about tags, into the ledger of its registry. The same inventory once more
    /// changes nothing, and inventories may come in any order.
    ///
    /// # Errors
    /// When a file is missing, damaged or of a newer format, or the file system or the bucket refuses. The ledger is then
    /// as it was.
    pub fn learn(&self, entry: &InventoryEntry) -> Result<LedgerLearned, StoreError> {
        learn(&self.ledger_of(entry)?, entry, None)
    }

    /// The same for an inventory of which is known between which times it was read.
    ///
    /// # Errors
    /// As for [`Self::learn`].
    pub fn learn_within(
        &self,
        entry: &InventoryEntry,
        window: ListingWindow,
    ) -> Result<LedgerLearned, StoreError> {
        let window = ListingWindow::new(window.from, window.until, TimeDelta::zero());
        learn(&self.ledger_of(entry)?, entry, Some(window))
    }
}

fn learn(
    ledger: &Ledger,
    entry: &InventoryEntry,
    window: Option<ListingWindow>,
) -> Result<LedgerLearned, StoreError> {
    let walk = ledger.walk()?;
    let mut learnt: Vec<LearntInventory> = walk.as_ref().map_or_else(Vec::new, |walk| walk.learnt().to_vec());
    let (entries, unreadable) = ledger.entries()?;
    let is_learnt = |name: &str| learnt.iter().any(|inventory| inventory.name == name);
    if is_learnt(entry.name()) {
        return Ok(LedgerLearned { outcome: LedgerOutcome::Known, changes: 0, unreadable });
    }
    let is_there = |name: &str| entries.iter().any(|entry| entry.name() == name);
    let all_are_there = learnt.iter().all(|inventory| is_there(&inventory.name)) && is_there(entry.name());
    let others_lack = entries.iter().any(|other| !is_learnt(other.name()) && other.name() != entry.name());
    let window_here = window.unwrap_or_else(|| usual_window(entry));
    let this = match window {
        Some(window) => LearntInventory::given(entry.name(), window),
        None => LearntInventory::usual(entry.name(), window_here),
    };
    let last = learnt.iter().filter_map(LearntInventory::window).map(|window| window.until).max();
    let is_newest = last.is_none_or(|last| last < window_here.from);
    if all_are_there && (others_lack || !is_newest) {
        learnt.push(this);
        let changes = rebuild(ledger, &entries, &learnt)?;
        let outcome = LedgerOutcome::Rebuilt { inventories: entries.len() };
        return Ok(LedgerLearned { outcome, changes, unreadable });
    }
    if !is_newest {
        return Ok(LedgerLearned { outcome: LedgerOutcome::TooOld, changes: 0, unreadable });
    }
    learnt.push(this);
    let (draft, changes) = merge(ledger, walk, entry, window_here, &learnt)?;
    ledger.file.replace(draft)?;
    Ok(LedgerLearned { outcome: LedgerOutcome::Learnt, changes, unreadable })
}

/// Builds the ledger of all these inventories, from the oldest to the newest; how many changes the last one made.
fn rebuild(
    ledger: &Ledger,
    entries: &[InventoryEntry],
    given: &[LearntInventory],
) -> Result<u64, StoreError> {
    let mut before: Option<NamedTempFile<std::fs::File>> = None;
    let (mut learnt, mut changes) = (Vec::new(), 0);
    for (entry, window) in entries.iter().zip(windows(entries, given)) {
        let is_given = given.iter().any(|one| one.is_given && one.name == entry.name());
        let of = if is_given { LearntInventory::given } else { LearntInventory::usual };
        learnt.push(of(entry.name(), window));
        let walk = before.take().map(|draft| {
            let path = draft.path().display().to_string();
            let file = draft.reopen().map_err(StoreError::io("read", &path))?;
            LedgerWalk::begin(&path, file)
        });
        let (draft, made) = merge(ledger, walk.transpose()?, entry, window, &learnt)?;
        (before, changes) = (Some(draft), made);
    }
    if let Some(draft) = before {
        ledger.file.replace(draft)?;
    }
    Ok(changes)
}

/// Writes the ledger with one more inventory; how many changes that made.
fn merge(
    ledger: &Ledger,
    mut walk: Option<LedgerWalk>,
    entry: &InventoryEntry,
    window: ListingWindow,
    learnt: &[LearntInventory],
) -> Result<(NamedTempFile<std::fs::File>, u64), StoreError> {
    let draft = ledger.file.draft()?;
    let refused = |error| StoreError::io("write", draft.path())(error);
    let file = draft.as_file().try_clone().map_err(refused)?;
    let mut writer = FileWriter::create(file).map_err(refused)?;
    let mut past = Past::begin(&ledger.store.place, entry)?;
    let mut known = next_known(walk.as_mut())?;
    let mut seen = past.next_repository()?;
    let mut changes = 0;
    loop {
        let known_name = known.as_ref().map(|(name, _)| name.clone());
        let seen_name = seen.as_ref().map(|repository| repository.name.clone());
        let Some(name) = known_name.iter().chain(&seen_name).min().cloned() else { break };
        let mut kept = RepositoryLedger::default();
        if known_name.as_ref() == Some(&name) {
            kept = known.take().map(|(_, ledger)| ledger).unwrap_or_default();
            known = next_known(walk.as_mut())?;
        }
        let mut repository = None;
        if seen_name.as_ref() == Some(&name) {
            repository = seen.take();
            seen = past.next_repository()?;
        }
        changes += learn_repository(&mut kept, &name, repository.as_ref(), entry, window);
        writer.repository(&name, &kept).map_err(refused)?;
    }
    writer.finish(learnt).map_err(refused)?;
    Ok((draft, changes))
}

fn next_known(walk: Option<&mut LedgerWalk>) -> Result<Option<(String, RepositoryLedger)>, StoreError> {
    walk.map_or(Ok(None), LedgerWalk::next_repository)
}

/// Learns what an inventory tells of a repository, which may be none; how many tags that changed.
pub(super) fn learn_repository(
    ledger: &mut RepositoryLedger,
    name: &str,
    repository: Option<&Repository>,
    entry: &InventoryEntry,
    window: ListingWindow,
) -> u64 {
    let changes = match (repository, entry.repositories_listing) {
        (Some(repository), _) => ledger.learn_inventory(repository, window),
        // A repository that is gone has no tags.
        (None, RepositoriesListing::Complete) => ledger.learn_inventory(&Repository::new(name), window),
        (None, RepositoriesListing::CutOff) => Vec::new(),
    };
    changes.len() as u64
}

/// Between which times inventories were read that come one after another: as is given, or as usual, unless the next one
/// began before the end of that.
pub(super) fn windows(entries: &[InventoryEntry], given: &[LearntInventory]) -> Vec<ListingWindow> {
    let second = TimeDelta::seconds(1);
    let nexts = entries.iter().skip(1).map(|next| Some(usual_window(next).from - second)).chain([None]);
    let window = |(entry, next): (&InventoryEntry, Option<chrono::DateTime<chrono::Utc>>)| {
        let usual = usual_window(entry);
        let given = given.iter().find(|inventory| inventory.is_given && inventory.name == entry.name());
        if let Some(window) = given.and_then(LearntInventory::window) {
            return window;
        }
        let until = next.map_or(usual.until, |next| usual.until.min(next).max(usual.from));
        ListingWindow { from: usual.from, until }
    };
    entries.iter().zip(nexts).map(window).collect()
}

fn usual_window(entry: &InventoryEntry) -> ListingWindow {
    ListingWindow::new(entry.taken_at, entry.taken_at + LISTING_TIME, TimeDelta::zero())
}
