//! Reads what is in use in one account and region, and adds it to the store: it asks no registry, and changes nothing.

mod handler;
mod known_versions;
mod reading;
mod unread;

use std::time::Duration;

use demurrage_contract::{Function, environment};
use demurrage_serve::{ServeError, account_sessions, serve};
use tokio::sync::OnceCell;

/// How long one attempt of a call may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::main]
async fn main() -> Result<(), ServeError> {
    let accounts = OnceCell::new();
    let open = || account_sessions(Function::CollectWorkloads, environment::READ_ROLE, ATTEMPT_TIMEOUT);
    serve(Function::CollectWorkloads, async move |store, input, call| {
        let accounts = accounts.get_or_try_init(open).await?;
        handler::handle(store, accounts, &input, &call).await
    })
    .await
}
