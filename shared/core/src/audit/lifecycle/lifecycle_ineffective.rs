//! A lifecycle policy that is there and does not do what it is there for.

use crate::audit::catalogue::{config_rule, prowler, security_hub, steampipe};
use crate::audit::{Area, Audit, Confidence, Flaw, Outcome, RepositoryUnder, Severity};
use crate::lifecycle::lint::{Finding, effective_rules, lint, lint_inventory};
use crate::lifecycle::{self, Policy, PolicyRejection};
use crate::{Fact, RegistryKind};

pub(super) static AUDIT: Audit = Audit {
    id: "lifecycle-ineffective",
    area: Area::Lifecycle,
    title: "The lifecycle policy does not do what it is there for",
    why: "A policy whose rules match nothing, hide one another or leave out most images looks like one that works: every \
          scanner passes it, while images pile up or the wrong ones go.",
    help: "Mend the rules that are named; `docs/LINT.md` has each finding and its mend, and `demurrage preview` shows what \
           the policy does then.",
    severity: Severity::Medium,
    controls: &[
        security_hub("ECR.3"),
        config_rule("ecr-private-lifecycle-policy-configured"),
        prowler("ecr_repositories_lifecycle_policy_enabled"),
        steampipe("ecr_repository_lifecycle_policy_configured"),
    ],
};

/// Findings of the lint that other audits are about, or that are advice about money.
const OF_OTHERS: [&str; 3] = ["can-empty", "empties-now", "archive-saves-nothing"];

/// The finding that is one of this audit only where every rule has it: one policy is often written for many
/// repositories, and not each of them has the images of each rule.
const MATCHES_NOTHING: &str = "matches-nothing";

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
    let policy = match Policy::parse(text) {
        Ok(policy) => policy,
        Err(rejection) => return Outcome::of(vec![rejected(&rejection)]),
    };
    let findings = lint(&policy);
    if effective_rules(&policy) == 0 {
        return Outcome::of(vec![without_effect(&policy, &findings)]);
    }
    let mut flaws: Vec<Flaw> = findings.iter().filter(|finding| is_ours(finding)).map(flaw).collect();
    match under.unlisted() {
        None => flaws.extend(by_images(under, &policy)),
        Some(reason) if flaws.is_empty() => return Outcome::NotEvaluated(reason),
        Some(_) => {}
    }
    Outcome::of(flaws)
}

/// ECR holds it, and by its rules would not take it today: it is from before them, or they have changed since.
fn rejected(rejection: &PolicyRejection) -> Flaw {
    let message = format!("the policy is not one that ECR accepts: {rejection}");
    let flaw = Flaw::new(AUDIT.severity, Confidence::Likely, message);
    let errors =
        rejection.problems.iter().filter(|problem| problem.id.severity() == lifecycle::Severity::Error);
    errors.fold(flaw, |flaw, problem| flaw.with("problem", problem.id.name()))
}

fn without_effect(policy: &Policy, findings: &[Finding]) -> Flaw {
    let rules = policy.rules().len();
    let message = if rules == 1 {
        "the only rule of the policy can never act".to_owned()
    } else {
        format!("none of the {rules} rules of the policy can act")
    };
    let flaw = Flaw::new(Severity::High, Confidence::Certain, message);
    let about_rules = findings.iter().filter(|finding| is_ours(finding) && !finding.rules.is_empty());
    about_rules.fold(flaw, |flaw, finding| flaw.with("lint", finding.id))
}

fn by_images(under: &RepositoryUnder<'_>, policy: &Policy) -> Vec<Flaw> {
    let images = &under.repository.images;
    let registry = under.registry;
    let findings = lint_inventory(policy, images, under.relations, registry.now, registry.switches);
    let mut flaws: Vec<Flaw> = findings
        .iter()
        .filter(|finding| is_ours(finding) && finding.id != MATCHES_NOTHING)
        .map(flaw)
        .collect();
    let unmatched = findings.iter().filter(|finding| finding.id == MATCHES_NOTHING).count();
    if unmatched == policy.rules().len() {
        let message =
            format!("no rule of the policy selects an image, and the repository has {}", images.len());
        let flaw = Flaw::new(AUDIT.severity, Confidence::Certain, message);
        flaws.push(flaw.with("lint", MATCHES_NOTHING));
    }
    flaws
}

fn is_ours(finding: &Finding) -> bool {
    !OF_OTHERS.contains(&finding.id)
}

fn flaw(finding: &Finding) -> Flaw {
    let message = match finding.rules.first() {
        Some(rule) => format!("rule {rule}: {}", finding.message),
        None => finding.message.clone(),
    };
    let severity = match finding.severity {
        lifecycle::Severity::Info => Severity::Informational,
        lifecycle::Severity::Low => Severity::Low,
        lifecycle::Severity::Medium => Severity::Medium,
        lifecycle::Severity::High | lifecycle::Severity::Error => Severity::High,
    };
    let flaw = Flaw::new(severity, Confidence::Certain, message).with("lint", finding.id);
    finding.rules.iter().fold(flaw, |flaw, rule| flaw.with("rule", rule.to_string()))
}
