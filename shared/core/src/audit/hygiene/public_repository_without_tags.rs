//! A repository of ECR Public without resource tags.

use crate::audit::catalogue::security_hub;
use crate::audit::{Area, Audit, Confidence, Flaw, Outcome, RepositoryUnder, Severity};
use crate::{Fact, RegistryKind};

pub(super) static AUDIT: Audit = Audit {
    id: "public-repository-without-tags",
    area: Area::Hygiene,
    title: "A public repository has no resource tags",
    why: "Anybody can pull from it, and nobody can see whose it is or what it is paid by.",
    help: "Tag the repository with its owner, `aws ecr-public tag-resource`.",
    severity: Severity::Low,
    controls: &[security_hub("ECR.4")],
};

/// The beginning of tags that AWS sets itself; they say nothing about an owner.
const OF_AWS: &str = "aws:";

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    match under.registry.kind {
        RegistryKind::Private => return Outcome::Clean,
        RegistryKind::Public => {}
    }
    let is_tagged = match &under.repository.resource_tags {
        Fact::NotEvaluated => return Outcome::NotEvaluated("the resource tags were not read".to_owned()),
        Fact::Absent => false,
        Fact::Present(tags) => tags.keys().any(|key| !key.starts_with(OF_AWS)),
    };
    if is_tagged {
        return Outcome::Clean;
    }
    let message = "the public repository has no resource tags".to_owned();
    Outcome::of(vec![Flaw::new(AUDIT.severity, Confidence::Certain, message)])
}
