//! What one audit answers about one thing.

use super::{Confidence, Severity};

/// The answer of an audit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything that it needs was read, and nothing is wrong; or it is about something that is not there.
    Clean,
    /// This is wrong; never empty.
    Found(Vec<Flaw>),
    /// This was not read, so that nobody knows: a lowercase fragment.
    NotEvaluated(String),
}

impl Outcome {
    /// These flaws, or clean where there are none.
    pub(super) fn of(flaws: Vec<Flaw>) -> Self {
        if flaws.is_empty() { Self::Clean } else { Self::Found(flaws) }
    }
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// How bad it is.
    pub severity: Severity,
    /// How sure it is.
    pub confidence: Confidence,
    /// What is so: a lowercase fragment that names the values concerned.
    pub message: String,
    /// What it was seen by.
    pub evidence: Vec<Evidence>,
}

impl Flaw {
    /// A flaw without evidence so far.
    pub(super) fn new(severity: Severity, confidence: Confidence, message: String) -> Self {
        Self { severity, confidence, message, evidence: Vec::new() }
    }

    /// The same, with one more thing that it was seen by.
    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.evidence.push(Evidence { name, value: value.into() });
        self
    }
}

/// A value that a flaw was seen by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Evidence {
    /// What it is, in kebab case, such as `mode` or `tag`; the same name may come more than once.
    pub name: &'static str,
    /// The value, as it was read: it may hold anything that somebody could push.
    pub value: String,
}
