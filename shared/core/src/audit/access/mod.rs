//! Who may do what, from outside of the account.

mod policies;
mod policy_open_to_anyone;
mod policy_open_to_other_accounts;

use super::check::Check;

pub(super) const CHECKS: &[Check] = &[
    Check {
        audit: &policy_open_to_anyone::AUDIT,
        repository: Some(policy_open_to_anyone::check),
        registry: Some(policy_open_to_anyone::check_registry),
    },
    Check {
        audit: &policy_open_to_other_accounts::AUDIT,
        repository: Some(policy_open_to_other_accounts::check),
        registry: Some(policy_open_to_other_accounts::check_registry),
    },
];
