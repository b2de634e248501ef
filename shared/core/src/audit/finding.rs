//! What audits found about a registry, and what they could not look at.

use chrono::{DateTime, Utc};

use super::{Audit, Confidence, Evidence, Severity};

/// What all audits answered about one thing: a repository, or the registry itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Verdict {
    /// What is wrong, the worst first, then in the order of the catalogue.
    pub findings: Vec<Finding>,
    /// What could not be evaluated, in the order of the catalogue.
    pub unevaluated: Vec<Unevaluated>,
    /// How many audits found nothing.
    pub clean: usize,
}

/// One finding: what is wrong where, whose it is, and whether somebody accepts it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The audit that found it.
    pub audit: &'static Audit,
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// The account, where known.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The repository; none: it is about the registry.
    pub repository: Option<String>,
    /// What is so: a lowercase fragment.
    pub message: String,
    /// What it was seen by.
    pub evidence: Vec<Evidence>,
    /// Who owns the repository, by the first of its resource tags that [`super::Rules::owner_tags`] names.
    pub owner: Option<String>,
    /// Whether the risk is, or was, accepted.
    pub acceptance: Acceptance,
}

impl Finding {
    /// Whether the finding counts: nobody accepts it, or no longer.
    pub const fn counts(&self) -> bool {
        match self.acceptance {
            Acceptance::None | Acceptance::Expired { .. } => true,
            Acceptance::Until { .. } => false,
        }
    }
}

/// Whether somebody accepts a risk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acceptance {
    /// Nobody does.
    None,
    /// Somebody does, for this reason and until then.
    Until {
        /// Why.
        reason: String,
        /// The first instant at which it no longer holds.
        until: DateTime<Utc>,
    },
    /// Somebody did: the finding counts again.
    Expired {
        /// Why it was accepted.
        reason: String,
        /// When that ended.
        until: DateTime<Utc>,
    },
}

/// An audit that could not answer about one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unevaluated {
    /// The audit.
    pub audit: &'static Audit,
    /// The account, where known.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// The repository; none: the registry.
    pub repository: Option<String>,
    /// What was not read: a lowercase fragment.
    pub reason: String,
}
