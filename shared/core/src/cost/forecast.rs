//! What a repository will store, if as much is pushed as was of late: with and without a policy.
//!
//! Without a policy, bytes grow by the mean of the last 30 days. With it, the pushes of those days are repeated
//! every 30 days, and the policy is run after each time until it changes nothing. Both see only images that are
//! there: what was pushed in those days and is gone already is not counted, so that where a policy is in force the
//! growth without it is too small. Copies have the tags and pulls of their originals.

mod repeated;

use chrono::{DateTime, TimeDelta, Utc};
use rustc_hash::FxHashSet;

use self::repeated::Repeated;
use super::{Blobs, Holding};
use crate::Image;
use crate::lifecycle::{Policy, Switches};

/// How many days the mean is taken over, and after how many days the same is pushed again.
pub const FORECAST_WINDOW_DAYS: u32 = 30;

/// For how many days from now there is a forecast.
pub const FORECAST_DAYS: [u32; 3] = [30, 90, 365];

/// How many images a forecast with a policy looks at, at the most, with their copies. By quota a repository has at
/// most 100,000 images.
pub const FORECAST_IMAGES_MAX: usize = 1_000_000;

/// What a repository will store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forecast {
    /// What it stores now, in both classes.
    pub stored_bytes: u128,
    /// How much of that only images hold that were pushed in the last [`FORECAST_WINDOW_DAYS`] days.
    pub new_bytes: u128,
    /// How many images were pushed in these days, and are there.
    pub new_images: usize,
    /// How many images have no push time: they count as old ones.
    pub images_without_time: usize,
    /// What it will store after each of [`FORECAST_DAYS`].
    pub horizons: [Horizon; 3],
}

/// What a repository will store after some days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Horizon {
    /// After how many days.
    pub days: u32,
    /// Without a policy: what it stores now, and the mean of the new bytes for each day, rounded half up.
    pub without_policy_bytes: u128,
    /// With the policy.
    pub with_policy: WithPolicy,
}

/// What a repository will store with a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WithPolicy {
    /// This much, in both classes; not more than without a policy.
    Bytes(u128),
    /// There is no policy.
    NoPolicy,
    /// There would be more than [`FORECAST_IMAGES_MAX`] images to look at.
    TooManyImages,
}

impl Forecast {
    /// How the figures come about, in words.
    pub const METHOD: &'static str = "without the policy: the mean of the bytes that images pushed in the last 30 \
        days added; with it: the same pushes again every 30 days, and the policy run after each time; images that \
        were pushed in those days and are gone already are not counted";

    /// The forecast for these images; `blobs` are theirs.
    pub fn of(
        policy: Option<&Policy>,
        images: &[Image],
        now: DateTime<Utc>,
        switches: Switches,
        blobs: &Blobs,
    ) -> Self {
        let window = Window::of(images, now, blobs);
        let stored_bytes = Holding::of(blobs, images).stored().total();
        let horizon = |days: u32| {
            let without_policy_bytes = stored_bytes.saturating_add(grown(window.new_bytes, days));
            let with_policy = policy.map_or(WithPolicy::NoPolicy, |policy| {
                with_policy(policy, images, now, switches, blobs, &window, (days, without_policy_bytes))
            });
            Horizon { days, without_policy_bytes, with_policy }
        };
        Self {
            stored_bytes,
            new_bytes: window.new_bytes,
            new_images: window.images.len(),
            images_without_time: images.iter().filter(|image| image.pushed_at.is_none()).count(),
            horizons: FORECAST_DAYS.map(horizon),
        }
    }
}

/// What was pushed of late.
struct Window {
    /// The places of the images, ascending.
    images: Vec<u32>,
    /// The blobs that only these hold.
    new_blobs: FxHashSet<u32>,
    new_bytes: u128,
}

impl Window {
    fn of(images: &[Image], now: DateTime<Utc>, blobs: &Blobs) -> Self {
        let since = now - TimeDelta::days(i64::from(FORECAST_WINDOW_DAYS));
        let is_new = |image: &Image| image.pushed_at.is_some_and(|pushed_at| since < pushed_at);
        let mut old_blobs = vec![false; blobs.all().len()];
        let mut new = Vec::new();
        for (place, image) in (0..u32::MAX).zip(images) {
            if is_new(image) {
                new.push(place);
                continue;
            }
            for &blob in blobs.of_image(place) {
                if let Some(is_old) = old_blobs.get_mut(blob as usize) {
                    *is_old = true;
                }
            }
        }
        let new_blobs: FxHashSet<u32> =
            (0..u32::MAX).zip(&old_blobs).filter_map(|(blob, is_old)| (!is_old).then_some(blob)).collect();
        let sizes = blobs.all().iter().zip(&old_blobs).filter(|(_, is_old)| !**is_old);
        let new_bytes = sizes.map(|(blob, _)| u128::from(blob.size_bytes)).sum();
        Self { images: new, new_blobs, new_bytes }
    }
}

/// What so many days add, by the mean; rounded half up.
fn grown(new_bytes: u128, days: u32) -> u128 {
    let window = u128::from(FORECAST_WINDOW_DAYS);
    new_bytes.saturating_mul(u128::from(days)).saturating_add(window / 2) / window
}

/// What is stored with the policy after some days, which come with what is stored without it then.
///
/// Where nothing is freed, that is it: what the last days added may be more or less than their mean.
fn with_policy(
    policy: &Policy,
    images: &[Image],
    now: DateTime<Utc>,
    switches: Switches,
    blobs: &Blobs,
    window: &Window,
    (days, without_policy_bytes): (u32, u128),
) -> WithPolicy {
    let mut repeated = Repeated::new(images);
    repeated.run(policy, now, switches);
    // The last time that it is pushed again ends with the last day; the first may have begun in the past.
    let times = days.div_ceil(FORECAST_WINDOW_DAYS);
    for time in 1..=times {
        let shift_days = days - (times - time) * FORECAST_WINDOW_DAYS;
        if FORECAST_IMAGES_MAX < repeated.images().saturating_add(window.images.len()) {
            return WithPolicy::TooManyImages;
        }
        repeated.push_again(images, window, time, shift_days, now);
        repeated.run(policy, now + TimeDelta::days(i64::from(shift_days)), switches);
    }
    WithPolicy::Bytes(if repeated.is_any_expired() {
        repeated.bytes(blobs, window).min(without_policy_bytes)
    } else {
        without_policy_bytes
    })
}
