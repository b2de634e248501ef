//! Making the heads of a repository what an inventory has of it.

use std::collections::{BTreeMap, BTreeSet};

use demurrage_core::ledger::{
    Change, Head, ListingWindow, MutabilityHistory, MutabilitySpell, Observation, TagListing,
    reconcile as decide,
};
use demurrage_core::{Digest, Fact, Repository, Tag};

use super::attributes::{Found, expiry, item};
use super::deletion_item::{self, Deletions};
use super::event::{Source, told};
use super::inventory_item::{self, Inventory};
use super::key::{self, FIRST_BESIDE_HISTORY, INVENTORY, Key, Kind, LAST};
use super::table::{Action, Appetite, Direction, Item, Only, Range, TRANSACTION_ITEMS_MAX};
use super::tag_ledger::{actions_of, expires_at};
use super::tries::{Setback, Tries};
use super::{Learned, LedgerError, TagLedger, head_item, learned, mutability_item};

pub(super) async fn reconcile(
    ledger: &TagLedger,
    repository_arn: &str,
    repository: &Repository,
    window: ListingWindow,
    run: &str,
) -> Result<Vec<Learned>, LedgerError> {
    let source = Source { repository: repository_arn.to_owned(), by: key::run(run, repository_arn) };
    // Whole seconds, as the keys of items are.
    let window = ListingWindow::new(window.from, window.until, chrono::TimeDelta::zero());
    let listing = TagListing::of(repository, window);
    check_tags(repository_arn, listing.as_ref())?;
    let mut learned = BTreeMap::new();
    let mut tries = Tries::default();
    loop {
        let present = Present::read(ledger, &source).await?;
        let Err(setback) =
            attempt(ledger, &source, repository, window, listing.as_ref(), present, &mut learned).await?
        else {
            return Ok(learned.into_values().collect());
        };
        if !tries.next(setback).await {
            let key = Key::new(repository_arn, INVENTORY);
            return Err(ledger.table.given_up(setback, &key, tries.made()));
        }
    }
}

/// Writes what an inventory changes of what is there. After a setback all has to be read again: what was written
/// before it stays, and needs not be written again.
async fn attempt(
    ledger: &TagLedger,
    source: &Source,
    repository: &Repository,
    window: ListingWindow,
    listing: Option<&TagListing>,
    mut present: Present,
    learned: &mut BTreeMap<Tag, Learned>,
) -> Result<Result<(), Setback>, LedgerError> {
    let changes = listing.map_or_else(Vec::new, |listing| present.changes(listing));
    if present.is_of_this_run || !changes.is_empty() {
        for told in told(ledger, &source.by).await? {
            learned.entry(told.tag.clone()).or_insert(told);
        }
    }
    for chunk in chunks(source, &present, &changes) {
        if let Err(setback) = ledger.table.write(chunk.actions).await? {
            return Ok(Err(setback));
        }
        present.inventory.writes += 1;
        learned.extend(chunk.learned.into_iter().map(|one| (one.tag.clone(), one)));
    }
    finish(ledger, source, repository, window, listing, &present).await
}

/// Keeps the window of the inventory, and the setting of tag mutability, after everything else.
async fn finish(
    ledger: &TagLedger,
    source: &Source,
    repository: &Repository,
    window: ListingWindow,
    listing: Option<&TagListing>,
    present: &Present,
) -> Result<Result<(), Setback>, LedgerError> {
    let before = &present.inventory;
    let mut mutability = present.mutability.clone();
    if let Fact::Present(setting) = &repository.tag_mutability {
        mutability.learn(window.from, setting);
    }
    let reconciled = listing.map_or(before.reconciled, |listing| listing.reconciles(before.reconciled));
    let mutability_seen_at = mutability.spells().last().map(|spell| spell.last_seen);
    let spells = spells_to_write(&present.spells, mutability.spells());
    let is_news = reconciled != before.reconciled || mutability_seen_at != before.mutability_seen_at;
    if !is_news && spells.is_empty() {
        return Ok(Ok(()));
    }
    let after = Inventory { reconciled, mutability_seen_at, by: Some(source.by.clone()), ..before.clone() };
    let item = inventory_item::write(&source.repository, &after);
    let only = Only::Untouched { version: before.version, writes: before.writes };
    if spells.is_empty() {
        return ledger.table.put(item, only).await;
    }
    let spells = spells.into_iter().map(|spell| mutability_item::write(&source.repository, spell));
    let mut actions = vec![Action::Put(item, only)];
    actions.extend(spells.map(|item| Action::Put(item, Only::Always)));
    ledger.table.write(actions).await
}

/// Spells that are not kept as they are. Of the newest it does not count when it was seen last: that is kept with the
/// inventory.
fn spells_to_write<'s>(kept: &[MutabilitySpell], spells: &'s [MutabilitySpell]) -> Vec<&'s MutabilitySpell> {
    let newest = spells.last();
    let is_kept = |spell: &MutabilitySpell| {
        kept.iter().any(|kept| {
            let is_the_same = kept.setting == spell.setting && kept.first_seen == spell.first_seen;
            is_the_same && (Some(spell) == newest || kept.last_seen == spell.last_seen)
        })
    };
    spells.iter().filter(|spell| !is_kept(spell)).take(TRANSACTION_ITEMS_MAX - 1).collect()
}

/// What is there of a repository, without the histories of its tags.
struct Present {
    heads: BTreeMap<Tag, Head>,
    deletions: BTreeMap<Digest, Deletions>,
    inventory: Inventory,
    /// As they are kept.
    spells: Vec<MutabilitySpell>,
    /// The same, with when the newest was seen last.
    mutability: MutabilityHistory,
    /// Whether an earlier call for the same run wrote any of it.
    is_of_this_run: bool,
}

impl Present {
    async fn read(ledger: &TagLedger, source: &Source) -> Result<Self, LedgerError> {
        let mut present = Self {
            heads: BTreeMap::new(),
            deletions: BTreeMap::new(),
            inventory: Inventory::default(),
            spells: Vec::new(),
            mutability: MutabilityHistory::default(),
            is_of_this_run: false,
        };
        let range = Range {
            repository: &source.repository,
            first: FIRST_BESIDE_HISTORY.to_owned(),
            last: LAST.to_owned(),
            direction: Direction::Ascending,
        };
        let each = |items: Vec<Item>| {
            for item in &items {
                present.keep(source, &Found::of(ledger.table(), item)?)?;
            }
            Ok(Appetite::More)
        };
        ledger.table.query(&range, each).await?;
        present.mutability = history(&present.spells, &present.inventory);
        Ok(present)
    }

    fn keep(&mut self, source: &Source, found: &Found<'_>) -> Result<(), LedgerError> {
        match Kind::of(&found.key.item) {
            Some(Kind::Head(tag)) => {
                self.heads.insert(tag, found.read(head_item::read)?);
            }
            Some(Kind::Deleted(digest)) => {
                self.deletions.insert(digest, found.read(deletion_item::read)?);
            }
            Some(Kind::Inventory) => self.inventory = found.read(inventory_item::read)?,
            Some(Kind::Mutability) => self.spells.push(found.read(mutability_item::read)?),
            // A newer version may keep more.
            Some(Kind::TagOf(..) | Kind::Observation(_)) | None => {}
        }
        let by = found.read(|attributes| attributes.maybe_text("by"))?;
        self.is_of_this_run |= by == Some(source.by.as_str());
        Ok(())
    }

    fn changes(&self, listing: &TagListing) -> Vec<(Tag, Change)> {
        let deleted_at = |digest: &Digest, from| {
            self.deletions.get(digest).map_or_else(Vec::new, |deletions| deletions.from(from))
        };
        decide(&self.heads, listing, self.inventory.reconciled, deleted_at)
    }
}

/// The settings that were kept, with when the newest was seen last.
pub(super) fn history(spells: &[MutabilitySpell], inventory: &Inventory) -> MutabilityHistory {
    let mut history: MutabilityHistory = spells.iter().cloned().collect();
    let newest = history.spells().last().map(|spell| spell.setting.clone());
    if let (Some(setting), Some(seen_at)) = (newest, inventory.mutability_seen_at) {
        history.learn(seen_at, &setting);
    }
    history
}

/// What is written together: some tags, each whole.
struct Chunk {
    actions: Vec<Action>,
    learned: Vec<Learned>,
    checked: BTreeSet<Digest>,
}

fn chunks(source: &Source, present: &Present, changes: &[(Tag, Change)]) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    for (tag, change) in changes {
        let head = present.heads.get(tag);
        let actions = actions_of(source, tag, change, head);
        let digests: BTreeSet<Digest> = change.transitions.iter().filter_map(Observation::value).collect();
        let unchecked = |chunk: &Chunk| digests.difference(&chunk.checked).count();
        // Two more: what came of it, and the count of writes.
        let fits = |chunk: &Chunk| {
            chunk.actions.len() + actions.len() + unchecked(chunk) + 2 <= TRANSACTION_ITEMS_MAX
        };
        let empty = || Chunk { actions: Vec::new(), learned: Vec::new(), checked: BTreeSet::new() };
        if !chunks.last().is_some_and(fits) {
            chunks.push(empty());
        }
        let Some(chunk) = chunks.last_mut() else { continue };
        for digest in digests {
            if chunk.checked.insert(digest) {
                let version = present.deletions.get(&digest).map_or(0, |deletions| deletions.version);
                let at = Key::new(&source.repository, key::deleted(digest));
                chunk.actions.push(Action::Check(at, Only::Version(version)));
            }
        }
        chunk.actions.extend(actions);
        chunk.learned.push(Learned::of(tag, change, head));
    }
    for chunk in &mut chunks {
        let Some(first) = chunk.learned.first() else { continue };
        let version = present.heads.get(&first.tag).map_or(0, |head| head.version);
        let mut told = item(&Key::new(&source.by, format!("{}#{version}", first.tag)));
        told.insert("learned".to_owned(), learned::write_all(&chunk.learned));
        told.insert("expires_at".to_owned(), expiry(expires_at()));
        chunk.actions.push(Action::Put(told, Only::Always));
        chunk.actions.push(Action::Count(Key::new(&source.repository, INVENTORY), present.inventory.version));
    }
    chunks
}

/// Whether everything that is listed for a tag can be one.
fn check_tags(repository: &str, listing: Option<&TagListing>) -> Result<(), LedgerError> {
    let refused = |cause: String| LedgerError::Tag { repository: repository.to_owned(), cause };
    for tag in listing.into_iter().flat_map(|listing| listing.tags.keys()) {
        tag.as_str().parse::<Tag>().map_err(|error| refused(error.to_string()))?;
    }
    Ok(())
}
