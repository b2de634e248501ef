//! Every fixture of `tests/vectors/audit`: what the audit that its folder is named after answers, word for word.
//!
//! A fixture is named after its answer: `flagged`, `clean` or `not-evaluated`, with more after a hyphen where there
//! are several. That every audit has its fixtures and its section is for `audit_catalogue.rs` to see.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test that reads its data from files, and stops when an assumption fails"
)]

#[path = "audit/expectation.rs"]
mod expectation;
#[path = "audit/fixture.rs"]
mod fixture;
#[path = "audit/images.rs"]
mod images;
#[path = "audit/ledger.rs"]
mod ledger;
#[path = "audit/rules.rs"]
mod rules;
#[path = "audit/uses.rs"]
mod uses;

use std::ffi::OsStr;
use std::path::Path;

use expectation::Expectation;
use fixture::Fixture;

fn vector(path: &Path) -> datatest_stable::Result<()> {
    let id = path.parent().and_then(Path::file_name).and_then(OsStr::to_str).ok_or("a folder")?;
    let name = path.file_stem().and_then(OsStr::to_str).ok_or("a name")?;
    let fixture: Fixture = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let expected = fixture.expect.name();
    if name != expected && !name.starts_with(&format!("{expected}-")) {
        return Err(format!("`{name}` is no name for what is `{expected}`").into());
    }
    let verdict = fixture.verdict();
    for finding in &verdict.findings {
        assert_eq!(finding.repository.as_deref(), fixture.repository_name(), "a finding names its place");
    }
    let found = Expectation::of(&verdict, id);
    if found == fixture.expect {
        return Ok(());
    }
    let text = |expectation| serde_json::to_string_pretty(expectation);
    // A panic, because the harness escapes the line breaks of an error.
    panic!("expected {}\nfound {}", text(&fixture.expect)?, text(&found)?);
}

datatest_stable::harness! {
    { test = vector, root = "../../tests/vectors/audit", pattern = r"\.json$" },
}
