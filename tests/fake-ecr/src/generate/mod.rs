//! Registries of any size, made on demand: nothing of them is held, everything is a function of the options.
//!
//! Repository `i` depends on the options and `i` alone, and an image on its repository and its number. So
//! a registry of 100,000 repositories costs nothing until one of them is asked for, and a manifest of a
//! repository with 100,000 images is made without the other 99,999. What is made looks like years of
//! pipelines: versions and `latest` on indexes by buildx with their attestations, `main-…`, `pr-…`,
//! `prod-…` and feature builds, signatures and SBOMs, what tags have left behind, and archived images.
//! Layers are shared as builds share them: a base for a month, dependencies for some weeks, one to three
//! layers new in each push.
//!
//! Left out: blobs. Digests of manifests are the SHA-256 of their texts, but those of layers and
//! configurations name nothing.

mod image;
mod layers;
mod life;
mod manifest;
mod names;
mod plan;
mod policies;
mod profile;
mod repository;
mod stream;
mod tags;
#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};

use crate::{ImageRecord, RepositoryRecord};
use profile::Profile;

/// What a generated registry is made from. The same options give the same bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// How many repositories.
    pub repositories: usize,
    /// How many images *each* repository has, exactly: indexes, their children, attestations, signatures
    /// and SBOMs count one each, as they do in ECR.
    pub images_per_repository: usize,
    /// Another registry for another number.
    pub seed: u64,
    /// All times are counted back from it; none is later.
    pub now: DateTime<Utc>,
}

/// A registry that is made when it is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registry {
    options: Options,
}

impl Registry {
    /// The registry of these options.
    pub const fn new(options: Options) -> Self {
        Self { options }
    }

    /// How many repositories there are.
    pub const fn len(&self) -> usize {
        self.options.repositories
    }

    /// True when there is no repository.
    pub const fn is_empty(&self) -> bool {
        self.options.repositories == 0
    }

    /// What the registry is made from.
    pub const fn options(&self) -> Options {
        self.options
    }

    /// The name of repository `i`, from 0 and below [`Registry::len`]; no two have the same.
    pub fn name(&self, i: usize) -> String {
        names::name(count(self.options.repositories), count(i))
    }

    /// The repository with this name; none when there is none.
    pub fn index_of(&self, name: &str) -> Option<usize> {
        let i = names::index_of(count(self.options.repositories), name)?;
        usize::try_from(i).ok()
    }

    /// The settings of repository `i`. Its images are not made for it.
    pub fn repository(&self, i: usize) -> RepositoryRecord {
        repository::record(&self.profile(i), self.name(i), self.options.now)
    }

    /// Every image of repository `i`, in the order of pushing, the oldest first.
    pub fn images(&self, i: usize) -> Vec<ImageRecord> {
        image::records(&self.profile(i), self.options.now)
    }

    /// The text of the manifest of image `number` of repository `i`; empty when there is no such image.
    ///
    /// The number is the one in [`ManifestText::Generated`](crate::ManifestText::Generated).
    pub fn manifest(&self, i: usize, number: u64) -> String {
        image::manifest(&self.profile(i), number)
    }

    fn profile(&self, i: usize) -> Profile {
        Profile::of(self.options.seed, count(i), count(self.options.images_per_repository))
    }
}

/// A count as 64 bits, which every platform's counts fit into.
fn count(value: usize) -> u64 {
    u64::try_from(value).unwrap_or(u64::MAX)
}
