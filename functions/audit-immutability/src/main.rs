//! Judges the repositories of one part of an inventory by what a team promises, and teaches the tag ledger what their
//! tags are on. It asks the store and the table of the ledger, and no registry.

mod auditing;
mod handler;
mod moved;
mod replicas;
mod settings_alone;
mod uses;

use demurrage_aws::default_region;
use demurrage_aws::ledger::TagLedger;
use demurrage_contract::{Failure, FailureKind, Function, environment};
use demurrage_serve::{ServeError, serve, settings};
use tokio::sync::OnceCell;

use auditing::Settings;

#[tokio::main]
async fn main() -> Result<(), ServeError> {
    let ledger = OnceCell::new();
    serve(Function::AuditImmutability, async move |store, input, call| {
        let settings = Settings { readers: settings::list(environment::READERS)? };
        let ledger = ledger.get_or_try_init(open).await?;
        handler::handle(store, ledger, &settings, &input, &call).await
    })
    .await
}

async fn open() -> Result<TagLedger, Failure> {
    let table = settings::needed(environment::LEDGER_TABLE)?;
    let nowhere = || Failure::new(FailureKind::BadInput, "there is no region: set AWS_REGION");
    let region = default_region().await.ok_or_else(nowhere)?;
    Ok(TagLedger::open(&region, &table).await)
}
