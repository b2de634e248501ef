//! A server that refuses every connection: nobody listens there, and asking again for a minute tells nothing else.
//!
//! The SDK takes a refused connection for a passing fault, as one that breaks. A server that is restarted refuses for a moment,
//! so it is asked again a few times; then the call fails at once, and so do those after it, until a connection is made.

use std::error::Error;
use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

use aws_sdk_ecr::config::interceptors::InterceptorContext;
use aws_sdk_ecr::config::retry::{ClassifyRetry, RetryAction};
use aws_smithy_runtime_api::client::retries::classifiers::RetryClassifierPriority;

/// So many refused connections in a row are taken for passing.
const REFUSED_MAX: u32 = 4;

/// Says of a refused connection that it is not worth another attempt, when the ones before were refused as well.
#[derive(Debug, Default)]
pub(crate) struct Refused {
    in_a_row: AtomicU32,
}

impl ClassifyRetry for Refused {
    fn classify_retry(&self, context: &InterceptorContext) -> RetryAction {
        let error =
            context.output_or_error().and_then(Result::err).and_then(|error| error.as_connector_error());
        if !error.is_some_and(|error| is_refused(error)) {
            self.in_a_row.store(0, Ordering::Relaxed);
            return RetryAction::NoActionIndicated;
        }
        if self.in_a_row.fetch_add(1, Ordering::Relaxed) < REFUSED_MAX {
            RetryAction::NoActionIndicated
        } else {
            RetryAction::RetryForbidden
        }
    }

    fn name(&self) -> &'static str {
        "connections that are refused"
    }

    fn priority(&self) -> RetryClassifierPriority {
        RetryClassifierPriority::run_after(RetryClassifierPriority::transient_error_classifier())
    }
}

/// Whether nobody listens, whatever says so around it.
fn is_refused(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let of_system = error.downcast_ref::<io::Error>();
        if of_system.is_some_and(|it| it.kind() == io::ErrorKind::ConnectionRefused) {
            return true;
        }
        // What an error of the system holds is not among its sources.
        let held = of_system.and_then(io::Error::get_ref).map(|held| held as &(dyn Error + 'static));
        cause = held.or_else(|| error.source());
    }
    false
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::is_refused;

    #[test]
    fn a_refused_connection_is_known_behind_what_reports_it() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert!(is_refused(&io::Error::other(refused)));
        assert!(!is_refused(&io::Error::from(io::ErrorKind::ConnectionReset)));
    }
}
