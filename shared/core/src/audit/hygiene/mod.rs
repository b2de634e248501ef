//! What is left lying about.

use super::check::Check;

pub(super) const CHECKS: &[Check] = &[];
