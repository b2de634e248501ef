//! How often something is decided anew, and how long to wait before.

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::time::Duration;

/// Tries of one decision, the first among them.
const TRIES_MAX: u32 = 16;
/// How long the first and the longest pause may be where somebody else was faster.
const RACE_PAUSES: [Duration; 2] = [Duration::from_millis(5), Duration::from_millis(500)];
/// How long they may be where the table has no capacity left.
const CAPACITY_PAUSES: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(20)];

/// Why a transaction was not written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Setback {
    /// Something is no longer as it was read, or is being written by somebody else.
    Raced,
    /// The table, or the partition, has no capacity left at the moment.
    Exhausted,
}

/// The tries of one decision.
#[derive(Debug, Default)]
pub(super) struct Tries {
    made: u32,
}

impl Tries {
    /// How many were made.
    pub(super) const fn made(&self) -> u32 {
        self.made
    }

    /// Waits before the next try; whether there is one.
    pub(super) async fn next(&mut self, setback: Setback) -> bool {
        self.made += 1;
        if TRIES_MAX <= self.made {
            return false;
        }
        let [first, longest] = match setback {
            Setback::Raced => RACE_PAUSES,
            Setback::Exhausted => CAPACITY_PAUSES,
        };
        let most = first.saturating_mul(1 << (self.made - 1)).min(longest);
        tokio::time::sleep(jittered(most)).await;
        true
    }
}

/// Any time up to this one, so that those who met once do not meet again.
fn jittered(most: Duration) -> Duration {
    const PARTS: u32 = 1_024;
    // Each of these has keys of its own.
    let random = RandomState::new().hash_one(0_u8) % u64::from(PARTS);
    most.saturating_mul(u32::try_from(random).unwrap_or(PARTS)) / PARTS
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use super::{CAPACITY_PAUSES, Setback, TRIES_MAX, Tries, jittered};

    #[tokio::test(start_paused = true)]
    async fn tries_end_and_pauses_are_bounded() {
        for setback in [Setback::Raced, Setback::Exhausted] {
            let (mut tries, began) = (Tries::default(), Instant::now());
            let mut count = 1;
            while tries.next(setback).await {
                count += 1;
            }
            assert_eq!((count, tries.made()), (TRIES_MAX, TRIES_MAX));
            assert!(began.elapsed() <= CAPACITY_PAUSES[1] * TRIES_MAX);
        }
    }

    #[test]
    fn pauses_differ_and_stay_below_the_most() {
        let most = Duration::from_secs(1);
        let pauses: std::collections::BTreeSet<_> = (0..100).map(|_| jittered(most)).collect();
        assert!(1 < pauses.len());
        assert!(pauses.last().is_some_and(|longest| *longest <= most));
    }
}
