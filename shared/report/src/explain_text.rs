//! Explanations for people.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use demurrage_core::lifecycle::{Explanation, Outcome, Policy, Reason, Relation, Rule};
use demurrage_core::{Image, Repository, instant};

use crate::amount::{bytes, days, grouped};
use crate::records::{Columns, table_or_records};
use crate::sentence::{ago, next_sentence, reason_sentence, rule_sentence};
use crate::{image_name, table};

/// A repository, a policy and when: what explanations are about.
#[derive(Debug, Clone, Copy)]
pub struct ExplainedRepository<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// The policy.
    pub policy: &'a Policy,
    /// When.
    pub now: DateTime<Utc>,
}

/// One image in full: what it is, what becomes of it, what each rule says of it.
pub fn explain_image(
    about: ExplainedRepository<'_>,
    explanation: &Explanation,
    width: Option<u16>,
) -> String {
    let ExplainedRepository { repository, policy, now } = about;
    let images = &repository.images;
    let Some(image) = images.get(explanation.image as usize) else { return String::new() };
    let decision = &explanation.decision;
    let mut text = format!("{}@{}\n", repository.name, image.digest);
    for (name, value) in facts(image, now) {
        let _ = writeln!(text, "  {name:<9} {value}");
    }
    let verdict = match decision.outcome {
        Outcome::Keep => "kept",
        Outcome::Archive => "archived",
        Outcome::Expire => "expires",
    };
    let _ = writeln!(text, "\n{verdict}: {}", reason_sentence(policy, images, decision, now));
    let _ = writeln!(text, "next: {}", next_sentence(policy, images, decision, explanation.next, now));
    text.push('\n');
    let mut rows = table::table(&["rule", "what it does", "what it says of this image"]);
    for (rule, relation) in policy.rules().iter().zip(&explanation.relations) {
        rows.add_row(vec![
            rule.priority.to_string(),
            rule_sentence(rule),
            relation_text(policy, rule, relation, now),
        ]);
    }
    text.push_str(&table::fitted(rows, &[1, 2], width));
    text
}

fn facts(image: &Image, now: DateTime<Utc>) -> Vec<(&'static str, String)> {
    let since = |t| if now < t { "after now".to_owned() } else { format!("{} ago", days(t, now)) };
    let time = |time: Option<DateTime<Utc>>| time.map(|t| format!("{} ({})", instant::minute(t), since(t)));
    let tags: Vec<&str> = image.tags.iter().map(demurrage_core::Tag::as_str).collect();
    let mut facts = vec![
        ("tags", if tags.is_empty() { "none".to_owned() } else { tags.join(", ") }),
        ("status", image.status.as_api().to_owned()),
        ("pushed", time(image.pushed_at).unwrap_or_else(|| "unknown".to_owned())),
        ("pulled", time(image.last_pulled_at).unwrap_or_else(|| "never recorded".to_owned())),
    ];
    facts.extend(time(image.activated_at).map(|time| ("restored", time)));
    facts.extend(time(image.archived_at).map(|time| ("archived", time)));
    facts.extend(image.size_bytes.map(|size| ("size", bytes(size))));
    facts.extend(image.subject.map(|subject| ("subject", subject.to_string())));
    if let Some(manifest) = &image.manifest
        && !manifest.children.is_empty()
    {
        let platforms = manifest.children.iter().map(|child| {
            let platform = child.platform.as_ref().map(|p| format!("{}/{}", p.os, p.architecture));
            if child.is_attestation() { "attestation".to_owned() } else { platform.unwrap_or_default() }
        });
        facts.push(("children", platforms.collect::<Vec<_>>().join(", ")));
    } else if image.has_unknown_children() {
        facts.push(("children", "unknown: its manifest was not read".to_owned()));
    }
    facts
}

fn relation_text(policy: &Policy, rule: &Rule, relation: &Relation, now: DateTime<Utc>) -> String {
    match relation {
        Relation::OtherClass => "not selected: the image is of the other storage class".to_owned(),
        Relation::OtherTags { unmatched } if unmatched.is_empty() => "not selected: it has tags".to_owned(),
        Relation::OtherTags { unmatched } => {
            let entries: Vec<String> = unmatched.iter().map(|entry| format!("`{entry}`")).collect();
            format!("not selected: none of its tags matches {}", entries.join(" or "))
        }
        Relation::Shielded => "would select it, but may not now".to_owned(),
        Relation::Selected { rank, pool_size, reason, claimed_by } => {
            let marks = match reason {
                Reason::BeyondCount { .. } | Reason::OlderThan { .. } => "beyond its limit",
                _ => "within its limit",
            };
            let place = if rule.limit.is_count() {
                format!("number {} of {}, {marks}", grouped((*rank).into()), grouped((*pool_size).into()))
            } else {
                let since = match reason {
                    Reason::OlderThan { since, basis, .. } | Reason::NotOlder { since, basis, .. } => {
                        format!("{}, ", ago(*since, *basis, now))
                    }
                    _ => String::new(),
                };
                format!("{since}{marks}")
            };
            match claimed_by.and_then(|place| policy.rules().get(place)) {
                Some(higher) => format!("{place}; but rule {} has claimed it", higher.priority),
                None => format!("{place}; claims it"),
            }
        }
    }
}

/// One row for each image: what becomes of it, why, and what comes next.
pub fn explain_table(
    about: ExplainedRepository<'_>,
    explanations: impl Iterator<Item = Explanation>,
    width: Option<u16>,
) -> String {
    let ExplainedRepository { repository, policy, now } = about;
    let headers = ["image", "tags", "kind", "fate", "why", "next"];
    let mut rows = Vec::new();
    for explanation in explanations {
        let Some(image) = repository.images.get(explanation.image as usize) else { continue };
        let decision = &explanation.decision;
        rows.push(vec![
            image.digest.short(),
            image_name::tags(image),
            image_name::kind(image).unwrap_or("image").to_owned(),
            match decision.outcome {
                Outcome::Keep => "stays",
                Outcome::Archive => "archived",
                Outcome::Expire => "expires",
            }
            .to_owned(),
            reason_sentence(policy, &repository.images, decision, now),
            next_sentence(policy, &repository.images, decision, explanation.next, now),
        ]);
    }
    table_or_records(Columns { headers: &headers, names: &[0, 2, 3], numbers: &[] }, &rows, width)
}
