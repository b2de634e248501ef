//! What is wrong with a policy that ECR accepts: rules that do not do what their author meant.
//!
//! One file for each finding. [`lint`] looks at the policy alone, [`lint_inventory`] at what it does to one
//! repository. Leaves out what the parser finds odd ([`super::Policy::findings`]).

mod and_list;
mod archive_saving;
mod can_empty;
mod matches_nothing;
mod never_acts;
mod shadowed;
mod uncapped;
mod window;

use chrono::{DateTime, Utc};

use super::{Policy, Relations, Rule, Severity, Switches, evaluate};
use crate::Image;

/// Images of one repository (service quotas, adjustable; read 2026-11-23).
const IMAGES_QUOTA: u64 = 100_000;

/// One finding about a policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Which finding, in kebab case.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Priorities of the rules concerned.
    pub rules: Vec<u64>,
    /// Place in the text, as a JSON pointer.
    pub pointer: String,
    /// What is so, and why: a lowercase fragment.
    pub message: String,
    /// How to mend it.
    pub help: String,
}

impl Finding {
    fn new(id: &'static str, severity: Severity, rules: &[&Rule], message: String, help: &str) -> Self {
        Self {
            id,
            severity,
            rules: rules.iter().map(|rule| rule.priority).collect(),
            pointer: rules
                .first()
                .map_or_else(|| "/rules".to_owned(), |rule| format!("/rules/{}", rule.position)),
            message,
            help: help.to_owned(),
        }
    }
}

/// The findings that the policy alone shows, the worst first.
pub fn lint(policy: &Policy) -> Vec<Finding> {
    let checks = [
        and_list::check,
        never_acts::check,
        shadowed::check,
        uncapped::check,
        window::check,
        can_empty::check,
        archive_saving::check,
    ];
    sorted(checks.into_iter().flat_map(|check| check(policy)).collect())
}

/// The findings that need the images of a repository to which the policy is attached, the worst first.
pub fn lint_inventory(
    policy: &Policy,
    images: &[Image],
    relations: &Relations,
    now: DateTime<Utc>,
    switches: Switches,
) -> Vec<Finding> {
    let decisions = evaluate(policy, images, relations, now, switches);
    let mut findings = matches_nothing::check(policy, images);
    findings.extend(window::check_inventory(policy, images, relations, &decisions, now, switches));
    findings.extend(can_empty::check_inventory(&decisions));
    sorted(findings)
}

/// Rules of which something can be expected: no finding says that a rule selects nothing, or nothing that is left.
///
/// A policy without any is there and does not do what it is there for.
pub fn effective_rules(policy: &Policy) -> usize {
    let mut dead = and_list::check(policy);
    dead.extend(never_acts::check(policy).into_iter().filter(|found| found.severity != Severity::Info));
    dead.extend(shadowed::check(policy));
    // The first rule of a finding is the one that it is about.
    let is_dead = |rule: &Rule| dead.iter().any(|found| found.rules.first() == Some(&rule.priority));
    policy.rules().iter().filter(|rule| !is_dead(rule)).count()
}

fn sorted(mut findings: Vec<Finding>) -> Vec<Finding> {
    findings.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.rules.cmp(&b.rules)).then(a.id.cmp(b.id)));
    findings
}
