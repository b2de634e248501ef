//! The soft guards of a plan, repository after repository: what is held is what tripped.
//!
//! Repositories come in any order, and from any number of parts: the sums are those of all of them.

use super::{RepositoryEffect, SoftLimits, TrippedGuard};

/// What a plan comes to so far, and which soft guards single repositories trip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunGuards<'a> {
    limits: &'a SoftLimits,
    tripped: Vec<TrippedGuard>,
    totals: RunTotals,
}

/// What a plan comes to in all repositories that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunTotals {
    /// Images that the repositories have.
    pub images_listed: u64,
    /// Images that are deleted, archived or lose tags.
    pub images: u64,
    /// Bytes that are freed.
    pub bytes_freed: u64,
}

impl<'a> RunGuards<'a> {
    /// A plan without repositories, under these limits.
    pub const fn new(limits: &'a SoftLimits) -> Self {
        let totals = RunTotals { images_listed: 0, images: 0, bytes_freed: 0 };
        Self { limits, tripped: Vec::new(), totals }
    }

    /// Adds what the plan comes to in a repository; also where nothing happens there.
    pub fn add(&mut self, effect: &RepositoryEffect) {
        self.tripped.extend(self.limits.trips_in(effect));
        self.totals = self.totals.and(RunTotals {
            images_listed: effect.images_listed,
            images: effect.images,
            bytes_freed: effect.bytes_freed,
        });
    }

    /// Adds what other parts of the same plan come to.
    pub fn append(&mut self, other: Self) {
        self.tripped.extend(other.tripped);
        self.totals = self.totals.and(other.totals);
    }

    /// What it comes to so far.
    pub const fn totals(&self) -> RunTotals {
        self.totals
    }

    /// The guards that it trips, in order; `past` has the number of images of each plan that was applied before.
    pub fn end(mut self, past: &[u64]) -> Vec<TrippedGuard> {
        self.tripped.extend(self.limits.trips_in_all(self.totals, past));
        self.tripped.sort();
        self.tripped
    }
}

impl RunTotals {
    const fn and(self, other: Self) -> Self {
        Self {
            images_listed: self.images_listed.saturating_add(other.images_listed),
            images: self.images.saturating_add(other.images),
            bytes_freed: self.bytes_freed.saturating_add(other.bytes_freed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::RunGuards;
    use crate::plan::{DeletesElsewhere, RepositoryAddress, RepositoryEffect, SoftLimits};

    fn effect(name: &str, images: u64, images_listed: u64) -> RepositoryEffect {
        let (region, name) = ("eu-west-1".to_owned(), name.to_owned());
        RepositoryEffect {
            repository: RepositoryAddress { account: None, region, name },
            images_listed,
            images,
            has_deletes: images != 0,
            bytes_freed: images * 10,
            deletes_elsewhere: DeletesElsewhere::No,
        }
    }

    #[test]
    fn parts_trip_what_the_whole_trips_in_whichever_order_they_are_added() {
        let limits =
            SoftLimits { images_per_run: Some(5), percent_per_repository: Some(10), ..SoftLimits::default() };
        let effects = [effect("a", 2, 100), effect("b", 3, 4), effect("c", 1, 2), effect("d", 0, 9)];
        let whole = limits.trips(&effects, &[1, 1, 1]);
        assert_eq!(whole.len(), 3, "b and c by their percentage, and the run by its images: {whole:?}");
        for cut in 0..=effects.len() {
            let (one, other) = effects.split_at(cut);
            let of = |part: &[RepositoryEffect]| {
                let mut guards = RunGuards::new(&limits);
                for effect in part {
                    guards.add(effect);
                }
                guards
            };
            let (mut guards, mut turned) = (of(one), of(other));
            guards.append(of(other));
            turned.append(of(one));
            assert_eq!(guards.totals().images, 6);
            assert_eq!(guards.end(&[1, 1, 1]), whole);
            assert_eq!(turned.end(&[1, 1, 1]), whole);
        }
    }
}
