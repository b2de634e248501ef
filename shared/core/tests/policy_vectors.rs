//! Every vector of `tests/vectors/policy`: what is rejected or found, and where.

#![expect(clippy::disallowed_methods, reason = "a test that reads its data from files")]

use std::path::Path;

use demurrage_core::lifecycle::{Policy, Problem, Severity};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    #[serde(rename = "description")]
    _description: String,
    #[serde(rename = "source")]
    _source: String,
    text: Option<String>,
    text_parts: Option<Vec<Part>>,
    accepted: bool,
    #[serde(default)]
    rejections: Vec<Expected>,
    #[serde(default)]
    findings: Vec<Expected>,
}

/// A piece of a long text.
#[derive(Deserialize)]
#[serde(untagged)]
enum Part {
    Literal(String),
    Repeated { repeat: usize, of: String },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Expected {
    id: String,
    pointer: String,
    line: Option<usize>,
    column: Option<usize>,
}

fn text(vector: &Vector) -> String {
    let parts = vector.text_parts.iter().flatten().map(|part| match part {
        Part::Literal(text) => text.clone(),
        Part::Repeated { repeat, of } => of.repeat(*repeat),
    });
    vector.text.clone().into_iter().chain(parts).collect()
}

fn compare(what: &str, expected: &[Expected], found: &[&Problem]) -> Vec<String> {
    let mut wanted: Vec<_> = expected.iter().map(|e| (e.id.clone(), e.pointer.clone())).collect();
    let mut got: Vec<_> = found.iter().map(|p| (p.id.name().to_owned(), p.pointer.clone())).collect();
    wanted.sort();
    got.sort();
    let mut wrong = Vec::new();
    if wanted != got {
        wrong.push(format!("{what}: expected {wanted:?}, found {got:?}"));
    }
    for place in expected {
        let same = |p: &&&Problem| p.id.name() == place.id && p.pointer == place.pointer;
        let Some(problem) = found.iter().find(same) else { continue };
        let off = |wanted: Option<usize>, got: usize| wanted.is_some_and(|wanted| wanted != got);
        if off(place.line, problem.line) || off(place.column, problem.column) {
            wrong.push(format!("{what}: {} stands at {:?}:{:?}", problem, place.line, place.column));
        }
    }
    wrong
}

fn vector(path: &Path) -> datatest_stable::Result<()> {
    let vector: Vector = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let parsed = Policy::parse(&text(&vector));
    let problems = match &parsed {
        Ok(policy) => policy.findings(),
        Err(rejection) => &rejection.problems,
    };
    let is_error = |problem: &&Problem| problem.id.severity() == Severity::Error;
    let (rejections, findings): (Vec<&Problem>, Vec<&Problem>) = problems.iter().partition(is_error);
    let mut wrong = compare("rejections", &vector.rejections, &rejections);
    wrong.extend(compare("findings", &vector.findings, &findings));
    if vector.accepted != parsed.is_ok() {
        wrong.push(format!("accepted: expected {}, found {}", vector.accepted, parsed.is_ok()));
    }
    for problem in problems {
        assert!(
            !problem.message.is_empty() && !problem.help.is_empty(),
            "{problem} says what and how to mend"
        );
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

datatest_stable::harness! {
    { test = vector, root = "../../tests/vectors/policy", pattern = r"\.json$" },
}
