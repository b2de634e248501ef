//! Findings of audits as SARIF 2.1.0, for what shows the results of analyses.
//!
//! An audit that could not answer is a notification of the run, which says of what and why. As a result (of the kind
//! `open`) it would be counted as a finding by viewers that do not look at kinds.
//!
//! Source: OASIS SARIF Version 2.1.0, sections 3.20 (invocations), 3.27 (results) and 3.35 (suppressions).

use std::collections::BTreeMap;
use std::fmt::Write;

use chrono::SecondsFormat;
use demurrage_core::audit::{Acceptance, Audit, Finding, Severity, catalogue};
use demurrage_core::instant;
use serde_json::{Value, json};

use super::AuditReport;
use super::audited::Found;
use super::name::{RegistryName, RepositoryArn};
use super::subject::Marks;
use super::unanswered::{Unanswered, unanswered};
use crate::image_name::visible;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// The name under which a mark stands among the fingerprints; another way of making marks gets another one.
const FINGERPRINT: &str = "demurrageSubject/v1";
/// Repositories that a notification names.
const PLACES_MAX: usize = 100;

/// A log of one run: the whole catalogue as rules, each finding as a result, accepted ones as suppressed.
pub fn audit_sarif(report: &AuditReport) -> Value {
    let numbers: BTreeMap<&str, usize> =
        catalogue().enumerate().map(|(number, audit)| (audit.id, number)).collect();
    let mut marks = Marks::default();
    let results: Vec<Value> = report
        .found()
        .map(|found| result(&found, &marks.of(&found), numbers.get(found.finding.audit.id).copied()))
        .collect();
    json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "demurrage",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": catalogue().map(rule).collect::<Vec<_>>(),
            } },
            "automationDetails": { "id": "demurrage/audit/" },
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": true,
                "endTimeUtc": report.now.to_rfc3339_opts(SecondsFormat::Secs, true),
                "toolExecutionNotifications": unanswered(report).iter().map(notification).collect::<Vec<_>>(),
            }],
            "results": results,
        }],
    })
}

fn rule(audit: &'static Audit) -> Value {
    let controls: Vec<String> =
        audit.controls.iter().map(|control| format!("{} {}", control.framework.name(), control.id)).collect();
    json!({
        "id": audit.id,
        "shortDescription": { "text": text(audit.title) },
        "fullDescription": { "text": text(audit.why) },
        "help": { "text": text(audit.help) },
        "defaultConfiguration": { "level": level(audit.severity) },
        "properties": {
            "tags": ["security", audit.area.name()],
            "severity": audit.severity.name(),
            "security-severity": score(audit.severity),
            "controls": controls,
        },
    })
}

fn result(found: &Found<'_>, mark: &str, rule: Option<usize>) -> Value {
    let Found { registry, finding, .. } = found;
    json!({
        "ruleId": finding.audit.id,
        "ruleIndex": rule,
        "kind": "fail",
        "level": level(finding.severity),
        "message": { "text": text(&finding.message) },
        "locations": [location(&found.place(), finding.repository.as_deref())],
        "partialFingerprints": { FINGERPRINT: mark },
        "suppressions": suppressions(finding),
        "properties": {
            "severity": finding.severity.name(),
            "security-severity": score(finding.severity),
            "confidence": finding.confidence.name(),
            "account": finding.account,
            "region": finding.region,
            "repository": finding.repository,
            "owner": finding.owner,
            "inventory": registry.inventory,
            "evidence": finding.evidence.iter()
                .map(|evidence| json!({ "name": evidence.name, "value": evidence.value }))
                .collect::<Vec<_>>(),
        },
    })
}

/// Where something is: by the resource name, as what it is and, for viewers that know files alone, as one. GitHub's code
/// scanning asks for a line, too.
fn location(place: &str, repository: Option<&str>) -> Value {
    json!({
        "physicalLocation": { "artifactLocation": { "uri": uri(place) }, "region": { "startLine": 1 } },
        "logicalLocations": [{
            "name": repository.unwrap_or(place),
            "fullyQualifiedName": place,
            "kind": "resource",
        }],
    })
}

/// None, or the one of whoever accepts it. A result without the list would be one of which nobody knows.
fn suppressions(finding: &Finding) -> Value {
    match &finding.acceptance {
        Acceptance::Until { reason, until } => json!([{
            "kind": "external",
            "status": "accepted",
            "justification": reason,
            "properties": { "until": instant::format(*until) },
        }]),
        Acceptance::None | Acceptance::Expired { .. } => json!([]),
    }
}

fn notification(one: &Unanswered<'_>) -> Value {
    let registry = RegistryName(one.registry).to_string();
    let names = one.registry.repositories.iter().filter(|it| one.repositories.contains(&&*it.name));
    let mut places: Vec<Value> = names
        .take(PLACES_MAX)
        .map(|repository| {
            let place = RepositoryArn { registry: one.registry, repository }.to_string();
            location(&place, Some(&repository.name))
        })
        .collect();
    if places.is_empty() {
        places.push(location(&registry, None));
    }
    let message = format!("not evaluated for {} of {registry}: {}", one.of_what(), one.reason);
    json!({
        "descriptor": { "id": "not-evaluated" },
        "associatedRule": { "id": one.audit.id, "index": one.number },
        "level": "warning",
        "message": { "text": text(&message) },
        "locations": places,
        "properties": { "repositories": one.repositories.len() },
    })
}

const fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Informational => "note",
    }
}

/// A number within the range that GitHub's code scanning shows as this severity: above 9.0 critical, from 7.0 high,
/// from 4.0 medium.
///
/// Source: GitHub, "SARIF support for code scanning", read 2026-11-24.
const fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Informational => "0.1",
    }
}

/// A text as a message: braces would be placeholders, and brackets before parentheses links (sections 3.11.5, 3.11.6).
fn text(text: &str) -> String {
    visible(text).replace('{', "{{").replace('}', "}}").replace("](", "] (")
}

/// A name as a URI reference: what cannot stand in one is escaped.
fn uri(name: &str) -> String {
    let mut uri = String::new();
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/".contains(&byte) {
            uri.push(char::from(byte));
        } else {
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}
