//! Whether vulnerabilities are looked for, and mended.

use super::check::Check;

pub(super) const CHECKS: &[Check] = &[];
