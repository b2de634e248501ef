//! When something is missing that could keep an image.

use chrono::{DateTime, TimeDelta, Utc};

use super::Coverage;
use crate::Fact;
use crate::in_use::{SourceRecord, SourceState, UseRecord, UseRules, UseSource};

const ACCOUNT: &str = "123456789012";
const REGION: &str = "ap-northeast-2";

fn at(text: &str) -> DateTime<Utc> {
    crate::instant::parse(text).unwrap()
}

fn now() -> DateTime<Utc> {
    at("2026-11-25T12:00:00Z")
}

fn failed() -> SourceState {
    SourceState::Failed("AccessDenied".to_owned())
}

/// A record of a region.
fn record(region: &str, read_at: &str, sources: &[(UseSource, SourceState)]) -> UseRecord {
    let source = |(source, state): &(UseSource, SourceState)| SourceRecord {
        source: *source,
        name: None,
        state: state.clone(),
    };
    UseRecord {
        account: Some(ACCOUNT.to_owned()),
        region: Some(region.to_owned()),
        turn: 0,
        read_at: at(read_at),
        sources: sources.iter().map(source).collect(),
        uses: Vec::new(),
    }
}

fn both(region: &str, read_at: &str) -> UseRecord {
    record(region, read_at, &[(UseSource::Ecs, SourceState::Read), (UseSource::Lambda, SourceState::Read)])
}

fn cluster(name: &str, read_at: &str, state: SourceState) -> UseRecord {
    UseRecord {
        account: None,
        region: None,
        turn: 0,
        read_at: at(read_at),
        sources: vec![SourceRecord { source: UseSource::Kubernetes, name: Some(name.to_owned()), state }],
        uses: Vec::new(),
    }
}

/// The gaps of the registry in its region, in words.
fn gaps_of(records: &[UseRecord], rules: &UseRules, max_age: TimeDelta) -> Vec<String> {
    let coverage = Coverage::of(records, rules);
    let gaps = coverage.gaps(Some(ACCOUNT), REGION, now(), max_age);
    gaps.iter().map(|gap| format!("{gap}; {}", gap.help())).collect()
}

fn gaps(records: &[UseRecord]) -> Vec<String> {
    let rules = UseRules::default();
    gaps_of(records, &rules, rules.max_age)
}

#[test]
fn sources_that_were_read_lately_leave_no_gap() {
    assert_eq!(gaps(&[both(REGION, "2026-11-24T12:00:00Z")]), Vec::<String>::new(), "exactly a day");
    let none = record(
        REGION,
        "2026-11-25T12:00:00Z",
        &[
            (UseSource::Ecs, SourceState::Read),
            (UseSource::Lambda, SourceState::NotEnabled("not in this region".to_owned())),
            (UseSource::Inspector, SourceState::NotEnabled("not activated".to_owned())),
        ],
    );
    assert_eq!(gaps(&[none]), Vec::<String>::new());
}

#[test]
fn a_source_that_was_never_read_is_a_gap_that_says_how_to_mend_it() {
    let help = "run `demurrage use --region ap-northeast-2` in that account";
    assert_eq!(
        gaps(&[]),
        [
            format!("ECS of 123456789012 ap-northeast-2 was never read; {help}"),
            format!("Lambda of 123456789012 ap-northeast-2 was never read; {help}"),
        ]
    );
    let elsewhere = gaps(&[both("us-east-1", "2026-11-25T11:00:00Z")]);
    assert_eq!(elsewhere.len(), 2, "another region says nothing of this one: {elsewhere:?}");
    let ecs = record(REGION, "2026-11-25T11:00:00Z", &[(UseSource::Ecs, SourceState::Read)]);
    assert_eq!(gaps(&[ecs]).len(), 1);
    let unknown = Coverage::of(&[], &UseRules::default()).gaps(None, REGION, now(), TimeDelta::hours(24));
    assert_eq!(unknown[0].to_string(), "ECS of an unknown account ap-northeast-2 was never read");
    assert!(unknown[0].help().starts_with("make an inventory"), "{}", unknown[0].help());
}

#[test]
fn a_record_is_too_old_one_second_after_its_age() {
    let ago = |read_at| gaps(&[both(REGION, read_at)]);
    assert_eq!(ago("2026-11-24T12:00:00Z"), Vec::<String>::new());
    assert_eq!(ago("2026-11-24T11:59:59Z").len(), 2);
    assert!(ago("2026-11-22T11:00:00Z")[0].contains("was last read 3 days ago, on 2026-11-22 11:00 UTC"));
    let rules = UseRules::default();
    let record = [both(REGION, "2026-11-25T11:44:59Z")];
    let applied = gaps_of(&record, &rules, TimeDelta::minutes(15));
    assert!(applied[0].contains("was last read 15 minutes ago"), "{applied:?}");
    assert_eq!(gaps_of(&record, &rules, TimeDelta::minutes(16)), Vec::<String>::new());
}

#[test]
fn of_two_readings_the_newer_counts_whatever_the_order() {
    let broken = record(
        REGION,
        "2026-11-25T11:00:00Z",
        &[(UseSource::Ecs, failed()), (UseSource::Lambda, SourceState::Read)],
    );
    let mended = both(REGION, "2026-11-25T11:30:00Z");
    assert_eq!(gaps(&[mended.clone(), broken.clone()]), Vec::<String>::new());
    assert_eq!(gaps(&[broken.clone(), mended]), Vec::<String>::new());
    let found = gaps(&[broken.clone(), both(REGION, "2026-11-25T10:00:00Z")]);
    assert_eq!(found.len(), 1);
    assert!(found[0].starts_with(
        "ECS of 123456789012 ap-northeast-2 could not be read on 2026-11-25 11:00 UTC: AccessDenied"
    ));
    let at_once = [broken, both(REGION, "2026-11-25T11:00:00Z")];
    assert_eq!(gaps(&at_once).len(), 1, "of one instant the failure counts");
}

#[test]
fn a_failure_anywhere_is_a_gap_for_every_registry() {
    let here = both(REGION, "2026-11-25T11:00:00Z");
    for source in [UseSource::Ecs, UseSource::Lambda] {
        let there = record("us-east-1", "2026-11-25T11:00:00Z", &[(source, failed())]);
        assert_eq!(gaps(&[here.clone(), there]).len(), 1, "{source}");
    }
    let found = gaps(&[here, cluster("prod", "2026-11-25T11:00:00Z", failed())]);
    assert_eq!(
        found,
        ["Kubernetes cluster `prod` could not be read on 2026-11-25 11:00 UTC: AccessDenied; \
          run `demurrage use --kubernetes prod=FILE` with a new list of `prod`"]
    );
}

#[test]
fn a_record_from_the_future_is_a_gap_beyond_the_skew_of_clocks() {
    assert_eq!(gaps(&[both(REGION, "2026-11-25T12:05:00Z")]), Vec::<String>::new());
    let found = gaps(&[both(REGION, "2026-11-25T12:05:01Z")]);
    assert!(
        found[0].contains("was read on 2026-11-25 12:05 UTC, which is still to come; compare the clock"),
        "{found:?}"
    );
}

#[test]
fn what_was_read_once_has_to_be_read_again_until_it_is_called_gone() {
    let here = both(REGION, "2026-11-25T11:59:00Z");
    let records = [
        here,
        both("us-east-1", "2026-11-23T00:00:00Z"),
        cluster("old", "2026-11-23T00:00:00Z", SourceState::Read),
    ];
    assert_eq!(gaps(&records).len(), 3);
    let mut rules =
        UseRules { gone: ["old".to_owned(), format!("{ACCOUNT}/us-east-1")].into(), ..UseRules::default() };
    assert_eq!(gaps_of(&records, &rules, rules.max_age), Vec::<String>::new());
    rules.max_age = TimeDelta::days(3);
    rules.gone.clear();
    let applied = gaps_of(&records, &rules, TimeDelta::minutes(15));
    assert_eq!(applied.len(), 2, "whoever applies can ask other regions of the account: {applied:?}");
    let mut elsewhere = records;
    elsewhere[1].account = Some("210987654321".to_owned());
    let applied = gaps_of(&elsewhere, &rules, TimeDelta::minutes(15));
    assert_eq!(applied, Vec::<String>::new(), "elsewhere the age for plans is enough");
}

#[test]
fn what_the_rules_name_beside_the_registry_has_to_be_read_too() {
    let here = both(REGION, "2026-11-25T11:59:00Z");
    let rules = UseRules {
        accounts: [("210987654321".to_owned(), "us-east-1".to_owned())].into(),
        clusters: ["prod".to_owned()].into(),
        ..UseRules::default()
    };
    let found = gaps_of(std::slice::from_ref(&here), &rules, rules.max_age);
    assert_eq!(found.len(), 3, "{found:?}");
    assert!(found[0].starts_with("ECS of 210987654321 us-east-1 was never read"));
    assert!(found[2].starts_with("Kubernetes cluster `prod` was never read"));
    let mut there = both("us-east-1", "2026-11-25T11:59:00Z");
    there.account = Some("210987654321".to_owned());
    let records = [here, there, cluster("prod", "2026-11-25T11:59:00Z", SourceState::Read)];
    assert_eq!(gaps_of(&records, &rules, rules.max_age), Vec::<String>::new());
}

#[test]
fn a_cluster_may_be_older_where_a_team_accepts_that_and_only_a_cluster() {
    let rules = UseRules {
        clusters: ["prod".to_owned()].into(),
        cluster_max_age: Some(TimeDelta::hours(25)),
        ..UseRules::default()
    };
    let records = |hours_ago: i64| {
        let read_at = (now() - TimeDelta::hours(hours_ago)).to_rfc3339();
        [both(REGION, "2026-11-25T11:59:00Z"), cluster("prod", &read_at, SourceState::Read)]
    };
    assert_eq!(gaps_of(&records(25), &rules, TimeDelta::minutes(15)), Vec::<String>::new());
    assert_eq!(gaps_of(&records(26), &rules, TimeDelta::minutes(15)).len(), 1);
}

#[test]
fn references_neither_close_a_gap_nor_make_one_and_a_team_may_ask_for_nothing() {
    let mut references = record(REGION, "2020-01-01T00:00:00Z", &[(UseSource::References, failed())]);
    references.sources[0].name = Some("running.txt".to_owned());
    assert_eq!(gaps(&[references.clone()]).len(), 2);
    assert_eq!(gaps(&[references, both(REGION, "2026-11-25T11:00:00Z")]), Vec::<String>::new());
    let rules = UseRules { sources: [].into(), ..UseRules::default() };
    assert_eq!(gaps_of(&[], &rules, rules.max_age), Vec::<String>::new());
    let only_there = UseRules { sources: [UseSource::Kubernetes, UseSource::References].into(), ..rules };
    assert_eq!(gaps_of(&[], &only_there, only_there.max_age), Vec::<String>::new(), "they are of no region");
}

#[test]
fn inspector_can_only_add_so_neither_its_age_nor_its_failure_is_a_gap_unless_it_is_asked_for() {
    let here = both(REGION, "2026-11-25T11:00:00Z");
    for state in [SourceState::Read, failed()] {
        let old = record(REGION, "2026-01-01T00:00:00Z", &[(UseSource::Inspector, state)]);
        assert_eq!(gaps(&[here.clone(), old]), Vec::<String>::new());
    }
    let broken = record(REGION, "2026-11-25T11:00:00Z", &[(UseSource::Inspector, failed())]);
    let records = [here, broken];
    let said = Coverage::of(&records, &UseRules::default()).additions_missed();
    assert_eq!(said, ["Inspector of 123456789012 ap-northeast-2 could not be read: AccessDenied"]);
    let asked = UseRules { sources: UseSource::ALL.into(), ..UseRules::default() };
    assert_eq!(gaps_of(&records, &asked, asked.max_age).len(), 1);
    assert_eq!(Coverage::of(&records, &asked).additions_missed(), Vec::<String>::new());
}

#[test]
fn a_list_of_a_cluster_may_be_as_old_when_a_plan_is_applied_as_when_it_is_made() {
    let rules = UseRules { clusters: ["prod".to_owned()].into(), ..UseRules::default() };
    let records =
        |read_at| [both(REGION, "2026-11-25T11:59:00Z"), cluster("prod", read_at, SourceState::Read)];
    let applied = |read_at| gaps_of(&records(read_at), &rules, TimeDelta::minutes(15)).len();
    assert_eq!([applied("2026-11-24T12:00:00Z"), applied("2026-11-24T11:59:59Z")], [0, 1]);
    let coverage = Coverage::of(&records("2026-11-24T12:00:00Z"), &rules);
    assert_eq!(
        coverage.older(now(), TimeDelta::minutes(15)),
        ["Kubernetes cluster `prod` as of 2026-11-24 12:00 UTC"],
        "which is said"
    );
}

#[test]
fn where_the_account_has_other_registries_or_replicates_to_its_uses_have_to_be_read_too() {
    let to = |region: &str, account: &str| {
        serde_json::json!({"replicationConfiguration": {"rules": [
            {"destinations": [{"region": region, "registryId": account}]}]}})
        .to_string()
    };
    let here = both(REGION, "2026-11-25T11:00:00Z");
    let of = |rules: &UseRules| gaps_of(std::slice::from_ref(&here), rules, rules.max_age);
    let own = UseRules::default().near(ACCOUNT, REGION, &Fact::Present(to("eu-west-1", ACCOUNT)));
    let found = of(&own);
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("ECS of 123456789012 eu-west-1 was never read; run `demurrage use"));
    let other = UseRules::default().near(ACCOUNT, REGION, &Fact::Present(to("eu-west-1", "210987654321")));
    assert_eq!(of(&other), Vec::<String>::new(), "who may pull from there is asked by the access policies");
    let registry = other.near(ACCOUNT, "us-east-1", &Fact::NotEvaluated);
    assert_eq!(of(&registry).len(), 2, "a registry of the account in another region");
    let gone = UseRules { gone: [format!("{ACCOUNT}/us-east-1")].into(), ..registry };
    assert_eq!(of(&gone), Vec::<String>::new());
    let named = UseRules { regions: ["eu-north-1".to_owned()].into(), ..UseRules::default() };
    assert_eq!(of(&named).len(), 2);
    let coverage = Coverage::of(&[both("us-west-2", "2026-11-25T11:00:00Z")], &named);
    let regions = coverage.regions_to_ask(ACCOUNT, REGION);
    assert_eq!(regions, ["ap-northeast-2", "eu-north-1", "us-west-2"].map(str::to_owned).into());
}

#[test]
fn an_account_is_read_where_all_that_is_asked_for_was_read_lately_and_nothing_of_it_failed() {
    let read = |records: &[UseRecord]| {
        let accounts = Coverage::of(records, &UseRules::default()).read_accounts(now(), TimeDelta::hours(24));
        accounts.contains(ACCOUNT)
    };
    let here = both(REGION, "2026-11-25T11:00:00Z");
    assert!(read(std::slice::from_ref(&here)));
    assert!(!read(&[record(REGION, "2026-11-25T11:00:00Z", &[(UseSource::Ecs, SourceState::Read)])]));
    assert!(!read(&[both(REGION, "2026-11-24T11:59:59Z")]), "too long ago");
    assert!(!read(&[both(REGION, "2026-11-26T11:00:00Z")]), "still to come");
    let there = |state| record("us-east-1", "2026-11-25T11:00:00Z", &[(UseSource::Ecs, state)]);
    assert!(!read(&[here.clone(), there(failed())]));
    assert!(read(&[here, there(SourceState::Read)]));
}

#[test]
fn what_was_asked_is_said_in_words() {
    let coverage = Coverage::of(&[both(REGION, "2026-11-25T11:00:00Z")], &UseRules::default());
    assert_eq!(
        coverage.asked(Some(ACCOUNT), REGION),
        "ECS of 123456789012 ap-northeast-2 read 2026-11-25 11:00 UTC; \
         Lambda of 123456789012 ap-northeast-2 read 2026-11-25 11:00 UTC"
    );
}

#[test]
fn what_the_rules_say_nothing_of_is_no_gap_and_is_said_by_name() {
    let said = |records: &[UseRecord], rules: &UseRules| -> Vec<String> {
        let coverage = Coverage::of(records, rules);
        assert_eq!(coverage.gaps(Some(ACCOUNT), REGION, now(), TimeDelta::hours(24)), []);
        coverage.unsaid(Some(ACCOUNT), REGION).iter().map(ToString::to_string).collect()
    };
    let here = both(REGION, "2026-11-25T11:00:00Z");
    let there = both("eu-west-1", "2026-11-25T11:00:00Z");
    let of_regions = "nobody asks what pulls from other regions of 123456789012 than ap-northeast-2";
    let of_clusters = "nobody asks EKS, and no cluster of Kubernetes was read";
    let silent = UseRules::default();
    assert_eq!(said(std::slice::from_ref(&here), &silent), [of_regions, of_clusters]);
    let both_regions = format!("{of_regions}, eu-west-1");
    assert_eq!(said(&[here.clone(), there], &silent), [&both_regions, of_clusters]);
    let prod = cluster("prod", "2026-11-25T11:00:00Z", SourceState::Read);
    assert_eq!(said(&[here.clone(), prod], &silent), [of_regions], "a cluster was read");
    let spoken = UseRules { unsaid: [].into(), ..UseRules::default() };
    assert_eq!(said(std::slice::from_ref(&here), &spoken), Vec::<String>::new());
    let sourceless = UseRules { sources: [].into(), ..UseRules::default() };
    assert_eq!(said(&[here], &sourceless), [of_clusters]);
}
