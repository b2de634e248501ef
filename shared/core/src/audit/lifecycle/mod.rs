//! Whether lifecycle policies do what they are there for.

use super::check::Check;

pub(super) const CHECKS: &[Check] = &[];
