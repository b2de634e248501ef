//! Findings about policies for people.

use std::fmt::Write;

use demurrage_core::lifecycle::lint::Finding;

use crate::LintedPolicy;
use crate::amount::count;

/// Repositories that are named before the rest is counted.
const REPOSITORIES_NAMED: usize = 3;

/// Every finding with its place, reason and mend, policy by policy. Policies without findings are left out.
pub fn lint_text(policies: &[LintedPolicy]) -> String {
    policies.iter().map(policy_text).collect()
}

fn policy_text(policy: &LintedPolicy) -> String {
    let mut text = String::new();
    for problem in &policy.problems {
        let severity = problem.id.severity().name();
        let place = format!("line {} column {}", problem.line, problem.column);
        let _ = writeln!(text, "  {severity}[{}] at {place}: {}", problem.id, problem.message);
        let _ = writeln!(text, "    hint: {}", problem.help);
        if let Some(ecr_message) = &problem.ecr_message {
            let _ = writeln!(text, "    ECR says: {ecr_message}");
        }
    }
    for finding in &policy.findings {
        text.push_str(&finding_text(finding, None));
    }
    for (repository, findings) in &policy.in_repositories {
        for finding in findings {
            text.push_str(&finding_text(finding, Some(repository)));
        }
    }
    if text.is_empty() { text } else { format!("{}\n{text}\n", heading(policy)) }
}

fn heading(policy: &LintedPolicy) -> String {
    let named = policy.repositories.iter().take(REPOSITORIES_NAMED).map(String::as_str).collect::<Vec<_>>();
    let more = policy.repositories.len().saturating_sub(REPOSITORIES_NAMED);
    match (&*named, more) {
        ([], _) => policy.source.clone(),
        (named, 0) => format!("policy of {}", named.join(", ")),
        (named, more) => format!("policy of {} and {}", named.join(", "), count(more, "other repository")),
    }
}

fn finding_text(finding: &Finding, repository: Option<&str>) -> String {
    let rules = match &*finding.rules {
        [] => String::new(),
        [rule] => format!(" rule {rule}:"),
        rules => format!(" rules {}:", rules.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")),
    };
    let repository = repository.map(|name| format!(" in {name}:")).unwrap_or_default();
    let severity = finding.severity.name();
    format!(
        "  {severity}[{}]{repository}{rules} {}\n    hint: {}\n",
        finding.id, finding.message, finding.help
    )
}
