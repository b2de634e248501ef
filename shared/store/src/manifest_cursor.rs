//! The manifests of an inventory, image by image.

use std::cmp::Ordering;

use demurrage_core::{Digest, Manifest};

use crate::columns::{DESCRIPTORS, IMAGES};
use crate::place::Place;
use crate::rows::{Row, Rows};
use crate::{InventoryEntry, StoreError, records};

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
    asked: Key,
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
        let images = Rows::open_columns(place, entry, IMAGES, &columns)?;
        let descriptors = Rows::open(place, entry, DESCRIPTORS)?;
        Ok(Self {
            images: Keyed { rows: images, last: None },
            descriptors: Keyed { rows: descriptors, last: None },
            entry: entry.clone(),
            asked: None,
        })
    }

    /// The manifest of an image, where the inventory has the image and its manifest was read.
    ///
    /// # Errors
    /// When repository and digest are not greater than those before, or a file is damaged.
    pub fn seek(&mut self, repository_name: &str, digest: Digest) -> Result<Option<Manifest>, StoreError> {
        if !is_after(self.asked.as_ref(), repository_name, digest).is_gt() {
            let cause = format!("{digest} of `{repository_name}` is asked for after one that comes later");
            return Err(StoreError::order(&self.entry.folder, cause));
        }
        remember(&mut self.asked, repository_name, digest);
        if !self.images.skip_to(repository_name, digest)? {
            return Ok(None);
        }
        let Some(mut manifest) = self.images.with_row(records::manifest)?.flatten() else { return Ok(None) };
        while self.descriptors.skip_to(repository_name, digest)? {
            self.descriptors.with_row(|row| records::add_descriptor(&mut manifest, row))?;
            self.descriptors.rows.advance()?;
        }
        Ok(Some(manifest))
    }
}

/// A repository's name and a digest; before the first, nothing.
type Key = Option<(String, Digest)>;

/// How a key compares with the one before it.
fn is_after(before: Option<&(String, Digest)>, repository: &str, digest: Digest) -> Ordering {
    match before {
        None => Ordering::Greater,
        Some((name, last)) => repository.cmp(name).then(digest.cmp(last)),
    }
}

/// Keeps a key, without a new allocation where the repository is the same.
fn remember(key: &mut Key, repository: &str, digest: Digest) {
    match key {
        Some((name, last)) if name == repository => *last = digest,
        Some(_) | None => *key = Some((repository.to_owned(), digest)),
    }
}

/// Rows in the order of their repository and image.
#[derive(Debug)]
struct Keyed {
    rows: Rows,
    /// The greatest key that was seen.
    last: Key,
}

impl Keyed {
    /// Goes on to the first row whose key is not less; whether it is equal.
    fn skip_to(&mut self, repository: &str, digest: Digest) -> Result<bool, StoreError> {
        while let Some(row) = self.rows.row() {
            let (found, image) = key(&row).map_err(|cause| self.rows.damaged(cause))?;
            if is_after(self.last.as_ref(), found, image).is_lt() {
                return Err(self.rows.damaged(format!("{image} of `{found}` is out of order")));
            }
            remember(&mut self.last, found, image);
            match found.cmp(repository).then(image.cmp(&digest)) {
                Ordering::Less => {}
                Ordering::Equal => return Ok(true),
                Ordering::Greater => return Ok(false),
            }
            self.rows.advance()?;
        }
        Ok(false)
    }

    /// What the row says at which the reading is; at the end nothing.
    fn with_row<T>(&self, read: impl FnOnce(&Row<'_>) -> Result<T, String>) -> Result<Option<T>, StoreError> {
        self.rows.row().map(|row| read(&row)).transpose().map_err(|cause| self.rows.damaged(cause))
    }
}

fn key<'r>(row: &Row<'r>) -> Result<(&'r str, Digest), String> {
    Ok((row.text("repository_name")?, row.parsed("image_digest")?))
}
