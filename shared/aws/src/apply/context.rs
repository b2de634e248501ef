//! What applying a plan is given, and what it needs to ask while it runs.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::in_use::KnownUses;
use demurrage_core::ledger::RepositoryLedger;
use demurrage_core::plan::{GuardRules, OtherReaders, RepositoryAddress};
use demurrage_store::{Store, StoredPlan};
use futures::future::BoxFuture;
use tokio::time::Instant;

use super::Lease;
use crate::Session;
use crate::accounts::AccountSessions;
use crate::collect::Stop;

/// Reads again what is in use, for a registry of this account and region, at this time; why it cannot be known otherwise.
pub type ReadUses<'a> =
    dyn Fn(RepositoryAddress, DateTime<Utc>) -> BoxFuture<'a, Result<KnownUses, String>> + Send + Sync + 'a;

/// What the tags of a repository were on, where that is kept.
pub type ReadLedger<'a> =
    dyn Fn(&RepositoryAddress) -> Result<Option<RepositoryLedger>, String> + Send + Sync + 'a;

/// What time it is.
pub type Clock<'a> = dyn Fn() -> DateTime<Utc> + Send + Sync + 'a;

/// How a plan is applied.
#[derive(Debug, Clone)]
pub struct ApplyOptions {
    /// How old may be what is known of use: 15 minutes.
    pub use_max_age: TimeDelta,
    /// The share of a batch that may have changed since the plan, in percent: if it is more, a person has to look. Batches of
    /// fewer than [`Self::changed_images_min`] images are not judged.
    pub changed_percent_max: usize,
    /// See above.
    pub changed_images_min: usize,
    /// How many answers may be lost before it ends.
    pub lost_answers_max: u32,
    /// The part of the plan that is applied, by its place; nothing: all of it.
    pub part: Option<usize>,
    /// Whether those outside of an account who may pull are asked about.
    pub other_readers: OtherReaders,
    /// When no further batch is begun, where whoever calls ends this from outside.
    pub until: Option<Instant>,
}

impl Default for ApplyOptions {
    fn default() -> Self {
        Self {
            use_max_age: TimeDelta::minutes(15),
            changed_percent_max: 50,
            changed_images_min: 10,
            lost_answers_max: 5,
            part: None,
            other_readers: OtherReaders::default(),
            until: None,
        }
    }
}

/// What applying a plan is given.
pub struct ApplyContext<'a> {
    /// Who asks and changes.
    pub session: &'a Session,
    /// How other accounts are reached; nothing: they are not.
    pub accounts: Option<&'a AccountSessions>,
    /// Where inventories, holds, orders to stop and the journal are.
    pub store: &'a Store,
    /// The plan.
    pub plan: &'a StoredPlan,
    /// What a team adds to the hard guards.
    pub guards: &'a GuardRules,
    /// Reads what is in use.
    pub uses: &'a ReadUses<'a>,
    /// Reads what tags were on.
    pub ledger: &'a ReadLedger<'a>,
    /// The time.
    pub now: &'a Clock<'a>,
    /// The right to be the only one.
    pub lease: Lease,
    /// Asks it to end.
    pub stop: &'a Stop,
    /// How.
    pub options: ApplyOptions,
}

impl fmt::Debug for ApplyContext<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApplyContext").field("options", &self.options).finish_non_exhaustive()
    }
}
