//! Who may do what, from outside of the account.

use super::check::Check;

pub(super) const CHECKS: &[Check] = &[];
