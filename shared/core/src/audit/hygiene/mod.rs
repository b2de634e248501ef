//! What is left lying about.

mod creation_template_contradicts;
mod public_repository_without_tags;
mod pull_through_cache_immutable;
mod pull_times_not_excluded;
mod template;
mod template_policy;
mod untagged_unreferenced;

use super::check::Check;

pub(super) const CHECKS: &[Check] = &[
    Check::of_registry(&pull_times_not_excluded::AUDIT, pull_times_not_excluded::check),
    Check::of_registry(&creation_template_contradicts::AUDIT, creation_template_contradicts::check),
    Check::of_repository(&pull_through_cache_immutable::AUDIT, pull_through_cache_immutable::check),
    Check::of_repository(&untagged_unreferenced::AUDIT, untagged_unreferenced::check),
    Check::of_repository(&public_repository_without_tags::AUDIT, public_repository_without_tags::check),
];
