//! What was pushed to a repository in the days before now: the bytes that replication sends.
//!
//! It assumes that the images are all that is known of the past: what was pushed in the window and is gone again was
//! sent, too, and is not in any figure here. Leaves out where it is sent, and at which price.

use std::num::NonZeroU32;

use chrono::{DateTime, TimeDelta, Utc};

use super::Blobs;
use crate::Image;

/// The days of the month that figures are given for.
const MONTH_DAYS: u128 = 30;

/// The bytes of the images that were pushed to a repository in a window of days that ends at `now`.
///
/// An image counts where it was pushed, or restored from the archive class, after the beginning of the window and not
/// after its end: ECR replicates on both.
/// Source: ECR user guide, "Private image replication", read 2026-11-23.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pushed {
    /// The length of the window.
    pub window_days: NonZeroU32,
    /// The images in it.
    pub images: u64,
    /// The bytes of each of these images, added up: what is sent where nothing is skipped.
    pub all_bytes: u128,
    /// The bytes of the blobs that came with them and that no other image of the repository holds, each blob once:
    /// what is sent where a destination has all that came before.
    pub new_bytes: u128,
    /// The bytes of all their blobs, each blob once: what a destination holds for these images.
    pub distinct_bytes: u128,
    /// How many of them have no manifest here: their size is taken as that of a blob of their own.
    pub images_without_manifest: u64,
    /// How many images of the repository have no time of pushing: they count as pushed before.
    pub images_without_push_time: u64,
}

impl Pushed {
    /// What was pushed in these days; `blobs` are those of the images. One that is pushed later than `now` is left
    /// out.
    pub fn of(images: &[Image], blobs: &Blobs, now: DateTime<Utc>, window_days: NonZeroU32) -> Self {
        let since = TimeDelta::try_days(i64::from(window_days.get()))
            .and_then(|window| now.checked_sub_signed(window))
            .unwrap_or(DateTime::<Utc>::MIN_UTC);
        let is_in_window = |time: Option<DateTime<Utc>>| time.is_some_and(|time| since < time && time <= now);
        let mut pushed = Self::nothing(window_days);
        let mut holders = vec![Holders::default(); blobs.all().len()];
        for (image, place) in images.iter().zip(0..) {
            if image.pushed_at.is_some_and(|pushed_at| now < pushed_at) {
                continue;
            }
            pushed.images_without_push_time += u64::from(image.pushed_at.is_none());
            let is_new = is_in_window(image.pushed_at);
            let is_sent = is_new || is_in_window(image.activated_at);
            if is_sent {
                pushed.images += 1;
                let is_unknown = blobs.images_without_manifest().binary_search(&place).is_ok();
                pushed.images_without_manifest += u64::from(is_unknown);
                let bytes = blobs.image_bytes(place);
                pushed.all_bytes += bytes.exclusive_bytes + bytes.shared_bytes;
            }
            for &blob in blobs.of_image(place) {
                if let Some(holders) = holders.get_mut(blob as usize) {
                    holders.sent |= is_sent;
                    holders.older |= !is_new;
                }
            }
        }
        for (blob, holders) in blobs.all().iter().zip(holders).filter(|(_, holders)| holders.sent) {
            let size_bytes = u128::from(blob.size_bytes);
            pushed.distinct_bytes += size_bytes;
            pushed.new_bytes += if holders.older { 0 } else { size_bytes };
        }
        pushed
    }

    const fn nothing(window_days: NonZeroU32) -> Self {
        Self {
            window_days,
            images: 0,
            all_bytes: 0,
            new_bytes: 0,
            distinct_bytes: 0,
            images_without_manifest: 0,
            images_without_push_time: 0,
        }
    }

    /// So many bytes of the window as bytes in 30 days, rounded half up.
    pub fn in_a_month(&self, window_bytes: u128) -> u128 {
        let days = u128::from(self.window_days.get());
        (window_bytes.saturating_mul(MONTH_DAYS).saturating_add(days / 2)) / days
    }
}

/// Which images hold a blob.
#[derive(Clone, Copy, Default)]
struct Holders {
    /// One that is sent in the window.
    sent: bool,
    /// One that was pushed before it.
    older: bool,
}
