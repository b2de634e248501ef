//! `demurrage audit --fix`: from findings over a plan to settings of a registry.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use fake_ecr::{Clock, RepositoryRecord};
use serde_json::json;

use crate::server::{ACCOUNT, Live, REGION};
use crate::support::Run;

fn clock() -> DateTime<Utc> {
    DateTime::from(std::time::SystemTime::now())
}

fn repository(name: &str, opts_in: bool) -> RepositoryRecord {
    let tags = if opts_in { vec![("demurrage".to_owned(), "enforce".to_owned())] } else { Vec::new() };
    RepositoryRecord {
        name: name.to_owned(),
        created_at: clock() - TimeDelta::days(400),
        mutability: "MUTABLE".to_owned(),
        exclusion_filters: Vec::new(),
        scan_on_push: false,
        encryption_type: "AES256".to_owned(),
        kms_key: None,
        lifecycle_policy: None,
        lifecycle_evaluated_at: None,
        repository_policy: None,
        resource_tags: BTreeMap::from_iter(tags),
    }
}

/// A registry of two repositories that opted in and one that did not, collected.
fn collected() -> Live {
    let live = Live::empty();
    live.fake().set_clock(Clock::default());
    for (name, opts_in) in [("app", true), ("web", true), ("old", false)] {
        live.fake().load_repository(ACCOUNT, REGION, repository(name, opts_in), Vec::new());
    }
    live.collect("").expect(0);
    live
}

fn setting(live: &Live, name: &str) -> (String, bool) {
    let record = live.fake().repository(ACCOUNT, REGION, name).expect("a repository");
    let filters: Vec<&str> = record.exclusion_filters.iter().map(|filter| &**filter).collect();
    (format!("{} {}", record.mutability, filters.join(" ")).trim_end().to_owned(), record.scan_on_push)
}

fn apply(live: &Live, hash: &str) -> Run {
    live.run(&format!("apply {hash} --hash {hash} --yes --format json"))
}

#[test]
fn what_audits_find_of_settings_is_planned_shown_and_applied() {
    let live = collected();
    let document = live.run("audit --fix --out plan --format json").expect(0).json();
    assert_eq!(document["actions"], 4, "{document:#}");
    assert_eq!(document["refused"][0]["repository"], "old");
    let by_hand = document["not_fixed"].as_array().expect("a list");
    assert!(by_hand.iter().any(|one| one["audit"] == "lifecycle-absent" && one["repository"] == "app"));
    let shown = live.run("plan show plan --images app").expect(0).stdout;
    assert!(shown.contains("IMMUTABLE_WITH_EXCLUSION (latest)"), "{shown}");
    assert!(shown.contains("scan on push from off to on"), "{shown}");
    let hash = document["hash"].as_str().expect("a hash");
    let report = apply(&live, hash).expect(0).json();
    assert_eq!(report["repositories"][0]["settings"], 2, "{report:#}");
    for name in ["app", "web"] {
        assert_eq!(setting(&live, name), ("IMMUTABLE_WITH_EXCLUSION latest".to_owned(), true));
    }
    assert_eq!(setting(&live, "old"), ("MUTABLE".to_owned(), false));
    apply(&live, hash).expect(5);
}

#[test]
fn a_setting_that_changed_since_the_plan_stays_and_the_report_says_so() {
    let live = collected();
    let document = live.run("audit --fix --repository app --format json").expect(0).json();
    let mut record = live.fake().repository(ACCOUNT, REGION, "app").expect("a repository");
    record.mutability = "IMMUTABLE".to_owned();
    live.fake().load_repository(ACCOUNT, REGION, record, Vec::new());
    let report = apply(&live, document["hash"].as_str().expect("a hash")).expect(4).json();
    let app = &report["repositories"][0];
    assert_eq!(app["left"][0]["why"], "tag mutability is not as it was planned", "{report:#}");
    assert_eq!(setting(&live, "app"), ("IMMUTABLE".to_owned(), true));
}

#[test]
fn a_repository_that_opted_out_since_the_plan_keeps_its_settings() {
    let live = collected();
    let document = live.run("audit --fix --repository app --format json").expect(0).json();
    let mut record = live.fake().repository(ACCOUNT, REGION, "app").expect("a repository");
    record.resource_tags.clear();
    live.fake().load_repository(ACCOUNT, REGION, record, Vec::new());
    let run = apply(&live, document["hash"].as_str().expect("a hash")).expect(4);
    assert!(run.stdout.contains("it has no resource tag `demurrage` = `enforce` now"), "{}", run.stdout);
    assert_eq!(setting(&live, "app"), ("MUTABLE".to_owned(), false));
}

#[test]
fn the_same_inventory_gives_the_same_plan_and_plans_are_compared() {
    let live = collected();
    let now = (clock() + TimeDelta::seconds(1)).to_rfc3339();
    let make =
        |more: &str| live.run(&format!("audit --fix --now {now} --format json{more}")).expect(0).json();
    let one = make(" --out one");
    make(" --out two");
    let files = |folder: &str| -> BTreeMap<_, _> {
        let files = std::fs::read_dir(live.folder.path(folder)).expect("a folder");
        let file = |file: std::fs::DirEntry| (file.file_name(), std::fs::read(file.path()).expect("a file"));
        files.map(|one| file(one.expect("a file"))).collect()
    };
    assert!(files("one").len() >= 2, "plan.json, and a part at least");
    assert_eq!(files("one"), files("two"));
    live.folder.write("demurrage.toml", "[[audit.mutability]]\nrepositories = '*'\nmay_move = []\n");
    let other = make("");
    assert_ne!(one["hash"], other["hash"]);
    let hash = |document: &serde_json::Value| document["hash"].as_str().expect("a hash").to_owned();
    let diff = live.run(&format!("plan diff {} {} --format json", hash(&one), hash(&other))).expect(1).json();
    assert_eq!(diff["changed"].as_array().map(Vec::len), Some(2), "{diff:#}");
    assert_eq!(diff["same"], json!(2));
}

#[test]
fn rules_of_the_registry_leave_nothing_to_set_and_say_so() {
    let live = collected();
    let rule = json!({"scanType": "ENHANCED", "rules": []});
    let answer = live.post("PutRegistryScanningConfiguration", &rule);
    assert!(answer.contains("ENHANCED"), "{answer}");
    live.collect("").expect(0);
    let document = live.run("audit --fix --repository app --format json").expect(0).json();
    assert_eq!(document["actions"], 1, "{document:#}");
    let found = document["not_fixed"].as_array().expect("a list");
    let scanning = found.iter().find(|one| one["audit"] == "scanning-not-covered").expect("it is said");
    assert!(scanning["reason"].as_str().expect("a text").contains("enhanced"), "{scanning}");
}
