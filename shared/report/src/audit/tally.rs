//! How much was found.

use demurrage_core::audit::Severity;

use super::AuditReport;
use super::audited::Found;

/// How many findings and answers there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Tally {
    /// Findings that count, by severity: the mildest first.
    pub(super) counting: [usize; Severity::ALL.len()],
    /// Findings that somebody accepts.
    pub(super) accepted: usize,
    /// Answers that could not be given.
    pub(super) unevaluated: usize,
    /// Answers that nothing is wrong.
    pub(super) clean: usize,
    /// Repositories that were audited.
    pub(super) repositories: usize,
}

impl Tally {
    pub(super) fn of(report: &AuditReport) -> Self {
        let mut tally = Self::default();
        for Found { finding, .. } in report.found() {
            if !finding.counts() {
                tally.accepted += 1;
            } else if let Some(count) = tally.counting.get_mut(finding.severity as usize) {
                *count += 1;
            }
        }
        for (_, _, verdict) in report.verdicts() {
            tally.unevaluated += verdict.unevaluated.len();
            tally.clean += verdict.clean;
        }
        tally.repositories = report.registries.iter().map(|registry| registry.repositories.len()).sum();
        tally
    }

    /// Each severity with the number of findings that count, the worst first.
    pub(super) fn by_severity(&self) -> impl Iterator<Item = (Severity, usize)> {
        Severity::ALL.into_iter().zip(self.counting).rev()
    }

    /// All findings that count.
    pub(super) fn findings(&self) -> usize {
        self.counting.iter().sum()
    }
}
