//! What is shown of a plan.

use std::collections::BTreeMap;

use demurrage_core::plan::{
    Action, ActionKind, ImageAction, KeptImage, PendingImage, Plan, RepositoryAddress, RepositoryPlan,
    SettingAction,
};

/// A plan, with what stands in its parts and beside them.
#[derive(Debug, Clone, Copy)]
pub struct PlanReport<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// Where its description is.
    pub path: &'a str,
    /// What it does, summed up.
    pub changes: &'a PlanChanges,
    /// What hard guards keep.
    pub kept: &'a [KeptImage],
    /// What waits for a second plan.
    pub pending: &'a [PendingImage],
}

/// What a plan does, summed up by repository and rule while its parts are read: no image of it is held.
#[derive(Debug, Clone, Default)]
pub struct PlanChanges {
    /// What each rule does to images, in the order of the repositories, then of the rules.
    pub(crate) by_rule: Vec<(RepositoryAddress, String, RuleSum)>,
    /// The settings that change, in the order of the repositories.
    pub(crate) settings: Vec<(RepositoryAddress, SettingAction)>,
}

impl PlanChanges {
    /// What these repositories come to, which are in order.
    pub fn of(repositories: &[RepositoryPlan]) -> Self {
        let mut changes = Self::default();
        for repository in repositories {
            changes.add(repository);
        }
        changes
    }

    /// Adds the next repository.
    pub fn add(&mut self, plan: &RepositoryPlan) {
        let mut rules: BTreeMap<&str, RuleSum> = BTreeMap::new();
        for action in &plan.actions {
            match action {
                Action::Image(action) => rules.entry(&action.rule).or_default().add(action),
                Action::Setting(action) => self.settings.push((plan.repository.clone(), action.clone())),
            }
        }
        let of_rule = |(rule, sum): (&str, RuleSum)| (plan.repository.clone(), rule.to_owned(), sum);
        self.by_rule.extend(rules.into_iter().map(of_rule));
    }

    /// What all of it does to images.
    pub(crate) fn sum(&self) -> RuleSum {
        let mut all = RuleSum::default();
        self.by_rule.iter().for_each(|(_, _, sum)| all.add_sum(sum));
        all
    }
}

/// What one rule does to the images of one repository.
#[derive(Debug, Clone, Default)]
pub(crate) struct RuleSum {
    pub(crate) expired: u64,
    pub(crate) archived: u64,
    pub(crate) untagged: u64,
    pub(crate) bytes_freed: u64,
}

impl RuleSum {
    fn add(&mut self, action: &ImageAction) {
        let number = match action.kind {
            ActionKind::Expire => &mut self.expired,
            ActionKind::Archive => &mut self.archived,
            ActionKind::Untag => &mut self.untagged,
        };
        *number += 1;
        self.bytes_freed = self.bytes_freed.saturating_add(action.bytes_freed);
    }

    fn add_sum(&mut self, other: &Self) {
        self.expired += other.expired;
        self.archived += other.archived;
        self.untagged += other.untagged;
        self.bytes_freed = self.bytes_freed.saturating_add(other.bytes_freed);
    }
}

impl<'a> PlanReport<'a> {
    /// The images that each guard keeps, by the names of the guards.
    pub(crate) fn kept_by_guard(&self) -> BTreeMap<&'a str, Vec<&'a KeptImage>> {
        let mut guards: BTreeMap<&str, Vec<&KeptImage>> = BTreeMap::new();
        for kept in self.kept {
            guards.entry(&kept.guard).or_default().push(kept);
        }
        guards
    }

    /// The account and the region, where all that is shown of the plan is in one registry.
    pub(crate) fn registry(&self) -> Option<(Option<&'a str>, &'a str)> {
        let changed = self.changes.by_rule.iter().map(|(at, _, _)| at);
        let settings = self.changes.settings.iter().map(|(at, _)| at);
        let refused = self.plan.refused.iter().map(|refusal| &refusal.repository);
        one_registry(changed.chain(settings).chain(refused))
    }
}

/// The account and the region of these repositories, where they are in one registry.
pub(crate) fn one_registry<'a>(
    mut addresses: impl Iterator<Item = &'a RepositoryAddress>,
) -> Option<(Option<&'a str>, &'a str)> {
    let of = |address: &'a RepositoryAddress| (address.account.as_deref(), &*address.region);
    let first = of(addresses.next()?);
    addresses.all(|address| of(address) == first).then_some(first)
}

/// A registry in words: `123456789012/eu-west-1`.
pub(crate) fn registry_words((account, region): (Option<&str>, &str)) -> String {
    account.map_or_else(|| region.to_owned(), |account| format!("{account}/{region}"))
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
