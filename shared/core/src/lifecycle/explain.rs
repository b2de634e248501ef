//! Why an image is kept or acted on: every rule's view of it, and what comes next.

use chrono::{DateTime, Utc};

use super::evaluate::claim;
use super::order::newest_first;
use super::shield::{Shield, shield_of};
use super::{Decision, Next, Policy, Reason, Relations, Rule, StorageClass, Switches, evaluate};
use crate::{Image, ImageStatus, Wildcard};

/// Everything there is to say about one image under one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The place of the image in the list of images.
    pub image: u32,
    /// What becomes of it.
    pub decision: Decision,
    /// How each rule relates to it, in the order of priorities.
    pub relations: Vec<Relation>,
    /// When it will be acted on, if nothing changes.
    pub next: Next,
}

/// How one rule relates to one image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Relation {
    /// The rule is about images of the other storage class.
    OtherClass,
    /// The rule's tags are not the image's; for a list, these entries are matched by no tag of the image.
    OtherTags {
        /// Entries that no tag matches; empty for `untagged`.
        unmatched: Vec<Wildcard>,
    },
    /// The rule would select the image, but may not: an index, its subject or its status shields it.
    Shielded,
    /// The image is in the rule's pool.
    Selected {
        /// Its rank in the pool, 1 for the newest.
        rank: u32,
        /// How many images the pool has.
        pool_size: u32,
        /// What the rule, alone, says of the image.
        reason: Reason,
        /// The place of the higher rule that claimed the image before; `None`: this rule claims it.
        claimed_by: Option<usize>,
    },
}

/// Explains the image at this place; nothing where there is none.
pub fn explain(
    policy: &Policy,
    images: &[Image],
    relations: &Relations,
    now: DateTime<Utc>,
    switches: Switches,
    image: u32,
) -> Option<Explanation> {
    let context = Context::new(policy, images, relations, now, switches);
    context.explain(image)
}

/// Explains every image, in the order of `images`.
pub fn explain_all<'a>(
    policy: &'a Policy,
    images: &'a [Image],
    relations: &'a Relations,
    now: DateTime<Utc>,
    switches: Switches,
) -> impl Iterator<Item = Explanation> + 'a {
    let context = Context::new(policy, images, relations, now, switches);
    (0..u32::MAX).zip(images).filter_map(move |(image, _)| context.explain(image))
}

/// What the explanations of one repository share.
struct Context<'a> {
    policy: &'a Policy,
    images: &'a [Image],
    now: DateTime<Utc>,
    switches: Switches,
    decisions: Vec<Decision>,
    shields: Vec<Shield>,
    /// For each rule the ranks of the images, 0 for those that are not in the pool, and the size of the pool.
    pools: Vec<(Vec<u32>, u32)>,
}

impl<'a> Context<'a> {
    fn new(
        policy: &'a Policy,
        images: &'a [Image],
        relations: &Relations,
        now: DateTime<Utc>,
        switches: Switches,
    ) -> Self {
        let shields: Vec<Shield> = (0..u32::MAX)
            .zip(images)
            .map(|(position, _)| shield_of(images, relations, switches, position))
            .collect();
        let standard = newest_first(images, StorageClass::Standard);
        let archive = newest_first(images, StorageClass::Archive);
        let pool = |rule: &Rule| match rule.storage_class {
            StorageClass::Standard => ranks(rule, images, &shields, &standard),
            StorageClass::Archive => ranks(rule, images, &shields, &archive),
        };
        Self {
            pools: policy.rules().iter().map(pool).collect(),
            decisions: evaluate(policy, images, relations, now, switches),
            policy,
            images,
            now,
            switches,
            shields,
        }
    }

    fn explain(&self, image: u32) -> Option<Explanation> {
        let decision = *self.decisions.get(image as usize)?;
        let mut relations = Vec::new();
        let mut claimed_by = None;
        for (place, rule) in self.policy.rules().iter().enumerate() {
            let relation = self.relation(rule, place, image, claimed_by)?;
            if let Relation::Selected { .. } = relation {
                claimed_by = claimed_by.or(Some(place));
            }
            relations.push(relation);
        }
        Some(Explanation { image, decision, relations, next: Next::of(&decision, self.switches) })
    }

    fn relation(&self, rule: &Rule, place: usize, image: u32, claimed_by: Option<usize>) -> Option<Relation> {
        let facts = self.images.get(image as usize)?;
        let class = match facts.status {
            ImageStatus::Archived => StorageClass::Archive,
            ImageStatus::Active | ImageStatus::Activating | ImageStatus::Unrecognised => {
                StorageClass::Standard
            }
        };
        if rule.storage_class != class {
            return Some(Relation::OtherClass);
        }
        if !rule.selection.selects(&facts.tags) {
            return Some(Relation::OtherTags { unmatched: rule.selection.unmatched_entries(&facts.tags) });
        }
        if !self.shields.get(image as usize)?.lets_through(rule.action) {
            return Some(Relation::Shielded);
        }
        let (ranks, pool_size) = self.pools.get(place)?;
        let rank = *ranks.get(image as usize)?;
        let reason = claim(rule, place, facts, rank, self.now, self.switches).reason;
        Some(Relation::Selected { rank, pool_size: *pool_size, reason, claimed_by })
    }
}

fn ranks(rule: &Rule, images: &[Image], shields: &[Shield], newest_first: &[u32]) -> (Vec<u32>, u32) {
    let mut ranks = vec![0; images.len()];
    let mut pool_size = 0;
    for &position in newest_first {
        let at = position as usize;
        let (Some(image), Some(shield), Some(rank)) = (images.get(at), shields.get(at), ranks.get_mut(at))
        else {
            continue;
        };
        if shield.lets_through(rule.action) && rule.selection.selects(&image.tags) {
            pool_size += 1;
            *rank = pool_size;
        }
    }
    (ranks, pool_size)
}
