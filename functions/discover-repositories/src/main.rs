//! Finds the repositories of an account's regions and divides them into shares of work.

mod handler;
mod plan;
mod settings;
mod survey;
#[cfg(test)]
mod tests;

use demurrage_aws::{Session, SessionOptions, default_region};
use demurrage_contract::{Failure, FailureKind, Function};
use demurrage_serve::{of_session, serve};
use tokio::sync::OnceCell;

use settings::Settings;

#[tokio::main]
async fn main() -> Result<(), demurrage_serve::ServeError> {
    let session = OnceCell::new();
    serve(Function::DiscoverRepositories, async |store, input, call| {
        let settings = Settings::read().await?;
        let session = session.get_or_try_init(open).await?;
        handler::handle(store, session, &settings, &input, &call).await
    })
    .await
}

async fn open() -> Result<Session, Failure> {
    let nowhere = || Failure::new(FailureKind::BadInput, "there is no region: set AWS_REGION");
    let region = default_region().await.ok_or_else(nowhere)?;
    Session::open(&region, SessionOptions::default()).await.map_err(|error| of_session(&error))
}
