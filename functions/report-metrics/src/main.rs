//! Puts the parts of a run together, and says what came of it: metrics, a summary, a notice.

mod athena;
mod audits;
mod fold;
mod gauges;
mod handler;
mod of_settings;
mod planned;
mod pricing;
mod wholes;

use demurrage_aws::default_region;
use demurrage_aws::publish::Publisher;
use demurrage_contract::{Failure, FailureKind, Function, environment};
use demurrage_serve::{ServeError, serve, settings};
use tokio::sync::OnceCell;

use handler::Settings;

/// The name of a deployment that has none.
const DEPLOYMENT: &str = "demurrage";

#[tokio::main]
async fn main() -> Result<(), ServeError> {
    let publisher = OnceCell::new();
    serve(Function::ReportMetrics, async move |store, input, call| {
        let settings = Settings {
            deployment: settings::text(environment::DEPLOYMENT)?.unwrap_or_else(|| DEPLOYMENT.to_owned()),
            topic_arn: settings::text(environment::TOPIC_ARN)?,
            readers: settings::list(environment::READERS)?,
        };
        let publisher = publisher.get_or_try_init(open).await?;
        handler::handle(store, publisher, &settings, &input, &call).await
    })
    .await
}

async fn open() -> Result<Publisher, Failure> {
    let nowhere = || Failure::new(FailureKind::BadInput, "there is no region: set AWS_REGION");
    let region = default_region().await.ok_or_else(nowhere)?;
    Ok(Publisher::open(&region).await)
}
