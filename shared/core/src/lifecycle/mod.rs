//! Lifecycle policies: what they say, what they do to an inventory, and why.
//!
//! The way through: [`Policy::parse`] reads and checks a policy; [`Relations::of`] finds who references whom
//! among the images of a repository; [`evaluate`] decides every image; [`Preview`], [`explain`], [`lint`]
//! and [`compare`] look at the decisions. `docs/SEMANTICS.md` is the specification; comments of the form
//! `//= docs/SEMANTICS.md#name` say where a sentence of it is implemented.

mod action;
mod certainty;
mod compare;
mod decision;
mod evaluate;
mod explain;
mod forecast;
mod gone;
mod limit;
pub mod lint;
mod order;
mod overlap;
mod policy;
mod policy_reader;
mod policy_rules;
mod preview;
mod problem;
mod relations;
mod rule;
mod selection;
mod settle;
mod shield;
mod switches;
mod text_place;
mod threshold;
mod verify;

pub use action::Action;
pub use certainty::{Certainty, certainties};
pub use compare::{Change, compare};
pub use decision::{AgeBasis, Decision, MissingTime, Outcome, Reason};
pub use evaluate::evaluate;
pub use explain::{Explanation, Relation, explain, explain_all};
pub use forecast::Next;
pub use gone::{AttachedPolicy, Cause, Gone, Unexplained, Untold, Verdict, gone};
pub use limit::Limit;
pub use policy::{Policy, PolicyRejection};
pub use preview::Preview;
pub use problem::{Problem, ProblemId, Severity};
pub use relations::Relations;
pub use rule::{Rule, StorageClass};
pub use selection::Selection;
pub(crate) use settle::without_blobs;
pub use settle::{Acted, Runs, settle};
pub use switches::{AgeUnit, IndexChildren, Referrers, RestoredAge, Switch, Switches};
pub use threshold::{Threshold, thresholds};
pub use verify::{Disagreement, Fate, Verification, verify};
