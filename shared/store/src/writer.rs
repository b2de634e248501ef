//! Writing one inventory while it is read.

use std::fmt;
use std::io;

use chrono::{DateTime, Utc};
use demurrage_core::{Image, RegistryFacts, RegistryKind, RepositoriesListing, Repository, instant};

use crate::entry::Description;
use crate::place::Place;
use crate::rows_writer::{RowsWriter, Written};
use crate::{InventoryEntry, StoreError, WHOLE_VERSION};

/// What is known of an inventory before anything is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Which of the two services the registry is of.
    pub kind: RegistryKind,
    /// The twelve-digit account, where known.
    pub registry_id: Option<String>,
    /// The region, such as `ap-northeast-2`.
    pub region: String,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
    /// Whether all repositories of the registry are going to be in it.
    pub repositories_listing: RepositoriesListing,
}

impl Head {
    /// The description of an inventory with this head, and nothing in it.
    pub(crate) fn description(
        &self,
        format_version: u64,
        registry: &RegistryFacts,
        notes: &[String],
    ) -> Description {
        Description {
            format_version,
            registry_kind: Some(self.kind.into()),
            repositories_listing: self.repositories_listing.into(),
            registry_id: self.registry_id.clone(),
            region: self.region.clone(),
            taken_at: instant::format(self.taken_at),
            repositories: 0,
            images: 0,
            files: std::collections::BTreeMap::new(),
            parts: None,
            registry: registry.into(),
            notes: notes.to_vec(),
        }
    }
}

/// An inventory that is being written: one that is dropped before [`Self::finish`] leaves nothing.
///
/// Repositories come as for a [`RowsWriter`].
pub struct InventoryWriter {
    head: Head,
    rows: RowsWriter,
}

impl fmt::Debug for InventoryWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InventoryWriter").field("head", &self.head).finish_non_exhaustive()
    }
}

impl AsMut<RowsWriter> for InventoryWriter {
    fn as_mut(&mut self) -> &mut RowsWriter {
        &mut self.rows
    }
}

impl InventoryWriter {
    pub(crate) fn begin(place: &Place, head: &Head) -> Result<Self, StoreError> {
        let draft = place.draft(head.taken_at)?;
        Ok(Self { head: head.clone(), rows: RowsWriter::begin(place.shown().into(), draft)? })
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

    /// Ends the inventory: from now on it is one of the store.
    ///
    /// # Errors
    /// When images came whose repository did not, or the file system or the bucket refuses. The store is as it
    /// was before, or (where only the last confirmation failed) has the whole inventory.
    pub fn finish(self, registry: &RegistryFacts, notes: &[String]) -> Result<InventoryEntry, StoreError> {
        let Written { store, draft, counts, files } = self.rows.close()?;
        let description = Description {
            repositories: usize::try_from(counts.repositories).unwrap_or(usize::MAX),
            images: usize::try_from(counts.images).unwrap_or(usize::MAX),
            files,
            ..self.head.description(WHOLE_VERSION, registry, notes)
        };
        let text = serde_json::to_vec_pretty(&description)
            .map_err(|error| StoreError::io("write", &store)(io::Error::other(error)))?;
        let folder = draft.publish(self.head.taken_at, &text)?;
        InventoryEntry::of(&folder, description).map_err(|cause| StoreError::corrupt(folder, cause))
    }
}
