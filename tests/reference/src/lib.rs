//! A slow, literal twin of the lifecycle evaluator, written from `docs/SEMANTICS.md` alone.
//!
//! For: comparing the core with a second reading of the same sentences, on small generated repositories.
//! Assumes: an accepted policy (priorities differ), one repository, and images whose ids differ and order
//! as their digests do. Index manifests form no circle, as digests cannot.
//! Leaves out: reading and checking policies, warnings, `--all-settings`, and every thought of speed.
//!
//! Table of contents:
//! - [`model`](crate::Image): what is given and what is answered
//! - [`wildcard`](crate::wildcard_matches): one entry of a `tagPatternList` against one tag
//! - `reference`: who names whom, among indexes and referrers
//! - `pool`: what a rule selects
//! - `order`: which of two images is newer
//! - `mark`: what a rule puts beyond its limit
//! - [`evaluate`]: the rules together, one verdict per image
//! - [`cost`]: what policies free and come to, with blobs and bytes
//! - [`ledger`]: what is known of tags, by events and listings
//! - [`guards`]: what of the chosen images of a plan stays
//! - [`retention`]: what retention rules keep, choose and let go together
//! - [`output`](crate::output_order): the order in which acted-on images are listed

pub mod cost;
mod evaluate;
#[cfg(test)]
mod fixtures;
pub mod guards;
pub mod ledger;
mod mark;
mod model;
mod order;
mod output;
mod pool;
mod reference;
pub mod retention;
mod wildcard;

pub use evaluate::evaluate;
pub use model::{Act, Class, Count, Image, List, Rule, Status, Switches, Verdict, Why};
pub use output::output_order;
pub use wildcard::wildcard_matches;
