//! The one runtime of the command, made when something has to wait for the network.

use std::future::Future;
use std::sync::OnceLock;

use tokio::runtime::Runtime;

use crate::failure::Failure;

static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// Waits for a future on this thread.
pub(crate) fn wait<T>(future: impl Future<Output = T>) -> Result<T, Failure> {
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime.block_on(future));
    }
    let made = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let made = made.map_err(|error| Failure::aws(format!("no threads can be started: {error}"), ""))?;
    Ok(RUNTIME.get_or_init(|| made).block_on(future))
}
