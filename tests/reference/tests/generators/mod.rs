//! Chance for the property tests: small repositories with rules for them, and patterns with texts for them.
//!
//! What is drawn aims at the edges of the rules that are drawn with it: ages at a limit and a millisecond
//! beside it, tags that an entry just matches or just misses, few distinct times and tags so that many are
//! equal. Leaves out the text of policies, and repositories of more than [`scene::IMAGES_MAX`] images.

use proptest::strategy::Strategy;
use proptest::test_runner::{Config, TestCaseResult, TestRunner};

pub(crate) mod pattern;
pub(crate) mod scene;
pub(crate) mod translation;

/// The cases of a property in the gate.
const CASES: u32 = 2_000;

/// Runs a property on as many cases as `PROPTEST_CASES` says, else on [`CASES`]; shrinks one that fails.
///
/// Keeps no file of failures: the smallest failing case is printed, and `PROPTEST_RNG_SEED` repeats a run.
pub(crate) fn for_all<S: Strategy>(strategy: &S, property: impl Fn(S::Value) -> TestCaseResult) {
    let said = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    let config = Config { cases: said.unwrap_or(CASES), failure_persistence: None, ..Config::default() };
    if let Err(failure) = TestRunner::new(config).run(strategy, property) {
        panic!("{failure}");
    }
}
