//! Which tags may move.

mod exclusion_frees_everything;
mod exclusion_matches_nothing;
mod tags_can_move;

use super::check::Check;

pub(super) const CHECKS: &[Check] = &[
    Check::of_repository(&tags_can_move::AUDIT, tags_can_move::check),
    Check::of_repository(&exclusion_frees_everything::AUDIT, exclusion_frees_everything::check),
    Check::of_repository(&exclusion_matches_nothing::AUDIT, exclusion_matches_nothing::check),
];
