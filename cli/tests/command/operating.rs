//! The commands in the pages for those who operate the service: each is one that the program takes.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use crate::support::Folder;

const PAGES: [&str; 2] = ["DEPLOY.md", "RUNBOOK.md"];
/// What stands for something of the reader's own, and what stands for that here.
const PLACEHOLDERS: [(&str, &str); 9] = [
    ("\"$store\"", "store"),
    ("\"$(output Store)\"", "store"),
    ("samconfig.toml", "p.json"),
    ("'…'", "incident"),
    ("…", "store"),
    ("OLDER", "aaaaaaaaaaaa"),
    ("HASH", "bbbbbbbbbbbb"),
    ("REPOSITORY", "team/app"),
    ("@DIGEST", "@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
];

/// The commands of a page: those with a value after their name, in blocks and between backticks.
fn commands(page: &str) -> BTreeSet<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs").join(page);
    let text = fs::read_to_string(path).expect("a page");
    let pieces = text.split('`').flat_map(str::lines).map(str::trim);
    let of = pieces.filter_map(|piece| piece.strip_prefix("demurrage "));
    let without_remark = of.map(|piece| piece.split("  ").next().unwrap_or(piece).trim_end().to_owned());
    without_remark.filter(|command| command.contains("--")).collect()
}

#[test]
fn every_command_for_those_who_operate_the_service_is_one_that_the_program_takes() {
    let folder = Folder::new();
    folder.write("demurrage.toml", "");
    folder.write_json("p.json", &serde_json::json!({}));
    let all: BTreeSet<String> = PAGES.into_iter().flat_map(commands).collect();
    assert!(all.len() > 5, "{all:?}");
    // That one asks AWS for its prices.
    for command in all.iter().filter(|command| !command.starts_with("prices refresh")) {
        let mut line = command.clone();
        for (placeholder, value) in PLACEHOLDERS {
            line = line.replace(placeholder, value);
        }
        let run = folder.run(&line);
        assert!(!run.stderr.contains("For more information, try"), "{command}\n{}", run.stderr);
    }
}
