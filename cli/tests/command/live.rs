//! The commands that ask AWS, against a server that behaves as ECR does.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use fake_ecr::{Clock, Fault, FaultKind, FaultTimes, RepositoryRecord, Settings};
use serde_json::json;

use crate::server::{ACCOUNT, Live, REGION};
use crate::support::Run;

#[test]
fn a_live_registry_is_collected_and_previewed() {
    let live = Live::generated(10, 40, 1);
    let run = live.collect(" --explain-calls").expect(0);
    assert!(run.stderr.contains("account 123456789012"), "{}", run.stderr);
    assert!(run.stderr.contains("10 repositories with 4"), "{}", run.stderr);
    let row = |operation: &str| {
        let row_text = run.stdout.lines().find(|line| line.trim_start().starts_with(operation));
        let numbers = row_text.unwrap_or_default().split_whitespace().rev().take(4).map(str::to_owned);
        numbers.collect::<Vec<_>>()
    };
    assert_eq!(row("DescribeImages"), ["0", "0", "10", "10"], "{}", run.stdout);
    let run = live.folder.run("preview --now 2026-11-01 --format json").expect(0);
    assert!(!run.json().as_array().expect("an array").is_empty());
}

#[test]
fn scans_are_asked_about_where_that_is_wanted_and_the_calls_are_told() {
    const OPERATION: &str = "DescribeImageScanFindings";
    let live = Live::generated(10, 40, 1);
    let run = live.collect(" --explain-calls").expect(0);
    assert!(!run.stdout.contains(OPERATION), "{}", run.stdout);
    let run = live.collect(" --explain-calls --scan-findings").expect(0);
    let row = run.stdout.lines().find(|line| line.trim_start().starts_with(OPERATION)).expect("a row");
    let numbers: Vec<u64> =
        row.split_whitespace().rev().take(4).filter_map(|number| number.parse().ok()).collect();
    // Throttled and failed, sent, by the formula: nothing was scanned, which ECR says by an error.
    let [_, _, sent, expected] = numbers.try_into().expect("four numbers");
    assert!(10 <= expected && sent == expected, "{row}");
}

#[test]
fn the_default_first_look_says_what_is_unknown_and_offers_what_to_do() {
    let live = Live::generated(5, 60, 2);
    let before: Vec<_> = live.images().iter().map(|image| image.pulled_at).collect();
    live.fake().advance(TimeDelta::days(1));
    let run = live.run(&format!("collect --region {REGION}")).expect(0);
    assert!(run.stderr.contains("unknown are therefore the children of"), "{}", run.stderr);
    assert!(run.stderr.contains("--register-pull-time-exclusion"), "{}", run.stderr);
    assert_eq!(before, live.images().iter().map(|image| image.pulled_at).collect::<Vec<_>>());
    live.collect("").expect(0);
    assert_eq!(before, live.images().iter().map(|image| image.pulled_at).collect::<Vec<_>>());
}

#[test]
fn ecr_s_own_preview_is_compared_and_kept_as_evidence() {
    let live = Live::generated(8, 60, 3);
    let settings = live.fake().settings();
    live.fake().set_settings(Settings { preview: TimeDelta::zero(), ..settings });
    live.collect("").expect(0);
    let run = live.run("preview --verify --format json --calls-per-second 5000").expect(0);
    let answer = run.json();
    let default = json!({"index_children": "ignored", "referrers": "follow", "restored_age": "activated",
        "age": "instant"});
    assert!(answer["reproduced_by"].as_array().expect("an array").contains(&default), "{answer:#}");
    let evidence = live.evidence();
    let (_, kept) = evidence.first().expect("a document");
    assert_eq!(kept["answer"]["repositories"], answer["repositories"]);
    let run = live.run("preview --verify --calls-per-second 5000 --index-children counted");
    assert!(run.code == 0 || run.code == 1, "{}", run.stderr);
    assert!(run.stdout.contains("index_children=ignored"), "{}", run.stdout);
}

#[test]
fn what_cannot_be_read_is_recorded_and_the_code_says_so() {
    let live = Live::generated(6, 10, 5);
    // A clock that is far off would make the SDK take a refusal for a signature of another time.
    live.fake().set_clock(Clock::default());
    let deny = |operation: &str, times| Fault {
        operation: operation.to_owned(),
        account: None,
        region: None,
        kind: FaultKind::AccessDenied,
        times,
    };
    live.fake().add_fault(deny("DescribeImages", FaultTimes::Count(1)));
    live.collect("").expect(4);
    live.folder.run("preview --now 2026-11-01").expect(4);
    live.fake().add_fault(deny("DescribeRepositories", FaultTimes::Every(1)));
    let run = live.collect("").expect(3);
    assert!(run.stderr.contains("ecr:DescribeRepositories"), "{}", run.stderr);
    // One region that fails does not hide the other.
    live.fake().clear_faults();
    let denied =
        Fault { region: Some("us-west-2".to_owned()), ..deny("DescribeRepositories", FaultTimes::Every(1)) };
    live.fake().add_fault(denied);
    live.collect(" --region us-west-2").expect(4);
}

#[test]
fn without_credentials_or_a_region_it_says_how_to_mend_it() {
    let live = Live::empty();
    let run = Run::of(&live.command("collect").output().expect("the command starts")).expect(2);
    assert!(run.stderr.contains("--region"), "{}", run.stderr);
    let mut command = live.command("collect --region ap-northeast-2");
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    let run = Run::of(&command.output().expect("the command starts")).expect(3);
    assert!(run.stderr.contains("hint: sign in again"), "{}", run.stderr);
}

#[test]
fn a_role_is_assumed_and_excluded_by_its_name() {
    let live = Live::generated(3, 20, 6);
    let role = "arn:aws:iam::123456789012:role/finops/Collector";
    let register = format!("collect --region {REGION} --role-arn {role} --register-pull-time-exclusion");
    let run = live.run(&register).expect(0);
    assert!(run.stderr.contains("assumed-role/Collector/demurrage"), "{}", run.stderr);
    assert!(run.stderr.contains(&format!("{role} is registered")), "{}", run.stderr);
    let run = live.run(&register).expect(0);
    assert!(run.stderr.contains(&format!("{role} is a pull-time exclusion")), "{}", run.stderr);
    assert!(!run.stderr.contains("not read"), "{}", run.stderr);
}

#[test]
fn ctrl_c_leaves_the_store_as_it_was() {
    let live = Live::generated(3_000, 4, 7);
    live.collect(" --region us-west-2").expect(0);
    let before = std::fs::read_dir(live.folder.path("store/inventories")).expect("a store").count();
    let child = live
        .command(&format!("collect --region {REGION} --calls-per-second 200"))
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    live.fake().reset_calls();
    let began = Instant::now();
    while live.fake().calls().values().map(|count| count.calls).sum::<u64>() < 200 {
        assert!(began.elapsed() < Duration::from_secs(30), "it asks");
        std::thread::yield_now();
    }
    let killed = Command::new("kill").args(["-INT", &child.id().to_string()]).status();
    assert!(killed.expect("kill").success());
    let output = child.wait_with_output().expect("it ends");
    let run = Run::of(&output).expect(130);
    assert!(run.stderr.contains("interrupted"), "{}", run.stderr);
    let after = std::fs::read_dir(live.folder.path("store/inventories")).expect("a store").count();
    assert_eq!(after, before, "not even a part is left");
    live.folder.run("preview --region us-west-2").expect(0);
}

/// The largest that a process was, in KiB.
#[cfg(target_os = "linux")]
fn peak_kib(pid: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

#[cfg(target_os = "linux")]
#[test]
fn a_repository_of_a_hundred_thousand_images_streams() {
    const BOUND_KIB: u64 = 160 * 1024;
    /// Of the repository that it learns of, the ledger holds all tags.
    const LEARNING_BOUND_KIB: u64 = 640 * 1024;
    let live = Live::generated(1, 100_000, 8);
    live.exclude();
    for round in ["with manifests", "again, with all of them known"] {
        let mut child = live
            .command(&format!("collect --region {REGION} --calls-per-second 5000"))
            .stderr(Stdio::piped())
            .spawn()
            .expect("the command starts");
        let mut said = BufReader::new(child.stderr.take().expect("what it says"));
        let mut told = String::new();
        while !told.contains("1 repository with 100,000 images") {
            told.clear();
            assert_ne!(said.read_line(&mut told).expect("a line"), 0, "it says what it has stored");
        }
        let collecting = peak_kib(child.id()).expect("it runs");
        assert!(collecting <= BOUND_KIB, "{round}: {collecting} KiB");
        let mut learning = collecting;
        while child.try_wait().expect("a process").is_none() {
            learning = peak_kib(child.id()).unwrap_or(0).max(learning);
            std::thread::sleep(Duration::from_millis(5));
        }
        assert_eq!(child.wait().expect("it has ended").code(), Some(0));
        assert!(learning <= LEARNING_BOUND_KIB, "{round}, learning: {learning} KiB");
        live.fake().advance(TimeDelta::hours(1));
    }
}

#[test]
fn the_examples_in_the_help_of_live_commands_work() {
    let live = Live::generated(3, 10, 9);
    for command in ["collect", "aws-deleted"] {
        live.fake().advance(TimeDelta::days(1));
        let run = live.run(&format!("{command} --help")).expect(0);
        let (_, example) = run.stdout.rsplit_once("Example:\n").expect("an example");
        let path = format!(
            "{}:{}",
            crate::support::program().parent().expect("a folder").display(),
            std::env::var("PATH").unwrap_or_default()
        );
        let mut bash = live.folder.command_of("bash");
        for (name, value) in live.command("man").get_envs() {
            match value {
                Some(value) => bash.env(name, value),
                None => bash.env_remove(name),
            };
        }
        let output = bash.args(["-e", "-c", example]).env("PATH", path).output().expect("bash starts");
        assert!(output.status.success(), "{example}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}

#[test]
fn the_public_registry_is_another_one_with_fewer_facts() {
    let live = Live::generated(2, 10, 6);
    let (record, images) = {
        let name = live.names.first().expect("a repository");
        let record = live.fake().repository(ACCOUNT, REGION, name).expect("a repository");
        (
            RepositoryRecord { name: "gallery/tool".to_owned(), ..record },
            live.fake().images(ACCOUNT, REGION, name),
        )
    };
    live.fake().load_repository(ACCOUNT, "public", record, images);
    live.collect(" --public").expect(0);
    let run = live.folder.run("preview --region us-east-1 --now 2026-11-01").expect(0);
    assert!(run.stderr.contains("us-east-1 (ECR Public)"), "{}", run.stderr);
    assert!(run.stderr.contains("1 repository without a lifecycle policy"), "{}", run.stderr);
    // The same account's private registry in that region is not the same registry.
    live.collect(" --region us-east-1").expect(0);
    let run = live.folder.run("preview --region us-east-1 --now 2026-11-01").expect(0);
    assert!(
        run.stderr.contains("us-east-1: inventory") && run.stderr.contains("(ECR Public)"),
        "{}",
        run.stderr
    );
    // Nobody asks ECR for what ECR Public does not have.
    let run = live.run("preview --verify --region us-east-1").expect(0);
    assert!(run.stderr.contains("no repository has a policy to ask about"), "{}", run.stderr);
}
