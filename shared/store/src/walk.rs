//! Going through an inventory repository by repository: what is held is one of them.

use demurrage_core::Repository;

use crate::columns::{DESCRIPTORS, IMAGES, REPOSITORIES};
use crate::place::Place;
use crate::rows::{Row, Rows};
use crate::{InventoryEntry, StoreError, order, records};

/// How much of each manifest is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Depth {
    /// All that it names.
    Blobs,
    /// Its children, and its configuration: what belongs to what, which is all that a lifecycle policy is about, and by
    /// what a machine may know the image that it runs.
    Children,
}

/// The repositories of an inventory, in the order of their names, one after another.
#[derive(Debug)]
pub struct Walk {
    depth: Depth,
    repositories: Rows,
    images: Rows,
    descriptors: Rows,
}

impl Walk {
    pub(crate) fn begin(place: &Place, entry: &InventoryEntry, depth: Depth) -> Result<Self, StoreError> {
        for file in [IMAGES, DESCRIPTORS] {
            order::check(place, entry, file)?;
        }
        Ok(Self {
            depth,
            repositories: Rows::open(place, entry, REPOSITORIES)?,
            images: Rows::open(place, entry, IMAGES)?,
            descriptors: Rows::open(place, entry, DESCRIPTORS)?,
        })
    }

    /// The next repository, with its images and their manifests.
    ///
    /// # Errors
    /// When a file is damaged.
    pub fn next_repository(&mut self) -> Result<Option<Repository>, StoreError> {
        let Some(mut repository) = take(&mut self.repositories, records::repository)? else {
            return Ok(None);
        };
        let name = repository.name.clone();
        while is_of(&self.images, &name)? {
            repository.images.extend(take(&mut self.images, records::image)?);
        }
        let depth = self.depth;
        let mut images = repository.images.iter_mut();
        let mut open = images.next();
        while is_of(&self.descriptors, &name)? {
            let digest = self.descriptors.row().map(|row| row.parsed("image_digest")).transpose();
            let digest = digest.map_err(|cause| self.descriptors.damaged(cause))?;
            while open.as_ref().is_some_and(|image| Some(image.digest) != digest) {
                open = images.next();
            }
            let manifest = open.as_deref_mut().and_then(|image| image.manifest.as_deref_mut());
            let manifest =
                manifest.ok_or_else(|| self.descriptors.damaged("a descriptor without its image"))?;
            take(&mut self.descriptors, |row| match depth {
                Depth::Children if !matches!(row.text("role")?, "child" | "config") => Ok(()),
                Depth::Blobs | Depth::Children => records::add_descriptor(manifest, row),
            })?;
        }
        Ok(Some(repository))
    }

    /// Passes over repositories without reading their images, at most so many.
    ///
    /// # Errors
    /// When a file is damaged.
    pub fn skip(&mut self, repositories: usize) -> Result<(), StoreError> {
        for _ in 0..repositories {
            let name = |row: &Row<'_>| row.text("repository_name").map(str::to_owned);
            let Some(name) = take(&mut self.repositories, name)? else { return Ok(()) };
            for rows in [&mut self.images, &mut self.descriptors] {
                while is_of(rows, &name)? {
                    rows.advance()?;
                }
            }
        }
        Ok(())
    }
}

/// Whether the row at which the reading is belongs to this repository.
fn is_of(rows: &Rows, repository: &str) -> Result<bool, StoreError> {
    let Some(row) = rows.row() else { return Ok(false) };
    let name = row.text("repository_name").map_err(|cause| rows.damaged(cause))?;
    if name < repository {
        return Err(rows.damaged(format!("`{name}` is in no row of `{REPOSITORIES}`, or out of order")));
    }
    Ok(name == repository)
}

/// What the row says at which the reading is, which then goes on; at the end nothing.
fn take<T>(
    rows: &mut Rows,
    read: impl FnOnce(&Row<'_>) -> Result<T, String>,
) -> Result<Option<T>, StoreError> {
    let taken = rows.row().map(|row| read(&row)).transpose().map_err(|cause| rows.damaged(cause))?;
    if taken.is_some() {
        rows.advance()?;
    }
    Ok(taken)
}
