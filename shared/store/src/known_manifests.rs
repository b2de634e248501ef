//! Which manifests an inventory knows, repository by repository.

use demurrage_core::Digest;

use crate::columns::IMAGES;
use crate::place::Place;
use crate::rows::Rows;
use crate::{InventoryEntry, StoreError, order};

/// The digests of an inventory whose manifests were read.
///
/// It goes through the images once, and so is asked for repositories in the ascending order of their names.
#[derive(Debug)]
pub struct KnownManifests {
    rows: Rows,
    entry: InventoryEntry,
    /// The last name that was asked for.
    asked: Option<String>,
}

impl KnownManifests {
    pub(crate) fn open(place: &Place, entry: &InventoryEntry) -> Result<Self, StoreError> {
        order::check(place, entry, IMAGES)?;
        let columns = ["repository_name", "image_digest", "manifest_read"];
        let rows = Rows::open_late(place, entry, IMAGES, &columns)?;
        Ok(Self { rows, entry: entry.clone(), asked: None })
    }

    /// The digests of a repository whose manifests were read, in ascending order; of a repository that the
    /// inventory does not have, none.
    ///
    /// # Errors
    /// When a name is not greater than the one before, or the file is damaged.
    pub fn repository(&mut self, repository_name: &str) -> Result<Vec<Digest>, StoreError> {
        if let Some(asked) = self.asked.as_deref().filter(|asked| repository_name <= *asked) {
            let cause = format!("`{repository_name}` is asked for after `{asked}`");
            return Err(StoreError::order(&self.entry.folder, cause));
        }
        self.asked = Some(repository_name.to_owned());
        self.rows.skip_to(repository_name)?;
        let mut digests = Vec::new();
        while let Some(row) = self.rows.row() {
            let name = row.text("repository_name").map_err(|cause| self.rows.damaged(cause))?;
            if repository_name < name {
                break;
            }
            let is_read = row.optional("manifest_read").map_err(|cause| self.rows.damaged(cause))?.is_some();
            if name == repository_name && is_read {
                digests.push(row.parsed("image_digest").map_err(|cause| self.rows.damaged(cause))?);
            }
            self.rows.advance()?;
        }
        Ok(digests)
    }
}
