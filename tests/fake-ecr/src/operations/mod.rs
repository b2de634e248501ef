//! The operations of the API: one function each, from the state and the call to the answer.
//!
//! A table of contents: `call` is what they are given, `dispatch` finds them by name.

mod account;
mod auth;
mod cache_rules;
mod call;
mod creation_templates;
mod describe_images;
mod dispatch;
mod exclusions;
mod find;
mod layers;
mod lifecycle;
mod list_images;
mod manifest;
mod mutability;
mod notify;
mod organizations;
mod prefixes;
mod preview;
mod public;
mod pull;
mod push;
mod referrers;
mod registry;
mod remove;
mod replicate;
mod repositories;
mod repository_policy;
mod resource_tags;
mod run_lifecycle;
mod scan_findings;
mod scanning;
mod storage;

pub(crate) use auth::caller_of_token;
pub(crate) use call::Call;
pub(crate) use dispatch::{ecr, ecr_public};
pub(crate) use layers::{complete, keep_layer};
pub(crate) use organizations::organizations;
pub(crate) use pull::pull;
pub(crate) use push::{Push, push};
pub use run_lifecycle::LifecycleRun;
pub(crate) use run_lifecycle::run as run_lifecycle;
pub(crate) use storage::settle;
