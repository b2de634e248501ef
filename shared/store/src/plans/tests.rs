use std::fs;
use std::path::Path;

use chrono::{DateTime, Utc};
use demurrage_core::plan::{
    Action, DecidedFrom, Mode, PART_ACTIONS, PlanHead, Refusal, RepositoryAddress, RepositoryPlan, Setting,
    SettingAction, Source,
};
use tempfile::TempDir;

use crate::{PlanDraft, PlanError, PlanFiles, Store, StoredPlan};

fn time(hour: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(hour * 3600, 0).unwrap()
}

fn address(name: &str) -> RepositoryAddress {
    RepositoryAddress { account: None, region: "eu-west-1".to_owned(), name: name.to_owned() }
}

/// A plan of this hour with two parts.
fn files(hour: i64) -> PlanFiles {
    let source = || Source { name: "it".to_owned(), hash: "ab".repeat(32) };
    let action = Action::Setting(SettingAction {
        setting: Setting::ScanOnPush { from: None, to: true },
        rule: "scanning-not-covered".to_owned(),
        reason: "nothing scans it".to_owned(),
    });
    let repository = |name: &str, actions| RepositoryPlan {
        repository: address(name),
        images_listed: 1,
        actions: vec![action.clone(); actions],
    };
    PlanFiles::of(&PlanDraft {
        head: PlanHead {
            made_at: time(hour),
            expires_at: time(hour + 24),
            mode: Mode::Approve,
            decided_from: DecidedFrom {
                inventories: vec![source()],
                uses: Vec::new(),
                rules: source(),
                configuration: None,
                holds: source(),
                earlier_plan: None,
            },
            tripped: Vec::new(),
        },
        repositories: vec![repository("a", PART_ACTIONS), repository("b", 2)],
        refused: vec![Refusal { repository: address("c"), reason: "cut off".to_owned() }],
        kept: Vec::new(),
        pending: Vec::new(),
        usd_per_month: None,
    })
}

#[test]
fn a_plan_is_found_by_its_hash_and_by_the_beginning_of_it() {
    let folder = TempDir::new().unwrap();
    let store = Store::new(folder.path());
    let (older, newer) = (files(1), files(2));
    store.add_plan(&newer).unwrap();
    let path = store.add_plan(&older).unwrap();
    store.add_plan(&older).unwrap();
    assert!(path.ends_with("plan.json"), "{path}");
    let hashes: Vec<_> = store.plans().unwrap().into_iter().map(|mark| mark.hash).collect();
    assert_eq!(hashes, [older.plan.hash, newer.plan.hash]);
    for wanted in [older.plan.hash.to_string(), older.plan.hash.short()] {
        let found = store.plan(&wanted).unwrap();
        assert_eq!(found.plan, older.plan);
        found.verify().unwrap();
        assert_eq!(found.repositories().unwrap().len(), 2);
    }
    let eleven_digits: String = older.plan.hash.to_string().chars().take(11).collect();
    for wanted in ["0".repeat(64), eleven_digits, "0".repeat(12)] {
        assert!(matches!(store.plan(&wanted), Err(PlanError::NoSuch { .. })), "{wanted}");
    }
}

fn written(folder: &Path) -> PlanFiles {
    let files = files(1);
    for (name, text) in &files.files {
        fs::write(folder.join(name), text).unwrap();
    }
    files
}

#[test]
fn a_plan_is_read_from_a_copy_of_its_folder() {
    let folder = TempDir::new().unwrap();
    let files = written(folder.path());
    for path in [folder.path().to_owned(), folder.path().join("plan.json")] {
        let found = StoredPlan::in_folder(&path).unwrap();
        assert_eq!(found.plan, files.plan);
        found.verify().unwrap();
    }
}

#[test]
fn whatever_is_changed_in_a_plan_is_noticed() {
    let changes = [
        ("plan.json", "cut off", "cut of"),
        ("plan.json", "\"approve\"", "\"enforce\""),
        ("plan.json", "1970-01-02T01:00:00+00:00", "1970-01-03T01:00:00+00:00"),
        ("plan.json", "\"repository\"", "\"repositoria\""),
        ("plan.json", "part-00001.jsonl", "part-00000.jsonl"),
        ("plan.json", "\"repositories\": 1", "\"repositories\": 2"),
        ("part-00000.jsonl", "\"a\"", "\"z\""),
        ("part-00001.jsonl", "nothing scans it", "something does"),
        ("part-00001.jsonl", "\"approve\"", "\"observe\""),
    ];
    for (file, from, to) in changes {
        let folder = TempDir::new().unwrap();
        written(folder.path());
        let path = folder.path().join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has {from}");
        fs::write(&path, text.replacen(from, to, 1)).unwrap();
        let read = StoredPlan::in_folder(folder.path()).and_then(|found| found.verify());
        assert!(read.is_err(), "{file}: {from} to {to}");
    }
}

#[test]
fn a_part_that_is_missing_or_takes_the_place_of_another_is_noticed() {
    let folder = TempDir::new().unwrap();
    written(folder.path());
    fs::copy(folder.path().join("part-00001.jsonl"), folder.path().join("part-00000.jsonl")).unwrap();
    let verify = || StoredPlan::in_folder(folder.path()).and_then(|found| found.verify());
    assert!(matches!(verify(), Err(PlanError::Changed { .. })));
    fs::remove_file(folder.path().join("part-00000.jsonl")).unwrap();
    assert!(matches!(verify(), Err(PlanError::Missing { .. })));
}
