//! A repository without a lifecycle policy.

use chrono::{DateTime, Utc};

use crate::audit::catalogue::{config_rule, prowler, security_hub, steampipe};
use crate::audit::counted::counted;
use crate::audit::{Area, Audit, Confidence, Flaw, Outcome, RepositoryUnder, Severity};
use crate::{Fact, Image, Listing, RegistryKind};

pub(super) static AUDIT: Audit = Audit {
    id: "lifecycle-absent",
    area: Area::Lifecycle,
    title: "There is no lifecycle policy",
    why: "Every image that was ever pushed is kept and paid for, and the repository grows until its quota.",
    help: "Attach a policy that keeps what is still needed; look at its preview before.",
    severity: Severity::Medium,
    controls: &[
        security_hub("ECR.3"),
        config_rule("ecr-private-lifecycle-policy-configured"),
        prowler("ecr_repositories_lifecycle_policy_enabled"),
        steampipe("ecr_repository_lifecycle_policy_configured"),
    ],
};

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    if under.registry.kind == RegistryKind::Public {
        // ECR Public has no lifecycle policies.
        return Outcome::Clean;
    }
    match &under.repository.lifecycle_policy {
        Fact::Present(_) => Outcome::Clean,
        Fact::NotEvaluated => Outcome::NotEvaluated("the lifecycle policy was not read".to_owned()),
        Fact::Absent => Outcome::of(vec![flaw(under)]),
    }
}

fn flaw(under: &RepositoryUnder<'_>) -> Flaw {
    let images = &under.repository.images;
    let kept = counted(images.len(), "image");
    let (severity, message) = match under.repository.listing {
        Listing::Complete if images.is_empty() => {
            (Severity::Low, "no lifecycle policy, and no images so far".to_owned())
        }
        Listing::Complete => {
            (AUDIT.severity, format!("no lifecycle policy: {kept} and all to come are kept"))
        }
        Listing::CutOff => {
            (AUDIT.severity, format!("no lifecycle policy: at least {kept} and all to come are kept"))
        }
        Listing::Failed(_) => (AUDIT.severity, "no lifecycle policy: every image is kept".to_owned()),
    };
    let flaw = Flaw::new(severity, Confidence::Certain, message);
    match oldest(images) {
        Some(pushed_at) => flaw.with("oldest-push", crate::instant::format(pushed_at)),
        None => flaw,
    }
}

fn oldest(images: &[Image]) -> Option<DateTime<Utc>> {
    images.iter().filter_map(|image| image.pushed_at).min()
}
