//! Reading all that is kept of a repository.

use std::collections::{BTreeMap, BTreeSet};

use demurrage_core::ledger::{MutabilitySpell, RepositoryLedger, TagRecord};
use demurrage_core::{Digest, Tag};

use super::attributes::Found;
use super::inventory_item::{self, Inventory};
use super::key::{FIRST, Kind, LAST};
use super::reconcile::history;
use super::table::{Appetite, Direction, Item, Range};
use super::{LedgerError, TagLedger, deletion_item, head_item, mutability_item, observation_item};

pub(super) async fn load(ledger: &TagLedger, repository: &str) -> Result<RepositoryLedger, LedgerError> {
    let range =
        Range { repository, first: FIRST.to_owned(), last: LAST.to_owned(), direction: Direction::Ascending };
    let mut kept = Kept::default();
    let each = |items: Vec<Item>| {
        for item in &items {
            kept.keep(&Found::of(ledger.table(), item)?)?;
        }
        Ok(Appetite::More)
    };
    ledger.table.query(&range, each).await?;
    let mutability = history(&kept.spells, &kept.inventory);
    Ok(RepositoryLedger::restore(kept.tags, kept.deletions, mutability, kept.inventory.reconciled))
}

/// What was read so far.
#[derive(Default)]
struct Kept {
    tags: BTreeMap<Tag, TagRecord>,
    deletions: BTreeMap<Digest, BTreeSet<chrono::DateTime<chrono::Utc>>>,
    spells: Vec<MutabilitySpell>,
    inventory: Inventory,
}

impl Kept {
    fn keep(&mut self, found: &Found<'_>) -> Result<(), LedgerError> {
        match Kind::of(&found.key.item) {
            Some(Kind::Head(tag)) => {
                self.tags.entry(tag).or_default().head = Some(found.read(head_item::read)?);
            }
            Some(Kind::Observation(tag)) => {
                let seen = found.read(observation_item::read)?;
                self.tags.entry(tag).or_default().history.keep(seen);
            }
            Some(Kind::Deleted(digest)) => {
                self.deletions.insert(digest, found.read(deletion_item::read)?.times);
            }
            Some(Kind::Inventory) => self.inventory = found.read(inventory_item::read)?,
            Some(Kind::Mutability) => self.spells.push(found.read(mutability_item::read)?),
            // What tags were on an image follows from their histories; a newer version may keep more.
            Some(Kind::TagOf(..)) | None => {}
        }
        Ok(())
    }
}
