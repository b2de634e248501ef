//! The pure core of Demurrage: what an Amazon ECR registry holds, and what a lifecycle policy does to it.
//!
//! It assumes that its callers have read the world: an inventory is data, `now` is an argument. It leaves
//! out input and output, clocks, environment, threads and logging, and knows neither the AWS SDKs nor how
//! anything is printed or stored.
//!
//! - [`Digest`], [`Tag`], [`Image`], [`Manifest`], [`Repository`], [`Inventory`]: the model.
//! - [`lifecycle`]: policies, their evaluation, explanation, lint and comparison.
//! - [`access`]: policies of repositories and registries, and who may do what by them.
//! - [`apply`]: what a plan that is applied has to decide: what changed since, what goes into which call.
//! - [`audit`]: whether settings keep what a team promises, and whether the promise held.
//! - [`cost`]: what is stored, what it costs, and what changes would save.
//! - [`ledger`]: which image each tag is on, and was on, by events and inventories.
//! - [`in_use`]: what runs, and the images that it keeps.
//! - [`journal`]: what was about to be done to a registry, and what came of it.
//! - [`plan`]: which images go and which settings change, decided before anything is done.
//! - [`retention`]: rules of a team about what stays and what goes, beyond what a lifecycle policy can say.
//! - [`metric`]: what a deployment publishes about registries.
//! - [`Wildcard`]: the patterns of ECR, in which only `*` is special.

#![warn(clippy::float_arithmetic, clippy::wildcard_enum_match_arm)]

pub mod access;
pub mod apply;
pub mod audit;
pub mod cost;
mod digest;
mod fact;
mod image;
pub mod in_use;
pub mod instant;
mod inventory;
pub mod journal;
pub mod ledger;
pub mod lifecycle;
mod manifest;
mod manifest_text;
pub mod metric;
pub mod plan;
mod replication;
mod repository;
pub mod retention;
mod scan_summary;
mod tag;
mod tag_mutability;
mod tagged_root;
mod wildcard;

pub use digest::{Digest, DigestError};
pub use fact::Fact;
pub use image::{Image, ImageStatus};
pub use inventory::{Inventory, RegistryFacts, RegistryKind, RepositoriesListing};
pub use manifest::{Child, Descriptor, Manifest, ManifestKind, Platform};
pub use manifest_text::{ManifestError, parse_manifest};
pub use metric::Metric;
pub use replication::{DeleteReplication, Destination, Replication, ReplicationError, ReplicationRule};
pub use repository::{Listing, Repository};
pub use scan_summary::{ScanStatus, ScanSummary, SeverityCounts};
pub use tag::{Tag, TagError};
pub use tag_mutability::{ExclusionFilter, Freedom, TagMutability, UnknownMutability};
pub use tagged_root::TaggedRoot;
pub use wildcard::Wildcard;
