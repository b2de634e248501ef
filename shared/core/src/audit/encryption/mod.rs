//! Encryption at rest.

use super::check::Check;

pub(super) const CHECKS: &[Check] = &[];
