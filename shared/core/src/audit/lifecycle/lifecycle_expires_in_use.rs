//! An attached lifecycle policy that is about to act on an image in use.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use super::in_use_going::{Days, Going, HORIZON_DAYS};
use crate::audit::counted::counted;
use crate::audit::{Area, Audit, Confidence, Flaw, Outcome, RepositoryUnder, Severity, Verdict};
use crate::in_use::{Protection, RepositoryUse, UseGraph};
use crate::lifecycle::{Acted, Action, Policy, Switches};
use crate::{Fact, Image, RegistryKind};

pub(super) static AUDIT: Audit = Audit {
    id: "lifecycle-expires-in-use",
    area: Area::Lifecycle,
    title: "The lifecycle policy is about to act on an image in use",
    why: "ECR runs attached policies by itself and knows of no use: what runs for long is pulled no more and looks old. The \
          next start on a new node then finds no image.",
    help: "Put a rule before all others that selects `keep-*` with `imageCountMoreThan` and a huge `countNumber`, and give \
           what runs such a tag: no later rule acts on it then. Or take the policy off.",
    severity: Severity::Critical,
    controls: &[],
};

/// Uses of one image that are told; how many more there are is counted.
const USES_MAX: usize = 3;
/// Tags of one image that are told.
const TAGS_MAX: usize = 5;

pub(super) fn check(under: &RepositoryUnder<'_>) -> Outcome {
    if under.registry.kind == RegistryKind::Public {
        // ECR Public has no lifecycle policies.
        return Outcome::Clean;
    }
    let text = match &under.repository.lifecycle_policy {
        Fact::Present(text) => text,
        Fact::Absent => return Outcome::Clean,
        Fact::NotEvaluated => return Outcome::NotEvaluated("the lifecycle policy was not read".to_owned()),
    };
    let Ok(policy) = Policy::parse(text) else {
        return Outcome::NotEvaluated("the lifecycle policy is not one that ECR accepts".to_owned());
    };
    if let Some(reason) = under.unlisted() {
        return Outcome::NotEvaluated(reason);
    }
    let days = Days { under, policy: &policy };
    let acted = days.within_horizon();
    if acted.is_empty() {
        // Whatever is in use, nothing goes.
        return Outcome::Clean;
    }
    let Some(uses) = under.registry.uses else {
        return Outcome::NotEvaluated("what is in use was not read".to_owned());
    };
    let (kind, repository) = (under.registry.kind, under.repository);
    let in_use = uses.graph.of_repository_at(kind, repository, under.relations, under.ledger);
    let mut flaws = definite(&days, &in_use, &acted, uses.graph);
    flaws.extend(maybe(&in_use, &acted));
    match uses.incomplete {
        Some(reason) if flaws.is_empty() => Outcome::NotEvaluated(reason.to_owned()),
        Some(_) | None => Outcome::of(flaws),
    }
}

/// How many images in use an attached policy is about to act on, by the findings of this verdict that nobody accepts; nothing
/// where nobody knows whether there are any.
pub fn images_in_use_going(verdict: &Verdict) -> Option<u64> {
    if verdict.unevaluated.iter().any(|unevaluated| unevaluated.audit.id == AUDIT.id) {
        return None;
    }
    let definite = verdict.findings.iter().filter(|finding| {
        finding.audit.id == AUDIT.id && finding.counts() && Severity::High <= finding.severity
    });
    Some(definite.count() as u64)
}

/// One flaw for each image in use of which something goes.
fn definite(
    days: &Days<'_>,
    in_use: &RepositoryUse,
    acted: &BTreeMap<u32, Acted>,
    graph: &UseGraph,
) -> Vec<Flaw> {
    let going = days.going(in_use, acted);
    let readings: Vec<BTreeMap<u32, Acted>> = if going.iter().any(|going| going.day == 0) {
        Switches::all().into_iter().map(|switches| days.acted(0, switches)).collect()
    } else {
        Vec::new()
    };
    let flaw = |going: &Going| {
        // What comes later rests on nothing being pushed, pulled or tagged until then.
        let every_way = going.day == 0 && readings.iter().all(|acted| acted.contains_key(&going.first.image));
        let confidence = if every_way { Confidence::Certain } else { Confidence::Likely };
        flaw(days, in_use, graph, going, confidence)
    };
    going.iter().map(flaw).collect()
}

fn flaw(
    days: &Days<'_>,
    in_use: &RepositoryUse,
    graph: &UseGraph,
    going: &Going,
    confidence: Confidence,
) -> Flaw {
    let images = &days.under.repository.images;
    let rule = days.policy.rules().get(going.first.rule).map_or(0, |rule| rule.priority);
    let image = images.get(going.first.image as usize);
    let evidence: Vec<&str> = match in_use.protection(going.used) {
        Some(Protection::InUse(uses)) => uses
            .iter()
            .filter_map(|&place| graph.uses().get(place as usize))
            .map(|found| found.evidence.as_str())
            .collect(),
        Some(Protection::PartOf(_) | Protection::MayBePartOf(_)) | None => Vec::new(),
    };
    let date = days.under.registry.now + TimeDelta::days(i64::from(going.day));
    let (verb, action) = match going.first.action {
        Action::Expire => ("expires", "expire"),
        Action::Archive => ("archives", "archive"),
    };
    // What is archived can be brought back, and what comes later can be kept from coming.
    let is_now = going.day == 0 && going.goes_itself && going.first.action == Action::Expire;
    let severity = if is_now { AUDIT.severity } else { Severity::High };
    let when = match going.day {
        0 => "in its next run".to_owned(),
        day => format!("in {} ({})", counted(day as usize, "day"), date.format("%Y-%m-%d")),
    };
    let part = match (going.first.image == going.used, going.goes_itself) {
        (true, _) => "it is in use",
        (false, true) => "what is in use goes with it",
        (false, false) => "it belongs to what is in use",
    };
    let message = format!("rule {rule} {verb} {} {when}, and {part}: {}", named(image), told(&evidence));
    let mut flaw = Flaw::new(severity, confidence, message)
        .with("rule", rule.to_string())
        .with("action", action)
        .with("in-days", going.day.to_string())
        .with("images", going.images.to_string());
    if let Some(image) = image {
        flaw = flaw.with("digest", image.digest.to_string());
        flaw = image.tags.iter().take(TAGS_MAX).fold(flaw, |flaw, tag| flaw.with("tag", tag.as_str()));
    }
    flaw = flaw.with("uses", evidence.len().to_string());
    evidence.iter().take(USES_MAX).fold(flaw, |flaw, use_| flaw.with("use", *use_))
}

/// What a person calls an image: by its first tag, or by its digest.
fn named(image: Option<&Image>) -> String {
    let name = image.map(|image| match image.tags.first() {
        Some(tag) => tag.as_str().to_owned(),
        None => image.digest.short(),
    });
    format!("`{}`", name.unwrap_or_default())
}

/// The first use, and how many more there are.
fn told(evidence: &[&str]) -> String {
    let first = evidence.first().copied().unwrap_or_default();
    match evidence.len().saturating_sub(1) {
        0 => first.to_owned(),
        more => format!("{first}, and {more} more"),
    }
}

/// Images that go and of which only a manifest that was not read would tell whether they are part of what is in use.
fn maybe(in_use: &RepositoryUse, acted: &BTreeMap<u32, Acted>) -> Option<Flaw> {
    let may_be =
        acted.keys().filter(|&&image| matches!(in_use.protection(image), Some(Protection::MayBePartOf(_))));
    let images = may_be.count();
    if images == 0 {
        return None;
    }
    let message = format!(
        "{} that may be part of one in use go within {}: manifests that were not read would tell",
        counted(images, "image"),
        counted(HORIZON_DAYS as usize, "day")
    );
    let flaw = Flaw::new(Severity::Medium, Confidence::Likely, message);
    Some(flaw.with("images", images.to_string()))
}
