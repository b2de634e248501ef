//! The blocks of commands in the documentation that are marked as runnable: they run as they stand, one after another.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::support::{Folder, program};

/// What stands before a block that runs.
const MARK: &str = "<!-- runnable -->\n```sh\n";

/// The blocks of a page that run, in their order.
fn blocks(page: &str) -> Vec<&str> {
    page.split(MARK).skip(1).filter_map(|rest| rest.split("\n```").next()).collect()
}

#[test]
fn what_is_marked_as_runnable_runs() {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
    let mut ran = Vec::new();
    for entry in fs::read_dir(docs).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let page = fs::read_to_string(&path).expect("a page");
        assert_eq!(
            page.matches("<!-- runnable -->").count(),
            blocks(&page).len(),
            "{}: a mark stands right before a block of `sh`",
            path.display()
        );
        if !blocks(&page).is_empty() {
            run(&path, &blocks(&page));
            ran.push(path.file_name().expect("a name").to_owned());
        }
    }
    ran.sort();
    assert_eq!(ran, ["CLEANING_UP.md", "PULL_REQUEST.md"]);
}

/// Runs the blocks of a page in one shell, in a folder of their own.
fn run(page: &Path, blocks: &[&str]) {
    let folder = Folder::new();
    let script = blocks.join("\n").replace("/tmp/", &format!("{}/", folder.path("").display()));
    let path = format!(
        "{}:{}",
        program().parent().expect("a folder").display(),
        std::env::var("PATH").unwrap_or_default()
    );
    let output = Command::new("bash")
        .args(["-e", "-u", "-o", "pipefail", "-c", &script])
        .current_dir(folder.path(""))
        .env("PATH", path)
        .output()
        .expect("bash starts");
    assert!(
        output.status.success(),
        "{}: {}\n{}{}",
        page.display(),
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
