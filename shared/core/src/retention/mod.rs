//! Retention rules: which images a team wants to keep, and which may go, in words that lifecycle policies have not.
//!
//! A rule is about some repositories; its `keep` and `expire` hold clauses, of which one is met when all of its conditions
//! are. What any `keep` says stays. Decided is on roots: what an index names and what refers to an image goes with it.
//! What is unknown meets every condition of a `keep` and none of an `expire`. Leaves out the guards that hold whatever
//! rules say ([`crate::plan::hard_guards`]), and where rules are written.

mod clause;
pub mod compile;
mod decide;
mod decided;
mod explain;
mod facts;
mod judge;
mod newest_ranks;
mod retention_rules;
mod scene;
mod sentence;
mod tag_regex;
mod units;
mod verdict;
mod wishes;

pub use clause::{Clause, Condition, Newest};
pub use decide::decide;
pub use decided::{Decided, RetentionReason};
pub use explain::{ExplainedClause, ExplainedRule, ExplainedWay, RetentionExplanation, explain};
pub use judge::{Answer, Seen};
pub use retention_rules::{ARCHIVE_DAYS_MIN, ExpireBy, RetentionAction, RetentionRule, RetentionRules};
pub use sentence::reason_sentence;
pub use tag_regex::{TagRegex, TagRegexError};
