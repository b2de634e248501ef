//! Previews of many repositories at once.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use demurrage_core::in_use::Use;
use demurrage_core::lifecycle::{Policy, Preview, Relations, Switches, certainties, evaluate};
use demurrage_core::{Fact, RegistryKind, Repository};
use demurrage_report::{KnownUse, PreviewDocument, count};
use rayon::prelude::*;

use crate::known_uses::InUse;
use crate::selected::Selected;
use crate::talk;

/// A repository with the policy to evaluate over it.
pub(crate) struct Pair<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) policy: &'a Policy,
    /// The place of the repository among those that were selected.
    pub(crate) place: usize,
    /// The kind of its registry.
    pub(crate) kind: RegistryKind,
}

/// How to evaluate.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setting {
    pub(crate) now: DateTime<Utc>,
    pub(crate) switches: Switches,
    /// Evaluate under all settings, to say what is certain.
    pub(crate) all_settings: bool,
}

/// Evaluates each repository, in parallel; results in the order of the repositories.
pub(crate) fn previews<'a>(
    pairs: &[Pair<'a>],
    setting: Setting,
    in_use: Option<&'a InUse>,
) -> Vec<PreviewDocument<'a>> {
    pairs.par_iter().map(|pair| preview(pair, setting, in_use)).collect()
}

fn preview<'a>(pair: &Pair<'a>, setting: Setting, in_use: Option<&'a InUse>) -> PreviewDocument<'a> {
    let Pair { repository, policy, place, kind } = *pair;
    let Setting { now, switches, all_settings } = setting;
    let relations = Relations::of(&repository.images);
    let decisions = evaluate(policy, &repository.images, &relations, now, switches);
    PreviewDocument {
        repository,
        policy,
        now,
        preview: Preview::of(policy, &repository.images, &decisions),
        decisions,
        certainties: all_settings.then(|| certainties(policy, &repository.images, &relations, now)),
        in_use: in_use.map(|in_use| known_use(in_use, place, kind, repository, &relations)),
    }
}

/// What is in use of the repository at this place among those that were selected.
pub(crate) fn known_use<'a>(
    in_use: &'a InUse,
    place: usize,
    kind: RegistryKind,
    repository: &Repository,
    relations: &Relations,
) -> KnownUse<'a> {
    let graph = &in_use.graph;
    let of_repository = graph.of_repository_at(kind, repository, relations, in_use.ledger(place));
    KnownUse { graph, of_repository }
}

/// Says which uses are of none of the repositories that were looked at, and could be.
pub(crate) fn say_unresolved(in_use: &InUse, selected: &Selected) {
    let graph = &in_use.graph;
    let of = |(place, repository)| {
        graph.uses_of_repository(selected.kind_of(place), repository, in_use.ledger(place))
    };
    let resolved: BTreeSet<u32> = selected.repositories.iter().enumerate().flat_map(of).collect();
    let registries: Vec<(Option<&str>, &str)> =
        selected.registries.iter().map(|it| (it.account.as_deref(), it.region.as_str())).collect();
    let unresolved: Vec<&Use> = (0..u32::MAX)
        .zip(graph.uses())
        .filter(|(place, used)| !resolved.contains(place) && InUse::may_be_here(used, &registries))
        .map(|(_, unresolved)| unresolved)
        .collect();
    let Some(first) = unresolved.first() else { return };
    talk::warn(format!(
        "{} in use of no image here, the first of them {}",
        count(unresolved.len(), "reference"),
        first.evidence
    ));
}

/// The policies attached to repositories, in their order.
pub(crate) struct Attached {
    /// For each repository its policy, where it has one that can be read.
    pub(crate) policies: Vec<Option<Policy>>,
    /// Whether an attached policy could not be read.
    pub(crate) is_partial: bool,
}

/// Reads the attached policies, and says on stderr how many repositories have none.
pub(crate) fn attached<'a>(repositories: impl IntoIterator<Item = &'a Repository>) -> Attached {
    let mut attached = Attached { policies: Vec::new(), is_partial: false };
    let (mut without, mut unknown) = (0, 0);
    for repository in repositories {
        let policy = match &repository.lifecycle_policy {
            Fact::Present(text) => match Policy::parse(text) {
                Ok(policy) => Some(policy),
                Err(rejection) => {
                    talk::warn(format!("{}: its policy is not one that ECR accepts", repository.name));
                    talk::policy_rejection(&repository.name, &rejection);
                    attached.is_partial = true;
                    None
                }
            },
            Fact::Absent => {
                without += 1;
                None
            }
            Fact::NotEvaluated => {
                // Absent is not evaluated; there and not readable is a part that could not be done.
                attached.is_partial |= !repository.notes.is_empty();
                unknown += 1;
                None
            }
        };
        attached.policies.push(policy);
    }
    if without != 0 {
        talk::say(format!("{} without a lifecycle policy", count(without, "repository")));
    }
    if unknown != 0 {
        talk::say(format!("{} whose lifecycle policy was not read", count(unknown, "repository")));
    }
    attached
}
