//! `demurrage history`, over journals that are written here.

use chrono::{DateTime, Utc};
use demurrage_core::journal::{Call, Dropped, IdFailure, ImageId, Outcome, SavedImage};
use demurrage_core::plan::RepositoryAddress;
use demurrage_core::{Digest, ImageStatus, Tag};
use demurrage_store::{Journal, Store};

use crate::support::Folder;

const PLAN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
const LATER: &str = "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210";

fn at(hour: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_564_800 + hour * 3600, 0).expect("a time")
}

fn repository(name: &str) -> RepositoryAddress {
    let (account, region) = (Some("123456789012".to_owned()), "ap-northeast-2".to_owned());
    RepositoryAddress { account, region, name: name.to_owned() }
}

fn image(byte: u8, tags: &[&str]) -> SavedImage {
    SavedImage {
        digest: Digest::from_bytes([byte; 32]),
        tags: tags.iter().map(|tag| Tag::as_given(tag)).collect(),
        manifest: None,
        media_type: None,
        pushed_at: None,
        last_pulled_at: None,
        size_bytes: None,
        parents: Vec::new(),
        subject: None,
        status: ImageStatus::Active,
        rule: "retention `builds`".to_owned(),
        reason: "it was pushed 120 days ago".to_owned(),
    }
}

fn id(byte: u8, tag: Option<&str>) -> ImageId {
    ImageId { digest: Some(Digest::from_bytes([byte; 32])), tag: tag.map(Tag::as_given) }
}

/// Two plans: one that deleted, dropped and failed, and a later one that changed a setting and was cut off.
fn journals(folder: &Folder) {
    let store = Store::new(folder.path("store"));
    // Written first, and shown last: the other one began before it.
    let mut later = Journal::open(&store, LATER).expect("a journal");
    let call = Call::ScanOnPush {
        from: Some(false),
        to: true,
        rule: "scan-on-push-off".to_owned(),
        reason: "nothing scans what is pushed".to_owned(),
    };
    let number = later.intend(at(5), &repository("team/web"), call, Vec::new()).expect("it is written");
    let outcome = Outcome { number, at: at(5), done: Vec::new(), failures: Vec::new(), error: None };
    later.conclude(&outcome).expect("it is written");
    let call = Call::Archive { digest: Digest::from_bytes([9; 32]) };
    later.intend(at(6), &repository("team/web"), call, vec![image(9, &["w1"])]).expect("it is written");

    let mut first = Journal::open(&store, PLAN).expect("a journal");
    let ids = vec![id(1, Some("1.0")), id(1, Some("1.1")), id(2, None), id(3, Some("2.0"))];
    let images = vec![image(1, &["1.0", "1.1"]), image(2, &[]), image(3, &["2.0", "stays"])];
    let call = Call::Delete { ids: ids.clone() };
    let number = first.intend(at(1), &repository("team/app"), call, images).expect("it is written");
    let code = "ImageTagDoesNotMatchDigest".to_owned();
    let failures = vec![IdFailure { id: ids[1].clone(), code, reason: "the tag is elsewhere".to_owned() }];
    let done = vec![ids[0].clone(), ids[2].clone(), ids[3].clone()];
    let outcome = Outcome { number, at: at(1), done, failures, error: None };
    first.conclude(&outcome).expect("it is written");
    let why = "its tags changed since the plan: `3.1` was added".to_owned();
    let digest = Digest::from_bytes([4; 32]);
    let dropped = Dropped { at: at(1), repository: repository("team/app"), digest, why };
    first.drop_images(&[dropped]).expect("it is written");
}

#[test]
fn a_history_says_what_went_when_by_which_plan_and_rule_and_why() {
    let folder = Folder::new();
    journals(&folder);
    let run = folder.run("history").expect(0);
    insta::assert_snapshot!("history", run.stdout);
    assert!(run.stderr.contains("apply the plan again"), "{}", run.stderr);
}

#[test]
fn only_what_is_asked_for_is_told() {
    let folder = Folder::new();
    journals(&folder);
    let rows = |more: &str| {
        let run = folder.run(&format!("history --format json {more}"));
        (run.code, run.json().as_array().expect("rows").len())
    };
    assert_eq!(rows("--repository *"), (0, 7));
    assert_eq!(rows("--repository team/w*"), (0, 2));
    assert_eq!(rows("--since 2026-11-25T06:00:00Z"), (0, 1));
    assert_eq!(rows("--image team/app:2.0"), (0, 1));
    assert_eq!(rows("--image 010101010101"), (0, 2));
    assert_eq!(rows("--repository other"), (5, 0));
    folder.run("history --image nothing").expect(2);
    folder.run("history --since soon").expect(2);
    Folder::new().run("history").expect(5);
}

#[test]
fn a_damaged_journal_is_named() {
    let folder = Folder::new();
    journals(&folder);
    folder.write(&format!("store/journals/{PLAN}/0000000001-outcome.json"), "{");
    let run = folder.run("history").expect(2);
    assert!(run.stderr.contains("0000000001-outcome.json` is damaged"), "{}", run.stderr);
}
