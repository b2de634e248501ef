//! Findings of audits for programs: `docs/IMMUTABILITY.md` describes the form.

use demurrage_core::audit::{Acceptance, Audit, Finding};
use demurrage_core::instant;
use serde_json::{Map, Value, json};

use super::audited::Found;
use super::subject::Marks;
use super::tally::Tally;
use super::{AuditReport, AuditedRegistry};

/// An object with the registries, every finding, what was not evaluated, and counts.
///
/// Texts are as they were read, letter by letter.
pub fn audit_json(report: &AuditReport) -> Value {
    let mut marks = Marks::default();
    let tally = Tally::of(report);
    let counting: Map<String, Value> =
        tally.by_severity().map(|(severity, number)| (severity.name().to_owned(), number.into())).collect();
    json!({
        "now": instant::format(report.now),
        "registries": report.registries.iter().map(registry).collect::<Vec<_>>(),
        "findings": report.found().map(|found| finding(&found, &marks.of(&found))).collect::<Vec<_>>(),
        "not_evaluated": report.unevaluated().map(|(registry, unevaluated)| json!({
            "audit": unevaluated.audit.id,
            "registry_kind": registry.kind.name(),
            "registry_id": unevaluated.account,
            "region": unevaluated.region,
            "repository_name": unevaluated.repository,
            "reason": unevaluated.reason,
        })).collect::<Vec<_>>(),
        "summary": {
            "repositories": tally.repositories,
            "findings": counting,
            "accepted": tally.accepted,
            "not_evaluated": tally.unevaluated,
            "clean": tally.clean,
        },
    })
}

fn registry(registry: &AuditedRegistry) -> Value {
    json!({
        "registry_kind": registry.kind.name(),
        "registry_id": registry.account,
        "region": registry.region,
        "inventory": registry.inventory,
        "taken_at": instant::format(registry.taken_at),
        "repositories": registry.repositories.len(),
        "registry_audited": registry.own.is_some(),
    })
}

fn finding(found: &Found<'_>, mark: &str) -> Value {
    let Found { registry, finding, .. } = found;
    json!({
        "audit": finding.audit.id,
        "area": finding.audit.area.name(),
        "severity": finding.severity.name(),
        "confidence": finding.confidence.name(),
        "counts": finding.counts(),
        "registry_kind": registry.kind.name(),
        "registry_id": finding.account,
        "region": finding.region,
        "repository_name": finding.repository,
        "arn": found.repository.map(|_| found.place()),
        "owner": finding.owner,
        "message": finding.message,
        "evidence": finding.evidence.iter()
            .map(|evidence| json!({ "name": evidence.name, "value": evidence.value }))
            .collect::<Vec<_>>(),
        "acceptance": acceptance(finding),
        "fingerprint": mark,
        "help": finding.audit.help,
        "controls": controls(finding.audit),
    })
}

fn acceptance(finding: &Finding) -> Value {
    match &finding.acceptance {
        Acceptance::None => Value::Null,
        Acceptance::Until { reason, until } | Acceptance::Expired { reason, until } => {
            json!({ "reason": reason, "until": instant::format(*until), "holds": !finding.counts() })
        }
    }
}

/// The controls of others that look for the same.
fn controls(audit: &Audit) -> Value {
    let one = |control: &demurrage_core::audit::Control| json!({ "framework": control.framework.name(), "id": control.id });
    audit.controls.iter().map(one).collect()
}
