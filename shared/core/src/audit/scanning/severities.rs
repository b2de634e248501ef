//! Counting vulnerabilities from a severity on.

use crate::SeverityCounts;
use crate::audit::Severity;

/// The vulnerabilities of each severity, the worst first. Those of an undefined one count as the mildest.
pub(super) fn by_severity(counts: SeverityCounts) -> [(Severity, u32); 5] {
    [
        (Severity::Critical, counts.critical),
        (Severity::High, counts.high),
        (Severity::Medium, counts.medium),
        (Severity::Low, counts.low),
        (Severity::Informational, counts.informational.saturating_add(counts.undefined)),
    ]
}

/// Those that are as bad as this or worse, the worst first, where there are any.
pub(super) fn from(severity: Severity, counts: SeverityCounts) -> Vec<(Severity, u32)> {
    let counts_it = |&(of, findings): &(Severity, u32)| severity <= of && 0 < findings;
    by_severity(counts).into_iter().filter(counts_it).collect()
}

/// Such as `2 critical, 1 high`.
pub(super) fn described(vulnerabilities: &[(Severity, u32)]) -> String {
    let parts: Vec<String> =
        vulnerabilities.iter().map(|(of, findings)| format!("{findings} {of}")).collect();
    parts.join(", ")
}
