//! Learns what events of ECR say about tags, and raises a finding at once where a promise or a budget is broken. It
//! cannot delete, and writes nothing to ECR.

mod budget;
mod edge;
mod finding;
mod handler;
mod kept;
mod notice;
mod source;
mod tag_moved;

use std::time::Duration;

use demurrage_aws::ledger::TagLedger;
use demurrage_aws::publish::Publisher;
use demurrage_contract::{Failure, Function, environment};
use demurrage_serve::{ServeError, account_sessions, serve_events, settings};
use tokio::sync::OnceCell;

use edge::{Edge, Settings};

/// The name of a deployment that has none.
const DEPLOYMENT: &str = "demurrage";
/// How long one attempt of a call may take.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(10);

#[tokio::main]
async fn main() -> Result<(), ServeError> {
    let edge = OnceCell::new();
    serve_events(Function::OnImagePush, async move |store, event, call| {
        let edge = edge.get_or_try_init(open).await?;
        handler::handle(store, edge, &event, &call).await
    })
    .await
}

async fn open() -> Result<Edge, Failure> {
    let settings = Settings {
        deployment: settings::text(environment::DEPLOYMENT)?.unwrap_or_else(|| DEPLOYMENT.to_owned()),
        topic_arn: settings::text(environment::TOPIC_ARN)?,
        may_pull: settings::flag(environment::ALLOW_PULL_TIME_UPDATE)?,
        event_source: settings::text(environment::EVENT_SOURCE)?,
    };
    let table = settings::needed(environment::LEDGER_TABLE)?;
    let accounts = account_sessions(Function::OnImagePush, environment::READ_ROLE, ATTEMPT_TIMEOUT).await?;
    let region = accounts.own().region().to_owned();
    let ledger = TagLedger::open(&region, &table).await;
    Ok(Edge::new(accounts, ledger, Publisher::open(&region).await, settings))
}
