//! Which images in use a policy is about to act on, and when.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::audit::RepositoryUnder;
use crate::in_use::{Protection, RepositoryUse};
use crate::lifecycle::{Acted, Action, Policy, Switches, settle};

/// Days ahead that are looked at.
pub(super) const HORIZON_DAYS: u32 = 14;

/// An image in use of which something goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Going {
    /// The place of the image that is in use.
    pub(super) used: u32,
    /// The first day, from now, on which a run acts on it or on a part of it; 0: the next run.
    pub(super) day: u32,
    /// What that run does first.
    pub(super) first: Acted,
    /// Whether the image in use goes itself within the horizon, and not only what belongs to it.
    pub(super) goes_itself: bool,
    /// How many images go with it within the horizon, itself among them if it does.
    pub(super) images: usize,
}

/// What runs of the policy do, day by day, as long as it is asked.
pub(super) struct Days<'a> {
    pub(super) under: &'a RepositoryUnder<'a>,
    pub(super) policy: &'a Policy,
}

impl Days<'_> {
    /// What runs act on after so many days, each image once, by its place.
    pub(super) fn acted(&self, days: u32, switches: Switches) -> BTreeMap<u32, Acted> {
        let RepositoryUnder { repository, relations, registry, .. } = self.under;
        let Some(at) = registry.now.checked_add_signed(TimeDelta::days(i64::from(days))) else {
            return BTreeMap::new();
        };
        let mut all: BTreeMap<u32, Acted> = BTreeMap::new();
        for acted in settle(self.policy, &repository.images, relations, at, switches).flatten() {
            // What is archived first and expired later is gone.
            let worse = |before: &Acted| before.action == Action::Archive && acted.action == Action::Expire;
            if all.get(&acted.image).is_none_or(worse) {
                all.insert(acted.image, acted);
            }
        }
        all
    }

    /// What runs act on from now to the horizon. Ages only grow, so that both ends say it all.
    pub(super) fn within_horizon(&self) -> BTreeMap<u32, Acted> {
        let switches = self.under.registry.switches;
        let mut all = self.acted(0, switches);
        for (image, acted) in self.acted(HORIZON_DAYS, switches) {
            all.entry(image).or_insert(acted);
        }
        all
    }

    /// The images in use of which something goes within the horizon, the soonest first.
    pub(super) fn going(&self, in_use: &RepositoryUse, acted: &BTreeMap<u32, Acted>) -> Vec<Going> {
        let mut groups: BTreeMap<u32, Vec<Acted>> = BTreeMap::new();
        for acted in acted.values() {
            if let Some(used) = used(in_use, acted.image) {
                groups.entry(used).or_default().push(*acted);
            }
        }
        let mut all = Vec::new();
        for day in 0..=HORIZON_DAYS {
            if groups.is_empty() {
                break;
            }
            let today = self.acted(day, self.under.registry.switches);
            groups.retain(|&used, group| {
                let Some(first) = self.first(used, group, &today) else { return true };
                let goes_itself = group.iter().any(|acted| acted.image == used);
                all.push(Going { used, day, first, goes_itself, images: group.len() });
                false
            });
        }
        all
    }

    /// Of what is acted on today one that people know by a tag, or else the image that is in use itself.
    fn first(&self, used: u32, group: &[Acted], today: &BTreeMap<u32, Acted>) -> Option<Acted> {
        let images = &self.under.repository.images;
        let is_tagged = |image: u32| images.get(image as usize).is_some_and(|image| !image.tags.is_empty());
        let acted = group.iter().filter_map(|acted| today.get(&acted.image));
        acted.min_by_key(|acted| (!is_tagged(acted.image), acted.image != used, acted.image)).copied()
    }
}

/// The image in use that this one is, or is a part of.
fn used(in_use: &RepositoryUse, image: u32) -> Option<u32> {
    match in_use.protection(image)? {
        Protection::InUse(_) => Some(image),
        Protection::PartOf(used) => Some(*used),
        Protection::MayBePartOf(_) => None,
    }
}
