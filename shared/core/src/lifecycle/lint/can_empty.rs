//! `can-empty`: a policy that can leave a repository without an image.

use super::Finding;
use crate::lifecycle::overlap::covers_all_tagged;
use crate::lifecycle::{Action, Decision, Outcome, Policy, Rule, Severity, StorageClass};

pub(super) fn check(policy: &Policy) -> Vec<Finding> {
    let ages_out = |rule: &&Rule| rule.action == Action::Expire && !rule.limit.is_count();
    let Some(rule) = policy
        .rules()
        .iter()
        .filter(ages_out)
        .find(|rule| rule.storage_class == StorageClass::Standard && covers_all_tagged(&rule.selection))
    else {
        return Vec::new();
    };
    let keeps_some = policy.rules().iter().any(|rule| rule.limit.is_count());
    let (severity, whose) = if keeps_some {
        (Severity::Medium, "a repository that has only images of this rule")
    } else {
        (Severity::High, "every repository")
    };
    let message = format!(
        "rule {} expires every image after {} days, the newest too: {whose} is empty {} days after its last push",
        rule.priority,
        rule.limit.number(),
        rule.limit.number()
    );
    let help = "keep the newest: use `imageCountMoreThan`, or protect with a rule of higher priority";
    vec![Finding::new("can-empty", severity, &[rule], message, help)]
}

/// The repository that the next run would leave without an image.
pub(super) fn check_inventory(decisions: &[Decision]) -> Vec<Finding> {
    if decisions.is_empty() || decisions.iter().any(|decision| decision.outcome != Outcome::Expire) {
        return Vec::new();
    }
    let message = format!("the next run expires all {} images of the repository", decisions.len());
    let help = "push, or change the policy, before the next run: it comes within 24 hours";
    vec![Finding::new("empties-now", Severity::High, &[], message, help)]
}
