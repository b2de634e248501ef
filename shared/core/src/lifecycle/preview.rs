//! What the next run of a policy would do, in the order in which it is listed.

use super::order::listing_order;
use super::{Decision, Outcome, Policy};
use crate::Image;

/// The images that a policy acts on, in the documented order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// Places, in the list of images, of those that are acted on: by rule priority, then oldest first, then
    /// by digest.
    pub acted_on: Vec<u32>,
    /// How many of them expire.
    pub expiring: usize,
    /// How many of them move to the archive class.
    pub archiving: usize,
}

impl Preview {
    /// The preview of these decisions; `decisions` are those of `policy` about `images`.
    pub fn of(policy: &Policy, images: &[Image], decisions: &[Decision]) -> Self {
        let mut acted_on: Vec<(usize, &Image, u32)> = (0..u32::MAX)
            .zip(images.iter().zip(decisions))
            .filter(|(_, (_, decision))| decision.outcome != Outcome::Keep)
            .filter_map(|(position, (image, decision))| Some((decision.rule?, image, position)))
            .collect();
        acted_on.sort_unstable_by(|(rule_a, a, _), (rule_b, b, _)| {
            rule_a.cmp(rule_b).then_with(|| match policy.rules().get(*rule_a) {
                Some(rule) => listing_order(a, b, rule.storage_class),
                None => a.digest.cmp(&b.digest),
            })
        });
        let count = |outcome| decisions.iter().filter(|decision| decision.outcome == outcome).count();
        Self {
            acted_on: acted_on.into_iter().map(|(_, _, position)| position).collect(),
            expiring: count(Outcome::Expire),
            archiving: count(Outcome::Archive),
        }
    }
}
