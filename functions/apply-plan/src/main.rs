//! Does what a plan says, as far as it still holds: the only function that changes a registry. Nothing calls it by itself.

mod applying;
mod handler;
mod uses_now;

use std::time::Duration;

use demurrage_aws::apply::{Lease, TableLease};
use demurrage_aws::ledger::TagLedger;
use demurrage_aws::{Session, SessionOptions, default_region};
use demurrage_contract::{Failure, FailureKind, Function, environment};
use demurrage_serve::{ServeError, of_lease, of_session, serve, settings};
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
    let options = SessionOptions { attempt_timeout: Some(ATTEMPT_TIMEOUT), ..SessionOptions::default() };
    let session = Session::open(&region, options).await.map_err(|error| of_session(&error))?;
    Ok(Edge { session, ledger })
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
