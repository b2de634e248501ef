//! Faults on purpose: what goes wrong, in which operation, how often.

use std::time::Duration;

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// HTTP 500, `ServerException`.
    ServerError,
    /// `ThrottlingException`, whatever the rates are.
    Throttled,
    /// No answer at all; the connection stays open.
    Timeout,
    /// The connection is reset instead of an answer.
    Reset,
    /// Half of the answer, then the connection closes.
    Truncated,
    /// The right answer, late by this.
    Slow(Duration),
    /// `ExpiredTokenException`.
    ExpiredToken,
    /// `AccessDeniedException`.
    AccessDenied,
}

/// How often it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum FaultTimes {
    /// The next so many calls.
    Count(u64),
    /// Each call with this probability, drawn from a generator with this seed.
    Probability {
        /// From 0 to 1.
        probability: f64,
        /// Where the draws begin.
        seed: u64,
    },
    /// The call with this number and each multiple of it.
    Every(u64),
}

/// One fault that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// The operation, or `*` for all.
    pub operation: String,
    /// Only in this account.
    pub account: Option<String>,
    /// Only in this region.
    pub region: Option<String>,
    /// What goes wrong.
    pub kind: FaultKind,
    /// How often.
    pub times: FaultTimes,
}

/// The faults that are set, each with what it has seen.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<(Fault, u64)>);

impl Faults {
    /// Sets one more.
    pub(crate) fn add(&mut self, fault: Fault) {
        let state = if let FaultTimes::Probability { seed, .. } = fault.times { seed } else { 0 };
        self.0.push((fault, state));
    }

    /// Sets none.
    pub(crate) fn clear(&mut self) {
        self.0.clear();
    }

    /// What goes wrong with this call, if anything: the first fault that strikes.
    pub(crate) fn strike(&mut self, account: &str, region: &str, operation: &str) -> Option<FaultKind> {
        let mut struck = None;
        for (fault, seen) in &mut self.0 {
            let concerned = (fault.operation == "*" || fault.operation == operation)
                && fault.account.as_deref().is_none_or(|only| only == account)
                && fault.region.as_deref().is_none_or(|only| only == region);
            if concerned && struck.is_none() && strikes(&mut fault.times, seen) {
                struck = Some(fault.kind);
            }
        }
        struck
    }
}

fn strikes(times: &mut FaultTimes, seen: &mut u64) -> bool {
    match times {
        FaultTimes::Count(left) => {
            let strikes = 0 < *left;
            *left = left.saturating_sub(1);
            strikes
        }
        FaultTimes::Every(number) => {
            *seen += 1;
            0 < *number && seen.is_multiple_of(*number)
        }
        FaultTimes::Probability { probability, .. } => draw(seen) < *probability,
    }
}

/// The next number of splitmix64, from 0 up to 1.
fn draw(state: &mut u64) -> f64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *state;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^= mixed >> 31;
    u32::try_from(mixed >> 32).map_or(0.0, |high| f64::from(high) / (f64::from(u32::MAX) + 1.0))
}

#[cfg(test)]
mod tests {
    use super::{Fault, FaultKind, FaultTimes, Faults};

    fn strikes(times: FaultTimes, calls: usize) -> Vec<bool> {
        let mut faults = Faults::default();
        let kind = FaultKind::ServerError;
        faults.add(Fault { operation: "PutImage".into(), account: None, region: None, kind, times });
        (0..calls).map(|_| faults.strike("1", "r", "PutImage").is_some()).collect()
    }

    #[test]
    fn faults_strike_by_count_by_multiple_and_by_chance() {
        assert_eq!(strikes(FaultTimes::Count(2), 4), [true, true, false, false]);
        assert_eq!(strikes(FaultTimes::Every(3), 7), [false, false, true, false, false, true, false]);
        let chance = FaultTimes::Probability { probability: 0.25, seed: 7 };
        let drawn = strikes(chance, 4000);
        assert_eq!(drawn, strikes(chance, 4000));
        let struck = drawn.iter().filter(|struck| **struck).count();
        assert!((900..1100).contains(&struck), "{struck}");
    }
}
