//! What each form says, over findings of every kind: as a whole where people read it, by its parts where programs do.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use demurrage_core::audit::{
    Acceptance, Audit, Confidence, Evidence, Finding, Severity, Unevaluated, Verdict, catalogue,
};
use demurrage_core::{RegistryKind, instant};
use serde_json::json;

use super::{
    AuditReport, AuditedRegistry, AuditedRepository, audit_asff, audit_json, audit_sarif, audit_table,
};

const ACCOUNT: &str = "123456789012";
const SEOUL: &str = "ap-northeast-2";

fn at(text: &str) -> DateTime<Utc> {
    instant::parse(text).unwrap()
}

fn audit(id: &str) -> &'static Audit {
    catalogue().find(|audit| audit.id == id).unwrap()
}

fn finding(id: &str, repository: Option<&str>, message: &str, evidence: &[(&'static str, &str)]) -> Finding {
    let evidence = evidence.iter().map(|&(name, value)| Evidence { name, value: value.to_owned() });
    Finding {
        audit: audit(id),
        severity: audit(id).severity,
        confidence: Confidence::Certain,
        account: Some(ACCOUNT.to_owned()),
        region: SEOUL.to_owned(),
        repository: repository.map(str::to_owned),
        message: message.to_owned(),
        evidence: evidence.collect(),
        owner: repository.map(|_| "team-shop".to_owned()),
        acceptance: Acceptance::None,
    }
}

fn unevaluated(id: &str, repository: Option<&str>, reason: &str) -> Unevaluated {
    Unevaluated {
        audit: audit(id),
        account: Some(ACCOUNT.to_owned()),
        region: SEOUL.to_owned(),
        repository: repository.map(str::to_owned),
        reason: reason.to_owned(),
    }
}

fn repository(
    name: &str,
    mode: &str,
    findings: Vec<Finding>,
    unevaluated: Vec<Unevaluated>,
) -> AuditedRepository {
    AuditedRepository {
        name: name.to_owned(),
        arn: None,
        tag_mutability: Some(mode.to_owned()),
        verdict: Verdict { findings, unevaluated, clean: 17 },
    }
}

/// Findings of all kinds of places, acceptances and confidences, in one registry.
fn report() -> AuditReport {
    let moved = |tag: &str, when: &str| {
        let evidence =
            [("tag", tag), ("from", "sha256:aa"), ("to", "sha256:bb"), ("when", when), ("learnt", "event")];
        finding("tag-moved", Some("shop/order-api"), &format!("`{tag}` moved {when}"), &evidence)
    };
    let can_move = |name: &str| {
        let message = "MUTABLE lets 41 of 41 tags move that have to mean the same build for good";
        let evidence = [("mode", "MUTABLE"), ("tags-free", "41"), ("tag", "v1.0.0"), ("tag", "v1.0.1")];
        finding("tags-can-move", Some(name), message, &evidence)
    };
    let accepted =
        Acceptance::Until { reason: "until the move is done".to_owned(), until: at("2026-12-01T00:00:00Z") };
    let expired =
        Acceptance::Expired { reason: "the vendor pushes".to_owned(), until: at("2026-11-01T00:00:00Z") };
    let policy = "the text of the policy was not read";
    let order = repository(
        "shop/order-api",
        "MUTABLE",
        vec![
            moved("v1.2.3", "at 2026-11-20T08:15:00Z"),
            moved("v1.2.4", "between 2026-11-20T00:00:00Z and 2026-11-21T00:00:00Z"),
            can_move("shop/order-api"),
        ],
        vec![unevaluated("policy-open-to-anyone", Some("shop/order-api"), policy)],
    );
    let web = repository(
        "shop/web",
        "IMMUTABLE_WITH_EXCLUSION",
        vec![
            Finding { acceptance: expired, owner: None, ..can_move("shop/web") },
            Finding {
                confidence: Confidence::Likely,
                acceptance: accepted,
                ..finding(
                    "exclusion-matches-nothing",
                    Some("shop/web"),
                    "the filter `dev-*` matches none of 12 tags",
                    &[("filter", "dev-*")],
                )
            },
        ],
        vec![
            unevaluated("policy-open-to-anyone", Some("shop/web"), policy),
            unevaluated("scan-out-of-date", Some("shop/web"), "no scan was read"),
        ],
    );
    let message = "no principal is excluded: whatever reads manifests counts as a pull";
    let mut own = finding("pull-times-not-excluded", None, message, &[]);
    own.severity = Severity::Informational;
    AuditReport {
        now: at("2026-11-24T09:00:00Z"),
        registries: vec![AuditedRegistry {
            kind: RegistryKind::Private,
            account: Some(ACCOUNT.to_owned()),
            region: SEOUL.to_owned(),
            inventory: "20261124T000000Z-0000".to_owned(),
            taken_at: at("2026-11-24T00:00:00Z"),
            own: Some(Verdict {
                findings: vec![own],
                unevaluated: vec![unevaluated(
                    "repositories-near-quota",
                    None,
                    "the repositories were not all listed",
                )],
                clean: 3,
            }),
            repositories: vec![order, web, repository("shop/zzz", "IMMUTABLE", Vec::new(), Vec::new())],
        }],
    }
}

#[test]
fn people_see_the_worst_first_and_what_is_accepted_or_unknown_at_the_end() {
    insta::assert_snapshot!("table", audit_table(&report(), None));
    insta::assert_snapshot!("table_of_80_columns", audit_table(&report(), Some(80)));
}

#[test]
fn findings_of_several_registries_name_theirs() {
    let mut report = report();
    let mut other = report.registries[0].clone();
    other.region = "eu-west-1".to_owned();
    report.registries.push(other);
    let table = audit_table(&report, Some(140));
    assert!(table.contains("123456789012 eu-west-1"), "{table}");
}

#[test]
fn what_a_terminal_would_obey_is_replaced_and_programs_get_every_letter() {
    let mut report = report();
    let hostile = "v1\u{1b}[2J\u{7}";
    report.registries[0].repositories[0].verdict.findings[0].message = format!("`{hostile}` moved");
    report.registries[0].repositories[0].name = format!("shop/{hostile}");
    let table = audit_table(&report, Some(80));
    assert!(table.chars().all(|c| c == '\n' || !c.is_control()), "{table:?}");
    assert_eq!(audit_json(&report)["findings"][1]["message"], format!("`{hostile}` moved"));
    for text in [
        audit_sarif(&report)["runs"][0]["results"][1]["message"]["text"].clone(),
        audit_asff(&report).unwrap()[1]["Description"].clone(),
    ] {
        assert!(text.as_str().unwrap().chars().all(|c| !c.is_control()), "{text}");
    }
}

#[test]
fn programs_get_every_finding_what_is_not_evaluated_and_counts() {
    insta::assert_snapshot!("json", serde_json::to_string_pretty(&audit_json(&report())).unwrap());
}

#[test]
fn sarif_has_each_finding_where_it_is_and_says_what_was_not_evaluated() {
    let log = audit_sarif(&report());
    let run = &log["runs"][0];
    let results = run["results"].as_array().unwrap();
    let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
    assert_eq!((results.len(), rules.len()), (6, catalogue().count()));
    for result in results {
        let rule = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[rule]["id"], result["ruleId"]);
        assert!(result["suppressions"].is_array());
    }
    insta::assert_snapshot!(
        "sarif_results",
        serde_json::to_string_pretty(&[&results[0], &results[1], &results[5]]).unwrap()
    );
    let invocation = serde_json::to_string_pretty(&run["invocations"]).unwrap();
    insta::assert_snapshot!("sarif_invocations", invocation);
}

#[test]
fn braces_of_a_message_are_no_placeholders_and_names_are_escaped_in_uris() {
    let mut report = report();
    let order = &mut report.registries[0].repositories[0];
    order.verdict.findings[0].message = "statement {0} [here](1)".to_owned();
    order.name = "shop/a b#c".to_owned();
    let result = &audit_sarif(&report)["runs"][0]["results"][1];
    assert_eq!(result["message"]["text"], "statement {{0}} [here] (1)");
    let uri = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
    assert_eq!(uri, "arn:aws:ecr:ap-northeast-2:123456789012:repository/shop/a%20b%23c");
}

/// The marks of all findings, in their order.
fn marks(report: &AuditReport) -> Vec<String> {
    let document = audit_json(report);
    let findings = document["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["fingerprint"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_mark_is_one_findings_own_and_does_not_change_with_what_is_counted() {
    let mut report = report();
    let before = marks(&report);
    assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), before.len());
    for repository in &mut report.registries[0].repositories {
        for finding in &mut repository.verdict.findings {
            finding.message.push_str(" and more");
            finding.owner = None;
            for evidence in finding.evidence.iter_mut().filter(|it| it.name == "tags-free" || it.name == "to")
            {
                evidence.value.push('7');
            }
        }
    }
    assert_eq!(marks(&report), before);
    report.registries[0].repositories[0].verdict.findings[0].evidence[0].value = "v9".to_owned();
    assert_ne!(marks(&report)[1], before[1], "another tag is another finding");
}

#[test]
fn two_findings_that_nothing_tells_apart_have_two_marks() {
    let mut report = report();
    let findings = &mut report.registries[0].repositories[0].verdict.findings;
    findings.push(findings[2].clone());
    let marks = marks(&report);
    assert_eq!(marks.iter().collect::<BTreeSet<_>>().len(), marks.len());
}

#[test]
fn security_hub_gets_each_finding_for_its_account_and_what_is_accepted_archived() {
    let list = audit_asff(&report()).unwrap();
    let list = list.as_array().unwrap();
    let having = |member: &str, value: &str| {
        list.iter().filter(|one| one.pointer(member) == Some(&json!(value))).count()
    };
    assert_eq!(list.len(), 6 + 3);
    assert_eq!(having("/RecordState", "ARCHIVED"), 1);
    assert_eq!(having("/Compliance/Status", "NOT_AVAILABLE"), 3);
    let ids: BTreeSet<&str> = list.iter().map(|one| one["Id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), list.len());
    insta::assert_snapshot!("asff", serde_json::to_string_pretty(&[&list[1], &list[4], &list[6]]).unwrap());
}

#[test]
fn a_finding_of_an_unknown_account_cannot_be_sent() {
    let mut report = report();
    report.registries[0].account = None;
    let error = audit_asff(&report).unwrap_err();
    assert!(error.to_string().contains("`shop/order-api` in ap-northeast-2"), "{error}");
}

#[test]
fn texts_are_cut_to_what_security_hub_takes() {
    let mut report = report();
    let finding = &mut report.registries[0].repositories[0].verdict.findings[0];
    finding.message = "ä".repeat(5_000);
    finding.owner = Some("o".repeat(5_000));
    let sent = &audit_asff(&report).unwrap()[1];
    assert_eq!(sent["Description"].as_str().unwrap().chars().count(), 1024);
    assert_eq!(sent["ProductFields"]["demurrage/owner"].as_str().unwrap().chars().count(), 2048);
}

#[test]
fn nothing_to_tell_is_told() {
    let report = AuditReport { now: at("2026-11-24T09:00:00Z"), registries: Vec::new() };
    assert_eq!(
        audit_table(&report, Some(80)),
        "0 findings in 0 repositories; 0 accepted, 0 answers not evaluated, 0 answers clean\n"
    );
    assert_eq!(audit_asff(&report), Ok(json!([])));
}
