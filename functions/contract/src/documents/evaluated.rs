//! What came of evaluating one segment of a share.

use serde::{Deserialize, Serialize};

/// Lines that are kept of what goes next, and of findings: the weightiest.
pub const TOP_LINES: usize = 20;

/// The evaluation of a segment, or of some of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct EvaluatedDocument {
    /// The first repository of the segment that is in it, from 0.
    pub from: u32,
    /// The first repository that is not in it any more; none where the segment ends with it.
    pub next: Option<u32>,
    /// The name of the previews that belong to it.
    pub previews: String,
    /// Repositories that were looked at.
    pub repositories: u64,
    /// Repositories that have a policy.
    pub with_policy: u64,
    /// Repositories with a policy of which a rule can act.
    pub with_effective_policy: u64,
    /// Repositories whose policy ECR would not accept.
    pub rejected_policies: u64,
    /// Repositories of which it is not known whether they have a policy, or which images they have.
    pub not_evaluated: u64,
    /// Images that the next runs of the policies expire.
    pub expiring_next: u64,
    /// Images that they archive.
    pub archiving_next: u64,
    /// Findings of lint by severity and id.
    pub lint: Vec<LintCount>,
    /// The repositories of which most goes next.
    pub going_next: Vec<GoingNextLine>,
    /// The gravest findings.
    pub findings: Vec<FindingLine>,
}

/// How often a finding was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LintCount {
    /// `error`, `high`, `medium`, `low` or `info`.
    pub severity: String,
    /// The id.
    pub id: String,
    /// How many repositories have it.
    pub repositories: u64,
}

/// What goes next of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoingNextLine {
    /// Its name.
    pub repository: String,
    /// Images that the next run expires.
    pub expiring: u64,
    /// Images that it archives.
    pub archiving: u64,
}

/// A finding about the policy of a repository.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FindingLine {
    /// Its name.
    pub repository: String,
    /// The id.
    pub id: String,
    /// How grave it is.
    pub severity: String,
    /// What is wrong.
    pub message: String,
}
