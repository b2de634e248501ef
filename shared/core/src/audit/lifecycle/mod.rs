//! Lifecycle policies: whether there is one, and whether it does what it is there for.

mod in_use_going;
mod lifecycle_absent;
mod lifecycle_can_empty;
mod lifecycle_differs_between_replicas;
mod lifecycle_expires_in_use;
mod lifecycle_ineffective;
mod same_meaning;

use super::check::Check;
pub(crate) use same_meaning::is_same as is_same_policy;

pub use lifecycle_expires_in_use::images_in_use_going;

pub(super) const CHECKS: &[Check] = &[
    Check::of_repository(&lifecycle_absent::AUDIT, lifecycle_absent::check),
    Check::of_repository(&lifecycle_ineffective::AUDIT, lifecycle_ineffective::check),
    Check::of_repository(&lifecycle_can_empty::AUDIT, lifecycle_can_empty::check),
    Check::of_repository(&lifecycle_expires_in_use::AUDIT, lifecycle_expires_in_use::check),
    Check::of_repository(
        &lifecycle_differs_between_replicas::AUDIT,
        lifecycle_differs_between_replicas::check,
    ),
];
