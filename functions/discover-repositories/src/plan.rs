//! How repositories become shares: even ones, in an order that spreads the calls, each with its call rate.
//!
//! A share has neighbours in the order of names, so that the parts of an inventory lie one after another. Lines of
//! all registries are interleaved, so that at any time every account and region gets its part of the calls.

use std::num::NonZeroU32;
use std::ops::Range;

/// What a repository takes beside its images, in images: it needs four calls where a page of a thousand images
/// needs one, and most repositories are small.
const REPOSITORY_WEIGHT: u64 = 50;
/// Images that a repository is taken to have of which nothing is known.
const IMAGES_UNKNOWN: u64 = 100;

/// What a repository takes, from the number of its images where that is known.
pub(crate) const fn weight(images_before: Option<u64>) -> u64 {
    let images = match images_before {
        Some(images) => images,
        None => IMAGES_UNKNOWN,
    };
    REPOSITORY_WEIGHT.saturating_add(images)
}

/// Divides repositories into ranges of about the same weight, none of them empty, of about `aim` images or fewer
/// each; a repository that is heavier than that is alone or with a few others.
pub(crate) fn shares(weights: &[u64], aim: NonZeroU32) -> Vec<Range<usize>> {
    let total: u128 = weights.iter().map(|&weight| u128::from(weight)).sum();
    let wanted = total.div_ceil(u128::from(aim.get())).max(1);
    let mut shares: Vec<Range<usize>> = Vec::new();
    let mut before = 0;
    let mut last = None;
    for (place, &weight) in weights.iter().enumerate() {
        // The share in which the middle of the repository lies, were they all of exactly the same weight.
        let middle = before + u128::from(weight) / 2;
        let number = middle.saturating_mul(wanted) / total.max(1);
        match shares.last_mut().filter(|_| last == Some(number)) {
            Some(share) => share.end = place + 1,
            None => shares.push(place..place + 1),
        }
        last = Some(number);
        before += u128::from(weight);
    }
    shares
}

/// What is done next in a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// What is in use is read, in the account and region of a registry.
    Workloads {
        /// Which of the registries.
        registry: usize,
    },
    /// A share is read.
    Share {
        /// Which of the registries.
        registry: usize,
        /// Its number, over all registries.
        share: u32,
    },
}

/// The order of a run: shares of all registries evenly spread, before the first of each what is in use there. A registry
/// without shares has its place, too: what runs there may be of another one.
pub(crate) fn steps(shares_of: &[usize]) -> Vec<Step> {
    let places: Vec<usize> = shares_of.iter().map(|&shares| shares.max(1)).collect();
    let (mut steps, mut share) = (Vec::new(), 0);
    for (registry, number) in interleaved(&places) {
        if number == 0 {
            steps.push(Step::Workloads { registry });
        }
        if shares_of.get(registry).is_some_and(|&shares| number < shares) {
            steps.push(Step::Share { registry, share });
            share += 1;
        }
    }
    steps
}

/// The numbers of the shares of each registry, in the order of their repositories.
pub(crate) fn numbers(steps: &[Step], registries: usize) -> Vec<Vec<u32>> {
    let mut numbers = vec![Vec::new(); registries];
    for step in steps {
        if let Step::Share { registry, share } = *step
            && let Some(numbers) = numbers.get_mut(registry)
        {
            numbers.push(share);
        }
    }
    numbers
}

/// The order of the shares: for each its registry and its number there, evenly spread.
fn interleaved(shares_of: &[usize]) -> Vec<(usize, usize)> {
    let mut lines: Vec<(usize, usize)> = Vec::new();
    for (registry, &shares) in shares_of.iter().enumerate() {
        lines.extend((0..shares).map(|share| (registry, share)));
    }
    // Each line stands in the middle of its part of the whole: (share + 1/2) / shares, compared without a division.
    let place = |&(registry, share): &(usize, usize)| {
        let shares = shares_of.get(registry).copied().unwrap_or(1).max(1) as u128;
        (2 * share as u128 + 1, shares)
    };
    lines.sort_by(|a, b| {
        let ((over_a, under_a), (over_b, under_b)) = (place(a), place(b));
        (over_a * under_b).cmp(&(over_b * under_a)).then(a.cmp(b))
    });
    lines
}

/// How many shares of each registry can be worked on at a time: as many as there are among that many neighbours, and one
/// more, because shares end at different times. What else is done between them asks no registry.
pub(crate) fn at_a_time(steps: &[Step], registries: usize, concurrency: NonZeroU32) -> Vec<usize> {
    let registry_of = |step: &Step| match *step {
        Step::Workloads { .. } => None,
        Step::Share { registry, .. } => Some(registry),
    };
    let lines: Vec<usize> = steps.iter().filter_map(registry_of).collect();
    let window = usize::try_from(concurrency.get()).unwrap_or(usize::MAX).min(lines.len()).max(1);
    let (mut here, mut most) = (vec![0_usize; registries], vec![0_usize; registries]);
    let mut all = vec![0_usize; registries];
    for (place, &registry) in lines.iter().enumerate() {
        let left = place.checked_sub(window).and_then(|left| lines.get(left));
        if let Some(count) = left.and_then(|&left| here.get_mut(left)) {
            *count -= 1;
        }
        if let (Some(here), Some(most), Some(all)) =
            (here.get_mut(registry), most.get_mut(registry), all.get_mut(registry))
        {
            *here += 1;
            *all += 1;
            *most = (*most).max(*here);
        }
    }
    most.iter().zip(&all).map(|(most, all)| (most + 1).min(*all)).collect()
}

/// Calls per second of one line of a registry of which so many lines are worked on at a time, in thousandths.
pub(crate) fn rate(of_registry: NonZeroU32, at_a_time: usize) -> f64 {
    let thousandths = u64::from(of_registry.get()) * 1_000 / (at_a_time as u64).max(1);
    f64::from(u32::try_from(thousandths.max(1)).unwrap_or(u32::MAX)) / 1_000.0
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use proptest::prelude::*;

    use super::{Step, at_a_time, interleaved, numbers, rate, shares, steps, weight};

    const AIM: NonZeroU32 = NonZeroU32::new(10_000).unwrap();

    proptest! {
        #[test]
        fn every_repository_is_in_one_share_in_order_and_no_share_is_empty(
            weights in prop::collection::vec(1_u64..200_000, 0..400),
        ) {
            let shares = shares(&weights, AIM);
            let places: Vec<usize> = shares.iter().cloned().flatten().collect();
            prop_assert_eq!(places, (0..weights.len()).collect::<Vec<_>>());
            prop_assert!(shares.iter().all(|share| !share.is_empty()));
        }

        #[test]
        fn no_share_is_heavier_than_the_aim_by_more_than_one_repository(
            weights in prop::collection::vec(1_u64..30_000, 1..400),
        ) {
            let heaviest = weights.iter().max().copied().unwrap_or_default();
            for share in shares(&weights, AIM) {
                let total: u64 = weights[share].iter().sum();
                prop_assert!(total <= u64::from(AIM.get()) + heaviest, "{total}");
            }
        }

        #[test]
        fn neighbouring_lines_are_of_all_registries_in_about_their_proportion(
            shares_of in prop::collection::vec(0_usize..60, 1..8),
            window in 1_usize..40,
        ) {
            let lines = interleaved(&shares_of);
            let all: usize = shares_of.iter().sum();
            prop_assert_eq!(lines.len(), all);
            for neighbours in lines.windows(window) {
                for (registry, &shares) in shares_of.iter().enumerate() {
                    let here = neighbours.iter().filter(|line| line.0 == registry).count();
                    let even = (window * shares).div_ceil(all);
                    // Each of the others may be ahead, or behind, by one.
                    prop_assert!(here <= even + shares_of.len(), "{here} of {shares} in {window} of {all}");
                }
            }
        }

        #[test]
        fn all_lines_that_are_worked_on_together_keep_the_rate_of_the_registry(
            shares_of in prop::collection::vec(1_usize..60, 1..8),
            concurrency in 1_u32..200,
            calls_per_second in 1_u32..200,
        ) {
            let (concurrency, wanted) =
                (NonZeroU32::new(concurrency).unwrap(), NonZeroU32::new(calls_per_second).unwrap());
            let lines = interleaved(&shares_of);
            let at_a_time = at_a_time(&steps(&shares_of), shares_of.len(), concurrency);
            for (registry, at_a_time) in at_a_time.into_iter().enumerate() {
                let each = rate(wanted, at_a_time);
                let window = (concurrency.get() as usize).min(lines.len());
                let together = |lines: &[(usize, usize)]| lines.iter().filter(|line| line.0 == registry).count();
                let most = lines.windows(window).map(together).max().unwrap_or_default();
                let together = f64::from(u32::try_from(most).unwrap()) * each;
                prop_assert!(0.0 < each && together <= f64::from(calls_per_second) + 1e-6, "{together}");
            }
        }
    }

    #[test]
    fn what_is_in_use_is_read_before_the_first_share_of_its_registry_and_where_there_is_none() {
        let (workloads, share) =
            (|registry| Step::Workloads { registry }, |registry, share| Step::Share { registry, share });
        let steps = steps(&[2, 0, 1]);
        assert_eq!(steps, [workloads(0), share(0, 0), workloads(1), workloads(2), share(2, 1), share(0, 2)]);
        assert_eq!(numbers(&steps, 3), [vec![0, 2], vec![], vec![1]]);
        assert_eq!(super::steps(&[2]), [workloads(0), share(0, 0), share(0, 1)]);
    }

    #[test]
    fn a_registry_of_nothing_has_no_share_and_a_heavy_repository_one_of_its_own() {
        assert!(shares(&[], AIM).is_empty());
        let weights = [100, 100_000, 100, 100].map(|images| weight(Some(images)));
        let shares = shares(&weights, AIM);
        assert!(shares.contains(&(1..2)), "{shares:?}");
    }

    #[test]
    fn a_repository_of_which_nothing_is_known_is_no_light_one() {
        assert!(weight(Some(0)) < weight(None));
    }
}
