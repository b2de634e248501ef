//! Encryption at rest.

mod encryption_without_kms;

use super::check::Check;

pub(super) const CHECKS: &[Check] =
    &[Check::of_repository(&encryption_without_kms::AUDIT, encryption_without_kms::check)];
