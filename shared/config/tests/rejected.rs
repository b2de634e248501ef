//! Every file of `tests/vectors/configuration`: what is wrong with it, where, and how to mend it.
//!
//! Its comments say what is expected: `#! LINE:COLUMN: MESSAGE`, and `#!   help: HELP` after each. A file without such
//! comments is accepted.

use std::path::Path;

use demurrage_config::Configuration;

fn rejected(path: &Path) -> datatest_stable::Result<()> {
    let text = std::fs::read_to_string(path)?;
    let expected: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("#! ")).collect();
    let found: Vec<String> = match Configuration::parse(&text) {
        Ok(_) => Vec::new(),
        Err(error) => error
            .problems
            .iter()
            .flat_map(|problem| [problem.to_string(), format!("  help: {}", problem.help)])
            .collect(),
    };
    if expected == found {
        return Ok(());
    }
    Err(format!("expected\n{}\nfound\n{}", expected.join("\n"), found.join("\n")).into())
}

datatest_stable::harness! {
    { test = rejected, root = "../../tests/vectors/configuration", pattern = r"\.toml$" },
}
