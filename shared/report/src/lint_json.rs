//! Findings about policies for programs.

use demurrage_core::Listing;
use demurrage_core::lifecycle::lint::Finding;
use demurrage_core::lifecycle::{Problem, Severity};
use serde_json::{Value, json};

use crate::listing_name::insert_listing;

/// A policy and everything that was found in it.
#[derive(Debug, Clone)]
pub struct LintedPolicy {
    /// Where the policy comes from: a file, or repositories.
    pub source: String,
    /// The repositories to which it is attached, where it comes from a store.
    pub repositories: Vec<String>,
    /// What the parser rejects or finds odd, with places.
    pub problems: Vec<Problem>,
    /// What the rules do wrong.
    pub findings: Vec<Finding>,
    /// What the rules do wrong in one repository.
    pub in_repositories: Vec<(String, Vec<Finding>)>,
    /// Those of its repositories of which not all images are known, so that there may be more to find.
    pub incomplete: Vec<(String, Listing)>,
}

impl LintedPolicy {
    /// The severity of each finding and problem.
    pub fn severities(&self) -> impl Iterator<Item = Severity> + '_ {
        let problems = self.problems.iter().map(|problem| problem.id.severity());
        let findings =
            self.findings.iter().chain(self.in_repositories.iter().flat_map(|(_, findings)| findings));
        problems.chain(findings.map(|finding| finding.severity))
    }
}

/// All findings, as one array with an object for each policy.
pub fn lint_json(policies: &[LintedPolicy]) -> Value {
    policies.iter().map(policy_json).collect()
}

fn policy_json(policy: &LintedPolicy) -> Value {
    let problems = policy.problems.iter().map(|problem| {
        json!({
            "id": problem.id.name(),
            "severity": problem.id.severity().name(),
            "pointer": problem.pointer,
            "line": problem.line,
            "column": problem.column,
            "message": problem.message,
            "help": problem.help,
            "ecr_message": problem.ecr_message,
        })
    });
    let findings = policy.findings.iter().map(|finding| finding_json(finding, None));
    let inside = policy
        .in_repositories
        .iter()
        .flat_map(|(name, findings)| findings.iter().map(move |finding| finding_json(finding, Some(name))));
    let incomplete = policy.incomplete.iter().map(|(name, listing)| {
        let mut row = json!({ "repository_name": name });
        insert_listing(&mut row, listing);
        row
    });
    let mut document = json!({
        "source": policy.source,
        "repositories": policy.repositories,
        "accepted": !policy.problems.iter().any(|problem| problem.id.severity() == Severity::Error),
        "findings": problems.chain(findings).chain(inside).collect::<Vec<_>>(),
    });
    if let (false, Some(object)) = (policy.incomplete.is_empty(), document.as_object_mut()) {
        object.insert("incomplete_repositories".to_owned(), incomplete.collect());
    }
    document
}

fn finding_json(finding: &Finding, repository: Option<&str>) -> Value {
    let mut value = json!({
        "id": finding.id,
        "severity": finding.severity.name(),
        "pointer": finding.pointer,
        "rules": finding.rules,
        "message": finding.message,
        "help": finding.help,
    });
    if let (Some(repository), Some(object)) = (repository, value.as_object_mut()) {
        object.insert("repository_name".to_owned(), repository.into());
    }
    value
}
