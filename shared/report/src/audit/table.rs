//! Findings of audits for people.

use std::collections::BTreeMap;
use std::fmt::Write;

use demurrage_core::audit::{Acceptance, Audit, Confidence, Finding, Severity, catalogue};

use super::AuditReport;
use super::audited::Found;
use super::tally::Tally;
use super::unanswered::{Unanswered, unanswered};
use crate::amount::count;
use crate::image_name::visible;
use crate::table;

/// Findings by severity and repository, how to mend them, what is accepted, what was not evaluated, and counts.
///
/// `width` is that of the terminal; none: lines are as long as they are. Characters that a terminal would obey are
/// replaced.
pub fn audit_table(report: &AuditReport, width: Option<u16>) -> String {
    let columns = Columns { with_registry: 1 < report.registries.len(), width };
    let mut text = String::new();
    for severity in Severity::ALL.into_iter().rev() {
        let counting = |found: &Found<'_>| found.finding.counts() && found.finding.severity == severity;
        let found: Vec<Found<'_>> = report.found().filter(counting).collect();
        if !found.is_empty() {
            let _ = writeln!(text, "{severity}: {}\n", count(found.len(), "finding"));
            text.push_str(&columns.findings(&found));
            text.push('\n');
        }
    }
    text.push_str(&mends(report, width));
    text.push_str(&columns.accepted(report));
    text.push_str(&columns.not_evaluated(&unanswered(report)));
    text.push_str(&footer(report));
    text
}

/// How tables are laid out.
struct Columns {
    /// Whether a column says in which registry.
    with_registry: bool,
    width: Option<u16>,
}

impl Columns {
    fn findings(&self, found: &[Found<'_>]) -> String {
        let rows = found.iter().map(|found| {
            let owner = found.finding.owner.as_deref().map_or_else(|| "—".to_owned(), visible);
            (*found, vec![what_is_so(found.finding), owner])
        });
        self.table(rows.collect(), &["what is so", "owner"])
    }

    fn accepted(&self, report: &AuditReport) -> String {
        let rows: Vec<_> = report
            .found()
            .filter_map(|found| match &found.finding.acceptance {
                Acceptance::Until { reason, until } => {
                    let because = format!("until {}: {}", until.format("%Y-%m-%d"), visible(reason));
                    Some((found, vec![what_is_so(found.finding), because]))
                }
                Acceptance::None | Acceptance::Expired { .. } => None,
            })
            .collect();
        if rows.is_empty() {
            return String::new();
        }
        let heading = format!("accepted, and not counted: {}\n\n", count(rows.len(), "finding"));
        heading + &self.table(rows, &["what is so", "accepted"]) + "\n"
    }

    /// A table of findings: where, which audit, and what else there is to say.
    fn table(&self, rows: Vec<(Found<'_>, Vec<String>)>, more: &[&str]) -> String {
        let registry = self.with_registry.then_some("registry");
        let headers: Vec<&str> =
            registry.into_iter().chain(["repository", "audit"]).chain(more.iter().copied()).collect();
        let mut table = table::table(&headers);
        for (found, more) in rows {
            let mut row = Vec::new();
            if self.with_registry {
                row.push(registry_text(found.registry.account.as_deref(), &found.registry.region));
            }
            row.push(found.repository.map_or_else(|| "(the registry)".to_owned(), |it| visible(&it.name)));
            row.push(found.finding.audit.id.to_owned());
            row.extend(more);
            table.add_row(row);
        }
        // An id is what people accept risks by: it is not broken.
        let id = usize::from(self.with_registry) + 1;
        let texts: Vec<usize> = (0..headers.len()).filter(|&column| column != id).collect();
        table::fitted_with_names(table, &texts, &[id], self.width)
    }

    /// One line for each audit that could not answer, with the reason that most had.
    fn not_evaluated(&self, all: &[Unanswered<'_>]) -> String {
        if all.is_empty() {
            return String::new();
        }
        let mut by_audit: BTreeMap<usize, Vec<&Unanswered<'_>>> = BTreeMap::new();
        for one in all {
            by_audit.entry(one.number).or_default().push(one);
        }
        let mut table = table::table(&["audit", "not evaluated in", "because"]);
        for reasons in by_audit.values() {
            let Some(most) = reasons.iter().rev().max_by_key(|one| one.repositories.len()) else { continue };
            let others = reasons.iter().filter(|one| one.reason != most.reason).count();
            let more =
                if others == 0 { String::new() } else { format!("; and {}", count(others, "other reason")) };
            let reason = visible(most.reason) + &more;
            table.add_row(vec![most.audit.id.to_owned(), of_what(reasons), reason]);
        }
        let heading = format!("not evaluated, so nobody knows: {}\n\n", count(by_audit.len(), "audit"));
        heading + &table::fitted_with_names(table, &[1, 2], &[0], self.width) + "\n"
    }
}

/// Of how much an audit could not answer, for whichever reasons.
fn of_what(reasons: &[&Unanswered<'_>]) -> String {
    let repositories: usize = reasons.iter().map(|one| one.repositories.len()).sum();
    let registries = reasons.iter().filter(|one| one.repositories.is_empty()).count();
    match (repositories, registries) {
        (0, 1) => "the registry".to_owned(),
        (0, registries) => count(registries, "registry"),
        (repositories, _) => count(repositories, "repository"),
    }
}

fn registry_text(account: Option<&str>, region: &str) -> String {
    format!("{} {}", account.unwrap_or("unknown account"), visible(region))
}

/// The message, with how sure it is, and whether it was accepted until lately.
fn what_is_so(finding: &Finding) -> String {
    let mut text = visible(&finding.message);
    if finding.confidence == Confidence::Likely {
        text.push_str(" (likely)");
    }
    if let Acceptance::Expired { reason, until } = &finding.acceptance {
        let _ = write!(text, " (was accepted until {}: {})", until.format("%Y-%m-%d"), visible(reason));
    }
    text
}

/// How to mend what counts, each audit once.
fn mends(report: &AuditReport, width: Option<u16>) -> String {
    let counts = |audit: &&'static Audit| {
        report.found().any(|found| found.finding.counts() && found.finding.audit.id == audit.id)
    };
    let mut table = table::table(&["audit", "how to mend it"]);
    for audit in catalogue().filter(counts) {
        table.add_row([audit.id, audit.help]);
    }
    if table.is_empty() { String::new() } else { table::fitted_with_names(table, &[1], &[0], width) + "\n" }
}

fn footer(report: &AuditReport) -> String {
    let tally = Tally::of(report);
    let counts: Vec<String> = tally
        .by_severity()
        .filter(|(_, number)| *number != 0)
        .map(|(severity, number)| format!("{number} {severity}"))
        .collect();
    let by_severity = if counts.is_empty() { String::new() } else { format!(" ({})", counts.join(", ")) };
    format!(
        "{} in {}{by_severity}; {} accepted, {} not evaluated, {} clean\n",
        count(tally.findings(), "finding"),
        count(tally.repositories, "repository"),
        crate::amount::grouped(tally.accepted as u64),
        count(tally.unevaluated, "answer"),
        count(tally.clean, "answer"),
    )
}
