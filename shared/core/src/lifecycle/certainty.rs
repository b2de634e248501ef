//! Which decisions depend on what is uncertain about ECR.

use chrono::{DateTime, Utc};

use super::{Decision, Outcome, Policy, Relations, Switch, Switches, evaluate};
use crate::Image;

/// What a decision depends on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Certainty {
    /// The switches that change the decision while the others stay, in any of their settings.
    pub switches: Vec<Switch>,
    /// Whether the image is acted on although it might be a child of an index whose manifest was not read.
    pub unread_manifests: bool,
}

impl Certainty {
    /// Whether the decision depends on nothing.
    pub const fn is_certain(&self) -> bool {
        self.switches.is_empty() && !self.unread_manifests
    }

    /// The names of what it depends on.
    pub fn names(&self) -> Vec<&'static str> {
        let unread = self.unread_manifests.then_some("unread_manifests");
        self.switches.iter().map(|switch| switch.name()).chain(unread).collect()
    }
}

/// How certain each decision is, in the order of `images`: evaluates under all sixteen settings.
///
/// Two decisions are the same when they do the same by the same rule, or both keep the image.
pub fn certainties(
    policy: &Policy,
    images: &[Image],
    relations: &Relations,
    now: DateTime<Utc>,
) -> Vec<Certainty> {
    let decide = |switches| evaluate(policy, images, relations, now, switches).iter().map(Fate::of).collect();
    let fates: Vec<Vec<Fate>> = Switches::all().into_iter().map(decide).collect();
    let unread = !relations.unread_indexes().is_empty();
    images
        .iter()
        .enumerate()
        .map(|(position, image)| {
            let fate = |setting: usize| fates.get(setting).and_then(|fates| fates.get(position)).copied();
            let changes =
                |bit: usize| (0..fates.len()).any(|setting| fate(setting) != fate(setting ^ 1 << bit));
            let switches = Switch::ALL.into_iter().enumerate().filter(|&(bit, _)| changes(bit));
            let acted_on = (0..fates.len()).any(|setting| fate(setting) != Some(Fate::KEPT));
            Certainty {
                switches: switches.map(|(_, switch)| switch).collect(),
                unread_manifests: unread && acted_on && !image.is_index(),
            }
        })
        .collect()
}

/// What a decision does, without its reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Fate(Outcome, Option<u8>);

impl Fate {
    const KEPT: Self = Self(Outcome::Keep, None);

    fn of(decision: &Decision) -> Self {
        match decision.outcome {
            Outcome::Keep => Self::KEPT,
            // A policy has at most 50 rules, so their places fit.
            Outcome::Archive | Outcome::Expire => {
                Self(decision.outcome, decision.rule.and_then(|rule| u8::try_from(rule).ok()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Certainty, Switch};

    #[test]
    fn a_decision_is_certain_when_it_depends_on_nothing_and_names_what_it_depends_on() {
        let of = |switches: &[Switch], unread_manifests| Certainty {
            switches: switches.to_vec(),
            unread_manifests,
        };
        assert!(Certainty::default().is_certain());
        assert_eq!(Certainty::default().names(), Vec::<&str>::new());
        assert!(!of(&[Switch::Age], false).is_certain());
        assert!(!of(&[], true).is_certain());
        assert_eq!(
            of(&[Switch::IndexChildren, Switch::Referrers], true).names(),
            ["index_children", "referrers", "unread_manifests"]
        );
        assert_eq!(of(&[Switch::RestoredAge, Switch::Age], false).names(), ["restored_age", "age"]);
    }
}
