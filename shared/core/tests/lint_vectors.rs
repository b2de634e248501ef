//! Every vector of `tests/vectors/lint`: what is found in a policy, in which rules, how bad it is.

#![expect(clippy::panic, clippy::disallowed_methods, reason = "a test that reads its data from files")]

use std::path::Path;

use demurrage_core::lifecycle::Policy;
use demurrage_core::lifecycle::lint::lint;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    #[serde(rename = "description")]
    _description: String,
    rules: serde_json::Value,
    findings: Vec<Expected>,
}

#[derive(Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(deny_unknown_fields)]
struct Expected {
    id: String,
    severity: String,
    rules: Vec<u64>,
}

fn vector(path: &Path) -> datatest_stable::Result<()> {
    let mut vector: Vector = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let text = serde_json::json!({ "rules": vector.rules }).to_string();
    let policy = Policy::parse(&format!("{text:<100}"))
        .unwrap_or_else(|rejection| panic!("the policy is legal: {rejection}"));
    let findings = lint(&policy);
    assert!(findings.is_sorted_by_key(|finding| std::cmp::Reverse(finding.severity)), "the worst come first");
    for finding in &findings {
        assert!(
            !finding.message.is_empty() && !finding.help.is_empty(),
            "a finding says why and how to mend it"
        );
        assert!(finding.pointer.starts_with("/rules"), "a finding has a place");
    }
    let mut found: Vec<Expected> = findings
        .into_iter()
        .map(|f| Expected { id: f.id.to_owned(), severity: f.severity.name().to_owned(), rules: f.rules })
        .collect();
    found.sort();
    vector.findings.sort();
    if found == vector.findings {
        return Ok(());
    }
    Err(format!("expected {:?}\nfound {found:?}", vector.findings).into())
}

datatest_stable::harness! {
    { test = vector, root = "../../tests/vectors/lint", pattern = r"\.json$" },
}
