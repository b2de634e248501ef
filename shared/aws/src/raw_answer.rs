//! An interceptor that keeps the body of an answer as it came.
//!
//! The SDK drops what its model does not have; an account may already use it. So what is kept for later is
//! the text itself.

use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_ecr::config::interceptors::AfterDeserializationInterceptorContextRef;
use aws_sdk_ecr::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_ecr::error::BoxError;
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;

/// The body of the last answer to the call that it is given to.
#[derive(Debug, Clone, Default)]
pub(crate) struct RawAnswer(Arc<Mutex<Option<String>>>);

impl RawAnswer {
    /// The text, where one came that is UTF-8.
    pub(crate) fn text(&self) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

#[dyn_dispatch_hint]
impl Intercept for RawAnswer {
    fn name(&self) -> &'static str {
        "RawAnswer"
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let text = context.response().body().bytes().and_then(|bytes| std::str::from_utf8(bytes).ok());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = text.map(str::to_owned);
        Ok(())
    }
}
