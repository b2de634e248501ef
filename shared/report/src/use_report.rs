//! What is in use, for people and for programs.

use chrono::{DateTime, Utc};
use demurrage_core::in_use::{Protection, ReadSource, Use, UseGap};
use demurrage_core::{Digest, Tag};

use crate::image_name::visible;

/// Uses that are named of an image before the rest is counted.
const USES_SHOWN: usize = 2;

/// What is known to be in use.
#[derive(Debug)]
pub struct UseReport<'a> {
    /// When it was asked.
    pub now: DateTime<Utc>,
    /// The sources, each with what came of it last.
    pub sources: Vec<ReadSource>,
    /// What is not known of the registries of the store that could keep an image of theirs.
    pub gaps: Vec<UseGap>,
    /// The repositories of which something is in use.
    pub repositories: Vec<UsedRepository<'a>>,
    /// Uses that are of no image of the store, and could be.
    pub unresolved: Vec<&'a Use>,
    /// The records that were put into the store just now, by their places.
    pub stored: Vec<String>,
}

/// What is in use of one repository.
#[derive(Debug)]
pub struct UsedRepository<'a> {
    /// The account of its registry, where known.
    pub account: Option<String>,
    /// The region.
    pub region: String,
    /// Its name.
    pub name: String,
    /// How many images it has.
    pub images_listed: usize,
    /// The images in use themselves, in the order of the repository.
    pub images: Vec<UsedImage<'a>>,
    /// How many more belong to one of these, or may.
    pub belonging: usize,
}

/// An image in use.
#[derive(Debug)]
pub struct UsedImage<'a> {
    /// Its digest.
    pub digest: Digest,
    /// Its tags.
    pub tags: Vec<Tag>,
    /// Who uses it.
    pub uses: Vec<&'a Use>,
}

impl<'a> UsedRepository<'a> {
    /// What these protections of the images of a repository come to; nothing where nothing is in use. `uses` are those of
    /// the graph that the protections are of.
    pub fn of(
        account: Option<String>,
        region: &str,
        repository: &demurrage_core::Repository,
        protections: &[Option<Protection>],
        uses: &'a [Use],
    ) -> Option<Self> {
        let mut found = Self {
            account,
            region: region.to_owned(),
            name: repository.name.clone(),
            images_listed: repository.images.len(),
            images: Vec::new(),
            belonging: 0,
        };
        for (image, protection) in repository.images.iter().zip(protections) {
            match protection {
                Some(Protection::InUse(places)) => found.images.push(UsedImage {
                    digest: image.digest,
                    tags: image.tags.clone(),
                    uses: places.iter().filter_map(|&place| uses.get(place as usize)).collect(),
                }),
                Some(Protection::PartOf(_) | Protection::MayBePartOf(_)) => found.belonging += 1,
                None => {}
            }
        }
        (!found.images.is_empty()).then_some(found)
    }
}

impl UsedImage<'_> {
    /// Who uses it, at most two of them.
    pub(crate) fn used_by(&self) -> String {
        let shown: Vec<String> =
            self.uses.iter().take(USES_SHOWN).map(|used| visible(&used.evidence)).collect();
        match self.uses.len().saturating_sub(USES_SHOWN) {
            0 => shown.join(", "),
            more => format!("{} +{more}", shown.join(", ")),
        }
    }
}
