//! Whether the rows of a file are in the order of repositories and digests, as cursors need them.
//!
//! A writer of version 2 writes nothing else. One of version 1 wrote images in whatever order it got them, so
//! such files are looked through before they are trusted.

use demurrage_core::Digest;

use crate::place::Place;
use crate::rows::{Row, Rows};
use crate::{InventoryEntry, StoreError};

/// The version that is always in order, and with it all that come after.
const ORDERED_VERSION: u64 = 2;

/// Repository and image of a row, which is its place in the order.
pub(crate) fn key<'r>(row: &Row<'r>) -> Result<(&'r str, Digest), String> {
    Ok((row.text("repository_name")?, row.parsed("image_digest")?))
}

/// Refuses a file of which the rows are in no order.
pub(crate) fn check(place: &Place, entry: &InventoryEntry, file: &str) -> Result<(), StoreError> {
    if ORDERED_VERSION <= entry.description.format_version {
        return Ok(());
    }
    let mut last: Option<(String, Digest)> = None;
    Rows::open_columns(place, entry, file, &["repository_name", "image_digest"])?.for_each(|row| {
        let (repository, digest) = key(row)?;
        match &mut last {
            Some((name, image)) if (repository, digest) < (name.as_str(), *image) => {
                Err(format!("{digest} of `{repository}` is out of order"))
            }
            Some((name, image)) if name == repository => {
                *image = digest;
                Ok(())
            }
            last => {
                *last = Some((repository.to_owned(), digest));
                Ok(())
            }
        }
    })
}
