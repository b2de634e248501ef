//! What a repository will store: the mean of the last 30 days, and the same pushes again under a policy.
//!
//! For: the comparison with the core. Assumes ids of images and blobs below a million, and ids of no circle.
//! Leaves out the limit on the number of images.

use super::held::{Held, stored};
use super::savings::left_when_settled;
use crate::model::{Rule, Status, Switches};

const DAY_MS: i64 = 86_400_000;
const WINDOW_DAYS: u32 = 30;

/// Ids of copies are their originals' and this many for each time.
const COPY: u64 = 1_000_000;

/// Whether the image was pushed in the last 30 days.
fn is_new(held: &Held, now_ms: i64) -> bool {
    held.image.pushed_ms.is_some_and(|pushed| now_ms - i64::from(WINDOW_DAYS) * DAY_MS < pushed)
}

/// The bytes of the blobs that only images of the last 30 days hold.
pub fn new_bytes(images: &[Held], now_ms: i64) -> u128 {
    let old: Vec<Held> = images.iter().filter(|held| !is_new(held, now_ms)).cloned().collect();
    let total = |(standard, archived)| standard + archived;
    total(stored(images, images)) - total(stored(&old, images))
}

/// What is stored after so many days without a policy.
pub fn without_policy(images: &[Held], now_ms: i64, days: u32) -> u128 {
    let (standard, archived) = stored(images, images);
    let sixtieths = new_bytes(images, now_ms) * u128::from(days) * 2 + u128::from(WINDOW_DAYS);
    standard + archived + sixtieths / u128::from(2 * WINDOW_DAYS)
}

/// What is stored after so many days with the policy.
pub fn with_policy(rules: &[Rule], images: &[Held], now_ms: i64, switches: Switches, days: u32) -> u128 {
    let mut left = left_when_settled(rules, images, now_ms, switches);
    let mut all = images.to_vec();
    let mut shifts: Vec<u32> =
        (0..days).filter(|back| back % WINDOW_DAYS == 0).map(|back| days - back).collect();
    shifts.sort_unstable();
    for (time, shift) in (1..).zip(shifts) {
        let copies = copies(images, now_ms, time, shift);
        all.extend(copies.iter().cloned());
        left.extend(copies);
        left = left_when_settled(rules, &left, now_ms + i64::from(shift) * DAY_MS, switches);
    }
    let without = without_policy(images, now_ms, days);
    if left.len() == all.len() {
        return without;
    }
    let (standard, archived) = stored(&left, &all);
    without.min(standard + archived)
}

/// What is pushed again, so many days after it was; but nothing into the past.
fn copies(images: &[Held], now_ms: i64, time: u64, shift_days: u32) -> Vec<Held> {
    let shift = i64::from(shift_days) * DAY_MS;
    let pushed_again = |held: &Held| {
        let pushed = held.image.pushed_ms.filter(|_| is_new(held, now_ms))?;
        let again = pushed.min(now_ms) + shift;
        (now_ms < again).then_some(again)
    };
    let id = |of: u64| {
        let is_copied = images.iter().any(|held| held.image.id == of && pushed_again(held).is_some());
        if is_copied { of + COPY * time } else { of }
    };
    let sizes = |blob: u64| {
        let given = images.iter().flat_map(|held| &held.blobs).filter(|(id, _)| *id == blob);
        given.map(|(_, size)| *size).max().unwrap_or(0)
    };
    let mut copies = Vec::new();
    for original in images {
        let Some(pushed) = pushed_again(original) else { continue };
        let mut copy = original.clone();
        copy.image.id = id(original.image.id);
        copy.image.pushed_ms = Some(pushed);
        copy.image.pulled_ms = original.image.pulled_ms.map(|pulled| pulled.min(now_ms) + shift);
        copy.image.status = Status::Active;
        copy.image.archived_ms = None;
        copy.image.activated_ms = None;
        copy.image.subject = original.image.subject.map(id);
        copy.image.children = original.image.children.iter().map(|child| id(*child)).collect();
        for (blob, size) in &mut copy.blobs {
            *size = sizes(*blob);
            let is_old = images
                .iter()
                .any(|held| !is_new(held, now_ms) && held.blobs.iter().any(|(held, _)| held == blob));
            if !is_old {
                *blob += COPY * time;
            }
        }
        copies.push(copy);
    }
    copies
}
