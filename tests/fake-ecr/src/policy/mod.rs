//! Lifecycle policies: read as the service reads them, and judged by the reference evaluator.
//!
//! For: `PutLifecyclePolicy`, previews and runs. Leaves out: findings about accepted policies.

mod judge;
mod read;
mod schema;

pub(crate) use judge::{Judged, judge};
pub(crate) use read::{canonical, read};
