//! The evaluation: what a policy does to the images of a repository.
//!
//! `docs/SEMANTICS.md` is the specification, sentence by sentence. One pass over the images of each storage
//! class, from newest to oldest, with all rules at each image: a rank is the count of those selected so far,
//! and the tags of an image are looked at while they are at hand.

use chrono::{DateTime, TimeDelta, Utc};

use super::order::newest_first;
use super::relations::positions;
use super::shield::{Shield, shield_of};
use super::{
    AgeBasis, AgeUnit, Decision, IndexChildren, Limit, MissingTime, Outcome, Policy, Reason, Relations,
    RestoredAge, Rule, StorageClass, Switches,
};
use crate::{Image, ImageStatus};

/// Decides every image of a repository, in the order of `images`.
///
/// `relations` are those of `images`. Never fails: what is unknown keeps an image.
///
/// ```
/// use demurrage_core::lifecycle::{Outcome, Policy, Relations, Switches, evaluate};
/// use demurrage_core::{Image, instant};
///
/// let policy = Policy::parse(r#"{"rules": [{"rulePriority": 1, "description": "builds of two weeks",
///   "selection": {"tagStatus": "any", "countType": "sinceImagePushed", "countUnit": "days", "countNumber": 14},
///   "action": {"type": "expire"}}]}"#)?;
/// let mut image = Image::new(format!("sha256:{}", "0".repeat(64)).parse()?);
/// image.pushed_at = instant::parse("2026-10-01");
/// let now = instant::parse("2026-11-01").ok_or("no time")?;
///
/// let images = [image];
/// let decisions = evaluate(&policy, &images, &Relations::of(&images), now, Switches::default());
/// assert_eq!(decisions[0].outcome, Outcome::Expire);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn evaluate(
    policy: &Policy,
    images: &[Image],
    relations: &Relations,
    now: DateTime<Utc>,
    switches: Switches,
) -> Vec<Decision> {
    let mut decisions = marked(policy, images, relations, now, switches);
    if switches.index_children == IndexChildren::Counted && relations.has_children() {
        keep_referenced(images, relations, &mut decisions);
    }
    decisions
}

/// What the rules alone say of every image, whatever indexes still hold.
pub(super) fn marked(
    policy: &Policy,
    images: &[Image],
    relations: &Relations,
    now: DateTime<Utc>,
    switches: Switches,
) -> Vec<Decision> {
    let shields: Vec<Shield> =
        positions(images).map(|(position, _)| shield_of(images, relations, switches, position)).collect();
    let mut decisions: Vec<Decision> = shields.iter().map(|&shield| unclaimed(shield)).collect();
    for class in [StorageClass::Standard, StorageClass::Archive] {
        //= docs/SEMANTICS.md#priority-order
        let rules = policy.rules().iter().enumerate().filter(|(_, rule)| rule.storage_class == class);
        let mut pools: Vec<Pool<'_>> = rules.map(|(place, rule)| Pool { rule, place, images: 0 }).collect();
        if pools.is_empty() {
            continue;
        }
        for position in newest_first(images, class) {
            let at = position as usize;
            if let (Some(image), Some(&shield), Some(decision)) =
                (images.get(at), shields.get(at), decisions.get_mut(at))
            {
                decide(&mut pools, image, shield, decision, now, switches);
            }
        }
    }
    decisions
}

/// A rule, and how many images are in its pool so far.
struct Pool<'a> {
    rule: &'a Rule,
    place: usize,
    images: u32,
}

/// Puts an image into the pools of the rules that select it. Images come from newest to oldest, so the size
/// of a pool so far is the rank of the image; the first pool, by priority, claims it.
//= docs/SEMANTICS.md#independent
fn decide(
    pools: &mut [Pool<'_>],
    image: &Image,
    shield: Shield,
    decision: &mut Decision,
    now: DateTime<Utc>,
    switches: Switches,
) {
    for Pool { rule, place, images } in pools {
        //= docs/SEMANTICS.md#claim-on-match
        //= docs/SEMANTICS.md#claim-per-class
        let claimed = decision.rule.is_some();
        if claimed && !rule.limit.is_count() {
            continue;
        }
        if !shield.lets_through(rule.action) || !rule.selection.selects(&image.tags) {
            continue;
        }
        //= docs/SEMANTICS.md#counts-everything
        *images += 1;
        //= docs/SEMANTICS.md#one-rule
        if !claimed {
            *decision = claim(rule, *place, image, *images, now, switches);
        }
    }
}

/// The decision about an image that no rule claims.
const fn unclaimed(shield: Shield) -> Decision {
    let reason = match shield {
        Shield::None => Reason::NotSelected,
        Shield::Activating => Reason::Activating,
        Shield::Subject(subject) => Reason::FollowsSubject { subject },
        Shield::Index(index) | Shield::ArchivedIndex(index) => Reason::ReferencedByIndex { index },
    };
    Decision { outcome: Outcome::Keep, rule: None, reason }
}

/// The decision of the rule that claims the image.
pub(super) fn claim(
    rule: &Rule,
    place: usize,
    image: &Image,
    rank: u32,
    now: DateTime<Utc>,
    switches: Switches,
) -> Decision {
    let reason = mark(rule, image, rank, now, switches);
    let outcome = match reason {
        //= docs/SEMANTICS.md#actions
        Reason::BeyondCount { .. } | Reason::OlderThan { .. } => rule.action.into(),
        Reason::WithinCount { .. }
        | Reason::NotOlder { .. }
        | Reason::UnknownTime { .. }
        | Reason::ReferencedByIndex { .. }
        | Reason::FollowsSubject { .. }
        | Reason::Activating
        | Reason::NotSelected => Outcome::Keep,
    };
    Decision { outcome, rule: Some(place), reason }
}

/// Whether the rule puts the image of its pool beyond its limit, and why.
fn mark(rule: &Rule, image: &Image, rank: u32, now: DateTime<Utc>, switches: Switches) -> Reason {
    //= docs/SEMANTICS.md#unknown-push
    let Some(pushed_at) = image.pushed_at else {
        return Reason::UnknownTime { missing: MissingTime::Pushed };
    };
    //= docs/SEMANTICS.md#count
    if let Limit::ImageCountMoreThan(limit) = rule.limit {
        let within = u64::from(rank) <= limit;
        return if within {
            Reason::WithinCount { rank, limit }
        } else {
            Reason::BeyondCount { rank, limit }
        };
    }
    let Some((since, basis)) = age_since(rule.limit, image, pushed_at, switches.restored_age) else {
        //= docs/SEMANTICS.md#unknown-archive
        return Reason::UnknownTime { missing: MissingTime::Archived };
    };
    let limit_days = rule.limit.number();
    if is_older(now, since, limit_days, switches.age) {
        Reason::OlderThan { since, basis, limit_days }
    } else {
        Reason::NotOlder { since, basis, limit_days }
    }
}

/// From when the age of an image counts.
fn age_since(
    limit: Limit,
    image: &Image,
    pushed_at: DateTime<Utc>,
    restored_age: RestoredAge,
) -> Option<(DateTime<Utc>, AgeBasis)> {
    match (limit, image.last_pulled_at, image.activated_at) {
        //= docs/SEMANTICS.md#age-archived
        (Limit::SinceImageTransitioned(_), _, _) => image.archived_at.map(|time| (time, AgeBasis::Archived)),
        //= docs/SEMANTICS.md#age-pulled-restored
        (Limit::SinceImagePulled(_), Some(pulled), Some(activated)) if activated < pulled => {
            Some((pulled, AgeBasis::Pulled))
        }
        (Limit::SinceImagePulled(_), _, Some(activated)) => Some((activated, AgeBasis::Activated)),
        //= docs/SEMANTICS.md#age-pulled
        (Limit::SinceImagePulled(_), Some(pulled), None) => Some((pulled, AgeBasis::Pulled)),
        //= docs/SEMANTICS.md#age-never-pulled
        (Limit::SinceImagePulled(_), None, None) => Some((pushed_at, AgeBasis::Pushed)),
        //= docs/SEMANTICS.md#age-pushed
        (Limit::SinceImagePushed(_) | Limit::ImageCountMoreThan(_), _, Some(activated))
            if restored_age == RestoredAge::Activated =>
        {
            Some((activated, AgeBasis::Activated))
        }
        //= docs/SEMANTICS.md#switch-restored-age
        (Limit::SinceImagePushed(_) | Limit::ImageCountMoreThan(_), _, _) => {
            Some((pushed_at, AgeBasis::Pushed))
        }
    }
}

/// Whether the age is more than so many days.
//= docs/SEMANTICS.md#strict
//= docs/SEMANTICS.md#switch-age
fn is_older(now: DateTime<Utc>, since: DateTime<Utc>, days: u64, unit: AgeUnit) -> bool {
    //= docs/SEMANTICS.md#future
    let age = now.signed_duration_since(since).max(TimeDelta::zero());
    //= docs/SEMANTICS.md#saturate
    let Some(limit) = i64::try_from(days).ok().and_then(TimeDelta::try_days) else { return false };
    match unit {
        AgeUnit::Instant => limit < age,
        AgeUnit::WholeDays => limit.num_days() < age.num_days(),
    }
}

/// Keeps what would be acted on while an index that stays names it.
///
/// Starts from everything that is marked and takes back what cannot go, until nothing changes: an index that
/// is kept keeps its own children in turn. Each image is taken back at most once, so the work is bounded by
/// the number of references.
//= docs/SEMANTICS.md#child-counted-nested
fn keep_referenced(images: &[Image], relations: &Relations, decisions: &mut [Decision]) {
    loop {
        let kept: Vec<(usize, u32)> = positions(images)
            .filter_map(|(position, _)| {
                let outcome = decisions.get(position as usize)?.outcome;
                let holds = |&&index: &&u32| holds(images, decisions, outcome, index);
                relations.parents(position).iter().find(holds).map(|&index| (position as usize, index))
            })
            .collect();
        if kept.is_empty() {
            return;
        }
        for (at, index) in kept {
            if let Some(decision) = decisions.get_mut(at) {
                decision.outcome = Outcome::Keep;
                decision.reason = Reason::ReferencedByIndex { index };
            }
        }
    }
}

/// Whether an index holds back a child that is to have this outcome.
fn holds(images: &[Image], decisions: &[Decision], outcome: Outcome, index: u32) -> bool {
    let of_index = decisions.get(index as usize).map_or(Outcome::Keep, |decision| decision.outcome);
    let archived = images.get(index as usize).is_some_and(|image| image.status == ImageStatus::Archived);
    match outcome {
        Outcome::Keep => false,
        //= docs/SEMANTICS.md#child-counted-expire
        Outcome::Expire => of_index != Outcome::Expire,
        //= docs/SEMANTICS.md#child-counted-transition
        Outcome::Archive => of_index == Outcome::Keep && !archived,
    }
}

#[cfg(test)]
mod tests {
    use super::{AgeBasis, DateTime, Limit, RestoredAge, age_since};
    use crate::{Digest, Image};

    #[test]
    fn a_pull_at_the_moment_of_the_restore_is_not_after_it() {
        let time = |seconds| DateTime::from_timestamp(seconds, 0);
        let mut image = Image::new(Digest::from_bytes([0; 32]));
        image.last_pulled_at = time(50);
        let basis = |image: &Image| {
            let pushed = time(0).unwrap();
            age_since(Limit::SinceImagePulled(1), image, pushed, RestoredAge::Activated)
                .map(|(_, basis)| basis)
        };
        for (activated, expected) in
            [(49, AgeBasis::Pulled), (50, AgeBasis::Activated), (51, AgeBasis::Activated)]
        {
            image.activated_at = time(activated);
            assert_eq!(basis(&image), Some(expected), "restored at {activated}");
        }
    }
}
