//! Which tags may move.

mod tags_can_move;

use super::check::Check;

pub(super) const CHECKS: &[Check] = &[Check::of_repository(&tags_can_move::AUDIT, tags_can_move::check)];
