//! A policy that grants something to an account, organisation or service that the team does not allow.

use super::policies::{Judged, of_registry, of_repository};
use crate::access::{ActionClass, Certainty, Reach};
use crate::audit::{
    Area, Audit, Census, Confidence, Flaw, Outcome, RegistryUnder, RepositoryUnder, Severity,
};

pub(super) static AUDIT: Audit = Audit {
    id: "policy-open-to-other-accounts",
    area: Area::Access,
    title: "A policy grants something to others than those whom the team allows",
    why: "Somebody outside of the account may read, replace or delete images, and nobody has said that they should.",
    help: "Take the statement out of the policy; or allow them in the rules, by account, organisation, service or principal.",
    severity: Severity::Medium,
    controls: &[],
};

/// At most so many of those who are granted something are named in the message.
const NAMED: usize = 3;

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    of_repository(under, flaw)
}

pub(super) fn check_registry(under: &RegistryUnder<'_>, _: &Census) -> Outcome {
    of_registry(under, flaw)
}

fn flaw(judged: &Judged<'_>) -> Option<Flaw> {
    let outsiders = match &judged.reach {
        // Of anyone another audit speaks.
        Reach::Nobody | Reach::Own | Reach::Allowed | Reach::AnyoneFrom { .. } | Reach::Anyone => {
            return None;
        }
        Reach::OtherAccount { outsiders } => outsiders,
    };
    let confidence = match judged.grant.certainty() {
        Certainty::Certain => Confidence::Certain,
        Certainty::MayBe => Confidence::Likely,
    };
    let named: Vec<String> = outsiders.iter().take(NAMED).map(|outsider| format!("`{outsider}`")).collect();
    let more = match outsiders.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let is = if outsiders.len() == 1 { "is" } else { "are" };
    let message =
        format!("{}{more} {is} not allowed, and {is} granted {}", named.join(", "), judged.granted());
    let severity = severity_of(judged.grant.actions.worst_class());
    let flaw = Flaw::new(severity, confidence, message);
    let flaw = outsiders.iter().fold(flaw, |flaw, outsider| flaw.with("outsider", outsider.to_string()));
    Some(judged.with_evidence(flaw))
}

fn severity_of(class: Option<ActionClass>) -> Severity {
    match class {
        Some(ActionClass::Writing | ActionClass::Deleting | ActionClass::Administration) => Severity::High,
        Some(ActionClass::Describing | ActionClass::Reading | ActionClass::Replicating) | None => {
            AUDIT.severity
        }
    }
}
