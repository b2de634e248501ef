//! Previews of many repositories at once.

use chrono::{DateTime, Utc};
use demurrage_core::lifecycle::{Policy, Preview, Relations, Switches, certainties, evaluate};
use demurrage_core::{Fact, Repository};
use demurrage_report::{PreviewDocument, count};
use rayon::prelude::*;

use crate::talk;

/// A repository with the policy to evaluate over it.
pub(crate) struct Pair<'a> {
    pub(crate) repository: &'a Repository,
    pub(crate) policy: &'a Policy,
    /// The place of the repository among those that were selected.
    pub(crate) place: usize,
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
pub(crate) fn previews<'a>(pairs: &[Pair<'a>], setting: Setting) -> Vec<PreviewDocument<'a>> {
    pairs.par_iter().map(|pair| preview(pair, setting)).collect()
}

fn preview<'a>(pair: &Pair<'a>, setting: Setting) -> PreviewDocument<'a> {
    let Pair { repository, policy, place: _ } = *pair;
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
    }
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
