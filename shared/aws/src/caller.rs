//! Making a call in its turn, and once more with new credentials where the old ones have expired.

use std::future::Future;

use aws_sdk_ecr::config::http::HttpResponse;
use aws_sdk_ecr::error::{ProvideErrorMetadata, SdkError};

use crate::call_error::CallErrorKind;
use crate::{CallError, Pace, Watch};

/// How often a call is made again with credentials that were fetched anew, after AWS called them expired.
const RENEWALS_MAX: usize = 3;

/// The pace of one client, and the watch over it.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    pace: Pace,
    pub(crate) watch: Watch,
}

impl Caller {
    pub(crate) fn new(pace: Pace) -> Self {
        Self { watch: Watch::new(pace.clone()), pace }
    }

    /// Makes a call in its turn. Credentials that AWS calls expired are fetched again (`renew`): those of a
    /// role may have been taken back, or a clock be behind.
    pub(crate) async fn call<T, E, F>(
        &self,
        operation: &'static str,
        send: impl Fn() -> F,
        renew: impl Fn(),
    ) -> Result<T, CallError>
    where
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>>,
        E: ProvideErrorMetadata + std::error::Error + 'static,
    {
        let mut renewals = 0;
        loop {
            let outcome = {
                let _turn = self.pace.turn(operation).await;
                send().await
            };
            let error = match outcome {
                Ok(answer) => return Ok(answer),
                Err(error) => CallError::of(operation, &error),
            };
            let has_expired = error.code.as_deref().is_some_and(|code| code.starts_with("ExpiredToken"));
            if error.kind != CallErrorKind::Credentials || !has_expired || renewals == RENEWALS_MAX {
                return Err(error);
            }
            renewals += 1;
            renew();
        }
    }
}
