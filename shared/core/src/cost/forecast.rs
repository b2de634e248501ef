//! What a repository will store, if as much is pushed as was of late: with and without a policy.
//!
//! Without a policy, bytes grow by the mean of the last 30 days. With it, the pushes of those days are repeated
//! every 30 days, and the policy is run after each time until it changes nothing. Both see only images that are
//! there: what was pushed in those days and is gone already is not counted, so that where a policy is in force the
//! growth without it is too small. Copies have the tags and pulls of their originals.

mod repeated;

use std::collections::BTreeMap;

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
        let mut runs = policy.map(|policy| Runs::new(policy, images, now, switches));
        let horizon = |days: u32| {
            let without_policy_bytes = stored_bytes.saturating_add(grown(window.new_bytes, days));
            let with_policy = match &mut runs {
                Some(runs) => runs.after(days, blobs, &window, without_policy_bytes),
                None => WithPolicy::NoPolicy,
            };
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
        let window = TimeDelta::days(i64::from(FORECAST_WINDOW_DAYS));
        let since = now.checked_sub_signed(window).unwrap_or(DateTime::<Utc>::MIN_UTC);
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

/// So many days later; the last instant that there is, where that is beyond it.
fn days_after(instant: DateTime<Utc>, days: u32) -> DateTime<Utc> {
    instant.checked_add_signed(TimeDelta::days(i64::from(days))).unwrap_or(DateTime::<Utc>::MAX_UTC)
}

/// The policy, run again and again while the same is pushed.
struct Runs<'a> {
    policy: &'a Policy,
    images: &'a [Image],
    now: DateTime<Utc>,
    switches: Switches,
    settled: Repeated,
    /// By the day on which something is pushed again for the first time: how far it came, in times and days, and
    /// what was there then. Horizons that lie whole windows apart have this in common.
    chains: BTreeMap<u32, (u32, u32, Repeated)>,
}

impl<'a> Runs<'a> {
    fn new(policy: &'a Policy, images: &'a [Image], now: DateTime<Utc>, switches: Switches) -> Self {
        let mut settled = Repeated::new(images);
        settled.run(policy, now, switches);
        Self { policy, images, now, switches, settled, chains: BTreeMap::new() }
    }

    /// What is stored after so many days, with what is stored without the policy then. Horizons come in ascending
    /// order.
    ///
    /// The last time that something is pushed again ends with the last day, so the first may have begun in the past.
    /// Where nothing is freed, it is what is stored without the policy: what the last days added may be more or less
    /// than their mean.
    fn after(&mut self, days: u32, blobs: &Blobs, window: &Window, without_policy_bytes: u128) -> WithPolicy {
        let first = (days - 1) % FORECAST_WINDOW_DAYS + 1;
        let (times, done_days, repeated) =
            self.chains.entry(first).or_insert_with(|| (0, 0, self.settled.clone()));
        while *done_days < days {
            if FORECAST_IMAGES_MAX < repeated.images().saturating_add(window.images.len()) {
                return WithPolicy::TooManyImages;
            }
            *times += 1;
            *done_days = if *done_days == 0 { first } else { *done_days + FORECAST_WINDOW_DAYS };
            repeated.push_again(self.images, window, *times, *done_days, self.now);
            repeated.run(self.policy, days_after(self.now, *done_days), self.switches);
        }
        if repeated.is_any_expired() {
            WithPolicy::Bytes(repeated.bytes(blobs, window).min(without_policy_bytes))
        } else {
            WithPolicy::Bytes(without_policy_bytes)
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta, Utc};

    use super::{Forecast, WithPolicy};
    use crate::cost::Blobs;
    use crate::lifecycle::{Policy, Switches};
    use crate::{Digest, Image, instant};

    fn images(count: u32) -> Vec<Image> {
        let now = instant::parse("2026-11-01").unwrap();
        let image = |number: u32| {
            let mut bytes = [0; 32];
            bytes[..4].copy_from_slice(&number.to_be_bytes());
            let pushed_at = Some(now - TimeDelta::days(1));
            Image { pushed_at, size_bytes: Some(1), ..Image::new(Digest::from_bytes(bytes)) }
        };
        (0..count).map(image).collect()
    }

    fn forecast(policy: Option<&Policy>, images: &[Image]) -> [WithPolicy; 3] {
        let now = instant::parse("2026-11-01").unwrap();
        let blobs = Blobs::of(images);
        Forecast::of(policy, images, now, Switches::default(), &blobs).horizons.map(|it| it.with_policy)
    }

    #[test]
    fn at_the_ends_of_time_there_is_a_forecast_too() {
        let policy = Policy::from_rules(Vec::new());
        let images = images(3);
        let blobs = Blobs::of(&images);
        for now in [DateTime::<Utc>::MIN_UTC, DateTime::<Utc>::MAX_UTC] {
            let forecast = Forecast::of(Some(&policy), &images, now, Switches::default(), &blobs);
            assert_eq!(forecast.stored_bytes, 3);
        }
    }

    #[test]
    fn without_a_policy_nothing_is_said_of_one() {
        assert_eq!(forecast(None, &images(2)), [WithPolicy::NoPolicy; 3]);
    }

    #[test]
    fn beyond_the_most_images_that_are_looked_at_nothing_is_said_either() {
        let policy = Policy::from_rules(Vec::new());
        // After 90 days there are four times as many, after a year fourteen times.
        let many = images(100_000);
        let last = WithPolicy::TooManyImages;
        assert_eq!(
            forecast(Some(&policy), &many),
            [WithPolicy::Bytes(200_000), WithPolicy::Bytes(400_000), last]
        );
    }
}
