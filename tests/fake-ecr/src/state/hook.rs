//! What a test does when a call arrives, before it is answered.

use std::fmt;
use std::sync::Arc;

use super::FaultKind;
use crate::Fake;

/// What is done when a call of this operation arrives; what goes wrong with the call, if anything.
pub(crate) type OnCall = dyn Fn(&Fake, &str) -> Option<FaultKind> + Send + Sync;

/// A hook, if one is set.
#[derive(Clone, Default)]
pub(crate) struct Hook(pub(crate) Option<Arc<OnCall>>);

impl Hook {
    /// Does it, and says what goes wrong.
    pub(crate) fn run(&self, fake: &Fake, operation: &str) -> Option<FaultKind> {
        self.0.as_ref().and_then(|hook| hook(fake, operation))
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Hook").field(&self.0.is_some()).finish()
    }
}
