//! What retention rules are applied to: a repository at one time, with what is known of it.

use chrono::{DateTime, Utc};

use super::facts::Facts;
use super::units::Units;
use crate::in_use::RepositoryUse;
use crate::ledger::RepositoryLedger;
use crate::lifecycle::Relations;
use crate::{Image, Repository};

/// A repository at one time.
#[derive(Debug)]
pub(super) struct Scene<'a> {
    pub(super) images: &'a [Image],
    pub(super) relations: &'a Relations,
    pub(super) ledger: Option<&'a RepositoryLedger>,
    pub(super) now: DateTime<Utc>,
    pub(super) units: Units<'a>,
    /// For each image that rules look at by itself, what is known of it with all that belongs to it.
    facts: Vec<Option<Facts>>,
}

impl<'a> Scene<'a> {
    pub(super) fn of(
        repository: &'a Repository,
        relations: &'a Relations,
        in_use: &RepositoryUse,
        ledger: Option<&'a RepositoryLedger>,
        now: DateTime<Utc>,
    ) -> Self {
        let images = &repository.images;
        let units = Units::of(images, relations);
        let facts = (0..u32::MAX)
            .zip(images)
            .map(|(place, _)| units.is_judged(place).then(|| Facts::of(images, in_use, &units.unit(place))))
            .collect();
        Self { images, relations, ledger, now, units, facts }
    }

    pub(super) fn image(&self, place: u32) -> Option<&'a Image> {
        self.images.get(place as usize)
    }

    pub(super) fn facts(&self, place: u32) -> Option<&Facts> {
        self.facts.get(place as usize)?.as_ref()
    }

    /// The places of all images.
    pub(super) fn places(&self) -> impl Iterator<Item = u32> + use<> {
        (0..u32::MAX).take(self.images.len())
    }
}
