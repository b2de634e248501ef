//! A policy that grants something to anyone.

use super::policies::{Judged, of_registry, of_repository};
use crate::access::{ActionClass, Certainty, Grantee, Reach};
use crate::audit::catalogue::{prowler, steampipe};
use crate::audit::{
    Area, Audit, Census, Confidence, Flaw, Outcome, RegistryUnder, RepositoryUnder, Severity,
};

pub(super) static AUDIT: Audit = Audit {
    id: "policy-open-to-anyone",
    area: Area::Access,
    title: "A policy grants something to anyone",
    why: "Whoever has credentials of any AWS account may read the images, with all that is in them, or push their own under \
          the tags that everybody trusts.",
    help: "Name the accounts or roles in `Principal`, or add a condition that only the right callers meet, such as \
           `StringEquals` of `aws:PrincipalOrgID`. Conditions that are negated, end in `IfExists` or match `*` hold nobody \
           back.",
    severity: Severity::Critical,
    controls: &[
        prowler("ecr_repositories_not_publicly_accessible"),
        steampipe("ecr_repository_prohibit_public_access"),
    ],
};

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    of_repository(under, flaw)
}

pub(super) fn check_registry(under: &RegistryUnder<'_>, _: &Census) -> Outcome {
    of_registry(under, flaw)
}

fn flaw(judged: &Judged<'_>) -> Option<Flaw> {
    let from = match &judged.reach {
        Reach::Nobody | Reach::Own | Reach::Allowed | Reach::OtherAccount { .. } => return None,
        Reach::Anyone => String::new(),
        Reach::AnyoneFrom { networks } => {
            let networks: Vec<String> = networks.iter().map(|network| format!("`{network}`")).collect();
            format!(" from {}", networks.join(" or "))
        }
    };
    let severity = match &judged.reach {
        Reach::AnyoneFrom { .. } => Severity::Medium,
        Reach::Nobody | Reach::Own | Reach::Allowed | Reach::OtherAccount { .. } | Reach::Anyone => {
            severity_of(judged.grant.actions.worst_class())
        }
    };
    let confidence = match judged.grant.certainty() {
        Certainty::Certain => Confidence::Certain,
        Certainty::MayBe => Confidence::Likely,
    };
    let who = match &judged.grant.who {
        Grantee::EveryoneBut(principals) => {
            let spared: Vec<String> = principals.iter().map(|principal| format!("`{principal}`")).collect();
            format!("anyone but {}", spared.join(", "))
        }
        Grantee::Anyone
        | Grantee::Account(_)
        | Grantee::PrincipalArn(_)
        | Grantee::Service(_)
        | Grantee::Federated(_)
        | Grantee::Deleted(_)
        | Grantee::Unrecognised(_) => "anyone".to_owned(),
    };
    let message = format!("{who}{from} is granted {}", judged.granted());
    Some(judged.with_evidence(Flaw::new(severity, confidence, message)))
}

fn severity_of(class: Option<ActionClass>) -> Severity {
    match class {
        Some(
            ActionClass::Replicating
            | ActionClass::Writing
            | ActionClass::Deleting
            | ActionClass::Administration,
        ) => AUDIT.severity,
        Some(ActionClass::Reading) | None => Severity::High,
        Some(ActionClass::Describing) => Severity::Medium,
    }
}
