//! A repository to which the same is pushed again and again.

use chrono::{DateTime, Utc};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{Window, days_after};
use crate::cost::Blobs;
use crate::lifecycle::{Action, Policy, Relations, Switches, settle, without_blobs};
use crate::{Digest, Image, ImageStatus};

/// The images that are there after some time, without their blobs.
#[derive(Clone)]
pub(super) struct Repeated {
    images: Vec<Image>,
    /// For each image the original's place, and the how manieth copy it is: 0 for an original.
    origins: Vec<(u32, u32)>,
    is_any_expired: bool,
}

impl Repeated {
    /// What is there now.
    pub(super) fn new(images: &[Image]) -> Self {
        Self {
            images: images.iter().map(without_blobs).collect(),
            origins: (0..u32::MAX).zip(images).map(|(place, _)| (place, 0)).collect(),
            is_any_expired: false,
        }
    }

    /// How many images are there.
    pub(super) const fn images(&self) -> usize {
        self.images.len()
    }

    /// Whether the policy took anything so far.
    pub(super) const fn is_any_expired(&self) -> bool {
        self.is_any_expired
    }

    /// Runs the policy until it changes nothing.
    pub(super) fn run(&mut self, policy: &Policy, at: DateTime<Utc>, switches: Switches) {
        let relations = Relations::of(&self.images);
        let runs: Vec<_> = settle(policy, &self.images, &relations, at, switches).flatten().collect();
        let mut stays = vec![true; self.images.len()];
        for acted in runs {
            let place = acted.image as usize;
            match acted.action {
                Action::Expire => {
                    self.is_any_expired = true;
                    if let Some(stays) = stays.get_mut(place) {
                        *stays = false;
                    }
                }
                Action::Archive => {
                    if let Some(image) = self.images.get_mut(place) {
                        image.status = ImageStatus::Archived;
                        image.archived_at = Some(at);
                    }
                }
            }
        }
        let mut stay = stays.iter();
        self.images.retain(|_| stay.next() == Some(&true));
        let mut stay = stays.iter();
        self.origins.retain(|_| stay.next() == Some(&true));
    }

    /// Pushes again what was pushed in the window, so many days later; but nothing into the past.
    pub(super) fn push_again(
        &mut self,
        images: &[Image],
        window: &Window,
        time: u32,
        shift_days: u32,
        now: DateTime<Utc>,
    ) {
        let shifted = |at: DateTime<Utc>| days_after(at.min(now), shift_days);
        let originals: Vec<(u32, &Image)> = window
            .images
            .iter()
            .filter_map(|&place| Some((place, images.get(place as usize)?)))
            .filter(|(_, image)| image.pushed_at.is_some_and(|pushed_at| now < shifted(pushed_at)))
            .collect();
        let renamed: FxHashMap<Digest, Digest> =
            originals.iter().map(|(_, image)| (image.digest, copy_of(image.digest, time))).collect();
        for (place, original) in originals {
            let mut image = without_blobs(original);
            image.digest = copy_of(original.digest, time);
            // A time after now is one of a clock that is ahead.
            image.pushed_at = original.pushed_at.map(shifted);
            image.last_pulled_at = original.last_pulled_at.map(shifted);
            image.status = ImageStatus::Active;
            image.archived_at = None;
            image.activated_at = None;
            let copied = |digest: Digest| renamed.get(&digest).copied().unwrap_or(digest);
            image.subject = image.subject.map(copied);
            for child in image.manifest.iter_mut().flat_map(|manifest| &mut manifest.children) {
                child.descriptor.digest = copied(child.descriptor.digest);
            }
            self.images.push(image);
            self.origins.push((place, time));
        }
    }

    /// The distinct blobs of what is there: a copy holds new ones where its original did, and the old ones.
    pub(super) fn bytes(&self, blobs: &Blobs, window: &Window) -> u128 {
        let mut held: FxHashSet<(u32, u32)> = FxHashSet::default();
        let mut bytes = 0;
        for &(place, time) in &self.origins {
            for &blob in blobs.of_image(place) {
                let time = if window.new_blobs.contains(&blob) { time } else { 0 };
                if held.insert((blob, time)) {
                    bytes += blobs.all().get(blob as usize).map_or(0, |blob| u128::from(blob.size_bytes));
                }
            }
        }
        bytes
    }
}

/// A digest for the copy of an image. Copies order as their originals do, and after them where the first bytes
/// are equal; that one is the digest of something else is as likely as that any two digests are.
fn copy_of(digest: Digest, time: u32) -> Digest {
    let mut bytes = *digest.as_bytes();
    for (byte, of_time) in bytes.iter_mut().skip(8).zip(time.to_be_bytes()) {
        *byte ^= of_time;
    }
    Digest::from_bytes(bytes)
}
