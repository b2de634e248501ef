//! Asking a collection to end before it is done.

use std::future::Future;
use std::sync::Arc;

use tokio::sync::watch;

use super::CollectError;

/// A wish to stop. Clones share it; once said it stays said.
#[derive(Debug, Clone)]
pub struct Stop(Arc<watch::Sender<bool>>);

impl Default for Stop {
    fn default() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }
}

impl Stop {
    /// Asks to stop.
    pub fn now(&self) {
        self.0.send_replace(true);
    }

    /// What the future comes to, unless somebody asks before.
    pub(super) async fn unless_asked<T, E>(
        &self,
        future: impl Future<Output = Result<T, E>>,
    ) -> Result<T, CollectError>
    where
        CollectError: From<E>,
    {
        tokio::select! {
            outcome = future => Ok(outcome?),
            () = self.asked() => Err(CollectError::Interrupted),
        }
    }

    /// Whether somebody has asked.
    pub fn is_asked(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until somebody asks.
    pub async fn asked(&self) {
        let mut said = self.0.subscribe();
        // The sender is held here: it cannot be gone.
        let _ = said.wait_for(|said| *said).await;
    }
}
