//! `archive-saves-nothing`: archiving costs as much as keeping, until there is very much of it.

use super::Finding;
use crate::lifecycle::{Action, Policy, Severity};

pub(super) fn check(policy: &Policy) -> Vec<Finding> {
    policy
        .rules()
        .iter()
        .filter(|rule| rule.action == Action::Archive)
        .map(|rule| {
            // Price list rows 0–153,600 GB and 153,600 GB–Inf of us-east-1, read 2026-09-24.
            let message = "archived images cost 0.10 USD per GB and month like others; only what is beyond 150 TB in \
                           an account and region costs 0.07. They cannot be pulled, a restore costs 0.03 USD per GB, \
                           and 90 days are billed at least"
                .to_owned();
            let help = "archive to be able to undo, not to save; to save, expire";
            Finding::new("archive-saves-nothing", Severity::Low, &[rule], message, help)
        })
        .collect()
}
