//! How near quotas are.

mod images_near_quota;
mod nearness;
mod repositories_near_quota;
mod tags_near_quota;

use super::check::Check;

pub use nearness::Stock as QuotaStock;

pub(super) const CHECKS: &[Check] = &[
    Check::of_repository(&images_near_quota::AUDIT, images_near_quota::check),
    Check::of_repository(&tags_near_quota::AUDIT, tags_near_quota::check),
    Check::of_registry(&repositories_near_quota::AUDIT, repositories_near_quota::check),
];
