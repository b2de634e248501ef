//! Logs: one JSON object a line, with the fields of the call that it is about.

use tracing_subscriber::EnvFilter;

/// What is logged unless `RUST_LOG` says otherwise. The runtime would say each failure once more.
const USUAL: &str = "info,lambda_runtime::layers=off";

/// Sends logs to stderr from now on.
pub(crate) fn begin() {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(USUAL));
    let _ = tracing_subscriber::fmt()
        .json()
        .flatten_event(true)
        .with_current_span(true)
        .with_span_list(false)
        .with_writer(std::io::stderr)
        .with_env_filter(filter)
        .try_init();
}
