//! Whether a policy takes more than the rules that it was made of.

use chrono::{DateTime, Utc};

use super::super::{Decided, RetentionRules, decide, reason_sentence};
use super::generated::{GENERATED_REPOSITORIES, generated_repository};
use super::{Compiled, Purpose};
use crate::in_use::RepositoryUse;
use crate::ledger::RepositoryLedger;
use crate::lifecycle::{Action, Policy, Relations, Switches, settle};
use crate::plan::ActionKind;
use crate::{Digest, Repository};

/// A repository that is known, with what is known of its use and of its tags.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// The repository.
    pub repository: &'a Repository,
    /// What is in use of it.
    pub in_use: &'a RepositoryUse,
    /// What is known of its tags.
    pub ledger: Option<&'a RepositoryLedger>,
    /// When it is looked at.
    pub now: DateTime<Utc>,
}

/// An image that a policy takes and the rules keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contradiction {
    /// Where it is.
    pub at: Where,
    /// The image.
    pub digest: Digest,
    /// What the policy does to it.
    pub action: Action,
    /// Why the rules do not.
    pub because: String,
}

/// Where a contradiction is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Where {
    /// In the made-up repository of this number.
    Generated(u32),
    /// In the repository of this name.
    Known(String),
}

/// The first rule and clause of which the policy takes more than the rules do, anywhere.
pub(super) fn first_contradiction(
    rules: &RetentionRules,
    repository: &str,
    compiled: &Compiled,
    known: &[Known<'_>],
) -> Option<(u32, u32, Contradiction)> {
    let policy = policy_of(compiled);
    let taken = |at: &dyn Fn() -> Where, known: Known<'_>| {
        let (place, digest, action, because) = taken_against(rules, &policy, known)?;
        let native = compiled.rules.get(place)?;
        match native.purpose {
            Purpose::Acts { rule, clause } => {
                Some((rule, clause, Contradiction { at: at(), digest, action, because }))
            }
            Purpose::Shield => None,
        }
    };
    if compiled.rules.is_empty() {
        return None;
    }
    let in_known =
        known.iter().find_map(|&known| taken(&|| Where::Known(known.repository.name.clone()), known));
    in_known.or_else(|| {
        (0..GENERATED_REPOSITORIES).find_map(|number| {
            let (made_up, in_use, now) = generated_repository(rules, repository, number);
            let known = Known { repository: &made_up, in_use: &in_use, ledger: None, now };
            taken(&|| Where::Generated(number), known)
        })
    })
}

/// Whether the policy takes nothing of this repository that the rules keep.
pub fn holds_over(rules: &RetentionRules, compiled: &Compiled, known: Known<'_>) -> bool {
    compiled.rules.is_empty() || taken_against(rules, &policy_of(compiled), known).is_none()
}

fn policy_of(compiled: &Compiled) -> Policy {
    Policy::from_rules(compiled.rules.iter().map(|native| native.rule.clone()).collect())
}

/// The first image that a policy takes from a repository, run until nothing changes, and the rules do not: the place of the
/// rule of the policy, the image, what happens to it, and why the rules keep it.
///
/// Where indexes were not read ECR knows their children and nobody here does: then images that may be children are passed
/// over.
fn taken_against(
    rules: &RetentionRules,
    policy: &Policy,
    known: Known<'_>,
) -> Option<(usize, Digest, Action, String)> {
    let images = &known.repository.images;
    let relations = Relations::of(images);
    let decided = decide(rules, known.repository, &relations, known.in_use, known.ledger, known.now);
    settle(policy, images, &relations, known.now, Switches::default()).flatten().find_map(|acted| {
        let of_image = decided.get(acted.image as usize)?;
        let may_be_child = relations.unread_indexes().iter().any(|&index| index != acted.image)
            && images.get(acted.image as usize)?.tags.is_empty();
        if may_be_child || lets(of_image, acted.action) {
            return None;
        }
        let because = reason_sentence(rules, images, acted.image, of_image);
        Some((acted.rule, images.get(acted.image as usize)?.digest, acted.action, because))
    })
}

/// Whether what the rules want of an image is at least what a policy does to it.
const fn lets(decided: &Decided, action: Action) -> bool {
    match (decided.kind, action) {
        (Some(ActionKind::Expire), _) | (Some(ActionKind::Archive), Action::Archive) => true,
        (Some(ActionKind::Archive), Action::Expire) | (Some(ActionKind::Untag) | None, _) => false,
    }
}
