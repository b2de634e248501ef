//! What the next run of a policy takes, rule by rule.

use demurrage_core::cost::Freed;
use demurrage_core::in_use::RepositoryUse;
use demurrage_core::lifecycle::{Action, Decision, Policy, Preview};
use demurrage_core::{Image, Repository};

use super::document::NextRule;
use super::repository::PageAbout;
use crate::image_name::in_sentence;
use crate::sentence::{reason_sentence, rule_sentence};

/// The rules that take something, in the order of their priorities. `freed` is what the next run frees, by rule.
pub(super) fn next_rules(
    about: &PageAbout<'_>,
    repository: &Repository,
    policy: &Policy,
    decisions: &[Decision],
    preview: &Preview,
    freed: Option<&Freed>,
    used: Option<&RepositoryUse>,
) -> Vec<NextRule> {
    let images: &[Image] = &repository.images;
    let rule_of = |image: u32| decisions.get(image as usize).and_then(|decision| decision.rule);
    let line = |(place, rule): (usize, &demurrage_core::lifecycle::Rule)| {
        let mut taken =
            preview.acted_on.iter().copied().filter(|&image| rule_of(image) == Some(place)).peekable();
        let first = *taken.peek()?;
        let taken: Vec<u32> = taken.collect();
        let why = decisions.get(first as usize).map(|it| reason_sentence(policy, images, it, about.now));
        let bytes = freed.and_then(|freed| {
            freed.by_rule.iter().find(|(priority, _)| *priority == rule.priority).map(|(_, bytes)| *bytes)
        });
        Some(NextRule {
            repository: repository.name.clone(),
            region: about.shown_region(),
            rule: rule.priority,
            selection: rule_sentence(rule),
            action: match rule.action {
                Action::Expire => "expires",
                Action::Archive => "archives",
            },
            images: taken.len(),
            bytes,
            in_use: used.map(|used| taken.iter().filter(|&&it| used.protection(it).is_some()).count()),
            example: format!("{}: {}", in_sentence(images, first), why.unwrap_or_default()),
        })
    };
    policy.rules().iter().enumerate().filter_map(line).collect()
}
