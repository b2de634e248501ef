//! Which of the images that rules chose stay, whatever anybody says.
//!
//! It errs on one side alone: what cannot be told keeps an image. Plans ask it of the inventory, and whoever applies a plan
//! asks it again of the repository as it is then.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use super::links::{DEPTH_MAX, Links};
use super::{ActionKind, HardGuard, Hold};
use crate::in_use::RepositoryUse;
use crate::lifecycle::Relations;
use crate::{Image, ImageStatus, Repository, Tag, TaggedRoot, Wildcard};

/// What a team adds to the guards that always hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GuardRules {
    /// Images with a tag that matches one of these stay.
    pub protected_tags: Vec<Wildcard>,
}

impl Default for GuardRules {
    /// `latest` is protected.
    fn default() -> Self {
        Self { protected_tags: vec![Wildcard::new("latest")] }
    }
}

/// Why each of the chosen images stays that has to; nothing for one that may go, and for one that nobody chose.
///
/// `chosen` has for each image what rules want of it, `relations` are those of the images, `in_use` what is known to be in
/// use of them. Holds of other repositories do nothing here; those of other regions are left out by the caller, who knows
/// the region.
///
/// - An image stays that is in use, held or protected, on the way out of the archive, of unknown age, or one of those pushed
///   last: of all roots, or of those that have a tag and can be run. Of these counts who can be pulled, as long as there is one.
/// - With an image that stays, chosen or not, stays what is part of it and what refers to it; with a held or a protected one
///   also what that refers to.
/// - While an index stays of which the manifest was not read, every image may be a part of it.
/// - Something that can be pulled is left.
///
/// Tags are taken off unless the image itself has to stay as it is.
pub fn hard_guards(
    repository: &Repository,
    relations: &Relations,
    in_use: &RepositoryUse,
    rules: &GuardRules,
    holds: &[Hold],
    chosen: &[Option<ActionKind>],
    now: DateTime<Utc>,
) -> Vec<Option<HardGuard>> {
    let images = &repository.images;
    let links = Links::of(images, relations);
    let holds: Vec<&Hold> = holds
        .iter()
        .filter(|hold| {
            hold.is_about(repository.registry_id.as_deref(), None, &repository.name) && hold.holds_at(now)
        })
        .collect();
    let mut fates = Fates { images, chosen, guards: vec![None; images.len()] };
    let newest = newest(images, &links);
    for (place, image) in (0..u32::MAX).zip(images) {
        let tied = tie(image, rules, &holds);
        if tied.is_some() {
            fates.keep_subjects(&links, place);
        }
        let own = in_use
            .protection(place)
            .map(|why| HardGuard::InUse { why: why.clone() })
            .or(tied)
            .or_else(|| of_itself(image))
            .or_else(|| newest.contains(&place).then_some(HardGuard::Newest));
        if let Some(guard) = own {
            fates.replace(place, guard);
        }
    }
    fates.spread(&links);
    fates.keep_what_may_be_part(relations.unread_indexes());
    // What that keeps may keep the index itself as it is.
    fates.spread(&links);
    fates.keep_the_last();
    fates.guards
}

/// Why somebody wants the image to stay: a hold, or a protected tag.
pub(super) fn tie(image: &Image, rules: &GuardRules, holds: &[&Hold]) -> Option<HardGuard> {
    let hold = holds.iter().find(|hold| image.tags.contains(&hold.tag));
    if let Some(hold) = hold {
        let (tag, reason) = (hold.tag.clone(), hold.reason.clone());
        return Some(HardGuard::Held { tag, until: hold.until, reason });
    }
    let hold = holds.iter().find(|hold| hold.digests.contains(&image.digest));
    if let Some(hold) = hold {
        let (tag, reason) = (hold.tag.clone(), hold.reason.clone());
        return Some(HardGuard::HeldBefore { tag, until: hold.until, reason });
    }
    let is_protected = |tag: &&Tag| rules.protected_tags.iter().any(|pattern| pattern.matches(tag.as_str()));
    image.tags.iter().find(is_protected).cloned().map(HardGuard::ProtectedTag)
}

/// Why the image stays for what it is itself.
const fn of_itself(image: &Image) -> Option<HardGuard> {
    match image.status {
        ImageStatus::Activating | ImageStatus::Unrecognised => Some(HardGuard::Activating),
        ImageStatus::Active | ImageStatus::Archived if image.pushed_at.is_none() => {
            Some(HardGuard::UnknownTime)
        }
        ImageStatus::Active | ImageStatus::Archived => None,
    }
}

/// The newest roots, and the newest roots that have a tag and can be run: all that were pushed last, for which of those of one
/// second is deployed next nobody knows.
fn newest(images: &[Image], links: &Links<'_>) -> BTreeSet<u32> {
    let roots: Vec<(u32, &Image)> =
        (0..u32::MAX).zip(images).filter(|(place, _)| links.is_root(*place)).collect();
    let last = |of: &dyn Fn(&Image) -> bool| -> Vec<u32> {
        let those = || roots.iter().filter(|(_, image)| of(image));
        let Some(latest) = those().filter_map(|(_, image)| image.pushed_at).max() else { return Vec::new() };
        those().filter(|(_, image)| image.pushed_at == Some(latest)).map(|&(place, _)| place).collect()
    };
    let can_be_pulled = |image: &Image| image.status == ImageStatus::Active;
    let mut newest = last(&can_be_pulled);
    if newest.is_empty() {
        newest = last(&|image| !can_be_pulled(image));
    }
    newest.extend(last(&|image| TaggedRoot::of(image).is_some()));
    newest.into_iter().collect()
}

/// What becomes of the images, guard after guard.
struct Fates<'a> {
    images: &'a [Image],
    chosen: &'a [Option<ActionKind>],
    guards: Vec<Option<HardGuard>>,
}

impl Fates<'_> {
    /// What rules want of an image.
    fn wanted(&self, image: u32) -> Option<ActionKind> {
        self.chosen.get(image as usize).copied().flatten()
    }

    /// What is done to an image as far as it is known.
    fn fate(&self, image: u32) -> Option<ActionKind> {
        let is_free = self.guards.get(image as usize).is_some_and(Option::is_none);
        self.wanted(image).filter(|_| is_free)
    }

    /// Keeps a chosen image for this reason, also where there was another one.
    fn replace(&mut self, image: u32, guard: HardGuard) {
        if self.wanted(image).is_some()
            && let Some(kept) = self.guards.get_mut(image as usize)
        {
            *kept = Some(guard);
        }
    }

    /// Keeps what a held or protected image refers to, and so on.
    fn keep_subjects(&mut self, links: &Links<'_>, image: u32) {
        let mut at = image;
        for _ in 0..DEPTH_MAX {
            let Some(subject) = links.subject(at) else { return };
            if self.guards.get(subject as usize).is_some_and(Option::is_none) {
                self.replace(subject, HardGuard::PartOfKept { image });
            }
            at = subject;
        }
    }

    /// Keeps what is part of an image that stays, or refers to it, until nothing changes.
    fn spread(&mut self, links: &Links<'_>) {
        let places = (0..u32::MAX).zip(self.images).map(|(place, _)| place);
        let mut waiting: Vec<u32> = places.collect();
        while let Some(above) = waiting.pop() {
            for &below in links.below(above) {
                if let Some(kind) = self.fate(below)
                    && !self.lets_go(above, kind)
                {
                    self.replace(below, HardGuard::PartOfKept { image: above });
                    waiting.push(below);
                }
            }
        }
    }

    /// Whether what becomes of an image lets this happen to a part of it, or to what refers to it.
    fn lets_go(&self, above: u32, below: ActionKind) -> bool {
        let is_archived =
            self.images.get(above as usize).is_some_and(|image| image.status == ImageStatus::Archived);
        match (self.fate(above), below) {
            (Some(ActionKind::Expire), _)
            | (_, ActionKind::Untag)
            | (Some(ActionKind::Archive), ActionKind::Archive) => true,
            (None | Some(ActionKind::Untag), ActionKind::Archive) => is_archived,
            (None | Some(ActionKind::Archive | ActionKind::Untag), ActionKind::Expire) => false,
        }
    }

    /// Keeps everything while an index stays whose parts are not known.
    fn keep_what_may_be_part(&mut self, unread_indexes: &[u32]) {
        // Twice: the first that stays keeps all others, and one of those may keep it as it is.
        for &index in unread_indexes.iter().chain(unread_indexes) {
            if self.fate(index) != Some(ActionKind::Expire) {
                self.keep_all_but(index, &HardGuard::MayBePartOf { index });
            }
        }
    }

    /// Keeps something that can be pulled; where nothing could be before, something.
    fn keep_the_last(&mut self) {
        let places: Vec<(u32, &Image)> = (0..u32::MAX).zip(self.images).collect();
        let could_be_pulled = |image: &Image| image.status != ImageStatus::Archived;
        let any_could = places.iter().any(|(_, image)| could_be_pulled(image));
        let is_left = |(place, image): &(u32, &Image)| match self.fate(*place) {
            None | Some(ActionKind::Untag) => could_be_pulled(image) || !any_could,
            Some(ActionKind::Archive) => !any_could,
            Some(ActionKind::Expire) => false,
        };
        if !places.iter().any(is_left) {
            self.keep_all_but(u32::MAX, &HardGuard::LastImage);
        }
    }

    /// Keeps every image that would go or be archived, but this one.
    fn keep_all_but(&mut self, exempt: u32, guard: &HardGuard) {
        for (place, _) in (0..u32::MAX).zip(self.images) {
            let goes = matches!(self.fate(place), Some(ActionKind::Expire | ActionKind::Archive));
            if goes && place != exempt {
                self.replace(place, guard.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests;
