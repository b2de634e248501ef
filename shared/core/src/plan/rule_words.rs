//! What rules want of images, in the words of a plan.

use chrono::{DateTime, Utc};

use super::{ActionKind, Choice, PolicyChoice, choose_by_policy};
use crate::in_use::RepositoryUse;
use crate::ledger::RepositoryLedger;
use crate::lifecycle::{AgeBasis, Decision, Policy, Reason, Relations, Rule, Switches, evaluate};
use crate::retention::{RetentionRules, decide, reason_sentence};
use crate::{Image, Repository, instant};

/// What a lifecycle policy of this name wants of each image of a repository.
pub fn choice_of_policy(
    name: &str,
    policy: &Policy,
    repository: &Repository,
    relations: &Relations,
    now: DateTime<Utc>,
    switches: Switches,
) -> Vec<Option<Choice>> {
    let images = &repository.images;
    let chosen = choose_by_policy(policy, images, relations, now, switches);
    let decisions = evaluate(policy, images, relations, now, switches);
    let word = |(choice, decision): (Option<PolicyChoice>, Decision)| {
        let choice = choice?;
        let rule = policy.rules().get(choice.rule)?;
        Some(Choice {
            kind: choice.kind,
            tags: Vec::new(),
            rule: format!("rule {} of `{name}`", rule.priority),
            reason: match choice.with {
                Some(with) => format!("goes with {}", named(images, with)),
                None => of_rule(rule, &decision),
            },
        })
    };
    chosen.into_iter().zip(decisions).map(word).collect()
}

/// What retention rules want of each image of a repository.
pub fn choice_of_retention(
    rules: &RetentionRules,
    repository: &Repository,
    relations: &Relations,
    in_use: &RepositoryUse,
    ledger: Option<&RepositoryLedger>,
    now: DateTime<Utc>,
) -> Vec<Option<Choice>> {
    let decided = decide(rules, repository, relations, in_use, ledger, now);
    let word = |(place, decided): (u32, crate::retention::Decided)| {
        let kind = decided.kind?;
        Some(Choice {
            kind,
            rule: decided.rule.map_or_else(|| "retention".to_owned(), |rule| rules.label(rule)),
            reason: reason_sentence(rules, &repository.images, place, &decided),
            tags: if kind == ActionKind::Untag { decided.tags } else { Vec::new() },
        })
    };
    (0..u32::MAX).zip(decided).map(word).collect()
}

/// Why a rule acts on an image.
fn of_rule(rule: &Rule, decision: &Decision) -> String {
    match decision.reason {
        Reason::BeyondCount { rank, limit } => {
            format!("number {rank} by age, where the rule keeps the newest {limit}")
        }
        Reason::OlderThan { since, basis, limit_days } => {
            let what = match basis {
                AgeBasis::Pushed => "pushed",
                AgeBasis::Pulled => "last pulled",
                AgeBasis::Activated => "restored from the archive class",
                AgeBasis::Archived => "archived",
            };
            format!("{what} on {}, where the rule keeps {limit_days} days", instant::minute(since))
        }
        Reason::WithinCount { .. }
        | Reason::NotOlder { .. }
        | Reason::UnknownTime { .. }
        | Reason::ReferencedByIndex { .. }
        | Reason::FollowsSubject { .. }
        | Reason::Activating
        | Reason::NotSelected => format!("the rule selects {}", rule.selection),
    }
}

fn named(images: &[Image], place: u32) -> String {
    match images.get(place as usize) {
        Some(image) => match image.tags.first() {
            Some(tag) => format!("`{tag}` ({})", image.digest.short()),
            None => image.digest.short(),
        },
        None => "another image".to_owned(),
    }
}
