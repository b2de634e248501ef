//! Whether replication does what is demanded, and no more.

mod replication_deletes_too;
mod replication_destination_missing;
mod replication_filter_covers_nothing;

use super::check::Check;

pub(super) const CHECKS: &[Check] = &[
    Check::of_repository(&replication_destination_missing::AUDIT, replication_destination_missing::check),
    Check::of_registry(&replication_filter_covers_nothing::AUDIT, replication_filter_covers_nothing::check),
    Check::of_registry(&replication_deletes_too::AUDIT, replication_deletes_too::check),
];
