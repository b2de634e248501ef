//! A server that behaves as Amazon ECR does.
//!
//! Table of contents:
//! - [`Server`]: starts and stops; [`Options`] say how
//! - [`Fake`]: what it holds, for tests to set, load and ask
//! - [`RepositoryRecord`], [`ImageRecord`], [`ScanRecord`]: what a registry holds
//! - [`generate`]: registries of any size; [`shop`]: the registry of the demonstration
//! - `distribution`: the `/v2/` routes; `content`: what they use

mod content;
mod distribution;
mod fake;
pub mod generate;
mod http;
mod model;
mod operations;
mod policy;
mod server;
pub mod shop;
mod state;
mod wire;

pub use content::PulledManifest;
pub use fake::Fake;
pub use model::{ImageRecord, ImageStatus, ManifestText, RepositoryRecord, ScanRecord};
pub use operations::LifecycleRun;
pub use server::{Options, Server};
pub use state::{
    CallCount, CallKey, Caller, Calls, Clock, DEFAULT_ACCOUNT, EventTarget, Fault, FaultKind, FaultTimes,
    MemberAccount, Organization, PUBLISHED_RATES, Settings, Unit,
};
pub use wire::{Refusal, digest};
