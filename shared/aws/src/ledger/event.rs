//! Learning what one event says.

use chrono::{DateTime, Utc};
use demurrage_core::ledger::{Head, Observation, Said, Stored, TagHistory, decide};
use demurrage_core::{Digest, Tag};

use super::attributes::{Attributes, Found, expiry, item};
use super::deletion_item::{self, Deletions};
use super::key::{self, INVENTORY, Key, LAST};
use super::table::{Action, Appetite, Direction, Item, Only, Range};
use super::tag_ledger::{actions_of, expires_at};
use super::tries::Tries;
use super::{Learned, LedgerError, TagLedger, learned, observation_item};

/// Where something is learnt from, and of which repository.
#[derive(Debug, Clone)]
pub(super) struct Source {
    /// The repository's ARN.
    pub(super) repository: String,
    /// The partition of what came of it.
    pub(super) by: String,
}

/// What came of an observation.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) learned: Learned,
    /// Whether anything was written, now or by an earlier call for the same event.
    pub(super) is_change: bool,
}

/// Learns what an event says of a tag.
pub(super) async fn learn(
    ledger: &TagLedger,
    source: &Source,
    tag: &Tag,
    seen: Observation,
) -> Result<Outcome, LedgerError> {
    let repository = &source.repository;
    let told_key = Key::new(&source.by, tag.as_str());
    let mut tries = Tries::default();
    loop {
        let (told, head, inventory, deletions) = tokio::try_join!(
            ledger.table.get(&told_key),
            ledger.head(repository, tag),
            ledger.inventory(repository),
            ledger.deletions(repository, seen.value()),
        )?;
        if let Some(told) = told {
            let learned = Found::of(ledger.table(), &told)?.read(learned::read)?;
            return Ok(Outcome { learned, is_change: true });
        }
        let around = around(ledger, repository, tag, head.as_ref(), seen).await?;
        let stored = Stored {
            head: head.as_ref(),
            around: &around,
            reconciled: inventory.reconciled,
            digest_deleted_at: &deletions.from(seen.at),
        };
        let change = decide(&stored, seen);
        let learned = Learned::of(tag, &change, head.as_ref());
        if change.is_empty() {
            return Ok(Outcome { learned, is_change: false });
        }
        let mut actions = actions_of(source, tag, &change, head.as_ref());
        actions.push(Action::Put(told_item(&told_key, &learned), Only::New));
        actions.push(Action::Count(Key::new(repository, INVENTORY), inventory.version));
        if let Some(digest) = seen.value() {
            let at = Key::new(repository, key::deleted(digest));
            actions.push(Action::Check(at, Only::Version(deletions.version)));
        }
        let Err(setback) = ledger.table.write(actions).await? else {
            return Ok(Outcome { learned, is_change: true });
        };
        if !tries.next(setback).await {
            let key = Key::new(repository, tag.as_str());
            return Err(ledger.table.given_up(setback, &key, tries.made()));
        }
    }
}

/// Learns that an image was deleted, by an event that names no tag: what that means for each tag that was ever on it.
///
/// The deletion is kept before its tags are looked up, and whoever puts a tag on the image checks that none was kept
/// meanwhile: so one of the two sees the other.
pub(super) async fn learn_deletion(
    ledger: &TagLedger,
    source: &Source,
    digest: Digest,
    at: DateTime<Utc>,
) -> Result<Vec<Learned>, LedgerError> {
    keep_deletion(ledger, &source.repository, digest, at).await?;
    let seen = Observation { at, said: Said::DigestDeleted(digest) };
    let mut all = Vec::new();
    for tag in tags_of(ledger, &source.repository, digest).await? {
        let outcome = Box::pin(learn(ledger, source, &tag, seen)).await?;
        all.extend(outcome.is_change.then_some(outcome.learned));
    }
    Ok(all)
}

async fn keep_deletion(
    ledger: &TagLedger,
    repository: &str,
    digest: Digest,
    at: DateTime<Utc>,
) -> Result<(), LedgerError> {
    let mut tries = Tries::default();
    loop {
        let (inventory, mut deletions): (_, Deletions) =
            tokio::try_join!(ledger.inventory(repository), ledger.deletions(repository, Some(digest)))?;
        if !deletions.times.insert(at) {
            return Ok(());
        }
        let item = deletion_item::write(repository, digest, &deletions, expires_at());
        let actions = vec![
            Action::Put(item, Only::Version(deletions.version)),
            Action::Count(Key::new(repository, INVENTORY), inventory.version),
        ];
        let Err(setback) = ledger.table.write(actions).await? else { return Ok(()) };
        if !tries.next(setback).await {
            let key = Key::new(repository, key::deleted(digest));
            return Err(ledger.table.given_up(setback, &key, tries.made()));
        }
    }
}

/// Every tag that was ever put on an image.
async fn tags_of(ledger: &TagLedger, repository: &str, digest: Digest) -> Result<Vec<Tag>, LedgerError> {
    let [first, last] = key::tags_of(digest);
    let range = Range { repository, first, last, direction: Direction::Ascending };
    let mut tags = Vec::new();
    let each = |items: Vec<Item>| {
        for item in &items {
            let found = Found::of(ledger.table(), item)?;
            match key::Kind::of(&found.key.item) {
                Some(key::Kind::TagOf(_, tag)) => tags.push(tag),
                Some(_) | None => return Err(found.damaged("it is no tag of an image")),
            }
        }
        Ok(Appetite::More)
    };
    ledger.table.query(&range, each).await?;
    Ok(tags)
}

/// What is kept of a tag around an observation; nothing where it is newer than all that is kept.
async fn around(
    ledger: &TagLedger,
    repository: &str,
    tag: &Tag,
    head: Option<&Head>,
    seen: Observation,
) -> Result<Vec<Observation>, LedgerError> {
    if head.is_none_or(|head| head.latest < seen.at) {
        return Ok(Vec::new());
    }
    let [first, last] = key::observations(tag);
    let here = format!("{}{LAST}", key::up_to(tag, seen.at));
    let earlier = Range { repository, first, last: here.clone(), direction: Direction::LastFew };
    let later = Range { repository, first: here, last, direction: Direction::FirstFew };
    let mut history = TagHistory::default();
    for range in [earlier, later] {
        let each = |items: Vec<Item>| {
            for item in &items {
                history.keep(Found::of(ledger.table(), item)?.read(observation_item::read)?);
            }
            let (all, wanted) = (history.observations(), history.around(&seen));
            let (mut all, mut wanted) = (all.copied(), wanted.into_iter());
            // What is beyond the last that is wanted says that there is no more of them.
            let is_enough = match range.direction {
                Direction::LastFew => all.next() != wanted.next(),
                Direction::FirstFew | Direction::Ascending => all.next_back() != wanted.next_back(),
            };
            Ok(if is_enough { Appetite::Enough } else { Appetite::More })
        };
        ledger.table.query(&range, each).await?;
    }
    Ok(history.around(&seen))
}

/// What came of an event for a tag, which is kept as long as the event may come again.
fn told_item(key: &Key, learned: &Learned) -> Item {
    let mut item = item(key);
    item.extend(learned::write(learned));
    item.insert("expires_at".to_owned(), expiry(expires_at()));
    item
}

/// What an earlier call learnt, of the items of one partition.
pub(super) async fn told(ledger: &TagLedger, by: &str) -> Result<Vec<Learned>, LedgerError> {
    let (first, last) = (key::FIRST.to_owned(), LAST.to_owned());
    let range = Range { repository: by, first, last, direction: Direction::Ascending };
    let mut all = Vec::new();
    let each = |items: Vec<Item>| {
        for item in &items {
            all.extend(
                Found::of(ledger.table(), item)?
                    .read(|attributes: Attributes<'_>| learned::read_all(attributes, "learned"))?,
            );
        }
        Ok(Appetite::More)
    };
    ledger.table.query(&range, each).await?;
    Ok(all)
}
