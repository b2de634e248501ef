//! Writing one inventory while it is read.
//!
//! What comes is written at once: of images and descriptors at most 8,192 rows and the encoded rest of one row
//! group are held, of repositories 256 rows. See `docs/STORE.md` for how much that is.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use demurrage_core::{Digest, Image, RegistryFacts, RegistryKind, RepositoriesListing, Repository, instant};

use crate::batches::{self, DescriptorRows, ImageRows};
use crate::columns::{self, DESCRIPTORS, IMAGES, REPOSITORIES};
use crate::entry::{Description, FileFacts};
use crate::place::{Draft, Place};
use crate::table_writer::TableWriter;
use crate::{FORMAT_VERSION, InventoryEntry, StoreError};

/// Images or descriptors that are held before they are encoded.
const BATCH_ROWS: usize = 8 * 1024;
/// Repositories that are held before they are encoded: each may have policies of 10 KiB.
const BATCH_REPOSITORIES: usize = 256;

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

/// An inventory that is being written: one that is dropped before [`Self::finish`] leaves nothing.
///
/// Repositories come in the order of their names, each after its images, and those in the order of their
/// digests. After an error of the file system it takes nothing any more.
pub struct InventoryWriter {
    head: Head,
    /// The store, in messages.
    store: PathBuf,
    // Before `draft`: files are closed before their folder is removed.
    tables: Tables,
    draft: Draft,
    order: Order,
    repositories: usize,
    images: usize,
    is_broken: bool,
}

impl fmt::Debug for InventoryWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InventoryWriter").field("head", &self.head).finish_non_exhaustive()
    }
}

impl InventoryWriter {
    pub(crate) fn begin(place: &Place, head: &Head) -> Result<Self, StoreError> {
        let draft = place.draft(head.taken_at)?;
        let tables = Tables::create(draft.path())?;
        Ok(Self {
            head: head.clone(),
            store: place.shown().into(),
            tables,
            draft,
            order: Order::default(),
            repositories: 0,
            images: 0,
            is_broken: false,
        })
    }

    /// Writes an image of the repository that comes next.
    ///
    /// # Errors
    /// When it is not the turn of this image (nothing is written then), or the file system refuses.
    pub fn image(&mut self, repository_name: &str, image: &Image) -> Result<(), StoreError> {
        self.is_whole()?;
        self.order
            .image(repository_name, image.digest)
            .map_err(|cause| StoreError::order(&self.store, cause))?;
        self.images += 1;
        let written = self.tables.image(repository_name, image);
        self.is_broken = written.is_err();
        written
    }

    /// Writes a repository, after its images; `images` of the repository is ignored.
    ///
    /// # Errors
    /// When it is not the turn of this repository (nothing is written then), or the file system refuses.
    pub fn repository(&mut self, repository: &Repository) -> Result<(), StoreError> {
        self.is_whole()?;
        self.order.repository(&repository.name).map_err(|cause| StoreError::order(&self.store, cause))?;
        self.repositories += 1;
        let written = self.tables.repository(repository);
        self.is_broken = written.is_err();
        written
    }

    /// Ends the inventory: from now on it is one of the store.
    ///
    /// # Errors
    /// When images came whose repository did not, or the file system or the bucket refuses. The store is as it
    /// was before, or (where only the last confirmation failed) has the whole inventory.
    pub fn finish(self, registry: &RegistryFacts, notes: &[String]) -> Result<InventoryEntry, StoreError> {
        self.is_whole()?;
        let Self { head, store, tables, draft, order, repositories, images, .. } = self;
        order.finish().map_err(|cause| StoreError::order(&store, cause))?;
        let description = Description {
            format_version: FORMAT_VERSION,
            registry_kind: Some(head.kind.into()),
            repositories_listing: head.repositories_listing.into(),
            registry_id: head.registry_id,
            region: head.region,
            taken_at: instant::format(head.taken_at),
            repositories,
            images,
            files: tables.finish(&draft)?,
            registry: registry.into(),
            notes: notes.to_vec(),
        };
        let text = serde_json::to_vec_pretty(&description)
            .map_err(|error| StoreError::io("write", &store)(io::Error::other(error)))?;
        let folder = draft.publish(&text)?;
        InventoryEntry::of(&folder, description).map_err(|cause| StoreError::corrupt(folder, cause))
    }

    fn is_whole(&self) -> Result<(), StoreError> {
        if self.is_broken {
            let broken = io::Error::other("an earlier write to it failed");
            return Err(StoreError::io("write", &self.store)(broken));
        }
        Ok(())
    }
}

/// Whose turn it is.
#[derive(Debug, Default)]
struct Order {
    /// The last repository that came.
    finished: Option<String>,
    /// The repository whose images come, and the last of them.
    open: Option<(String, Digest)>,
}

impl Order {
    fn image(&mut self, repository: &str, digest: Digest) -> Result<(), String> {
        match &mut self.open {
            Some((open, _)) if open != repository => {
                Err(format!("an image of `{repository}` comes before the repository `{open}` itself"))
            }
            Some((_, last)) if *last < digest => {
                *last = digest;
                Ok(())
            }
            Some((_, last)) => Err(format!("the image {digest} of `{repository}` comes after {last}")),
            None => {
                self.is_next(repository)?;
                self.open = Some((repository.to_owned(), digest));
                Ok(())
            }
        }
    }

    fn repository(&mut self, repository: &str) -> Result<(), String> {
        match &self.open {
            Some((open, _)) if open != repository => {
                return Err(format!("`{repository}` comes where images of `{open}` came"));
            }
            Some(_) => {}
            None => self.is_next(repository)?,
        }
        self.open = None;
        self.finished = Some(repository.to_owned());
        Ok(())
    }

    fn is_next(&self, repository: &str) -> Result<(), String> {
        match &self.finished {
            Some(last) if repository <= last.as_str() => Err(format!("`{repository}` comes after `{last}`")),
            Some(_) | None => Ok(()),
        }
    }

    fn finish(self) -> Result<(), String> {
        match self.open {
            Some((open, _)) => Err(format!("images of `{open}` came, and the repository itself did not")),
            None => Ok(()),
        }
    }
}

/// The three files, and the rows that are not in them yet.
struct Tables {
    repositories: TableWriter,
    waiting: Vec<Repository>,
    images: TableWriter,
    image_rows: ImageRows,
    descriptors: TableWriter,
    descriptor_rows: DescriptorRows,
}

impl Tables {
    fn create(folder: &Path) -> Result<Self, StoreError> {
        Ok(Self {
            repositories: TableWriter::create(folder, REPOSITORIES, columns::repositories())?,
            waiting: Vec::new(),
            images: TableWriter::create(folder, IMAGES, columns::images())?,
            image_rows: ImageRows::new(),
            descriptors: TableWriter::create(folder, DESCRIPTORS, columns::descriptors())?,
            descriptor_rows: DescriptorRows::default(),
        })
    }

    fn image(&mut self, repository: &str, image: &Image) -> Result<(), StoreError> {
        self.image_rows.push(repository, image);
        if BATCH_ROWS <= self.image_rows.rows() {
            self.images.write(self.image_rows.finish())?;
        }
        if let Some(manifest) = &image.manifest {
            self.descriptor_rows.push(repository, image.digest, manifest);
        }
        if BATCH_ROWS <= self.descriptor_rows.rows() {
            self.descriptors.write(self.descriptor_rows.finish())?;
        }
        Ok(())
    }

    fn repository(&mut self, repository: &Repository) -> Result<(), StoreError> {
        self.waiting.push(batches::without_images(repository));
        if BATCH_REPOSITORIES <= self.waiting.len() {
            self.repositories.write(batches::repositories(&self.waiting))?;
            self.waiting.clear();
        }
        Ok(())
    }

    fn finish(mut self, draft: &Draft) -> Result<BTreeMap<String, FileFacts>, StoreError> {
        self.repositories.write(batches::repositories(&self.waiting))?;
        self.images.write(self.image_rows.finish())?;
        self.descriptors.write(self.descriptor_rows.finish())?;
        let tables =
            [(REPOSITORIES, self.repositories), (IMAGES, self.images), (DESCRIPTORS, self.descriptors)];
        let mut files = BTreeMap::new();
        for (name, table) in tables {
            let (file, facts) = table.finish()?;
            draft.seal(name, &file)?;
            files.insert(name.to_owned(), facts);
        }
        Ok(files)
    }
}
