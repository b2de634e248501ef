//! When a person has to look before a plan is applied.

use super::{RepositoryAddress, RunGuards, RunTotals, SoftGuard, TrippedGuard};

/// So many applied plans, at least, tell what is usual.
pub const PAST_RUNS_MIN: usize = 3;
/// A plan of so many images is never unusual: medians of nearly nothing say nothing.
pub const UNUSUAL_IMAGES_MIN: u64 = 10;

/// The limits of the soft guards; nothing: there is no such limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoftLimits {
    /// Images of one repository.
    pub images_per_repository: Option<u64>,
    /// Images of a plan.
    pub images_per_run: Option<u64>,
    /// Percent of the images of one repository.
    pub percent_per_repository: Option<u32>,
    /// Percent of the images of all repositories that a plan is about.
    pub percent_per_run: Option<u32>,
    /// Bytes freed in one repository.
    pub bytes_per_repository: Option<u64>,
    /// Bytes freed by a plan.
    pub bytes_per_run: Option<u64>,
    /// That many times the median of past runs.
    pub unusual_factor: Option<u32>,
}

impl Default for SoftLimits {
    fn default() -> Self {
        Self {
            images_per_repository: Some(1_000),
            images_per_run: Some(10_000),
            percent_per_repository: Some(50),
            percent_per_run: Some(50),
            bytes_per_repository: None,
            bytes_per_run: None,
            unusual_factor: Some(3),
        }
    }
}

/// What a plan comes to in one repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryEffect {
    /// The repository.
    pub repository: RepositoryAddress,
    /// How many images it has.
    pub images_listed: u64,
    /// How many of them are deleted, archived or lose tags.
    pub images: u64,
    /// Whether images are deleted, or tags taken off, which replication may do elsewhere, too.
    pub has_deletes: bool,
    /// Bytes that are freed.
    pub bytes_freed: u64,
    /// Where deletes go on to.
    pub deletes_elsewhere: DeletesElsewhere,
}

/// Whether what is deleted in a repository is deleted in other registries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeletesElsewhere {
    /// It is not.
    No,
    /// It is, or may be, in these: `123456789012/us-east-1`.
    In(Vec<String>),
    /// The replication of the registry was not read.
    Unknown,
}

impl SoftLimits {
    /// The soft guards that a plan trips, in order. `effects` are those of all repositories that the plan is about, also of
    /// those in which nothing happens; `past` has the number of images of each plan that was applied before.
    pub fn trips(&self, effects: &[RepositoryEffect], past: &[u64]) -> Vec<TrippedGuard> {
        let mut guards = RunGuards::new(self);
        for effect in effects {
            guards.add(effect);
        }
        guards.end(past)
    }

    /// The soft guards that all repositories together trip.
    pub(super) fn trips_in_all(&self, totals: RunTotals, past: &[u64]) -> impl Iterator<Item = TrippedGuard> {
        let RunTotals { images_listed: listed, images, bytes_freed: bytes } = totals;
        let limits = [
            over(images, self.images_per_run).map(|limit| {
                (
                    SoftGuard::Images,
                    format!("{} of all repositories, the limit is {limit}", counted(images, "image")),
                )
            }),
            over_percent(images, listed, self.percent_per_run).map(|limit| {
                (
                    SoftGuard::Percent,
                    format!("{images} of {}, the limit is {limit} %", counted(listed, "image")),
                )
            }),
            over(bytes, self.bytes_per_run).map(|limit| {
                (SoftGuard::Bytes, format!("{bytes} bytes of all repositories, the limit is {limit}"))
            }),
            self.unusual(images, past).map(|detail| (SoftGuard::Unusual, detail)),
        ];
        let of_all = |(guard, detail)| TrippedGuard { guard, repository: None, detail };
        limits.into_iter().flatten().map(of_all)
    }

    /// The soft guards that one repository trips.
    pub(super) fn trips_in(&self, effect: &RepositoryEffect) -> Vec<TrippedGuard> {
        let RepositoryEffect { images, images_listed, bytes_freed, .. } = *effect;
        let limits = [
            over(images, self.images_per_repository).map(|limit| {
                (SoftGuard::Images, format!("{}, the limit is {limit}", counted(images, "image")))
            }),
            over_percent(images, images_listed, self.percent_per_repository).map(|limit| {
                (
                    SoftGuard::Percent,
                    format!("{images} of {}, the limit is {limit} %", counted(images_listed, "image")),
                )
            }),
            over(bytes_freed, self.bytes_per_repository)
                .map(|limit| (SoftGuard::Bytes, format!("{bytes_freed} bytes, the limit is {limit}"))),
            replicated(effect).map(|detail| (SoftGuard::DeleteReplication, detail)),
        ];
        let place =
            |(guard, detail)| TrippedGuard { guard, repository: Some(effect.repository.clone()), detail };
        limits.into_iter().flatten().map(place).collect()
    }

    /// What is unusual about so many images.
    fn unusual(&self, images: u64, past: &[u64]) -> Option<String> {
        let factor = u64::from(self.unusual_factor?);
        if past.len() < PAST_RUNS_MIN || images <= UNUSUAL_IMAGES_MIN {
            return None;
        }
        let mut sorted = past.to_vec();
        sorted.sort_unstable();
        // Of an even number the smaller one of the middle: it trips sooner.
        let median = sorted.get((sorted.len() - 1) / 2).copied()?;
        (median.saturating_mul(factor) < images).then(|| {
            format!(
                "{images} images are more than {factor} times the median of {} runs, {median}",
                past.len()
            )
        })
    }
}

/// A number of things: `1 image`.
fn counted(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// The limit that is exceeded.
fn over(number: u64, limit: Option<u64>) -> Option<u64> {
    limit.filter(|&limit| limit < number)
}

/// The limit in percent that is exceeded.
fn over_percent(part: u64, whole: u64, limit: Option<u32>) -> Option<u32> {
    limit.filter(|&limit| u128::from(limit) * u128::from(whole) < 100 * u128::from(part))
}

fn replicated(effect: &RepositoryEffect) -> Option<String> {
    if !effect.has_deletes {
        return None;
    }
    match &effect.deletes_elsewhere {
        DeletesElsewhere::No => None,
        DeletesElsewhere::In(registries) => {
            Some(format!("what is deleted here is deleted in {} too, or may be", registries.join(", ")))
        }
        DeletesElsewhere::Unknown => {
            Some("the replication of the registry was not read: deletes may go on to others".to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{DeletesElsewhere, RepositoryEffect, SoftLimits};
    use crate::plan::RepositoryAddress;

    fn effect(images: u64, images_listed: u64) -> RepositoryEffect {
        RepositoryEffect {
            repository: RepositoryAddress {
                account: None,
                region: "eu-west-1".to_owned(),
                name: "a".to_owned(),
            },
            images_listed,
            images,
            has_deletes: images != 0,
            bytes_freed: images * 10,
            deletes_elsewhere: DeletesElsewhere::No,
        }
    }

    fn nothing() -> SoftLimits {
        SoftLimits {
            images_per_repository: None,
            images_per_run: None,
            percent_per_repository: None,
            percent_per_run: None,
            bytes_per_repository: None,
            bytes_per_run: None,
            unusual_factor: None,
        }
    }

    fn tripped(limits: &SoftLimits, effects: &[RepositoryEffect], past: &[u64]) -> Vec<String> {
        let of = |tripped: &super::TrippedGuard| {
            let place = if tripped.repository.is_some() { "in one" } else { "in all" };
            format!("{} {place}", tripped.guard)
        };
        limits.trips(effects, past).iter().map(of).collect()
    }

    #[test]
    fn a_limit_is_what_may_just_be_reached() {
        let limits = SoftLimits {
            images_per_repository: Some(5),
            percent_per_repository: Some(50),
            bytes_per_repository: Some(50),
            ..nothing()
        };
        assert!(tripped(&limits, &[effect(5, 10)], &[]).is_empty());
        assert_eq!(
            tripped(&limits, &[effect(6, 11)], &[]),
            ["images in one", "percent in one", "bytes in one"]
        );
    }

    #[test]
    fn what_no_repository_trips_all_of_them_may() {
        let limits = SoftLimits {
            images_per_run: Some(9),
            percent_per_run: Some(50),
            bytes_per_run: Some(99),
            ..nothing()
        };
        let effects = [effect(5, 6), effect(5, 14), effect(0, 0)];
        assert_eq!(tripped(&limits, &effects, &[]), ["images in all", "bytes in all"]);
        let effects = [effect(5, 6), effect(5, 13), effect(0, 0)];
        assert_eq!(tripped(&limits, &effects, &[]), ["images in all", "percent in all", "bytes in all"]);
    }

    #[test]
    fn what_is_usual_is_the_median_of_three_runs_at_least() {
        let limits = SoftLimits { unusual_factor: Some(3), ..nothing() };
        let is_unusual = |images, past: &[u64]| !tripped(&limits, &[effect(images, 1000)], past).is_empty();
        assert!(!is_unusual(100, &[1, 1]));
        assert!(is_unusual(100, &[1, 1, 99]));
        assert!(!is_unusual(60, &[1, 20, 99]));
        assert!(is_unusual(61, &[1, 20, 99]));
        assert!(is_unusual(61, &[1, 20, 99, 99]));
        assert!(!is_unusual(10, &[0, 0, 0]));
        assert!(is_unusual(11, &[0, 0, 0]));
    }

    #[test]
    fn deletes_that_may_go_on_are_told_of_where_there_are_deletes() {
        let elsewhere =
            |images, deletes_elsewhere| RepositoryEffect { deletes_elsewhere, ..effect(images, 9) };
        let to = || DeletesElsewhere::In(vec!["123456789012/us-east-1".to_owned()]);
        assert_eq!(tripped(&nothing(), &[elsewhere(1, to())], &[]), ["delete_replication in one"]);
        assert_eq!(
            tripped(&nothing(), &[elsewhere(1, DeletesElsewhere::Unknown)], &[]),
            ["delete_replication in one"]
        );
        assert!(tripped(&nothing(), &[elsewhere(0, to())], &[]).is_empty());
    }
}
