//! A lifecycle policy that leaves a repository without an image when nothing is pushed.

use chrono::{DateTime, TimeDelta, Utc};

use crate::audit::counted::counted;
use crate::audit::{Area, Audit, Confidence, Flaw, Outcome, RepositoryUnder, Severity};
use crate::lifecycle::lint::lint;
use crate::lifecycle::{self, Action, Limit, Policy, Switches, settle};
use crate::{Fact, RegistryKind};

pub(super) static AUDIT: Audit = Audit {
    id: "lifecycle-can-empty",
    area: Area::Lifecycle,
    title: "The lifecycle policy can empty the repository",
    why: "A service that is not built for some time loses its last image, and finds out when a node has to pull it: what \
          runs is not spared.",
    help: "Keep the newest: use `imageCountMoreThan`, or protect what is deployed with a rule of higher priority.",
    severity: Severity::Medium,
    controls: &[],
};

/// Days within which a repository that will be empty is one to be mended soon.
const SOON_DAYS: u64 = 7;

/// Limits beyond a hundred years empty nothing that anybody sees.
const CENTURY_DAYS: u64 = 36_500;

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
    if !policy.rules().iter().any(|rule| rule.action == Action::Expire) {
        return Outcome::Clean;
    }
    match under.unlisted() {
        // Without all images the policy alone may tell.
        Some(reason) => {
            by_policy(&policy).map_or_else(|| Outcome::NotEvaluated(reason), |flaw| Outcome::of(vec![flaw]))
        }
        None if under.repository.images.is_empty() => Outcome::of(by_policy(&policy).into_iter().collect()),
        None => by_images(under, &policy),
    }
}

/// What the lint says of the policy, whatever the images.
fn by_policy(policy: &Policy) -> Option<Flaw> {
    let finding = lint(policy).into_iter().find(|finding| finding.id == "can-empty")?;
    let rule = finding.rules.first()?;
    let (severity, unless) = match finding.severity {
        lifecycle::Severity::High | lifecycle::Severity::Error => (AUDIT.severity, ""),
        lifecycle::Severity::Info | lifecycle::Severity::Low | lifecycle::Severity::Medium => {
            (Severity::Low, ", unless another rule keeps some")
        }
    };
    let message = format!("rule {rule} expires every image by its age, the newest too{unless}");
    Some(Flaw::new(severity, Confidence::Likely, message).with("rule", rule.to_string()))
}

/// What becomes of the images that are there when nothing is pushed.
fn by_images(under: &RepositoryUnder<'_>, policy: &Policy) -> Outcome {
    let images = under.repository.images.len();
    let expire = format!("{} {}", counted(images, "image"), if images == 1 { "expires" } else { "expire" });
    let longest = policy.rules().iter().filter_map(|rule| age_days(rule.limit)).max().unwrap_or(0);
    // A day more: what is exactly as old as the limit is kept.
    let horizon = longest + 1;
    if is_empty_after(under, policy, 0, under.registry.switches) {
        let every_way =
            Switches::all().into_iter().all(|switches| is_empty_after(under, policy, 0, switches));
        let confidence = if every_way { Confidence::Certain } else { Confidence::Likely };
        let message = format!("nothing is left after the next runs of the policy: {expire}");
        return Outcome::of(vec![Flaw::new(Severity::High, confidence, message).with("empty-in-days", "0")]);
    }
    if !is_empty_after(under, policy, horizon, under.registry.switches) {
        return Outcome::Clean;
    }
    let days = first_empty_day(under, policy, horizon);
    let severity = if days <= SOON_DAYS { Severity::High } else { AUDIT.severity };
    let message = format!(
        "without a push nothing is left in {}: {expire}",
        counted(usize::try_from(days).unwrap_or(usize::MAX), "day")
    );
    let flaw = Flaw::new(severity, Confidence::Likely, message);
    Outcome::of(vec![flaw.with("empty-in-days", days.to_string())])
}

const fn age_days(limit: Limit) -> Option<u64> {
    match limit {
        Limit::SinceImagePushed(days)
        | Limit::SinceImagePulled(days)
        | Limit::SinceImageTransitioned(days)
            if days <= CENTURY_DAYS =>
        {
            Some(days)
        }
        Limit::SinceImagePushed(_)
        | Limit::SinceImagePulled(_)
        | Limit::SinceImageTransitioned(_)
        | Limit::ImageCountMoreThan(_) => None,
    }
}

/// The first day after which nothing is left: ages only grow, so what is empty stays so.
fn first_empty_day(under: &RepositoryUnder<'_>, policy: &Policy, horizon: u64) -> u64 {
    let (mut not_yet, mut empty) = (0, horizon);
    while not_yet + 1 < empty {
        let middle = not_yet.midpoint(empty);
        if is_empty_after(under, policy, middle, under.registry.switches) {
            empty = middle;
        } else {
            not_yet = middle;
        }
    }
    empty
}

/// Whether the runs of the policy after so many days leave no image; what is archived by then is still there.
fn is_empty_after(under: &RepositoryUnder<'_>, policy: &Policy, days: u64, switches: Switches) -> bool {
    let Some(at) = after(under.registry.now, days) else { return false };
    let images = &under.repository.images;
    let mut is_gone = vec![false; images.len()];
    for acted in settle(policy, images, under.relations, at, switches).flatten() {
        if acted.action == Action::Expire
            && let Some(is_gone) = is_gone.get_mut(acted.image as usize)
        {
            *is_gone = true;
        }
    }
    is_gone.iter().all(|is_gone| *is_gone)
}

fn after(now: DateTime<Utc>, days: u64) -> Option<DateTime<Utc>> {
    now.checked_add_signed(TimeDelta::try_days(i64::try_from(days).ok()?)?)
}
