//! What becomes of images that hang on others: no more than of all that they hang on.

use chrono::{DateTime, TimeDelta, Utc};

use super::scene::Scene;
use super::verdict::Verdict;
use crate::ImageStatus;

/// What is wanted of an image, the mildest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Wish {
    Stay,
    /// It is to lie in the archive class, where it may already.
    Archive,
    Expire,
}

/// What is wanted of every image, and what rules said of those that they look at.
#[derive(Debug)]
pub(super) struct Wishes {
    verdicts: Vec<Option<Verdict>>,
    wishes: Vec<Wish>,
}

impl Wishes {
    pub(super) fn of(scene: &Scene<'_>, verdicts: Vec<Option<Verdict>>) -> Self {
        let wishes = vec![Wish::Stay; verdicts.len()];
        let mut wishes = Self { verdicts, wishes };
        wishes.spread(scene);
        wishes.delete_what_lay_long_enough(scene);
        wishes
    }

    pub(super) fn wish(&self, image: u32) -> Wish {
        self.wishes.get(image as usize).copied().unwrap_or(Wish::Stay)
    }

    pub(super) fn verdict(&self, image: u32) -> Option<&Verdict> {
        self.verdicts.get(image as usize)?.as_ref()
    }

    /// Goes from images to what hangs on them until nothing changes. In a circle, which only tags can make, all stays.
    fn spread(&mut self, scene: &Scene<'_>) {
        let is_hanging = |place: &u32| !scene.units.is_root(*place);
        let hanging: Vec<(u32, Vec<u32>)> =
            scene.places().filter(is_hanging).map(|place| (place, scene.units.holders(place))).collect();
        for place in scene.places().filter(|&place| scene.units.is_root(place)) {
            self.put(place, self.most(scene, place));
        }
        loop {
            let mut is_changed = false;
            for (place, holders) in &hanging {
                let above = holders.iter().map(|&holder| self.wish(holder)).min();
                let wish = self.most(scene, *place).min(above.unwrap_or(Wish::Stay));
                is_changed |= self.wish(*place) < wish;
                self.put(*place, wish.max(self.wish(*place)));
            }
            if !is_changed {
                return;
            }
        }
    }

    fn put(&mut self, image: u32, wish: Wish) {
        if let Some(kept) = self.wishes.get_mut(image as usize) {
            *kept = wish;
        }
    }

    /// The most that may become of an image, whatever it hangs on.
    fn most(&self, scene: &Scene<'_>, image: u32) -> Wish {
        if let Some(verdict) = self.verdict(image) {
            return verdict.wish;
        }
        let is_settled = scene.image(image).is_some_and(|image| match image.status {
            ImageStatus::Active | ImageStatus::Archived => true,
            ImageStatus::Activating | ImageStatus::Unrecognised => false,
        });
        if is_settled && self.may_be_part(scene, image).is_none() { Wish::Expire } else { Wish::Stay }
    }

    /// An index that was not read and may name this image, which has no tag of its own and refers to nothing.
    pub(super) fn may_be_part(&self, scene: &Scene<'_>, image: u32) -> Option<u32> {
        let refers = scene.relations.subject(image).is_some() || scene.units.is_linked_by_tag(image);
        if self.verdict(image).is_some() || refers {
            return None;
        }
        scene.relations.unread_indexes().iter().copied().find(|&index| index != image)
    }

    /// Lets go what lies in the archive class for as long as it has to, with all that goes with it.
    fn delete_what_lay_long_enough(&mut self, scene: &Scene<'_>) {
        let waiting: Vec<u32> = scene
            .places()
            .filter(|&place| {
                self.wish(place) == Wish::Archive
                    && self.deletable_at(scene, place).is_some_and(|at| at <= scene.now)
            })
            .collect();
        for &place in &waiting {
            if let Some(Some(verdict)) = self.verdicts.get_mut(place as usize) {
                verdict.wish = Wish::Expire;
            }
        }
        if !waiting.is_empty() {
            self.spread(scene);
        }
    }

    /// When an image, that is to be archived first, may be deleted, with all that goes with it. Nothing while any of that is
    /// not archived, or nobody knows since when.
    pub(super) fn deletable_at(&self, scene: &Scene<'_>, image: u32) -> Option<DateTime<Utc>> {
        let days = self.verdict(image)?.archive_days?;
        let unit = scene.units.unit(image);
        let going = unit.into_iter().filter(|&place| self.wish(place) != Wish::Stay);
        let archived_at = |place: u32| {
            scene.image(place).filter(|image| image.status == ImageStatus::Archived)?.archived_at
        };
        let all: Option<Vec<DateTime<Utc>>> = going.map(archived_at).collect();
        all?.into_iter().max()?.checked_add_signed(TimeDelta::days(days.into()))
    }

    /// The rule by which what an image hangs on goes.
    pub(super) fn rule_above(&self, scene: &Scene<'_>, image: u32) -> Option<u32> {
        let mut seen = vec![image];
        let mut next = 0;
        while let Some(&place) = seen.get(next) {
            for holder in scene.units.holders(place) {
                if let Some(verdict) = self.verdict(holder) {
                    return verdict.rule;
                }
                if !seen.contains(&holder) {
                    seen.push(holder);
                }
            }
            next += 1;
        }
        None
    }
}
