//! Findings of audits in a few lines: which audits found something, how bad it is, and how often.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use demurrage_core::audit::Severity;

use super::AuditReport;
use crate::amount::{count, grouped};
use crate::table;

/// The audits that found something that counts, the worst first, with how often and the first repository; at most so many.
pub fn audit_summary(report: &AuditReport, rows_max: usize, width: Option<u16>) -> String {
    let mut found: BTreeMap<(Reverse<Severity>, &str), (usize, Option<&str>)> = BTreeMap::new();
    for one in report.found().filter(|one| one.finding.counts()) {
        let key = (Reverse(one.finding.severity), one.finding.audit.id);
        let (number, first) = found.entry(key).or_default();
        *number += 1;
        *first = first.or(one.finding.repository.as_deref());
    }
    let mut rows = table::table(&["severity", "audit", "found", "such as"]);
    for ((Reverse(severity), audit), (number, first)) in found.iter().take(rows_max) {
        let such_as = first.map_or_else(|| "the registry".to_owned(), str::to_owned);
        rows.add_row(vec![severity.to_string(), (*audit).to_owned(), grouped(*number as u64), such_as]);
    }
    let mut text = table::fitted_with_names(rows, &[3], &[0, 1], width);
    if rows_max < found.len() {
        text.push_str(&format!("  … and {}\n", count(found.len() - rows_max, "other audit")));
    }
    text
}
