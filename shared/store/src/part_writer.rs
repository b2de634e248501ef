//! Writing one part of an inventory while it is read.

use std::fmt;

use demurrage_core::{Image, Repository};

use crate::place::Place;
use crate::rows_writer::{RowsWriter, Written};
use crate::{Part, StoreError, part};

/// A part that is being written: one that is dropped before [`Self::finish`] leaves nothing that readers see.
pub struct PartWriter {
    inventory: String,
    part: String,
    rows: RowsWriter,
}

impl fmt::Debug for PartWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PartWriter").field("part", &self.part).finish_non_exhaustive()
    }
}

impl AsMut<RowsWriter> for PartWriter {
    fn as_mut(&mut self) -> &mut RowsWriter {
        &mut self.rows
    }
}

impl PartWriter {
    pub(crate) fn begin(place: &Place, inventory: &str, part: &str) -> Result<Self, StoreError> {
        part::check_names(place, inventory, part)?;
        let draft = place.draft_part(inventory, part)?;
        let rows = RowsWriter::begin(place.shown().into(), draft)?;
        Ok(Self { inventory: inventory.to_owned(), part: part.to_owned(), rows })
    }

    /// Writes an image of the repository that comes next.
    ///
    /// # Errors
    /// As for [`RowsWriter::image`].
    pub fn image(&mut self, repository_name: &str, image: &Image) -> Result<(), StoreError> {
        self.rows.image(repository_name, image)
    }

    /// Writes a repository, after its images; `images` of the repository is ignored.
    ///
    /// # Errors
    /// As for [`RowsWriter::repository`].
    pub fn repository(&mut self, repository: &Repository) -> Result<(), StoreError> {
        self.rows.repository(repository)
    }

    /// Ends the part. Readers see it once an inventory names it ([`crate::Store::add_parts`]).
    ///
    /// # Errors
    /// When images came whose repository did not, or the file system or the bucket refuses.
    pub fn finish(self) -> Result<Part, StoreError> {
        let Written { draft, counts, files, .. } = self.rows.close()?;
        draft.publish_part(&self.inventory, &self.part)?;
        Ok(counts.part(self.part, files))
    }
}
