//! What an audit has to answer about a fixture, in the exact words.

use demurrage_core::audit::{Finding, Verdict};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The answer of one audit.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(tag = "outcome", rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum Expectation {
    Clean {},
    Found { findings: Vec<Expected> },
    NotEvaluated { reason: String },
}

/// A finding.
#[derive(Debug, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(super) struct Expected {
    severity: String,
    confidence: String,
    message: String,
    /// By its names; of a name that comes more than once the values are a list.
    evidence: Map<String, Value>,
}

impl Expectation {
    /// What the audit of this name answered.
    pub(super) fn of(verdict: &Verdict, id: &str) -> Self {
        if let Some(unevaluated) = verdict.unevaluated.iter().find(|found| found.audit.id == id) {
            return Self::NotEvaluated { reason: unevaluated.reason.clone() };
        }
        let findings: Vec<Expected> =
            verdict.findings.iter().filter(|finding| finding.audit.id == id).map(expected).collect();
        if findings.is_empty() { Self::Clean {} } else { Self::Found { findings } }
    }

    /// How the names of fixtures of this answer begin.
    pub(super) const fn name(&self) -> &'static str {
        match self {
            Self::Clean {} => "clean",
            Self::Found { .. } => "flagged",
            Self::NotEvaluated { .. } => "not-evaluated",
        }
    }
}

fn expected(finding: &Finding) -> Expected {
    let mut evidence = Map::new();
    for seen in &finding.evidence {
        let value = Value::String(seen.value.clone());
        match evidence.get_mut(seen.name) {
            None => drop(evidence.insert(seen.name.to_owned(), value)),
            Some(Value::Array(values)) => values.push(value),
            Some(one) => *one = Value::Array(vec![one.take(), value]),
        }
    }
    Expected {
        severity: finding.severity.name().to_owned(),
        confidence: finding.confidence.name().to_owned(),
        message: finding.message.clone(),
        evidence,
    }
}
