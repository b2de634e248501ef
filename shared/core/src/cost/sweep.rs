//! What is kept for each number that a rule could count to: the curve by which people choose how many to keep.
//!
//! One look at the images gives for each of them up to which number it goes, and one at what they hold up to which
//! number a blob does; then the numbers are gone through from the largest to the smallest. Assumes the next run of the whole policy, with
//! that one number changed; leaves out what later runs and referrers do.

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};

use super::{Blobs, StoredBytes};
use crate::lifecycle::{Action, Policy, Relations, Switches, Threshold, thresholds};
use crate::{Image, ImageStatus};

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

    let steps: Vec<Step> = thresholds(policy, rule, images, relations, now, switches)
        .iter()
        .map(|threshold| Step::of(*threshold, first, last))
        .collect();
    let mut kept = SweepPoint {
        number: last,
        images: images.len(),
        images_archived: 0,
        stored: StoredBytes { standard_bytes: 0, archived_bytes: 0 },
    };
    let leaving = leaving(&steps, &blob_steps(images, &steps, blobs), blobs, last - first, &mut kept);
    let mut points: Vec<SweepPoint> = leaving
        .iter()
        .rev()
        .zip((first..=last).rev())
        .map(|(leaving, number)| {
            kept = leaving.taken_from(SweepPoint { number, ..kept });
            kept
        })
        .collect();
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

/// For how many of the numbers, from the first on, the run acts on an image; 0: for none of them.
#[derive(Debug, Clone, Copy)]
struct Step {
    count: u32,
    action: Action,
}

impl Step {
    fn of(threshold: Threshold, first: u64, last: u64) -> Self {
        match threshold {
            Threshold::UpTo { number, action } if first <= number => {
                let count = number.min(last) - first + 1;
                // INVARIANT: at most `SWEEP_NUMBERS_MAX`.
                Self { count: u32::try_from(count).unwrap_or(u32::MAX), action }
            }
            Threshold::UpTo { .. } | Threshold::Never => Self { count: 0, action: Action::Expire },
        }
    }
}

/// For how many of the numbers, from the first on, a blob is gone, and is not in the standard class.
#[derive(Debug, Clone, Copy)]
struct BlobStep {
    gone: u32,
    not_standard: u32,
}

/// A blob is gone for the numbers for which all its holders are, and in the standard class while one of them is.
fn blob_steps(images: &[Image], steps: &[Step], blobs: &Blobs) -> Vec<BlobStep> {
    let mut of_blobs = vec![BlobStep { gone: u32::MAX, not_standard: u32::MAX }; blobs.all().len()];
    for ((image, step), place) in images.iter().zip(steps).zip(0..u32::MAX) {
        let gone = if step.action == Action::Expire { step.count } else { 0 };
        let not_standard = if image.status == ImageStatus::Archived { u32::MAX } else { step.count };
        for &blob in blobs.of_image(place) {
            if let Some(of_blob) = of_blobs.get_mut(blob as usize) {
                of_blob.gone = of_blob.gone.min(gone);
                of_blob.not_standard = of_blob.not_standard.min(not_standard);
            }
        }
    }
    of_blobs
}

/// What leaves when the number falls to one from the next larger one.
#[derive(Debug, Clone, Copy, Default)]
struct Leaving {
    images: usize,
    images_archived: usize,
    gone_bytes: u128,
    not_standard_bytes: u128,
}

impl Leaving {
    /// What is left without it. What leaves the standard class is archived unless it is gone.
    const fn taken_from(self, kept: SweepPoint) -> SweepPoint {
        let StoredBytes { standard_bytes, archived_bytes } = kept.stored;
        SweepPoint {
            images: kept.images.saturating_sub(self.images),
            images_archived: kept.images_archived + self.images_archived,
            stored: StoredBytes {
                standard_bytes: standard_bytes.saturating_sub(self.not_standard_bytes),
                archived_bytes: (archived_bytes + self.not_standard_bytes).saturating_sub(self.gone_bytes),
            },
            ..kept
        }
    }
}

/// What leaves at each number, ascending; and, in `kept`, what is stored before anything leaves.
fn leaving(
    steps: &[Step],
    of_blobs: &[BlobStep],
    blobs: &Blobs,
    last_step: u64,
    kept: &mut SweepPoint,
) -> Vec<Leaving> {
    let numbers = usize::try_from(last_step).map_or(usize::MAX, |steps| steps.saturating_add(1));
    let mut leaving = vec![Leaving::default(); numbers];
    let at = |count: u32| (count as usize).checked_sub(1);
    for step in steps {
        if let Some(leaving) = at(step.count).and_then(|at| leaving.get_mut(at)) {
            match step.action {
                Action::Expire => leaving.images += 1,
                Action::Archive => leaving.images_archived += 1,
            }
        }
    }
    for (blob, step) in blobs.all().iter().zip(of_blobs) {
        let size_bytes = u128::from(blob.size_bytes);
        if step.not_standard == u32::MAX {
            kept.stored.archived_bytes += size_bytes;
        } else {
            kept.stored.standard_bytes += size_bytes;
            if let Some(leaving) = at(step.not_standard).and_then(|at| leaving.get_mut(at)) {
                leaving.not_standard_bytes += size_bytes;
            }
        }
        if let Some(leaving) = at(step.gone).and_then(|at| leaving.get_mut(at)) {
            leaving.gone_bytes += size_bytes;
        }
    }
    leaving
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

#[cfg(test)]
mod tests {
    use super::{SWEEP_NUMBERS_MAX, Sweep, SweepError, sweep};
    use crate::cost::Blobs;
    use crate::lifecycle::{Policy, Relations, Switches};

    const POLICY: &str = r#"{"rules": [
        {"rulePriority": 3, "description": "a count", "selection": {"tagStatus": "untagged",
         "countType": "imageCountMoreThan", "countNumber": 5}, "action": {"type": "expire"}},
        {"rulePriority": 8, "description": "an age", "selection": {"tagStatus": "any", "countUnit": "days",
         "countType": "sinceImagePushed", "countNumber": 5}, "action": {"type": "expire"}}]}"#;

    fn swept(priority: u64, first: u64, last: u64) -> Result<usize, SweepError> {
        let policy = Policy::parse(POLICY).unwrap();
        let asked = Sweep { priority, numbers: first..=last };
        let now = crate::instant::parse("2026-11-01").unwrap();
        sweep(&policy, &asked, &[], &Relations::of(&[]), now, Switches::default(), &Blobs::of(&[]))
            .map(|points| points.len())
    }

    #[test]
    fn only_a_rule_that_counts_images_has_a_curve_and_the_others_are_told_which_do() {
        assert_eq!(swept(3, 1, 7), Ok(7));
        assert_eq!(swept(4, 1, 7), Err(SweepError::NoSuchRule { priority: 4, counting: vec![3] }));
        let error = swept(8, 1, 7).unwrap_err();
        assert_eq!(error.to_string(), "rule 8 counts no images: its `countType` is `sinceImagePushed`");
    }

    #[test]
    fn numbers_are_those_that_a_rule_could_have_and_not_too_many() {
        assert_eq!(swept(3, 0, 7), Err(SweepError::FromZero));
        assert_eq!(swept(3, 8, 7), Err(SweepError::NoNumbers { first: 8, last: 7 }));
        let last = SWEEP_NUMBERS_MAX;
        assert_eq!(swept(3, 1, last), Ok(100_000));
        assert_eq!(swept(3, 1, last + 1), Err(SweepError::TooManyNumbers { first: 1, last: last + 1 }));
        assert_eq!(swept(3, u64::MAX, u64::MAX), Ok(1));
    }
}
