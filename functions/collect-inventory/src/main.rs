//! Reads one share of a registry into a part of an inventory.

mod clients;
mod handler;

use std::time::Duration;

use demurrage_aws::collect::{Extent, PullTimes, ScanFindings};
use demurrage_contract::{Failure, Function, environment};
use demurrage_serve::{ServeError, account_sessions, serve, settings};
use tokio::sync::OnceCell;

use clients::Clients;

/// How long one attempt of a call may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::main]
async fn main() -> Result<(), ServeError> {
    let clients = OnceCell::new();
    serve(Function::CollectInventory, async move |store, input, call| {
        let extent = extent()?;
        let clients = clients.get_or_try_init(open).await?;
        handler::handle(store, clients, extent, &input, &call).await
    })
    .await
}

fn extent() -> Result<Extent, Failure> {
    let may_falsify = settings::flag(environment::ALLOW_PULL_TIME_UPDATE)?;
    let asks_for_scans = settings::flag(environment::SCAN_FINDINGS)?;
    Ok(Extent {
        pull_times: if may_falsify { PullTimes::MayBeFalsified } else { PullTimes::LeaveAsTheyAre },
        scan_findings: if asks_for_scans { ScanFindings::OfTheNewest } else { ScanFindings::AsListed },
    })
}

async fn open() -> Result<Clients, Failure> {
    let accounts = account_sessions(Function::CollectInventory, environment::READ_ROLE, ATTEMPT_TIMEOUT);
    Ok(Clients::new(accounts.await?))
}
