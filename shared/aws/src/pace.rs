//! How fast calls go out: a rate for each operation, and a number of calls at a time that adapts.
//!
//! One pace belongs to one account in one region, because that is what AWS counts by. It assumes that the
//! SDK retries what was throttled; it leaves out what other programs of the account do, and so believes
//! the service when it asks for fewer calls.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use aws_smithy_runtime::client::retries::{RetryPartition, TokenBucket};
use tokio::sync::Semaphore;
use tokio::time::Instant;

/// Calls per second of each operation, unless another rate is asked for. AWS publishes none for the
/// operations that only read, but for `BatchGetImage` (2,000).
///
/// Source: ECR user guide, "Amazon ECR service quotas", read 2026-11-23; the number is ours.
const CALLS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(49);
/// Calls at a time at first, and at most.
const AT_ONCE_FIRST: usize = 8;
const AT_ONCE_MAX: usize = 32;
/// One wave of throttling is one reason to go slower.
const CUT_PAUSE: Duration = Duration::from_millis(500);

/// How the SDK repeats calls of a client: each as often as it may, whatever the others have come to.
///
/// The SDK's own budget of retries is shared by all calls and used up in a storm; its adaptive mode has one rate for
/// all operations, which one throttled call brings down to less than one a second. Here the pace does both, so that the SDK
/// only waits between the attempts of one call.
pub(crate) fn retries(name: &str) -> RetryPartition {
    RetryPartition::custom(format!("ecr-{name}")).token_bucket(TokenBucket::unlimited()).build()
}

/// The pace of one account in one region. Clones share it.
#[derive(Debug, Clone)]
pub struct Pace(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    interval: Duration,
    gate: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// By operation: when the next call may start.
    next: BTreeMap<&'static str, Instant>,
    at_once: usize,
    /// Places that are taken away when they are next given back.
    owed: usize,
    /// Calls that ended since the number last changed.
    calm: usize,
    last_cut: Option<Instant>,
}

impl Pace {
    /// A pace with this many calls per second of each operation, or the usual number.
    pub fn new(calls_per_second: Option<NonZeroU32>) -> Self {
        Self::every(Duration::from_secs(1) / calls_per_second.unwrap_or(CALLS_PER_SECOND).get())
    }

    /// A pace at which this lies between two calls of an operation.
    pub fn every(interval: Duration) -> Self {
        let state = State { next: BTreeMap::new(), at_once: AT_ONCE_FIRST, owed: 0, calm: 0, last_cut: None };
        Self(Arc::new(Shared { interval, gate: Semaphore::new(AT_ONCE_FIRST), state: Mutex::new(state) }))
    }

    /// Waits until a call of the operation may go out; it is over when the turn is dropped.
    pub(crate) async fn turn(&self, operation: &'static str) -> Turn<'_> {
        if let Ok(permit) = self.0.gate.acquire().await {
            permit.forget();
        }
        let turn = Turn(self);
        tokio::time::sleep_until(self.slot(operation)).await;
        turn
    }

    /// The next free moment of the operation. Up to a tenth of a second's calls that were not made may be
    /// made up for at once.
    fn slot(&self, operation: &'static str) -> Instant {
        let now = Instant::now();
        let earliest = now.checked_sub(Duration::from_millis(100)).unwrap_or(now);
        let mut state = self.state();
        let next = state.next.entry(operation).or_insert(now);
        let slot = (*next).max(earliest);
        *next = slot + self.0.interval;
        slot
    }

    /// The service asked for fewer calls: half as many at a time.
    pub fn throttled(&self) {
        let mut state = self.state();
        if state.last_cut.is_some_and(|cut| cut.elapsed() < CUT_PAUSE) {
            return;
        }
        state.last_cut = Some(Instant::now());
        state.calm = 0;
        let kept = (state.at_once / 2).max(1);
        state.owed += state.at_once - kept;
        state.at_once = kept;
    }

    /// Calls at a time, as it is now.
    pub fn at_once(&self) -> usize {
        self.state().at_once
    }

    /// A call ended: after as many as go at a time without throttling, one more at a time.
    fn ended(&self) {
        let mut state = self.state();
        state.calm += 1;
        let mut places = 1;
        if state.at_once <= state.calm && state.at_once < AT_ONCE_MAX {
            state.calm = 0;
            state.at_once += 1;
            places += 1;
        }
        let paid = state.owed.min(places);
        state.owed -= paid;
        self.0.gate.add_permits(places - paid);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The right to have one call under way.
#[derive(Debug)]
pub(crate) struct Turn<'a>(&'a Pace);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.ended();
    }
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{AT_ONCE_FIRST, AT_ONCE_MAX, CUT_PAUSE, Pace};

    #[tokio::test(start_paused = true)]
    async fn an_operation_keeps_its_rate_and_does_not_slow_another() {
        let pace = Pace::new(NonZeroU32::new(10));
        let began = Instant::now();
        for _ in 0..21 {
            drop(pace.turn("DescribeImages").await);
        }
        let took = began.elapsed();
        assert!(Duration::from_millis(1_900) <= took && took <= Duration::from_millis(2_100), "{took:?}");
        let began = Instant::now();
        drop(pace.turn("GetLifecyclePolicy").await);
        assert!(began.elapsed() < Duration::from_millis(10));
    }

    #[tokio::test(start_paused = true)]
    async fn throttling_halves_what_goes_at_a_time_once_for_each_wave_and_never_below_one() {
        let pace = Pace::new(NonZeroU32::new(1_000));
        pace.throttled();
        pace.throttled();
        assert_eq!(pace.at_once(), AT_ONCE_FIRST / 2);
        for _ in 0..10 {
            tokio::time::advance(CUT_PAUSE).await;
            pace.throttled();
        }
        assert_eq!(pace.at_once(), 1);
        let first = pace.turn("DescribeImages").await;
        let waits = tokio::time::timeout(Duration::from_mins(1), pace.turn("DescribeImages")).await;
        // Turns that were free when the limit fell are used up before it holds.
        drop((first, waits));
        for _ in 0..20 {
            drop(pace.turn("DescribeImages").await);
        }
        let held = pace.turn("DescribeImages").await;
        let at_once = pace.at_once();
        let mut more = Vec::new();
        for _ in 1..at_once {
            more.push(pace.turn("DescribeImages").await);
        }
        let beyond = tokio::time::timeout(Duration::from_mins(1), pace.turn("DescribeImages")).await;
        assert!(beyond.is_err(), "only {at_once} at a time");
        drop(held);
    }

    #[tokio::test(start_paused = true)]
    async fn calm_raises_what_goes_at_a_time_up_to_the_most() {
        let pace = Pace::new(NonZeroU32::new(1_000_000));
        for _ in 0..2_000 {
            drop(pace.turn("DescribeImages").await);
        }
        assert_eq!(pace.at_once(), AT_ONCE_MAX);
    }
}
