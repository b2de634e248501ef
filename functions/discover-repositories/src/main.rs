//! Finds the accounts, regions and repositories that a run is about, and divides them into shares of work.

mod covered;
mod handler;
mod layout;
mod lines;
mod plan;
mod settings;
mod survey;
mod surveying;

use std::time::Duration;

use demurrage_contract::{Function, environment};
use demurrage_serve::{ServeError, account_sessions, serve};
use tokio::sync::OnceCell;

use settings::Settings;

/// How long one attempt of a call may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::main]
async fn main() -> Result<(), ServeError> {
    let sessions = OnceCell::new();
    let open = || account_sessions(Function::DiscoverRepositories, environment::READ_ROLE, ATTEMPT_TIMEOUT);
    serve(Function::DiscoverRepositories, async move |store, input, call| {
        let settings = Settings::read().await?;
        let sessions = sessions.get_or_try_init(open).await?;
        handler::handle(store, sessions, &settings, &input, &call).await
    })
    .await
}
