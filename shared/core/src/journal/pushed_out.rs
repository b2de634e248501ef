//! What an attached lifecycle policy would act on because images come back: ECR takes them for new, so that others leave a
//! window of the newest.

use chrono::{DateTime, Utc};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::lifecycle::{Outcome, Policy, Relations, Switches, evaluate};
use crate::{Digest, Image, Tag};

/// An image that the policy would act on, and would not if nothing came back; or one that comes back and would go again.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PushedOut {
    /// The image.
    pub digest: Digest,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// What the policy would do to it.
    pub outcome: Outcome,
    /// The priority of the rule.
    pub rule: Option<u64>,
    /// Whether it is one of those that come back.
    pub comes_back: bool,
}

/// What the policy would act on at this time if these images were pushed, in the order of digests. Children of indexes
/// whose manifests nobody has read may be missing.
pub fn pushed_out(
    policy: &Policy,
    present: &[Image],
    restored: &[Image],
    now: DateTime<Utc>,
) -> Vec<PushedOut> {
    let fates = |images: &[Image]| evaluate(policy, images, &Relations::of(images), now, Switches::default());
    let before: FxHashMap<Digest, Outcome> = present
        .iter()
        .zip(fates(present))
        .map(|(image, decision)| (image.digest, decision.outcome))
        .collect();
    let mut after: Vec<Image> = present.to_vec();
    let back: FxHashSet<Digest> = restored.iter().map(|image| image.digest).collect();
    after.retain(|image| !back.contains(&image.digest));
    after.extend(restored.iter().cloned());
    after.sort_by_key(|image| image.digest);
    let decisions = fates(&after);
    let acted_on = after.iter().zip(decisions).filter(|(image, decision)| {
        let was = before.get(&image.digest).copied().unwrap_or(Outcome::Keep);
        was < decision.outcome
    });
    let priority = |place: usize| policy.rules().get(place).map(|rule| rule.priority);
    let told = acted_on.map(|(image, decision)| PushedOut {
        digest: image.digest,
        tags: image.tags.clone(),
        outcome: decision.outcome,
        rule: decision.rule.and_then(priority),
        comes_back: back.contains(&image.digest),
    });
    told.collect()
}
