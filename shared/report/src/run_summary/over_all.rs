//! What there is in all registries together: sums, and lists in the order of their weight.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use demurrage_core::lifecycle::Severity;

use super::{CallTotals, GoingNext, RegistrySummary, RepositoryFinding, RunAbout, RunSummary};
use crate::amount::bytes;
use crate::run_summary::lines::many;

/// The sum of one number over all registries.
pub(super) fn sum(summary: &RunSummary, number: fn(&RegistrySummary) -> u64) -> u64 {
    summary.registries.iter().map(number).fold(0, u64::saturating_add)
}

/// What was read, and what goes next, in one line.
pub(super) fn totals(summary: &RunSummary) -> String {
    match summary.about {
        RunAbout::Everything => of_everything(summary),
        RunAbout::Settings => format!(
            "{} by their settings alone: no image was looked at.",
            many(sum(summary, |registry| registry.repositories), "repository")
        ),
    }
}

fn of_everything(summary: &RunSummary) -> String {
    format!(
        "{}, {}, {} if no layer were shared; the next run of the policies expires {} and archives {}.",
        many(sum(summary, |registry| registry.repositories), "repository"),
        many(sum(summary, |registry| registry.images), "image"),
        bytes(sum(summary, |registry| registry.naive_stored_bytes)),
        many(sum(summary, |registry| registry.expiring_next), "image"),
        many(sum(summary, |registry| registry.archiving_next), "image"),
    )
}

/// The repositories of which something goes next, those of which most goes first.
pub(super) fn going_next(summary: &RunSummary) -> Vec<(&RegistrySummary, &GoingNext)> {
    let mut lines: Vec<_> = summary
        .registries
        .iter()
        .flat_map(|registry| registry.going_next.iter().map(move |line| (registry, line)))
        .collect();
    lines.sort_by_key(|(registry, line)| {
        let goes = line.expiring.saturating_add(line.archiving);
        (Reverse(goes), &registry.account, &registry.region, &line.repository)
    });
    lines
}

/// The findings, the gravest first.
pub(super) fn findings(summary: &RunSummary) -> Vec<(&RegistrySummary, &RepositoryFinding)> {
    let mut lines: Vec<_> = summary
        .registries
        .iter()
        .flat_map(|registry| registry.findings.iter().map(move |line| (registry, line)))
        .collect();
    lines.sort_by_key(|(registry, line)| {
        let place = (&registry.account, &registry.region, &line.repository);
        (Reverse(line.severity), place, &line.id, &line.message)
    });
    lines
}

/// How many repositories have a finding, the gravest first.
pub(super) fn lint(summary: &RunSummary) -> BTreeMap<(Reverse<Severity>, &str), u64> {
    let mut counts = BTreeMap::new();
    for line in summary.registries.iter().flat_map(|registry| &registry.lint) {
        let count: &mut u64 = counts.entry((Reverse(line.severity), &*line.id)).or_default();
        *count = count.saturating_add(line.repositories);
    }
    counts
}

/// What was asked of ECR, by operation.
pub(super) fn calls(summary: &RunSummary) -> Vec<CallTotals> {
    let mut calls: BTreeMap<&str, CallTotals> = BTreeMap::new();
    for line in summary.registries.iter().flat_map(|registry| &registry.calls) {
        let none = || CallTotals { operation: line.operation.clone(), sent: 0, throttled: 0, failed: 0 };
        let all = calls.entry(&line.operation).or_insert_with(none);
        all.sent = all.sent.saturating_add(line.sent);
        all.throttled = all.throttled.saturating_add(line.throttled);
        all.failed = all.failed.saturating_add(line.failed);
    }
    calls.into_values().collect()
}
