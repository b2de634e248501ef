//! The tag ledger in a table of `DynamoDB`.
//!
//! What is written is what the core decides ([`demurrage_core::ledger::decide`] and
//! [`demurrage_core::ledger::reconcile`]), and only over what it was decided upon: a transaction holds a condition for
//! everything that was read, and where one fails, it is read and decided again. So calls that run at the same time, in
//! as many processes as there are, end as if one had come after the other, and one that is killed has done all of a
//! tag or nothing.

use std::time::Duration;

use aws_config::SdkConfig;
use chrono::{DateTime, Days, Utc};
use demurrage_core::ledger::{
    Change, EcrEvent, Head, ListingWindow, Observation, RepositoryLedger, Teaching,
};
use demurrage_core::{Repository, Tag};

use super::attributes::Found;
use super::deletion_item::Deletions;
use super::inventory_item::Inventory;
use super::key::{self, INVENTORY, Key};
use super::table::{Action, Only, Table};
use super::{
    Learned, LedgerError, deletion_item, event, head_item, inventory_item, load, observation_item, reconcile,
};
use crate::Server;
use crate::tries::Tries;

/// Shorter than those of a session: a page of a megabyte takes a tenth of what one attempt may.
const TRIES: Tries = Tries {
    attempts_max: 8,
    pause_first: Duration::from_millis(50),
    pause_max: Duration::from_secs(5),
    connect_timeout: Duration::from_secs(3),
    attempt_timeout: Duration::from_secs(10),
};
/// How long what came of an event, or of a run, is kept: longer than a queue can keep a message that is tried again.
///
/// Source: SQS developer guide, "Message quotas" (14 days), read 2026-11-24.
const KEPT_DAYS: Days = Days::new(15);

/// The tag ledger in a table. Clones share its pace.
#[derive(Debug, Clone)]
pub struct TagLedger {
    pub(super) table: Table,
}

impl TagLedger {
    /// The ledger in a table of this region, with the credentials of the standard chain. No call is made yet.
    pub async fn open(region: &str, table: &str) -> Self {
        Self::new(&TRIES.settings(region, None).load().await, table)
    }

    /// The ledger in a table of a server on this machine, which leaves the standard chain alone.
    pub async fn open_at(region: &str, server: &Server, table: &str) -> Self {
        Self::new(&TRIES.settings(region, Some(server)).load().await, table)
    }

    pub(crate) fn new(config: &SdkConfig, table: &str) -> Self {
        Self { table: Table::new(config, table) }
    }

    /// The name of the table.
    pub fn table(&self) -> &str {
        self.table.name()
    }

    /// Learns what an event says, and what that means for each tag that it concerns. The same event once more changes
    /// nothing and is answered in the same way.
    ///
    /// # Errors
    /// When a call failed after its retries, or others wrote about the tag all the time. What was learnt of other tags
    /// before is kept: the event may be handed over again.
    pub async fn learn_event(&self, event: &EcrEvent) -> Result<Vec<Learned>, LedgerError> {
        let Some(repository) = event.repository() else { return Ok(Vec::new()) };
        let source = event::Source { repository: repository.arn(), by: key::event(&event.id) };
        match event.teaching() {
            Teaching::Tag { tag, observation } => {
                let outcome = Box::pin(event::learn(self, &source, &tag, observation)).await?;
                Ok(vec![outcome.learned])
            }
            Teaching::Deletion { digest, at } => {
                Box::pin(event::learn_deletion(self, &source, digest, at)).await
            }
            Teaching::Nothing => Ok(Vec::new()),
        }
    }

    /// Makes the heads of a repository what an inventory has of it, read within this window; what that taught of tags,
    /// in their order. `run` names the inventory, or the run that took it: the same once more changes nothing and is
    /// answered in the same way.
    ///
    /// Inventories have to come in the order of their times: one that is older than the last teaches nothing.
    ///
    /// # Errors
    /// When a call failed after its retries, others wrote about the repository all the time, or the inventory has a
    /// tag that cannot be one. What was learnt of some tags before is kept: the inventory may be handed over again.
    pub async fn reconcile(
        &self,
        repository_arn: &str,
        repository: &Repository,
        window: ListingWindow,
        run: &str,
    ) -> Result<Vec<Learned>, LedgerError> {
        Box::pin(reconcile::reconcile(self, repository_arn, repository, window, run)).await
    }

    /// All that is kept of a repository; nothing of one that was never heard of.
    ///
    /// # Errors
    /// When a call failed after its retries, or an item is not what was written.
    pub async fn load(&self, repository_arn: &str) -> Result<RepositoryLedger, LedgerError> {
        load::load(self, repository_arn).await
    }

    pub(super) async fn head(&self, repository: &str, tag: &Tag) -> Result<Option<Head>, LedgerError> {
        let item = self.table.get(&Key::new(repository, tag.as_str())).await?;
        item.map(|item| Found::of(self.table(), &item)?.read(head_item::read)).transpose()
    }

    pub(super) async fn inventory(&self, repository: &str) -> Result<Inventory, LedgerError> {
        let item = self.table.get(&Key::new(repository, INVENTORY)).await?;
        let read = item.map(|item| Found::of(self.table(), &item)?.read(inventory_item::read));
        Ok(read.transpose()?.unwrap_or_default())
    }

    pub(super) async fn deletions(
        &self,
        repository: &str,
        digest: Option<demurrage_core::Digest>,
    ) -> Result<Deletions, LedgerError> {
        let Some(digest) = digest else { return Ok(Deletions::default()) };
        let item = self.table.get(&Key::new(repository, key::deleted(digest))).await?;
        let read = item.map(|item| Found::of(self.table(), &item)?.read(deletion_item::read));
        Ok(read.transpose()?.unwrap_or_default())
    }
}

/// What there is to write of a change of a tag, over the head that it was decided upon.
pub(super) fn actions_of(
    source: &event::Source,
    tag: &Tag,
    change: &Change,
    before: Option<&Head>,
) -> Vec<Action> {
    let repository = &source.repository;
    // Whatever is written about a tag is written with its head, so that nobody decides without having seen it.
    let unchanged = || before.map(|head| Head { version: head.version.saturating_add(1), ..head.clone() });
    let head = change.head.clone().or_else(unchanged);
    let over = Only::Version(before.map_or(0, |head| head.version));
    let head = head.map(|head| Action::Put(head_item::write(repository, tag, &head, &source.by), over));
    let observations = change.transitions.iter().flat_map(|seen| {
        // The key says all that the item does, so that writing it twice is writing it once.
        let observation = observation_item::write(repository, tag, seen);
        [Some(observation), tag_of(repository, tag, seen)].into_iter().flatten()
    });
    let mut actions: Vec<Action> = head.into_iter().collect();
    for item in observations {
        let action = Action::Put(item, Only::Always);
        if !actions.contains(&action) {
            actions.push(action);
        }
    }
    actions
}

/// That the tag was once put on an image, so that its deletion finds the tag.
fn tag_of(repository: &str, tag: &Tag, seen: &Observation) -> Option<super::table::Item> {
    let digest = seen.value()?;
    Some(super::attributes::item(&Key::new(repository, key::tag_of(digest, tag))))
}

/// When what is written now may be forgotten.
pub(super) fn expires_at() -> DateTime<Utc> {
    let now = DateTime::<Utc>::from(std::time::SystemTime::now());
    now.checked_add_days(KEPT_DAYS).unwrap_or(now)
}
