//! `demurrage hold`.

use serde_json::Value;

use crate::support::{Folder, Run, registry};

fn holds(folder: &Folder, more: &str) -> Vec<Value> {
    let run = folder.run(&format!("hold list --format json --now 2026-11-25{more}")).expect(0);
    run.json()["holds"].as_array().expect("holds").clone()
}

fn hold(folder: &Folder, image: &str, more: &[&str]) -> Run {
    let mut arguments = vec!["hold", image, "--now", "2026-11-25", "--reason", "incident 12"];
    arguments.extend(more);
    folder.run_args(&arguments)
}

#[test]
fn an_image_is_held_until_a_time_or_until_somebody_ends_it() {
    let folder = Folder::new();
    registry(&folder);
    folder.run("import aws --region eu-west-1").expect(0);
    let run = hold(&folder, "team/app:v1", &["--until", "2026-12-01", "--region", "eu-west-1"]).expect(0);
    assert!(!run.stderr.contains("warning"), "{}", run.stderr);
    assert!(
        run.stderr.contains("held: team/app:v1 in eu-west-1 until 2026-12-01 00:00 UTC"),
        "{}",
        run.stderr
    );
    hold(&folder, "team/app:v2", &["--until", "2026-12-02"]).expect(0);
    assert_eq!(holds(&folder, "").len(), 2);
    let run = folder.run("hold list --now 2026-12-01").expect(0);
    assert!(run.stdout.starts_with("team/app:v2 until 2026-12-02"), "{}", run.stdout);
    assert_eq!(run.stdout.lines().count(), 1);
    folder.run("hold end team/app:v2 --now 2026-11-26 --reason over").expect(0);
    folder.run("hold end team/app:v2 --now 2026-11-26 --reason over").expect(5);
    folder.run("hold end team/app:v1 --now 2026-11-26 --reason over --region us-east-1").expect(5);
    assert_eq!(holds(&folder, "").len(), 1);
    let all = holds(&folder, " --all");
    assert_eq!(all.len(), 2);
    assert_eq!(all[1]["ended_because"], "over");
}

#[test]
fn the_list_says_what_is_held_until_when_by_whom_and_why() {
    let folder = Folder::new();
    registry(&folder);
    folder.run("import aws --region eu-west-1").expect(0);
    let held = |arguments: &[&str]| {
        let mut command = folder.command();
        command.env("USER", "mina").args(arguments).args(["--now", "2026-11-25T09:30:00Z"]);
        Run::of(&command.output().expect("the command starts")).expect(0)
    };
    held(&[
        "hold",
        "team/app:v1",
        "--until",
        "2026-12-01",
        "--reason",
        "incident 12",
        "--region",
        "eu-west-1",
    ]);
    held(&[
        "hold",
        "team/app:v2",
        "--until",
        "2027-01-31T12:00:00+09:00",
        "--reason",
        "an audit asks for it",
    ]);
    held(&["hold", "end", "team/app:v1", "--reason", "it is over"]);
    let list = held(&["hold", "list", "--all"]);
    insta::assert_snapshot!("hold_list", list.stdout);
}

#[test]
fn a_slip_in_the_name_is_said_and_a_time_that_is_over_is_refused() {
    let folder = Folder::new();
    registry(&folder);
    let run = hold(&folder, "team/app:v1", &["--until", "2026-12-01"]).expect(0);
    assert!(run.stderr.contains("warning: the store holds no inventory"), "{}", run.stderr);
    folder.run("import aws --region eu-west-1").expect(0);
    let run = hold(&folder, "team/app:v9", &["--until", "2026-12-01"]).expect(0);
    assert!(
        run.stderr.contains("warning: no newest inventory of the store has `team/app:v9`"),
        "{}",
        run.stderr
    );
    let run = hold(&folder, "team/app:v1", &["--until", "2026-12-01", "--region", "us-east-1"]).expect(0);
    assert!(run.stderr.contains("warning: no newest inventory"), "{}", run.stderr);
    let run = hold(&folder, "team/app:v1", &["--until", "2026-11-25"]).expect(2);
    assert!(run.stderr.contains("is not in the future"), "{}", run.stderr);
    hold(&folder, "team/app", &["--until", "2026-12-01"]).expect(2);
    hold(&folder, "team/app:v1", &[]).expect(2);
    folder.run("hold").expect(2);
    assert_eq!(holds(&folder, " --all").len(), 3);
}
