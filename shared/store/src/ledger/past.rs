//! The tags of a stored inventory, repository by repository: what a ledger learns from.

use demurrage_core::{Image, Repository, Tag};

use crate::columns::{IMAGES, REPOSITORIES};
use crate::place::Place;
use crate::rows::{Row, Rows};
use crate::{InventoryEntry, StoreError, order, records};

/// The repositories of an inventory, in the order of their names, with the tags of their images and nothing else of
/// these.
pub(super) struct Past {
    repositories: Rows,
    images: Rows,
}

impl Past {
    pub(super) fn begin(place: &Place, entry: &InventoryEntry) -> Result<Self, StoreError> {
        order::check(place, entry, IMAGES)?;
        Ok(Self {
            repositories: Rows::open(place, entry, REPOSITORIES)?,
            images: Rows::open_columns(
                place,
                entry,
                IMAGES,
                &["repository_name", "image_digest", "image_tags"],
            )?,
        })
    }

    pub(super) fn next_repository(&mut self) -> Result<Option<Repository>, StoreError> {
        let Some(row) = self.repositories.row() else { return Ok(None) };
        let mut repository = records::repository(&row).map_err(|cause| self.repositories.damaged(cause))?;
        self.repositories.advance()?;
        while let Some(row) = self.images.row() {
            let name = row.text("repository_name").map_err(|cause| self.images.damaged(cause))?;
            if name < repository.name.as_str() {
                let cause = format!("`{name}` is in no row of `{REPOSITORIES}`, or out of order");
                return Err(self.images.damaged(cause));
            }
            if name != repository.name {
                break;
            }
            repository.images.push(image(&row).map_err(|cause| self.images.damaged(cause))?);
            self.images.advance()?;
        }
        Ok(Some(repository))
    }
}

/// An image, of which the tags are all that was read.
fn image(row: &Row<'_>) -> Result<Image, String> {
    let mut image = Image::new(row.parsed("image_digest")?);
    image.tags = row.texts("image_tags")?.iter().map(|tag| Tag::as_given(tag)).collect();
    Ok(image)
}
