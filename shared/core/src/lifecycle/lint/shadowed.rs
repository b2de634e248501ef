//! `shadowed`: a rule of which every image is claimed by higher rules.

use super::Finding;
use crate::lifecycle::overlap::{covers, covers_all_tagged, higher};
use crate::lifecycle::{Policy, Rule, Selection, Severity};

pub(super) fn check(policy: &Policy) -> Vec<Finding> {
    policy.rules().iter().filter_map(|rule| by_one(policy, rule).or_else(|| by_two(policy, rule))).collect()
}

fn by_one(policy: &Policy, rule: &Rule) -> Option<Finding> {
    let other = higher(policy.rules(), rule).find(|other| covers(&other.selection, &rule.selection))?;
    let message = format!(
        "the rule never acts: rule {} has a higher priority and selects everything that it selects, {}",
        other.priority, rule.selection
    );
    Some(finding(&[rule, other], message))
}

/// An `any` rule is shadowed by a rule for all tagged images together with one for the untagged.
fn by_two(policy: &Policy, rule: &Rule) -> Option<Finding> {
    if rule.selection != Selection::Any {
        return None;
    }
    let tagged = higher(policy.rules(), rule).find(|other| covers_all_tagged(&other.selection))?;
    let untagged = higher(policy.rules(), rule).find(|other| other.selection == Selection::Untagged)?;
    let message = format!(
        "the rule never acts: rule {} selects all tagged images and rule {} all untagged ones",
        tagged.priority, untagged.priority
    );
    Some(finding(&[rule, tagged, untagged], message))
}

fn finding(rules: &[&Rule], message: String) -> Finding {
    let help = "remove it, or give it a higher priority (a smaller `rulePriority`)";
    Finding::new("shadowed", Severity::Medium, rules, message, help)
}
