//! Reads one share of a registry into a part of an inventory.

mod clients;
mod handler;

use std::time::Duration;

use demurrage_aws::collect::PullTimes;
use demurrage_aws::{Session, SessionOptions, default_region};
use demurrage_contract::{Failure, FailureKind, Function, environment};
use demurrage_serve::{ServeError, of_session, serve, settings};
use tokio::sync::OnceCell;

use clients::Clients;

/// How long one attempt of a call may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::main]
async fn main() -> Result<(), ServeError> {
    let clients = OnceCell::new();
    serve(Function::CollectInventory, async move |store, input, call| {
        let pull_times = pull_times()?;
        let clients = clients.get_or_try_init(open).await?;
        handler::handle(store, clients, pull_times, &input, &call).await
    })
    .await
}

fn pull_times() -> Result<PullTimes, Failure> {
    let may = settings::flag(environment::ALLOW_PULL_TIME_UPDATE)?;
    Ok(if may { PullTimes::MayBeFalsified } else { PullTimes::LeaveAsTheyAre })
}

async fn open() -> Result<Clients, Failure> {
    let nowhere = || Failure::new(FailureKind::BadInput, "there is no region: set AWS_REGION");
    let region = default_region().await.ok_or_else(nowhere)?;
    // A call that hangs must not take the time of the whole function.
    let options = SessionOptions { attempt_timeout: Some(ATTEMPT_TIMEOUT), ..SessionOptions::default() };
    let session = Session::open(&region, options).await;
    Ok(Clients::new(session.map_err(|error| of_session(&error))?))
}
