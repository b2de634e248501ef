//! The decision: what retention rules want of the images of a repository.

use chrono::{DateTime, Utc};

use super::scene::Scene;
use super::verdict::{Ranked, Verdict, verdict};
use super::wishes::{Wish, Wishes};
use super::{Decided, RetentionReason, RetentionRules};
use crate::in_use::RepositoryUse;
use crate::ledger::RepositoryLedger;
use crate::lifecycle::Relations;
use crate::plan::ActionKind;
use crate::{ImageStatus, Listing, Repository};

/// What retention rules want of every image of a repository, in the order of its images.
///
/// `relations` are those of the images, `in_use` what is known to be in use of them, `ledger` what is known of their tags.
/// Never fails: what is unknown keeps an image. It is not what may be done: the guards come after it.
///
/// Rules look at images that hang on no other one, and at others that have a tag of their own. An image goes when each of
/// its tags meets an `expire` of one rule, no `keep` of any rule is met by any of them, and everything that it hangs on
/// goes too; what has no tag of its own goes with the last of those.
pub fn decide(
    rules: &RetentionRules,
    repository: &Repository,
    relations: &Relations,
    in_use: &RepositoryUse,
    ledger: Option<&RepositoryLedger>,
    now: DateTime<Utc>,
) -> Vec<Decided> {
    judged(rules, repository, relations, in_use, ledger, now).decided
}

/// Decisions, and what they were made by, where rules looked at anything.
pub(super) struct Decisions<'a> {
    pub(super) decided: Vec<Decided>,
    pub(super) by: Option<Judged<'a>>,
}

/// What decisions were made by.
pub(super) struct Judged<'a> {
    pub(super) scene: Scene<'a>,
    pub(super) ranked: Ranked<'a>,
}

pub(super) fn judged<'a>(
    rules: &'a RetentionRules,
    repository: &'a Repository,
    relations: &'a Relations,
    in_use: &RepositoryUse,
    ledger: Option<&'a RepositoryLedger>,
    now: DateTime<Utc>,
) -> Decisions<'a> {
    let all = |reason: RetentionReason| {
        let decided = Decided { kind: None, tags: Vec::new(), rule: None, reason };
        Decisions { decided: vec![decided; repository.images.len()], by: None }
    };
    if !rules.are_about(&repository.name) {
        return all(RetentionReason::NoRule);
    }
    match &repository.listing {
        Listing::Complete => {}
        Listing::CutOff | Listing::Failed(_) => return all(RetentionReason::Listing),
    }
    let scene = Scene::of(repository, relations, in_use, ledger, now);
    let ranked = Ranked::of(&scene, rules, &repository.name);
    let verdicts: Vec<Option<Verdict>> =
        scene.places().map(|place| verdict(&scene, &ranked, place)).collect();
    let wishes = Wishes::of(&scene, verdicts);
    let decided = scene.places().map(|place| decided(&scene, &wishes, place)).collect();
    Decisions { decided, by: Some(Judged { scene, ranked }) }
}

/// What all that becomes of an image comes to.
fn decided(scene: &Scene<'_>, wishes: &Wishes, place: u32) -> Decided {
    let wish = wishes.wish(place);
    let is_archived = scene.image(place).is_some_and(|image| image.status == ImageStatus::Archived);
    let kind = match wish {
        Wish::Stay => None,
        Wish::Archive => (!is_archived).then_some(ActionKind::Archive),
        Wish::Expire => Some(ActionKind::Expire),
    };
    let Some(verdict) = wishes.verdict(place) else {
        return of_part(scene, wishes, place, kind);
    };
    let (rule, tags) = (verdict.rule, Vec::new());
    if verdict.wish == Wish::Stay {
        let kind = (!verdict.tags.is_empty()).then_some(ActionKind::Untag);
        return Decided { kind, tags: verdict.tags.clone(), rule, reason: verdict.reason.clone() };
    }
    let reason = if wish < verdict.wish {
        held_back(scene, wishes, place, wish)
    } else if wish == Wish::Archive && is_archived {
        match verdict.archive_days {
            Some(_) => RetentionReason::Waits { until: wishes.deletable_at(scene, place) },
            None => RetentionReason::IsArchived,
        }
    } else {
        verdict.reason.clone()
    };
    Decided { kind, tags, rule, reason }
}

/// What becomes of an image that rules do not look at by itself.
fn of_part(scene: &Scene<'_>, wishes: &Wishes, place: u32, kind: Option<ActionKind>) -> Decided {
    let (rule, reason) = match wishes.wish(place) {
        Wish::Stay => (None, held_back(scene, wishes, place, Wish::Stay)),
        wish @ (Wish::Archive | Wish::Expire) => {
            let holders = scene.units.holders(place);
            let image = holders.iter().copied().find(|&holder| wishes.wish(holder) == wish);
            let image = image.unwrap_or(place);
            let reason = match kind {
                Some(_) => RetentionReason::With { image },
                None => RetentionReason::IsArchived,
            };
            (wishes.rule_above(scene, place), reason)
        }
    };
    Decided { kind, tags: Vec::new(), rule, reason }
}

/// Why an image that could go does not, or only gets archived.
fn held_back(scene: &Scene<'_>, wishes: &Wishes, place: u32, wish: Wish) -> RetentionReason {
    if let Some(index) = wishes.may_be_part(scene, place) {
        return RetentionReason::MayBePartOf { index };
    }
    let holders = scene.units.holders(place);
    match holders.into_iter().find(|&holder| wishes.wish(holder) <= wish) {
        Some(image) => RetentionReason::PartOf { image },
        None => RetentionReason::Activating,
    }
}
