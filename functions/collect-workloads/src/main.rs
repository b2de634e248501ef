//! Reads what is in use in one account and region, and adds it to the store: it asks no registry, and changes nothing.

mod handler;
mod known_versions;
mod reading;

use std::time::Duration;

use demurrage_aws::{Session, SessionOptions, default_region};
use demurrage_contract::{Failure, FailureKind, Function};
use demurrage_serve::{ServeError, of_session, serve};
use tokio::sync::OnceCell;

/// How long one attempt of a call may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(20);

#[tokio::main]
async fn main() -> Result<(), ServeError> {
    let session = OnceCell::new();
    serve(Function::CollectWorkloads, async move |store, input, call| {
        let session = session.get_or_try_init(open).await?;
        handler::handle(store, session, &input, &call).await
    })
    .await
}

async fn open() -> Result<Session, Failure> {
    let nowhere = || Failure::new(FailureKind::BadInput, "there is no region: set AWS_REGION");
    let region = default_region().await.ok_or_else(nowhere)?;
    // A call that hangs must not take the time of the whole function.
    let options = SessionOptions { attempt_timeout: Some(ATTEMPT_TIMEOUT), ..SessionOptions::default() };
    Session::open(&region, options).await.map_err(|error| of_session(&error))
}
