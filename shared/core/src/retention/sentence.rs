//! Reasons of retention rules, as a person would say them.

use std::fmt::Write;

use super::{Clause, Condition, Decided, RetentionReason, RetentionRule, RetentionRules};
use crate::plan::ActionKind;
use crate::{Image, instant};

/// Why the image at this place stays or goes, in one sentence without a full stop. `images` are those of the repository.
pub fn reason_sentence(rules: &RetentionRules, images: &[Image], place: u32, decided: &Decided) -> String {
    let rule = decided.rule.and_then(|rule| rules.rules.get(rule as usize));
    let label = decided.rule.map_or_else(String::new, |rule| rules.label(rule));
    let name = |place: u32| images.get(place as usize).map_or_else(String::new, named);
    match &decided.reason {
        RetentionReason::NoRule => "no retention rule is about this repository".to_owned(),
        RetentionReason::Listing => "not all images of the repository are known".to_owned(),
        RetentionReason::Kept { clause, tag, is_unknown } => {
            let said = of_tag(tag.as_ref(), clause_of(rule, *clause, Side::Keep));
            let doubt = if *is_unknown { ", or may be: something of it is unknown" } else { "" };
            format!("{label} keeps it: {said}{doubt}")
        }
        RetentionReason::Chosen { clause, tag } => {
            let clause = clause_of(rule, *clause, Side::Expire);
            let mut text = of_tag(tag.as_ref(), clause);
            if let Some(image) = images.get(place as usize) {
                add_times(&mut text, image, clause);
            }
            format!("{label} chooses it: {text}")
        }
        RetentionReason::Untagged { clause } => {
            let tags: Vec<String> = decided.tags.iter().map(|tag| format!("`{tag}`")).collect();
            let clause = clause_of(rule, *clause, Side::Expire).map_or_else(String::new, Clause::to_string);
            format!("{label} takes off {}: {clause}", tags.join(", "))
        }
        RetentionReason::Uncovered { tag } => {
            format!("its tag `{tag}` meets no `expire` of {label}, other tags do")
        }
        RetentionReason::NotChosen => "no `expire` of a retention rule is met".to_owned(),
        RetentionReason::Waits { until: Some(until) } => {
            format!("{label} deletes it from the archive class at {}", instant::minute(*until))
        }
        RetentionReason::Waits { until: None } => {
            format!("{label} deletes it when all of it was in the archive class for long enough")
        }
        RetentionReason::IsArchived => format!("it lies in the archive class, where {label} wants it"),
        RetentionReason::With { image } => match decided.kind {
            Some(ActionKind::Archive) => format!("it is archived with {}", name(*image)),
            Some(ActionKind::Expire | ActionKind::Untag) | None => {
                format!("it goes with {}", name(*image))
            }
        },
        RetentionReason::PartOf { image } => format!("it stays with {}", name(*image)),
        RetentionReason::MayBePartOf { index } => {
            format!("it may be part of {}, of which the manifest was not read", name(*index))
        }
        RetentionReason::Activating => {
            "it, or something that belongs to it, is on the way out of the archive class".to_owned()
        }
    }
}

#[derive(Clone, Copy)]
enum Side {
    Keep,
    Expire,
}

fn clause_of(rule: Option<&RetentionRule>, clause: u32, side: Side) -> Option<&Clause> {
    let clauses = match side {
        Side::Keep => &rule?.keep,
        Side::Expire => &rule?.expire,
    };
    clauses.get(clause as usize)
}

/// What a clause says, of a tag where there is one.
fn of_tag(tag: Option<&crate::Tag>, clause: Option<&Clause>) -> String {
    let clause = clause.map_or_else(String::new, Clause::to_string);
    tag.map_or_else(|| clause.clone(), |tag| format!("`{tag}` is {clause}"))
}

/// The times that a clause asks for, as the image has them.
fn add_times(text: &mut String, image: &Image, clause: Option<&Clause>) {
    let conditions = clause.map_or(&[][..], |clause| &clause.conditions);
    let is_about_push = |condition: &Condition| {
        matches!(condition, Condition::PushedOlderThan(_) | Condition::NeverPulled { .. })
    };
    if let Some(pushed_at) = image.pushed_at.filter(|_| conditions.iter().any(is_about_push)) {
        let _ = write!(text, " (pushed {})", instant::minute(pushed_at));
    }
    let is_about_pull = |condition: &Condition| matches!(condition, Condition::PulledOlderThan(_));
    if let Some(pulled_at) = image.last_pulled_at.filter(|_| conditions.iter().any(is_about_pull)) {
        let _ = write!(text, " (pulled {})", instant::minute(pulled_at));
    }
}

/// An image by its first tag, or by its digest.
fn named(image: &Image) -> String {
    match image.tags.first() {
        Some(tag) => format!("`{tag}`"),
        None => image.digest.to_string(),
    }
}
