//! Which tags a listing of a repository has.

use std::collections::{BTreeMap, BTreeSet};

use super::ListingWindow;
use crate::{Digest, Listing, Repository, Tag};

/// The tags that one listing of a repository has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TagListing {
    /// When it was read.
    pub window: ListingWindow,
    /// Whether what it has not got is not there.
    pub extent: Extent,
    /// The tags, each with its image; with several where the tag moved while the pages were read.
    pub tags: BTreeMap<Tag, BTreeSet<Digest>>,
}

/// Whether a listing has all tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Extent {
    /// It has: a tag that it has not got is gone.
    Complete,
    /// There may be others: it teaches nothing about a tag that it has not got.
    Partial,
}

impl TagListing {
    /// What an inventory has of the tags of a repository; nothing where its images could not be read.
    pub fn of(repository: &Repository, window: ListingWindow) -> Option<Self> {
        let extent = match repository.listing {
            Listing::Complete => Extent::Complete,
            Listing::CutOff => Extent::Partial,
            Listing::Failed(_) => return None,
        };
        let mut tags: BTreeMap<Tag, BTreeSet<Digest>> = BTreeMap::new();
        for image in &repository.images {
            for tag in &image.tags {
                tags.entry(tag.clone()).or_default().insert(image.digest);
            }
        }
        Some(Self { window, extent, tags })
    }

    /// The window of the last complete listing, after this one: its own, if it is complete and began after that one had
    /// ended.
    pub fn reconciles(&self, last: Option<ListingWindow>) -> Option<ListingWindow> {
        match self.extent {
            Extent::Complete if last.is_none_or(|last| last.until < self.window.from) => Some(self.window),
            Extent::Complete | Extent::Partial => last,
        }
    }
}
