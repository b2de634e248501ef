//! What is sent out of a repository and what that costs, found by looking at everything again and again.
//!
//! For: the comparison with the core. Assumes that all blobs of an image are known, and that the list of regions has
//! each once. Leaves out prices by pair, partitions, and who is replicated to.

use std::collections::BTreeMap;

use super::bill::{Line, Tier, cost, gb, lines};
use super::decimal::{difference, rounded};

/// An image: when it was pushed and restored, and its blobs with their sizes.
#[derive(Debug, Clone)]
pub struct SentImage {
    /// When it was pushed, in milliseconds.
    pub pushed_ms: Option<i64>,
    /// When it was last restored.
    pub restored_ms: Option<i64>,
    /// Its blobs, by names that are its own or shared, with their sizes.
    pub blobs: Vec<(u64, u64)>,
}

/// What is sent in a window.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// How many images.
    pub images: u64,
    /// The bytes of each, added up.
    pub all_bytes: u128,
    /// The bytes of blobs that no image holds which was not pushed in the window.
    pub new_bytes: u128,
    /// The bytes of all their blobs, each once.
    pub distinct_bytes: u128,
}

/// What is sent of these images in so many days before now.
pub fn sent(images: &[SentImage], now_ms: i64, window_days: i64) -> Sent {
    let is_in = |time: Option<i64>| {
        // It is in the window if it is not later than now, and younger than the days.
        time.is_some_and(|time| time <= now_ms && now_ms - time < window_days * 24 * 60 * 60 * 1000)
    };
    let is_there = |image: &&SentImage| image.pushed_ms.is_none_or(|time| time <= now_ms);
    let is_sent = |image: &SentImage| is_in(image.pushed_ms) || is_in(image.restored_ms);
    // A blob has the largest of its sizes.
    let mut sizes: BTreeMap<u64, u64> = BTreeMap::new();
    for (blob, size) in images.iter().flat_map(|image| &image.blobs) {
        let largest = sizes.get(blob).copied().unwrap_or(0).max(*size);
        sizes.insert(*blob, largest);
    }
    let holds = |image: &SentImage, blob: u64| image.blobs.iter().any(|(other, _)| *other == blob);
    let sum = |is_counted: &dyn Fn(u64) -> bool| -> u128 {
        sizes.iter().filter(|(blob, _)| is_counted(**blob)).map(|(_, size)| u128::from(*size)).sum()
    };
    let all_sent: Vec<&SentImage> = images.iter().filter(is_there).filter(|image| is_sent(image)).collect();
    let older: Vec<&SentImage> =
        images.iter().filter(is_there).filter(|image| !is_in(image.pushed_ms)).collect();
    let is_sent_blob = |blob: u64| all_sent.iter().any(|image| holds(image, blob));
    Sent {
        images: all_sent.iter().map(|_| 1).sum(),
        all_bytes: all_sent.iter().map(|image| sum(&|blob| holds(image, blob))).sum(),
        new_bytes: sum(&|blob| is_sent_blob(blob) && !older.iter().any(|image| holds(image, blob))),
        distinct_bytes: sum(&is_sent_blob),
    }
}

/// So many bytes of a window in a month of thirty days: the integer that is nearest, the larger of two.
pub fn in_a_month(bytes: u128, window_days: u128) -> u128 {
    let below = bytes * 30 / window_days;
    let (to_below, to_above) = (bytes * 30 - below * window_days, (below + 1) * window_days - bytes * 30);
    if to_below < to_above { below } else { below + 1 }
}

/// A region that sends to the internet: its code, whether the free amount is for it, its tiers, the bytes that are
/// asked about and those beside them.
pub type Sender<'a> = (&'a str, bool, &'a [Tier<'a>], u128, u128);

/// What each region pays: the free part and the lines of the rest, in the order of codes.
pub fn to_internet(free_gb: u64, senders: &[Sender<'_>]) -> Vec<(String, Vec<Line>)> {
    let mut senders: Vec<&Sender<'_>> = senders.iter().collect();
    senders.sort_by_key(|sender| sender.0);
    let mut left = rounded(&free_gb.to_string());
    let mut take = |has_free: bool, amount: String| -> (String, String) {
        if !has_free {
            return (rounded("0"), amount);
        }
        let Some(rest) = difference(&amount, &left) else {
            // There is more left than the amount: all of that is free.
            left = rounded(&difference(&left, &amount).unwrap_or_default());
            return (amount, rounded("0"));
        };
        (std::mem::replace(&mut left, rounded("0")), rounded(&rest))
    };
    let others: Vec<String> =
        senders.iter().map(|(_, has_free, _, _, other_bytes)| take(*has_free, gb(*other_bytes)).1).collect();
    let charge = |((_, has_free, tiers, bytes, _), filled): (&&Sender<'_>, &String)| {
        let (free, paid) = take(*has_free, gb(*bytes));
        (free, lines(tiers, filled, &paid))
    };
    senders.iter().zip(&others).map(charge).collect()
}

/// The first number of pulls that costs more than replication: every number up to the last is tried.
pub fn first_dearer_pull(image_bytes: u128, gb_price: &str, replication: &str, last: u64) -> Option<u64> {
    (1..=last).find(|pulls| {
        let pulled = cost(&gb(image_bytes * u128::from(*pulls)), gb_price);
        difference(replication, &pulled).is_none()
    })
}

/// An image at a destination: its name, its blobs with their sizes, and whether it was ever pulled there.
pub type Replica = (u64, Vec<(u64, u64)>, bool);

/// Names that are missing there, orphans and those never pulled, the last two with the bytes that are free without them.
pub type Differences = (Vec<u64>, (Vec<u64>, u128), (Vec<u64>, u128));

/// How the images there differ from those here, whose names these are. Names ascend.
pub fn differences(here: &[u64], there: &[Replica]) -> Differences {
    let held = |images: &[&Replica]| -> u128 {
        let blobs: BTreeMap<u64, u64> = images.iter().flat_map(|image| image.1.iter().copied()).collect();
        blobs.values().map(|size| u128::from(*size)).sum()
    };
    let without = |is_out: &dyn Fn(&Replica) -> bool| -> (Vec<u64>, u128) {
        let mut names: Vec<u64> = there.iter().filter(|image| is_out(image)).map(|image| image.0).collect();
        names.sort_unstable();
        let stay: Vec<&Replica> = there.iter().filter(|image| !is_out(image)).collect();
        let all: Vec<&Replica> = there.iter().collect();
        (names, held(&all) - held(&stay))
    };
    let mut missing: Vec<u64> =
        here.iter().copied().filter(|name| there.iter().all(|image| image.0 != *name)).collect();
    missing.sort_unstable();
    let orphans = without(&|image| !here.contains(&image.0));
    let never_pulled = without(&|image| here.contains(&image.0) && !image.2);
    (missing, orphans, never_pulled)
}
