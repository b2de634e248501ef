//! A repository whose setting lets tags move that have to mean one build for good.

use crate::audit::catalogue::{config_rule, prowler, security_hub, steampipe};
use crate::audit::{Area, Audit, Confidence, Flaw, Outcome, Promise, RepositoryUnder, Severity};
use crate::{Freedom, Listing, RegistryKind, TagMutability};

pub(super) static AUDIT: Audit = Audit {
    id: "tags-can-move",
    area: Area::Mutability,
    title: "Tags may move that have to mean the same build for good",
    why: "Whoever deploys or verifies by such a tag gets what was pushed last, by mistake or by intent, and nobody can \
          tell afterwards which build ran.",
    help: "Set `IMMUTABLE`, or `IMMUTABLE_WITH_EXCLUSION` with filters for the tags that may move, such as `latest`, and \
           for no others.",
    severity: Severity::Medium,
    controls: &[
        security_hub("ECR.2"),
        config_rule("ecr-private-tag-immutability-enabled"),
        prowler("ecr_repositories_tag_immutability"),
        steampipe("ecr_repository_tag_immutability_enabled"),
    ],
};

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    if under.registry.kind == RegistryKind::Public {
        // ECR Public has no such setting.
        return Outcome::Clean;
    }
    let Some(promise) = under.registry.rules.promise(&under.repository.name) else { return Outcome::Clean };
    let Some(confidence) = under.is_promised(promise) else { return Outcome::Clean };
    let (setting, freedom) = match under.freedom() {
        Ok(read) => read,
        Err(reason) => return Outcome::NotEvaluated(reason),
    };
    if !freedom.is_within(&promise.may_move) {
        return Outcome::Found(vec![breach(under, promise, confidence, setting, &freedom)]);
    }
    match promise.required {
        Some(required) if required.as_api() != setting.mode => {
            let message = format!("the mode is {} where {} is demanded", setting.mode, required.as_api());
            Outcome::Found(vec![described(Flaw::new(Severity::Low, confidence, message), setting)])
        }
        Some(_) | None => Outcome::Clean,
    }
}

fn breach(
    under: &RepositoryUnder<'_>,
    promise: &Promise,
    confidence: Confidence,
    setting: &TagMutability,
    freedom: &Freedom,
) -> Flaw {
    let tags = || under.repository.images.iter().flat_map(|image| &image.tags).map(crate::Tag::as_str);
    let all = tags().filter(|tag| !promise.lets_move(tag)).count();
    let free = tags().filter(|tag| !promise.lets_move(tag) && freedom.lets_move(tag)).count();
    let known = match under.repository.listing {
        Listing::Complete => "",
        Listing::CutOff | Listing::Failed(_) => " as far as they are listed",
    };
    let message = format!(
        "{} lets {free} of {all} tags move that have to mean the same build for good{known}",
        setting.mode
    );
    let mut flaw = described(Flaw::new(AUDIT.severity, confidence, message), setting);
    flaw = flaw.with("tags-free", free.to_string());
    for tag in tags().filter(|tag| !promise.lets_move(tag) && freedom.lets_move(tag)).take(3) {
        flaw = flaw.with("tag", tag);
    }
    flaw
}

fn described(mut flaw: Flaw, setting: &TagMutability) -> Flaw {
    flaw = flaw.with("mode", &setting.mode);
    for filter in &setting.exclusion_filters {
        flaw = flaw.with("filter", &filter.filter);
    }
    flaw
}
