//! `demurrage` alone, and a command that is to be quiet.

use crate::support::Folder;

#[test]
fn alone_it_shows_the_commands_that_matter_and_where_the_others_are() {
    let folder = Folder::new();
    let run = folder.run_args(&[]).expect(0);
    assert_eq!(run.stderr, "");
    for command in ["demo", "collect", "preview", "cost", "plan", "status"] {
        assert!(run.stdout.contains(&format!("demurrage {command}")), "{}", run.stdout);
        folder.run(&format!("{command} --help")).expect(0);
    }
    assert!(run.stdout.lines().all(|line| line.chars().count() <= 80), "{}", run.stdout);
}

#[test]
fn quiet_it_says_what_is_wrong_and_nothing_else() {
    let folder = Folder::new();
    let loud = folder.run("stop --store store --reason test").expect(0);
    assert!(loud.stderr.contains("stopped"), "{}", loud.stderr);
    let quiet = folder.run("stop --store store --lift -q").expect(0);
    assert_eq!((&*quiet.stdout, &*quiet.stderr), ("", ""));
    let wrong = folder.run("--quiet preview --images missing.json --policy missing.json").expect(2);
    assert!(wrong.stderr.starts_with("error: "), "{}", wrong.stderr);
    // What is odd is said, however quiet it is to be.
    let odd = folder.run("-q stop --store store").expect(0);
    assert!(odd.stderr.starts_with("warning: no reason was given"), "{}", odd.stderr);
}

#[test]
fn every_command_has_a_row_in_the_documentation() {
    let documented =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/COMMANDS.md")).expect("a page");
    let help = Folder::new().run("--help").expect(0).stdout;
    let (_, listed) = help.split_once("Commands:\n").expect("a list");
    let listed = listed.split("\n\n").next().expect("its end");
    let names: Vec<&str> = listed
        .lines()
        .filter(|line| line.starts_with("  ") && !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(25 < names.len(), "{names:?}");
    for name in names {
        let is_there = documented.lines().filter(|line| line.starts_with("| `")).any(|line| {
            line.split('|')
                .nth(1)
                .unwrap_or_default()
                .split('`')
                .any(|word| word.split_whitespace().next() == Some(name))
        });
        assert!(is_there, "docs/COMMANDS.md has no row for `{name}`");
    }
}
