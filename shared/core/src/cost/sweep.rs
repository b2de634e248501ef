//! What is kept for each number that a rule could count to: the curve by which people choose how many to keep.
//!
//! One look at the images gives for each of them up to which number it goes; then the numbers are gone through
//! from the largest to the smallest, and images leave on the way. Assumes the next run of the whole policy, with
//! that one number changed; leaves out what later runs and referrers do.

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};

use super::{Blobs, Holding, StoredBytes};
use crate::Image;
use crate::lifecycle::{Action, Policy, Relations, Switches, Threshold, thresholds};

/// How many numbers one sweep has at most. A repository has at most 100,000 images by quota.
pub const SWEEP_NUMBERS_MAX: u64 = 100_000;

/// Which numbers to try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// The `rulePriority` of the rule, which has a `countType` of `imageCountMoreThan`.
    pub priority: u64,
    /// Each `countNumber` to try, 1 or more; at most [`SWEEP_NUMBERS_MAX`].
    pub numbers: RangeInclusive<u64>,
}

/// What is kept for one number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepPoint {
    /// The `countNumber` of the rule.
    pub number: u64,
    /// How many images stay, archived ones among them.
    pub images: usize,
    /// How many images the run archives.
    pub images_archived: usize,
    /// What they take.
    pub stored: StoredBytes,
}

/// What is kept for each number, ascending; `relations` and `blobs` are those of `images`.
///
/// [`StoredBytes::usd_per_month`] has the dollars of a point.
///
/// # Errors
/// When there is no such rule, it does not count images, or the numbers are none that a rule could have.
pub fn sweep(
    policy: &Policy,
    asked: &Sweep,
    images: &[Image],
    relations: &Relations,
    now: DateTime<Utc>,
    switches: Switches,
    blobs: &Blobs,
) -> Result<Vec<SweepPoint>, SweepError> {
    let rule = place_of(policy, asked.priority)?;
    let (first, last) = (*asked.numbers.start(), *asked.numbers.end());
    check(first, last)?;

    let mut leaving: Vec<(u64, u32, Action)> = (0..u32::MAX)
        .zip(thresholds(policy, rule, images, relations, now, switches))
        .filter_map(|(image, threshold)| match threshold {
            Threshold::UpTo { number, action } if first <= number => Some((number.min(last), image, action)),
            Threshold::UpTo { .. } | Threshold::Never => None,
        })
        .collect();
    leaving.sort_unstable_by(|(a, ..), (b, ..)| b.cmp(a));

    let mut leaving = leaving.into_iter().peekable();
    let mut holding = Holding::of(blobs, images);
    let (mut kept, mut images_archived) = (images.len(), 0);
    let mut points = Vec::new();
    for number in (first..=last).rev() {
        while let Some((_, image, action)) = leaving.next_if(|&(up_to, ..)| number <= up_to) {
            match action {
                Action::Expire => {
                    holding.remove(image);
                    kept -= 1;
                }
                Action::Archive => {
                    holding.archive(image);
                    images_archived += 1;
                }
            }
        }
        points.push(SweepPoint { number, images: kept, images_archived, stored: holding.stored() });
    }
    points.reverse();
    Ok(points)
}

/// Why there is no curve.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SweepError {
    /// No rule has this priority.
    #[error("no rule has the priority {priority}")]
    NoSuchRule {
        /// The priority that was asked for.
        priority: u64,
        /// Those of the rules that count images.
        counting: Vec<u64>,
    },
    /// The rule does not count images.
    #[error("rule {priority} counts no images: its `countType` is `{count_type}`")]
    NotACount {
        /// Its priority.
        priority: u64,
        /// Its `countType`.
        count_type: &'static str,
        /// The priorities of the rules that count images.
        counting: Vec<u64>,
    },
    /// A `countNumber` is 1 or more.
    #[error("a `countNumber` of 0 is none that ECR accepts")]
    FromZero,
    /// The first number is greater than the last.
    #[error("there is no number from {first} to {last}")]
    NoNumbers {
        /// The first number.
        first: u64,
        /// The last number.
        last: u64,
    },
    /// There are too many.
    #[error("from {first} to {last} there are more than {SWEEP_NUMBERS_MAX} numbers")]
    TooManyNumbers {
        /// The first number.
        first: u64,
        /// The last number.
        last: u64,
    },
}

/// The place of the rule with this priority among those of the policy.
fn place_of(policy: &Policy, priority: u64) -> Result<usize, SweepError> {
    let rules = policy.rules();
    let counting = || rules.iter().filter(|rule| rule.limit.is_count()).map(|rule| rule.priority).collect();
    let found = rules.iter().enumerate().find(|(_, rule)| rule.priority == priority);
    match found {
        None => Err(SweepError::NoSuchRule { priority, counting: counting() }),
        Some((place, rule)) if rule.limit.is_count() => Ok(place),
        Some((_, rule)) => {
            let count_type = rule.limit.count_type();
            Err(SweepError::NotACount { priority, count_type, counting: counting() })
        }
    }
}

const fn check(first: u64, last: u64) -> Result<(), SweepError> {
    if first == 0 {
        return Err(SweepError::FromZero);
    }
    if last < first {
        return Err(SweepError::NoNumbers { first, last });
    }
    if SWEEP_NUMBERS_MAX <= last - first {
        return Err(SweepError::TooManyNumbers { first, last });
    }
    Ok(())
}
