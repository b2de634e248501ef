//! What applying a plan is given: who asks, what is in use, what tags were on, and how long it may take.

use chrono::Utc;
use demurrage_aws::accounts::AccountSessions;
use demurrage_aws::apply::{
    ApplyContext, ApplyError, ApplyOptions, Lease, apply as apply_plan, verify as verify_plan,
};
use demurrage_aws::collect::Stop;
use demurrage_aws::ledger::TagLedger;
use demurrage_contract::Failure;
use demurrage_core::apply::ApplyReport;
use demurrage_core::ledger::{EventRepository, RepositoryLedger};
use demurrage_core::plan::RepositoryAddress;
use demurrage_serve::{Call, configuration};
use demurrage_store::{Store, StoredPlan};
use tokio::runtime::Handle;
use tokio::task::block_in_place;

use crate::uses_now::UsesNow;

/// Percent of the time after which no batch is begun: the rest is for the review of what was done.
pub(crate) const BEGIN_PERCENT: u32 = 70;

/// What reaches AWS.
#[derive(Debug)]
pub(crate) struct Edge {
    /// By the role that changes: of the own account the function's own.
    pub(crate) changes: AccountSessions,
    /// By the role that reads.
    pub(crate) reads: AccountSessions,
    pub(crate) ledger: TagLedger,
}

/// What is done with a plan, or with a part of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doing {
    Apply,
    Verify,
}

/// Applies the plan or a part of it, or goes on with it; or looks what it has come to.
pub(crate) async fn apply(
    store: &Store,
    edge: &Edge,
    plan: &StoredPlan,
    part: Option<usize>,
    doing: Doing,
    lease: Lease,
    call: &Call,
) -> Result<Result<ApplyReport, ApplyError>, Failure> {
    let (configured, _) = block_in_place(|| configuration(store))?;
    let options = ApplyOptions {
        until: Some(call.after_percent(BEGIN_PERCENT)),
        part,
        other_readers: configured.plan.other_readers,
        ..ApplyOptions::default()
    };
    let uses_now =
        UsesNow { store, reads: &edge.reads, configured: &configured.in_use, max_age: options.use_max_age };
    let ledger = |address: &RepositoryAddress| ledger(edge, address);
    let context = ApplyContext {
        session: edge.changes.own(),
        accounts: Some(&edge.changes),
        store,
        plan,
        guards: &configured.plan.guards,
        uses: &|address, now| Box::pin(uses_now.read(address, now)),
        ledger: &ledger,
        now: &Utc::now,
        lease,
        stop: &Stop::default(),
        options,
    };
    Ok(match doing {
        Doing::Apply => Box::pin(apply_plan(context)).await,
        Doing::Verify => Box::pin(verify_plan(context)).await,
    })
}

/// What the tags of a repository were on, as the table of the ledger has it.
fn ledger(edge: &Edge, address: &RepositoryAddress) -> Result<Option<RepositoryLedger>, String> {
    let account = address.account.clone().unwrap_or_else(|| edge.changes.own().account().to_owned());
    let arn = EventRepository { account, region: address.region.clone(), name: address.name.clone() }.arn();
    let loading = edge.ledger.load(&arn);
    block_in_place(|| Handle::current().block_on(loading)).map(Some).map_err(|error| error.to_string())
}
