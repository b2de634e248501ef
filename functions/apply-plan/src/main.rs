//! Does what a plan says, as far as it still holds: the only function that changes a registry. Nothing calls it by itself.

mod applying;
mod handler;
mod phases;
mod refusing;
mod uses_now;

use std::time::Duration;

use demurrage_aws::apply::{Lease, TableLease};
use demurrage_aws::default_region;
use demurrage_aws::ledger::TagLedger;
use demurrage_contract::{Failure, FailureKind, Function, environment};
use demurrage_serve::{ServeError, account_sessions, of_lease, serve, settings};
use tokio::sync::OnceCell;

use applying::Edge;

/// How long one attempt of a call may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::main]
async fn main() -> Result<(), ServeError> {
    let edge = OnceCell::new();
    serve(Function::ApplyPlan, async move |store, input, call| {
        let edge = edge.get_or_try_init(open).await?;
        let lease = async |hash: String| lease(&hash).await;
        handler::handle(store, edge, lease, &input, &call).await
    })
    .await
}

async fn open() -> Result<Edge, Failure> {
    let region = region().await?;
    let ledger = TagLedger::open(&region, &settings::needed(environment::LEDGER_TABLE)?).await;
    // A call that hangs must not take the time of the whole function.
    let of = |role| account_sessions(Function::ApplyPlan, role, ATTEMPT_TIMEOUT);
    let (changes, reads) = (of(environment::APPLY_ROLE).await?, of(environment::READ_ROLE).await?);
    Ok(Edge { changes, reads, ledger })
}

async fn lease(hash: &str) -> Result<Lease, Failure> {
    let table = settings::needed(environment::LEASE_TABLE)?;
    let lease = TableLease::take(&region().await?, &table, hash).await;
    lease.map(Lease::Table).map_err(|error| of_lease(&error))
}

async fn region() -> Result<String, Failure> {
    let nowhere = || Failure::new(FailureKind::BadInput, "there is no region: set AWS_REGION");
    default_region().await.ok_or_else(nowhere)
}
