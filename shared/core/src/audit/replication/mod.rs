//! Whether replication does what is demanded, and no more.

use super::check::Check;

pub(super) const CHECKS: &[Check] = &[];
