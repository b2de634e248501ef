//! Applying a plan: the only thing here that takes images away.
//!
//! What it relies on, in this order: a plan that somebody looked at; a new listing of each repository, in which everything that
//! is not as it was planned is dropped; the hard guards, asked again with uses that were read lately; a last look at the
//! images of each batch; a call that names each tag with its digest, so that a tag that moved or came meanwhile keeps its
//! image. Every call is written down before it is made, and what came of it after.
//!
//! ECR leaves two races, each as long as one call: a tag that is put on an *untagged* image between the last look and the
//! call by digest goes with the image (the answer names it, and the run ends); and the last other tag of an image that is
//! taken off by somebody between the last look and the taking off of tags takes the image with it (the review names it).
//!
//! - [`apply`]: does it; [`verify`]: what it has come to; [`ApplyContext`]: what it is given.
//! - [`Lease`]: who may.
//! - [`APPLY_ACTIONS`], [`LEASE_ACTIONS`]: what it asks of AWS.

mod actions;
mod batch;
mod context;
mod engine;
mod halt;
mod lease;
mod prepare;
mod review;
mod run;
mod settings;
mod settle;
mod table_lease;
mod turns;
mod verify;
mod work;
mod writer;

pub use actions::{APPLY_ACTIONS, APPLY_WRITE_ACTIONS, LEASE_ACTIONS};
pub use context::{ApplyContext, ApplyOptions, Clock, ReadLedger, ReadUses};
pub use engine::{ApplyError, apply};
pub use lease::{Lease, LeaseError};
pub use table_lease::{TableLease, TableLeaseError};
pub use verify::verify;
