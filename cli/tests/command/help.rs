//! What the command says of itself: every example in a help text works.

use std::process::Command;

use crate::support::{Folder, program};

const COMMANDS: [&str; 14] = [
    "",
    "demo",
    "import",
    "preview",
    "explain",
    "lint",
    "audit",
    "compare",
    "cost",
    "sweep",
    "report",
    "prices",
    "completions bash",
    "man",
];

#[test]
fn every_help_ends_with_an_example_that_works() {
    let folder = Folder::new();
    for command in COMMANDS {
        let command = command.split(' ').next().unwrap_or_default();
        let run = folder.run(format!("{command} --help").trim()).expect(0);
        let (_, example) =
            run.stdout.rsplit_once("Example:\n").unwrap_or_else(|| panic!("{command}: an example"));
        let example = example.replace("/tmp/", &format!("{}/", folder.path("").display()));
        let path = format!(
            "{}:{}",
            program().parent().expect("a folder").display(),
            std::env::var("PATH").unwrap_or_default()
        );
        let output = Command::new("bash")
            .args(["-e", "-c", &example])
            .env("PATH", path)
            .output()
            .expect("bash starts");
        // Judging commands end with 1 where they find something, and with 5 where no repository opted in to what mends it.
        let found = match command {
            "lint" | "compare" => output.status.code() == Some(1),
            "audit" => matches!(output.status.code(), Some(1 | 5)),
            _ => false,
        };
        assert!(
            output.status.success() || found,
            "{command}: {example}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn the_demo_is_the_same_for_the_same_seed_and_time() {
    let folder = Folder::new();
    let runs: Vec<String> = ["folder-one", "folder-two"]
        .map(|dir| {
            folder.run(&format!("demo --dir {dir} --now 2026-11-01")).expect(0).stdout.replace(dir, "DIR")
        })
        .to_vec();
    assert_eq!(runs[0], runs[1]);
    assert!(runs[0].contains("Try next"));
    assert!(!folder.path("store").exists(), "the user's own store is not touched");
}

#[test]
fn completions_and_manual_are_made() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish"] {
        assert!(folder.run(&format!("completions {shell}")).expect(0).stdout.contains("demurrage"));
    }
    assert!(folder.run("man").expect(0).stdout.contains(".TH demurrage"));
    folder.run("man --out pages").expect(0);
    assert!(folder.path("pages/demurrage-preview.1").is_file());
}
