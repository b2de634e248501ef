//! What is shown of a plan.

use std::collections::BTreeMap;

use demurrage_core::plan::{
    Action, ActionKind, ImageAction, KeptImage, PendingImage, Plan, RepositoryAddress, RepositoryPlan,
};

/// A plan, with everything that stands in its parts and beside them.
#[derive(Debug, Clone, Copy)]
pub struct PlanReport<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Where its description is.
    pub path: &'a str,
    /// What it does.
    pub repositories: &'a [RepositoryPlan],
    /// What hard guards keep.
    pub kept: &'a [KeptImage],
    /// What waits for a second plan.
    pub pending: &'a [PendingImage],
}

/// What one rule does in one repository.
#[derive(Debug, Clone, Default)]
pub(crate) struct RuleSum {
    pub(crate) expired: u64,
    pub(crate) archived: u64,
    pub(crate) untagged: u64,
    pub(crate) settings: u64,
    pub(crate) bytes_freed: u64,
}

impl RuleSum {
    fn add(&mut self, action: &Action) {
        match action {
            Action::Image(action) => {
                let number = match action.kind {
                    ActionKind::Expire => &mut self.expired,
                    ActionKind::Archive => &mut self.archived,
                    ActionKind::Untag => &mut self.untagged,
                };
                *number += 1;
                self.bytes_freed = self.bytes_freed.saturating_add(action.bytes_freed);
            }
            Action::Setting(_) => self.settings += 1,
        }
    }

    pub(crate) fn add_sum(&mut self, other: &Self) {
        self.expired += other.expired;
        self.archived += other.archived;
        self.untagged += other.untagged;
        self.settings += other.settings;
        self.bytes_freed = self.bytes_freed.saturating_add(other.bytes_freed);
    }
}

impl<'a> PlanReport<'a> {
    /// What each rule does in each repository, in the order of the repositories, then of the rules.
    pub(crate) fn by_rule(&self) -> Vec<(&'a RepositoryPlan, &'a str, RuleSum)> {
        let mut rows = Vec::new();
        for repository in self.repositories {
            let mut rules: BTreeMap<&str, RuleSum> = BTreeMap::new();
            for action in &repository.actions {
                let rule = match action {
                    Action::Image(action) => &action.rule,
                    Action::Setting(action) => &action.rule,
                };
                rules.entry(rule).or_default().add(action);
            }
            rows.extend(rules.into_iter().map(|(rule, sum)| (repository, rule, sum)));
        }
        rows
    }

    /// The images that each guard keeps, by the names of the guards.
    pub(crate) fn kept_by_guard(&self) -> BTreeMap<&'a str, Vec<&'a KeptImage>> {
        let mut guards: BTreeMap<&str, Vec<&KeptImage>> = BTreeMap::new();
        for kept in self.kept {
            guards.entry(&kept.guard).or_default().push(kept);
        }
        guards
    }
}

/// A guard in the words of a sentence: `in use`.
pub(crate) fn guard_words(name: &str) -> String {
    name.replace('_', " ")
}

/// An image by its repository and its first tag, or its short digest.
pub(crate) fn image_words(
    repository: &RepositoryAddress,
    digest: demurrage_core::Digest,
    tags: &[demurrage_core::Tag],
) -> String {
    match tags.first() {
        Some(tag) => format!("{}:{tag}", repository.name),
        None => format!("{}@{}", repository.name, digest.short()),
    }
}

/// An action on an image in the words of a sentence.
pub(crate) fn action_words(repository: &RepositoryAddress, action: &ImageAction) -> String {
    format!("{} {}", action.kind, image_words(repository, action.digest, &action.tags))
}
