//! Which tags moved that must not, by the ledger.

mod changes;
mod immutability_switched_off;
mod promised;
mod tag_deleted_and_pushed_again;
mod tag_moved;

use super::check::Check;

pub(super) const CHECKS: &[Check] = &[
    Check::of_repository(&tag_moved::AUDIT, tag_moved::check),
    Check::of_repository(&tag_deleted_and_pushed_again::AUDIT, tag_deleted_and_pushed_again::check),
    Check::of_repository(&immutability_switched_off::AUDIT, immutability_switched_off::check),
];
