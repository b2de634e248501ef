//! What the command says: each failure once, what is the same of many once, and how to mend it.

use fake_ecr::{FaultKind, FaultTimes};

use crate::server::{Live, REGION};
use crate::support::{Folder, Run, image, images};

fn lines<'a>(run: &'a Run, part: &str) -> Vec<&'a str> {
    run.stderr.lines().filter(|line| line.contains(part)).collect()
}

#[test]
fn a_failure_is_said_once_for_each_registry_with_one_hint_for_all() {
    let live = Live::generated(2, 10, 12);
    live.deny(&["DescribeRepositories"]);
    let run = live.run(&format!("collect --region {REGION}")).expect(3);
    assert_eq!(lines(&run, "`DescribeRepositories` failed").len(), 1, "{}", run.stderr);
    assert_eq!(lines(&run, "hint: allow `ecr:DescribeRepositories`").len(), 1, "{}", run.stderr);
    let run = live.run(&format!("collect --region {REGION} --region us-west-2")).expect(3);
    for region in [REGION, "us-west-2"] {
        assert_eq!(lines(&run, &format!("error: {region}: nothing was stored")).len(), 1, "{}", run.stderr);
    }
    assert_eq!(lines(&run, "hint: allow `ecr:DescribeRepositories`").len(), 1, "{}", run.stderr);
}

#[test]
fn what_fails_for_many_repositories_is_said_once() {
    let live = Live::generated(6, 10, 12);
    live.deny(&["GetLifecyclePolicy"]);
    let first = live.names.first().expect("a repository");
    let says = format!("for 6 repositories, the first is `{first}`");
    for run in [live.collect("").expect(4), live.folder.run("preview").expect(4)] {
        let said = lines(&run, "GetLifecyclePolicy");
        assert_eq!(said.len(), 1, "{}", run.stderr);
        assert!(said.iter().all(|line| line.ends_with(&says)), "{}", run.stderr);
    }
}

#[test]
fn what_a_collection_cut_off_is_to_be_collected_again() {
    let live = Live::generated(1, 1_500, 12);
    live.deny(&[]);
    live.fail("DescribeImages", FaultKind::AccessDenied, FaultTimes::Every(2));
    live.collect("").expect(4);
    let run = live.folder.run("preview").expect(4);
    assert_eq!(
        lines(&run, "are cut off: the rest is unknown, so ranks are; collect again").len(),
        1,
        "{}",
        run.stderr
    );
}

#[test]
fn the_public_registry_is_collected_alone_where_no_region_is_named() {
    let live = Live::generated(2, 10, 12);
    let mut command = live.command("collect --public");
    command.env("AWS_REGION", REGION);
    let run = Run::of(&command.output().expect("the command starts")).expect(0);
    assert!(run.stderr.contains("ECR Public: 0 repositories"), "{}", run.stderr);
    assert_eq!(live.calls("DescribeRegistry"), 0, "{}", run.stderr);
}

#[test]
fn that_pull_times_were_changed_is_said_and_kept() {
    let live = Live::generated(2, 20, 12);
    let run = live.run(&format!("collect --region {REGION} --allow-pull-time-update")).expect(0);
    assert_eq!(lines(&run, "each image of them looks used today").len(), 1, "{}", run.stderr);
    let evidence = live.evidence();
    let (name, kept) = evidence.first().expect("a document");
    assert!(
        name.contains("pull-times-changed") && 0 < kept["manifests_read"].as_u64().unwrap_or(0),
        "{kept}"
    );
    // All of them are known now: nothing is changed, and nothing is said.
    let run = live.run(&format!("collect --region {REGION} --allow-pull-time-update")).expect(0);
    assert_eq!((lines(&run, "looks used today").len(), live.evidence().len()), (0, 1), "{}", run.stderr);
}

#[test]
fn a_slip_in_the_name_of_a_bucket_is_no_folder() {
    let folder = Folder::new();
    for slip in ["s3:/bucket/x", "S3://bucket/x", "s3:bucket"] {
        let run = folder.run(&format!("preview --store {slip}")).expect(2);
        assert!(run.stderr.contains("a bucket is `s3://bucket/prefix`"), "{}", run.stderr);
    }
    assert!(!folder.path("s3:").exists());
}

#[test]
fn options_about_asking_aws_are_not_ignored_where_it_is_not_asked() {
    let folder = Folder::new();
    folder.write_json("images.json", &images(&[image('a', &[], "2026-01-01T00:00:00Z")]));
    for option in ["--role-arn arn:aws:iam::123456789012:role/x", "--calls-per-second 5", "--call-timeout 5"]
    {
        let run = folder.run(&format!("preview {option}")).expect(2);
        assert!(run.stderr.contains("add `--verify`"), "{}", run.stderr);
    }
}
