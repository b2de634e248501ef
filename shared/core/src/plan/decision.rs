//! What a plan does in one repository: what rules chose, less what guards keep and what has to wait.

use chrono::{DateTime, Utc};
use rustc_hash::FxHashMap;

use super::{
    Action, ActionKind, Choice, GuardRules, HardGuard, Hold, ImageAction, KeptImage, Links, PendingImage,
    RepositoryAddress, RepositoryPlan, Stage, hard_guards,
};
use crate::cost::{Blobs, Holding, StoredBytes};
use crate::in_use::{RepositoryUse, Use};
use crate::lifecycle::Relations;
use crate::{Digest, Image, ImageStatus, Repository, Tag};

/// What an earlier plan chose in a repository.
pub type EarlierChoices = FxHashMap<Digest, (ActionKind, Vec<Tag>)>;

/// A repository with everything that a plan decides from.
#[derive(Debug, Clone, Copy)]
pub struct Considered<'a> {
    /// Where it is.
    pub address: &'a RepositoryAddress,
    /// The repository.
    pub repository: &'a Repository,
    /// The references between its images.
    pub relations: &'a Relations,
    /// What rules want of each image.
    pub chosen: &'a [Option<Choice>],
    /// What is in use of it.
    pub in_use: &'a RepositoryUse,
    /// All uses, by the places that `in_use` names.
    pub uses: &'a [Use],
    /// Who was asked whether images are in use, and when: what actions say.
    pub not_in_use: &'a str,
    /// What a team adds to the hard guards.
    pub guards: &'a GuardRules,
    /// Holds of this account and region.
    pub holds: &'a [Hold],
    /// What an earlier plan chose here, where only that may go.
    pub earlier: Option<&'a EarlierChoices>,
    /// The time of the plan.
    pub now: DateTime<Utc>,
}

/// What a plan does in one repository, and what it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryDecision {
    /// The actions; perhaps none.
    pub plan: RepositoryPlan,
    /// The chosen images that stay.
    pub kept: Vec<KeptImage>,
    /// The chosen images that wait for a second plan.
    pub pending: Vec<PendingImage>,
    /// What the repository stores before.
    pub before: StoredBytes,
    /// What it stores after.
    pub after: StoredBytes,
}

/// Decides one repository. Never fails: what is unknown keeps an image.
pub fn decide_repository(considered: &Considered<'_>) -> RepositoryDecision {
    let images = &considered.repository.images;
    let wanted = wanted(considered);
    let first = guards(considered, &wanted);
    let waits: Vec<bool> = positions(images).map(|place| waits(considered, &wanted, &first, place)).collect();
    let is_waiting = |place: usize| waits.get(place).copied().unwrap_or_default();
    let free: Vec<Option<ActionKind>> =
        wanted.iter().enumerate().map(|(place, kind)| kind.filter(|_| !is_waiting(place))).collect();
    // Without those that wait, others may be part of something that stays.
    let guards = if waits.contains(&true) { guards(considered, &free) } else { first };
    let links = Links::of(images, considered.relations);
    let mut actions: Vec<(u32, ImageAction)> = Vec::new();
    let (mut kept, mut pending) = (Vec::new(), Vec::new());
    for (place, image) in (0..u32::MAX).zip(images) {
        let at = place as usize;
        let (Some(kind), Some(choice)) = (wanted.get(at).copied().flatten(), choice(considered, place))
        else {
            continue;
        };
        if is_waiting(at) {
            pending.push(pending_image(considered, image, kind, choice));
        } else if let Some(guard) = guards.get(at).and_then(Option::as_ref) {
            kept.push(kept_image(considered, image, kind, choice, guard));
        } else {
            actions.push((place, action(considered, &links, place, image, kind, choice)));
        }
    }
    actions.sort_by_key(|(_, action)| (action.stage, action.digest));
    let (before, after) = free_bytes(images, &mut actions);
    RepositoryDecision {
        plan: RepositoryPlan {
            repository: considered.address.clone(),
            images_listed: u64::try_from(images.len()).unwrap_or(u64::MAX),
            actions: actions.into_iter().map(|(_, action)| Action::Image(action)).collect(),
        },
        kept,
        pending,
        before,
        after,
    }
}

fn positions(images: &[Image]) -> impl Iterator<Item = u32> {
    (0..u32::MAX).zip(images).map(|(place, _)| place)
}

fn choice<'a>(considered: &Considered<'a>, place: u32) -> Option<&'a Choice> {
    considered.chosen.get(place as usize)?.as_ref()
}

/// What rules want of each image, as far as it changes anything and leaves a tag where tags are taken off.
fn wanted(considered: &Considered<'_>) -> Vec<Option<ActionKind>> {
    let of = |(place, image): (u32, &Image)| {
        let choice = choice(considered, place)?;
        let changes = match choice.kind {
            ActionKind::Expire => true,
            ActionKind::Archive => image.status != ImageStatus::Archived,
            ActionKind::Untag => {
                let taken = tags_taken(image, choice);
                !taken.is_empty() && image.tags.iter().any(|tag| !taken.contains(tag))
            }
        };
        changes.then_some(choice.kind)
    };
    (0..u32::MAX).zip(&considered.repository.images).map(of).collect()
}

fn guards(considered: &Considered<'_>, chosen: &[Option<ActionKind>]) -> Vec<Option<HardGuard>> {
    hard_guards(
        considered.repository,
        considered.relations,
        considered.in_use,
        considered.guards,
        considered.holds,
        chosen,
        considered.now,
    )
}

/// Whether an image that could go has to wait: no earlier plan wanted the same of it as it is.
fn waits(
    considered: &Considered<'_>,
    wanted: &[Option<ActionKind>],
    guards: &[Option<HardGuard>],
    place: u32,
) -> bool {
    let Some(earlier) = considered.earlier else { return false };
    let at = place as usize;
    let (Some(kind), Some(None)) = (wanted.get(at).copied().flatten(), guards.get(at)) else { return false };
    let Some((image, choice)) = considered.repository.images.get(at).zip(choice(considered, place)) else {
        return false;
    };
    let is_the_same = |(before, tags): &(ActionKind, Vec<Tag>)| {
        *before == kind && *tags == action_tags(image, kind, choice)
    };
    !earlier.get(&image.digest).is_some_and(is_the_same)
}

/// The tags that an action names: those that are taken off, or all that the image has.
fn action_tags(image: &Image, kind: ActionKind, choice: &Choice) -> Vec<Tag> {
    match kind {
        ActionKind::Untag => tags_taken(image, choice),
        ActionKind::Expire | ActionKind::Archive => sorted(image.tags.clone()),
    }
}

fn tags_taken(image: &Image, choice: &Choice) -> Vec<Tag> {
    sorted(choice.tags.iter().filter(|tag| image.tags.contains(tag)).cloned().collect())
}

fn sorted(mut tags: Vec<Tag>) -> Vec<Tag> {
    tags.sort();
    tags.dedup();
    tags
}

fn action(
    considered: &Considered<'_>,
    links: &Links<'_>,
    place: u32,
    image: &Image,
    kind: ActionKind,
    choice: &Choice,
) -> ImageAction {
    let digest_of = |place: u32| considered.repository.images.get(place as usize).map(|image| image.digest);
    let subject = links.subject(place).and_then(digest_of).or(image.subject);
    let mut parents: Vec<Digest> =
        links.parents(place).iter().filter_map(|&index| digest_of(index)).collect();
    parents.sort_unstable();
    ImageAction {
        digest: image.digest,
        kind,
        stage: if image.is_index() {
            Stage::Index
        } else if subject.is_some() {
            Stage::Referrer
        } else {
            Stage::Image
        },
        tags: action_tags(image, kind, choice),
        pushed_at: image.pushed_at,
        last_pulled_at: image.last_pulled_at,
        parents,
        subject,
        unit: digest_of(links.root_of(place)).unwrap_or(image.digest),
        rule: choice.rule.clone(),
        reason: choice.reason.clone(),
        not_in_use: considered.not_in_use.to_owned(),
        bytes_freed: 0,
    }
}

fn kept_image(
    considered: &Considered<'_>,
    image: &Image,
    kind: ActionKind,
    choice: &Choice,
    guard: &HardGuard,
) -> KeptImage {
    KeptImage {
        repository: considered.address.clone(),
        digest: image.digest,
        tags: sorted(image.tags.clone()),
        kind,
        rule: choice.rule.clone(),
        guard: guard.name().to_owned(),
        detail: guard.detail(&considered.repository.images, considered.uses),
    }
}

fn pending_image(
    considered: &Considered<'_>,
    image: &Image,
    kind: ActionKind,
    choice: &Choice,
) -> PendingImage {
    PendingImage {
        repository: considered.address.clone(),
        digest: image.digest,
        tags: action_tags(image, kind, choice),
        kind,
        rule: choice.rule.clone(),
    }
}

/// Puts down what each action frees, in their order; what is stored before and after.
fn free_bytes(images: &[Image], actions: &mut [(u32, ImageAction)]) -> (StoredBytes, StoredBytes) {
    let blobs = Blobs::of(images);
    let mut holding = Holding::of(&blobs, images);
    let before = holding.stored();
    for (place, action) in actions {
        let freed = match action.kind {
            ActionKind::Expire => holding.remove(*place),
            ActionKind::Archive => {
                holding.archive(*place);
                0
            }
            ActionKind::Untag => 0,
        };
        action.bytes_freed = u64::try_from(freed).unwrap_or(u64::MAX);
    }
    (before, holding.stored())
}

#[cfg(test)]
mod tests;
