//! Registering the principal as a pull-time exclusion, and ending while something is under way.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use fake_ecr::{FaultKind, FaultTimes};

use crate::server::{ACCOUNT, KEY, Live, REGION};
use crate::support::Run;

const REGISTER: &str = "--register-pull-time-exclusion=arn:aws:iam::123456789012:role/finops/Demurrage";
const OPERATION: &str = "RegisterPullTimeUpdateExclusion";

fn collect(more: &str) -> String {
    format!("collect --region {REGION} --calls-per-second 5000 {more}")
}

/// Whether the run recommends to register.
fn recommends(run: &Run) -> bool {
    run.stderr
        .lines()
        .any(|line| line.starts_with("hint:") && line.contains("--register-pull-time-exclusion"))
}

#[test]
fn the_run_that_registers_reads_no_manifest_and_the_next_one_does() {
    let live = Live::generated(5, 30, 11);
    let before: Vec<_> = live.images().iter().map(|image| image.pulled_at).collect();
    let run = live.run(&collect(REGISTER)).expect(0);
    let says = "role/finops/Demurrage is registered; how soon ECR honours it is documented nowhere, so this run \
                reads no manifests: collect again later";
    assert!(run.stderr.contains(says), "{}", run.stderr);
    assert!(!recommends(&run), "{}", run.stderr);
    assert_eq!((live.calls("BatchGetImage"), live.calls(OPERATION)), (0, 1));
    live.fake().advance(TimeDelta::hours(1));
    let run = live.run(&collect(REGISTER)).expect(0);
    assert!(run.stderr.contains("Demurrage is a pull-time exclusion"), "{}", run.stderr);
    assert!(0 < live.calls("BatchGetImage"));
    assert_eq!(live.calls(OPERATION), 1, "it is not registered again");
    assert_eq!(before, live.images().iter().map(|image| image.pulled_at).collect::<Vec<_>>());
}

#[test]
fn somebody_else_s_arn_is_not_registered_and_the_code_says_so() {
    let live = Live::generated(2, 10, 11);
    for other in ["arn:aws:iam::999999999999:role/finops/Demurrage", "hello"] {
        let run = live.run(&collect(&format!("--register-pull-time-exclusion={other}"))).expect(4);
        assert!(run.stderr.contains("is not the principal that makes the calls"), "{}", run.stderr);
        assert!(!recommends(&run), "{}", run.stderr);
    }
    assert_eq!(live.calls(OPERATION), 0);
}

#[test]
fn where_a_role_of_that_name_is_registered_another_arn_is_not_passed_over() {
    let live = Live::generated(2, 10, 11);
    live.exclude();
    let register = |arn: &str| live.run(&collect(&format!("--register-pull-time-exclusion={arn}")));
    let run = register("arn:aws:iam::999999999999:role/finops/Demurrage").expect(4);
    assert!(run.stderr.contains("is not the principal that makes the calls"), "{}", run.stderr);
    // Known whole, an ARN is compared whole: that of a namesake leaves the reading on record.
    live.fake().reset_calls();
    std::fs::remove_dir_all(live.folder.path("store")).expect("the store goes");
    let run = register("arn:aws:iam::123456789012:role/ops/Demurrage").expect(0);
    assert!(run.stderr.contains("role/ops/Demurrage is registered; how soon"), "{}", run.stderr);
    assert!(run.stderr.contains("reads no manifests"), "{}", run.stderr);
    assert_eq!((live.calls(OPERATION), live.calls("BatchGetImage")), (1, 0));
    let run = register("arn:aws:iam::123456789012:role/ops/Demurrage").expect(0);
    assert!(run.stderr.contains("role/ops/Demurrage is a pull-time exclusion"), "{}", run.stderr);
    assert!(0 < live.calls("BatchGetImage"));
}

#[test]
fn a_registration_that_is_denied_makes_the_code_4_and_is_not_recommended_again() {
    let live = Live::generated(2, 10, 11);
    live.deny(&[OPERATION]);
    let run = live.run(&collect(REGISTER)).expect(4);
    assert!(run.stderr.contains("hint: allow `ecr:RegisterPullTimeUpdateExclusion`"), "{}", run.stderr);
    assert!(run.stderr.contains("unknown are therefore the children"), "{}", run.stderr);
    assert!(!recommends(&run), "{}", run.stderr);
}

#[test]
fn who_cannot_be_excluded_is_not_told_to_register() {
    let live = Live::generated(2, 10, 11);
    for (arn, hint) in [
        ("arn:aws:iam::123456789012:root", "hint: collect with a role (`--role-arn`): only roles and users"),
        (
            "arn:aws:sts::123456789012:assumed-role/AWSReservedSSO_Admin_0123456789abcdef/kim",
            "hint: collect with a role of its own",
        ),
    ] {
        live.fake().add_principal(KEY, ACCOUNT, arn);
        let run = live.run(&collect("--public")).expect(0);
        assert!(run.stderr.contains(hint), "{}", run.stderr);
        assert!(!recommends(&run), "{}", run.stderr);
    }
}

#[test]
fn where_the_exclusions_cannot_be_listed_the_hint_is_to_allow_that() {
    let live = Live::generated(2, 10, 11);
    live.deny(&["ListPullTimeUpdateExclusions"]);
    for more in ["--public", REGISTER] {
        let run = live.run(&collect(more)).expect(4);
        assert!(run.stderr.contains("hint: allow `ecr:ListPullTimeUpdateExclusions`"), "{}", run.stderr);
        assert!(!recommends(&run), "{}", run.stderr);
    }
    assert_eq!(live.calls("BatchGetImage"), 0);
}

#[test]
fn a_store_that_cannot_be_read_is_found_before_anything_is_asked_or_registered() {
    let live = Live::generated(2, 10, 11);
    live.folder.write("store/inventories", "a file where a folder has to be");
    let run = live.run(&collect(REGISTER));
    assert!(run.code == 2 || run.code == 3, "{}", run.stderr);
    assert!(run.stderr.contains("store/inventories"), "{}", run.stderr);
    assert!(live.fake().calls().is_empty());
}

/// Waits until the operation was called so often.
fn wait_for(live: &Live, operation: &str, calls: u64) {
    let began = Instant::now();
    while live.calls(operation) < calls {
        assert!(began.elapsed() < Duration::from_secs(30), "it asks");
        std::thread::yield_now();
    }
}

fn start(live: &Live, arguments: &str) -> Child {
    live.command(arguments).stderr(Stdio::piped()).spawn().expect("the command starts")
}

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill").args([name, &child.id().to_string()]).status();
    assert!(sent.expect("kill").success());
}

#[test]
fn ctrl_c_is_heard_while_ecr_does_not_answer_the_registration() {
    let live = Live::generated(2, 10, 11);
    live.fail(OPERATION, FaultKind::Timeout, FaultTimes::Every(1));
    let child = start(&live, &collect(REGISTER));
    wait_for(&live, OPERATION, 1);
    let began = Instant::now();
    signal(&child, "-INT");
    let run = Run::of(&child.wait_with_output().expect("it ends")).expect(130);
    assert!(began.elapsed() < Duration::from_secs(20), "one attempt may take a minute");
    assert!(
        run.stderr.contains("whether the pull-time exclusion is registered is not known"),
        "{}",
        run.stderr
    );
    live.folder.run("preview --now 2026-11-01").expect(0);
}

#[test]
fn a_process_that_is_told_to_end_leaves_the_store_as_it_was() {
    let live = Live::generated(3_000, 4, 7);
    let child = start(&live, &format!("collect --region {REGION} --calls-per-second 200"));
    wait_for(&live, "DescribeImages", 100);
    signal(&child, "-TERM");
    let run = Run::of(&child.wait_with_output().expect("it ends")).expect(130);
    assert!(run.stderr.contains("interrupted"), "{}", run.stderr);
    let left = std::fs::read_dir(live.folder.path("store/inventories")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "not even a part is left");
}
