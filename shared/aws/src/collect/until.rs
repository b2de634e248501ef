//! Until when something is waited for, begun or read.

use std::future::Future;

use tokio::time::{Instant, timeout_at};

use super::share::Time;
use crate::{CallError, CallErrorKind};

/// A moment after which something is over; by default there is none.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Until(Option<Instant>);

impl Until {
    /// Whether the moment has come.
    pub(super) fn is_over(self) -> bool {
        self.0.is_some_and(|at| at <= Instant::now())
    }

    /// What the future comes to; nothing where the moment comes first. After it the future is not even begun.
    pub(super) async fn wait<T>(self, coming: impl Future<Output = T>) -> Option<T> {
        let Some(at) = self.0 else { return Some(coming.await) };
        if self.is_over() {
            return None;
        }
        timeout_at(at, coming).await.ok()
    }

    /// The answer of a call, which fails where the moment comes first.
    pub(super) fn call<T>(
        self,
        operation: &str,
        call: impl Future<Output = Result<T, CallError>>,
    ) -> impl Future<Output = Result<T, CallError>> {
        let late = || CallError {
            operation: operation.to_owned(),
            kind: CallErrorKind::Unreachable,
            code: None,
            cause: "the time was up".to_owned(),
        };
        // On the heap: a call of the SDK is large, and would be moved from future to future.
        let call = Box::pin(call);
        async move { self.wait(call).await.unwrap_or_else(|| Err(late())) }
    }
}

/// The moments of a collection; by default it may take as long as it takes.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Times {
    /// No repository but the first is begun after it.
    pub(super) begin: Until,
    /// No batch of manifests is begun after it.
    pub(super) read: Until,
    /// No answer is waited for after it.
    pub(super) list: Until,
}

impl From<Time> for Times {
    fn from(time: Time) -> Self {
        // What cannot be answered any more is not begun.
        let before_the_end = |at: Instant| Until(Some(at.min(time.list_until)));
        Self {
            begin: before_the_end(time.begin_until),
            read: before_the_end(time.read_until),
            list: before_the_end(time.list_until),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{Time, Times, Until};

    #[tokio::test(start_paused = true)]
    async fn what_comes_at_the_moment_itself_counts_and_after_it_nothing_is_begun() {
        let at = Instant::now() + Duration::from_secs(1);
        let until = Until(Some(at));
        let coming = async {
            tokio::time::sleep_until(at).await;
            1
        };
        assert_eq!(until.wait(coming).await, Some(1));
        assert!(until.is_over());
        assert_eq!(until.wait(async { panic!("it was begun") }).await, None::<()>);
        assert_eq!(Until::default().wait(ready(2)).await, Some(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_call_without_an_answer_fails_when_the_time_is_up() {
        let began = Instant::now();
        let until = Until(Some(began + Duration::from_secs(5)));
        let error = until.call("DescribeImages", pending::<Result<(), _>>()).await.unwrap_err();
        assert_eq!(error.to_string(), "`DescribeImages` failed: the time was up");
        assert_eq!(began.elapsed().as_secs(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn nothing_is_begun_once_no_answer_is_waited_for() {
        let now = Instant::now();
        let later = now + Duration::from_secs(9);
        let times = Times::from(Time { begin_until: later, read_until: later, list_until: now });
        assert!(times.begin.is_over() && times.read.is_over() && times.list.is_over());
    }
}
