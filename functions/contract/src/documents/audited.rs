//! What came of auditing one segment of a share.

use chrono::{DateTime, Utc};
use demurrage_core::audit::{self, Finding, Severity, Unevaluated};
use serde::{Deserialize, Serialize};

/// Findings about one repository that are kept: the worst; how many more there were is counted.
pub const FINDINGS_MAX: usize = 50;
/// Pieces of evidence of one finding that are kept.
pub const EVIDENCE_MAX: usize = 30;

/// The audits of a segment, or of some of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AuditedDocument {
    /// The first repository of the segment that is in it, from 0.
    pub from: u32,
    /// The first repository that is not in it any more; none where the segment ends with it.
    pub next: Option<u32>,
    /// Its repositories, in the order of their names.
    pub repositories: Vec<AuditedRepository>,
}

/// What the audits say about one repository.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AuditedRepository {
    /// Its name.
    pub name: String,
    /// Whether its images were all listed, so that the ledger learnt what its tags are on.
    pub is_reconciled: bool,
    /// Whether a tag moved against the promise, or the setting lets one, and nobody accepts that.
    pub breaks_promise: bool,
    /// How many of its tags moved against the promise since the run before.
    pub tags_moved: u64,
    /// How many of its images are in use, or part of one that is; none where nobody read what is in use.
    pub images_in_use: Option<u64>,
    /// How many images in use the attached policy is about to act on, and nobody accepts it; none where nobody knows.
    pub images_in_use_going: Option<u64>,
    /// What is wrong, the worst first.
    pub findings: Vec<FindingOf>,
    /// How many more findings there were.
    pub findings_more: u64,
    /// What could not be evaluated.
    pub unevaluated: Vec<UnevaluatedOf>,
    /// How many audits found nothing.
    pub clean: u64,
}

/// A finding of an audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingOf {
    /// The id of the audit.
    pub audit: String,
    /// How bad it is: `informational`, `low`, `medium`, `high` or `critical`.
    pub severity: String,
    /// How sure it is: `likely` or `certain`.
    pub confidence: String,
    /// What is so, as a fragment.
    pub message: String,
    /// What it was seen by; the first of it.
    pub evidence: Vec<EvidenceLine>,
    /// Who owns the repository.
    pub owner: Option<String>,
    /// Who accepts it, or did.
    pub acceptance: Option<Acceptance>,
    /// Whether it counts: nobody accepts it, or no longer.
    pub counts: bool,
}

/// A value that a finding was seen by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EvidenceLine {
    /// What it is.
    pub name: String,
    /// The value, as it was read: it may hold anything that somebody could push.
    pub value: String,
}

/// That a risk is accepted, or was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    /// Why.
    pub reason: String,
    /// The first instant at which it no longer holds.
    pub until: DateTime<Utc>,
}

/// An audit that could not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnevaluatedOf {
    /// The id of the audit.
    pub audit: String,
    /// What was not read, as a fragment.
    pub reason: String,
}

impl FindingOf {
    /// The severity; one that nobody knows is the worst.
    pub fn severity(&self) -> Severity {
        Severity::from_name(&self.severity).unwrap_or(Severity::Critical)
    }
}

impl From<&Finding> for FindingOf {
    fn from(finding: &Finding) -> Self {
        let evidence = finding.evidence.iter().take(EVIDENCE_MAX);
        Self {
            audit: finding.audit.id.to_owned(),
            severity: finding.severity.name().to_owned(),
            confidence: finding.confidence.name().to_owned(),
            message: finding.message.clone(),
            evidence: evidence
                .map(|one| EvidenceLine { name: one.name.to_owned(), value: one.value.clone() })
                .collect(),
            owner: finding.owner.clone(),
            acceptance: match &finding.acceptance {
                audit::Acceptance::None => None,
                audit::Acceptance::Until { reason, until } | audit::Acceptance::Expired { reason, until } => {
                    Some(Acceptance { reason: reason.clone(), until: *until })
                }
            },
            counts: finding.counts(),
        }
    }
}

impl From<&Unevaluated> for UnevaluatedOf {
    fn from(unevaluated: &Unevaluated) -> Self {
        Self { audit: unevaluated.audit.id.to_owned(), reason: unevaluated.reason.clone() }
    }
}
