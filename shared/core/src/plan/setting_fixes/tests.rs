//! What findings make of the settings of a repository.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

use super::{SettingFixes, fix_settings};
use crate::audit::{
    Accepted, Promise, RegistrySettings, RegistryUnder, RepositoryUnder, RequiredMode, Rules,
    audit_repository,
};
use crate::lifecycle::{Relations, Switches};
use crate::plan::Setting;
use crate::{
    ExclusionFilter, Fact, RegistryFacts, RegistryKind, Repository, TagMutability, Wildcard, instant,
};

const BASIC: &str = r#"{"scanningConfiguration": {"scanType": "BASIC", "rules": []}}"#;
const ENHANCED: &str = r#"{"scanningConfiguration": {"scanType": "ENHANCED", "rules": []}}"#;
const RULED: &str = r#"{"scanningConfiguration": {"scanType": "BASIC", "rules": [
    {"scanFrequency": "SCAN_ON_PUSH", "repositoryFilters": [{"filter": "other", "filterType": "WILDCARD"}]}]}}"#;

fn now() -> DateTime<Utc> {
    instant::parse("2026-11-25T00:00:00Z").unwrap()
}

fn repository(mode: &str, filters: &[&str]) -> Repository {
    let mut repository = Repository::new("team/app");
    repository.resource_tags =
        Fact::Present(BTreeMap::from([("demurrage".to_owned(), "enforce".to_owned())]));
    repository.tag_mutability = Fact::Present(mutability(mode, filters));
    repository.scan_on_push = Some(false);
    repository.lifecycle_policy = Fact::Absent;
    repository
}

fn mutability(mode: &str, filters: &[&str]) -> TagMutability {
    let filter =
        |text: &&str| ExclusionFilter { filter_type: "WILDCARD".to_owned(), filter: (*text).to_owned() };
    TagMutability { mode: mode.to_owned(), exclusion_filters: filters.iter().map(filter).collect() }
}

fn promise(may_move: &[&str], required: Option<RequiredMode>) -> Rules {
    let may_move = may_move.iter().map(|text| Wildcard::new(text)).collect();
    let promise = Promise { repositories: Wildcard::new("*"), may_move, required };
    Rules { mutability: vec![promise], ..Rules::default() }
}

fn fixed_at(repository: &Repository, scanning: &str, rules: &Rules, taken_at: DateTime<Utc>) -> SettingFixes {
    let settings = RegistrySettings::of(&RegistryFacts {
        scanning: Fact::Present(scanning.to_owned()),
        pull_through_cache_rules: Fact::Present(
            r#"{"pullThroughCacheRules": [{"ecrRepositoryPrefix": "hub", "upstreamRegistryUrl": "a.b"}]}"#
                .to_owned(),
        ),
        ..RegistryFacts::default()
    });
    let registry = RegistryUnder {
        kind: RegistryKind::Private,
        account: Some("123456789012"),
        region: "eu-west-1",
        settings: &settings,
        rules,
        now: now(),
        switches: Switches::default(),
        readers: &[],
        uses: None,
    };
    let relations = Relations::of(&repository.images);
    let under = RepositoryUnder {
        registry: &registry,
        repository,
        relations: &relations,
        replicas: &[],
        ledger: None,
    };
    fix_settings(&under, &audit_repository(&under), taken_at, TimeDelta::hours(24))
}

fn fixed(repository: &Repository, scanning: &str, rules: &Rules) -> SettingFixes {
    fixed_at(repository, scanning, rules, now())
}

fn settings(fixes: &SettingFixes) -> Vec<Setting> {
    let actions = fixes.plan.iter().flat_map(|plan| &plan.actions);
    actions.filter_map(|action| Some(action.setting()?.setting.clone())).collect()
}

fn why(fixes: &SettingFixes, audit: &str) -> String {
    let found = fixes.not_fixed.iter().find(|one| one.audit == audit);
    found.map(|one| one.reason.clone()).unwrap_or_default()
}

#[test]
fn all_but_latest_becomes_immutable_with_one_exclusion_and_images_are_scanned_on_push() {
    let fixes = fixed(&repository("MUTABLE", &[]), BASIC, &Rules::default());
    let from = mutability("MUTABLE", &[]);
    let to = mutability("IMMUTABLE_WITH_EXCLUSION", &["latest"]);
    assert_eq!(
        settings(&fixes),
        [Setting::TagMutability { from, to }, Setting::ScanOnPush { from: Some(false), to: true }]
    );
    assert!(why(&fixes, "lifecycle-absent").contains("policy put"));
}

#[test]
fn what_is_promised_of_no_tag_that_moves_is_immutable() {
    for rules in [promise(&[], None), promise(&["latest"], Some(RequiredMode::Immutable))] {
        let fixes = fixed(&repository("MUTABLE_WITH_EXCLUSION", &["v*"]), RULED, &rules);
        let from = mutability("MUTABLE_WITH_EXCLUSION", &["v*"]);
        assert_eq!(settings(&fixes), [Setting::TagMutability { from, to: mutability("IMMUTABLE", &[]) }]);
    }
}

#[test]
fn what_ecr_would_not_take_as_a_filter_is_left_to_a_person() {
    let six: Vec<String> = (0..6).map(|number| format!("t{number}")).collect();
    let six: Vec<&str> = six.iter().map(String::as_str).collect();
    for (may_move, word) in [(six, "6 kinds"), (vec!["a*b*c*"], "`a*b*c*`"), (vec!["a+b"], "`a+b`")] {
        let fixes = fixed(&repository("MUTABLE", &[]), RULED, &promise(&may_move, None));
        assert_eq!(settings(&fixes), []);
        assert!(why(&fixes, "tags-can-move").contains(word), "{:?}", fixes.not_fixed);
    }
    let five = ["a", "b", "c", "d*", "*e*"];
    let fixes = fixed(&repository("MUTABLE", &[]), RULED, &promise(&five, None));
    assert_eq!(settings(&fixes).len(), 1);
}

#[test]
fn no_plan_frees_tags() {
    let rules = promise(&["*"], Some(RequiredMode::Mutable));
    let fixes = fixed(&repository("IMMUTABLE", &[]), RULED, &rules);
    assert_eq!(settings(&fixes), []);
    assert!(why(&fixes, "tags-can-move").contains("no plan frees tags"));
}

#[test]
fn a_cache_keeps_its_setting_even_where_a_rule_names_it() {
    let mut cache = repository("MUTABLE", &[]);
    cache.name = "hub/nginx".to_owned();
    let mut rules = promise(&[], None);
    if let Some(promise) = rules.mutability.first_mut() {
        promise.repositories = Wildcard::new("hub/*");
    }
    let fixes = fixed(&cache, RULED, &rules);
    assert_eq!(settings(&fixes), []);
    assert!(why(&fixes, "tags-can-move").contains("pull-through cache"));
}

#[test]
fn rules_of_the_registry_overrule_the_scanning_of_a_repository() {
    for (scanning, word) in [(ENHANCED, "enhanced"), (RULED, "overrule")] {
        let fixes = fixed(&repository("IMMUTABLE", &[]), scanning, &Rules::default());
        assert_eq!(settings(&fixes), []);
        assert!(why(&fixes, "scanning-not-covered").contains(word), "{:?}", fixes.not_fixed);
    }
    let mut on = repository("IMMUTABLE", &[]);
    on.scan_on_push = Some(true);
    assert!(why(&fixed(&on, BASIC, &Rules::default()), "scanning-not-covered").contains("deprecated"));
}

#[test]
fn a_repository_that_did_not_opt_in_or_was_read_long_ago_is_refused() {
    let mut silent = repository("MUTABLE", &[]);
    silent.resource_tags = Fact::Absent;
    let mut unread = repository("MUTABLE", &[]);
    unread.resource_tags = Fact::NotEvaluated;
    for (repository, word) in [(silent, "did not opt in"), (unread, "were not read")] {
        let fixes = fixed(&repository, BASIC, &Rules::default());
        assert_eq!(fixes.plan, None);
        let (refusal, _) = fixes.refused.unwrap();
        assert!(refusal.reason.contains(word), "{}", refusal.reason);
    }
    let day = TimeDelta::hours(24);
    let at = |age: TimeDelta| {
        fixed_at(&repository("MUTABLE", &[]), BASIC, &Rules::default(), now() - age).refused.is_some()
    };
    assert!(!at(day));
    assert!(at(day + TimeDelta::seconds(1)));
    assert!(at(-TimeDelta::seconds(301)));
}

#[test]
fn an_accepted_risk_changes_nothing() {
    let accepted = Accepted {
        audit: "tags-can-move",
        repositories: Some(Wildcard::new("*")),
        account: None,
        region: None,
        reason: "old builds".to_owned(),
        until: now() + TimeDelta::days(1),
    };
    let rules = Rules { accepted: vec![accepted], ..Rules::default() };
    let fixes = fixed(&repository("MUTABLE", &[]), RULED, &rules);
    assert_eq!(settings(&fixes), []);
    assert_eq!(why(&fixes, "tags-can-move"), "");
}
