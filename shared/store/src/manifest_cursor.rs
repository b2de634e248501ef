//! The manifests of an inventory, image by image.

use std::cmp::Ordering;

use demurrage_core::{Digest, Manifest};

use crate::columns::{DESCRIPTORS, IMAGES};
use crate::place::Place;
use crate::rows::{Row, Rows};
use crate::{InventoryEntry, StoreError, order, records};

/// The manifests of an inventory that were read.
///
/// It goes through images and descriptors once, side by side, and so is asked in the ascending order of
/// repositories and digests.
#[derive(Debug)]
pub struct ManifestCursor {
    images: Keyed,
    descriptors: Keyed,
    entry: InventoryEntry,
    /// What was asked for last.
    asked: Option<(String, Digest)>,
}

impl ManifestCursor {
    pub(crate) fn open(place: &Place, entry: &InventoryEntry) -> Result<Self, StoreError> {
        let columns = [
            "repository_name",
            "image_digest",
            "manifest_read",
            "manifest_artifact_type",
            "manifest_subject",
        ];
        for file in [IMAGES, DESCRIPTORS] {
            order::check(place, entry, file)?;
        }
        let images = Rows::open_late(place, entry, IMAGES, &columns)?;
        let descriptors = Rows::open_late(place, entry, DESCRIPTORS, &[])?;
        Ok(Self { images: Keyed(images), descriptors: Keyed(descriptors), entry: entry.clone(), asked: None })
    }

    /// The manifest of an image, where the inventory has the image and its manifest was read.
    ///
    /// # Errors
    /// When repository and digest are not greater than those before, or a file is damaged.
    pub fn seek(&mut self, repository_name: &str, digest: Digest) -> Result<Option<Manifest>, StoreError> {
        let is_later =
            self.asked.as_ref().is_none_or(|(name, last)| (&**name, *last) < (repository_name, digest));
        if !is_later {
            let cause = format!("{digest} of `{repository_name}` is asked for after one that comes later");
            return Err(StoreError::order(&self.entry.folder, cause));
        }
        match &mut self.asked {
            Some((name, last)) if name == repository_name => *last = digest,
            asked => *asked = Some((repository_name.to_owned(), digest)),
        }
        if !self.images.skip_to(repository_name, digest)? {
            return Ok(None);
        }
        let Some(mut manifest) = self.images.with_row(records::manifest)?.flatten() else { return Ok(None) };
        while self.descriptors.skip_to(repository_name, digest)? {
            self.descriptors.with_row(|row| records::add_descriptor(&mut manifest, row))?;
            self.descriptors.0.advance()?;
        }
        Ok(Some(manifest))
    }
}

/// Rows in the order of their repository and image.
#[derive(Debug)]
struct Keyed(Rows);

impl Keyed {
    /// Goes on to the first row whose key is not less; whether it is equal.
    fn skip_to(&mut self, repository: &str, digest: Digest) -> Result<bool, StoreError> {
        self.0.skip_to(repository)?;
        while let Some(row) = self.0.row() {
            let found = order::key(&row).map_err(|cause| self.0.damaged(cause))?;
            match found.cmp(&(repository, digest)) {
                Ordering::Less => self.0.advance()?,
                Ordering::Equal => return Ok(true),
                Ordering::Greater => return Ok(false),
            }
        }
        Ok(false)
    }

    /// What the row says at which the reading is; at the end nothing.
    fn with_row<T>(&self, read: impl FnOnce(&Row<'_>) -> Result<T, String>) -> Result<Option<T>, StoreError> {
        self.0.row().map(|row| read(&row)).transpose().map_err(|cause| self.0.damaged(cause))
    }
}
