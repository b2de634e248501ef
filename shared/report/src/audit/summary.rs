//! Findings of audits in a few lines: which audits found something, how bad it is, and how often.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write;

use demurrage_core::audit::Severity;

use super::AuditReport;
use crate::amount::{count, grouped};
use crate::image_name::visible;
use crate::table;

/// The audits that found something that counts, the worst first, with how often and the first repository; at most so many.
pub fn audit_summary(report: &AuditReport, rows_max: usize, width: Option<u16>) -> String {
    let mut found: BTreeMap<(Reverse<Severity>, &str), Often<'_>> = BTreeMap::new();
    for one in report.found().filter(|one| one.finding.counts()) {
        let key = (Reverse(one.finding.severity), one.finding.audit.id);
        let often = found.entry(key).or_default();
        often.number += 1;
        often.first = often.first.or(one.finding.repository.as_deref());
    }
    let mut rows = table::table(&["severity", "audit", "found", "such as"]);
    for ((Reverse(severity), audit), Often { number, first }) in found.iter().take(rows_max) {
        let such_as = first.map_or_else(|| "the registry".to_owned(), visible);
        rows.add_row(vec![severity.to_string(), (*audit).to_owned(), grouped(*number as u64), such_as]);
    }
    let mut text = table::fitted_with_names(rows, &[3], &[0, 1], width);
    if rows_max < found.len() {
        let _ = writeln!(text, "  … and {}", count(found.len() - rows_max, "other audit"));
    }
    text
}

/// How often an audit found something.
#[derive(Default)]
struct Often<'a> {
    number: usize,
    /// The first repository.
    first: Option<&'a str>,
}
