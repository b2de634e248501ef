//! Writing repositories and images while they are read: a whole inventory, or a part of one.
//!
//! What comes is written at once: of images and descriptors at most 8,192 rows and the encoded rest of one row
//! group are held, of repositories 256 rows. See `docs/STORE.md` for how much that is.

use std::collections::BTreeMap;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use demurrage_core::{Digest, Image, Repository};

use crate::batches::{self, Counted, DescriptorRows, ImageRows};
use crate::columns::{self, DESCRIPTORS, IMAGES, REPOSITORIES};
use crate::entry::FileFacts;
use crate::place::Draft;
use crate::table_writer::TableWriter;
use crate::{Part, StoreError};

/// Images or descriptors that are held before they are encoded.
const BATCH_ROWS: usize = 8 * 1024;
/// Repositories that are held before they are encoded: each may have policies of 10 KiB.
const BATCH_REPOSITORIES: usize = 256;

/// The rows of an inventory, or of a part of one, that is being written.
///
/// Repositories come in the order of their names, each after its images, and those in the order of their
/// digests. After an error of the file system it takes nothing any more.
pub struct RowsWriter {
    /// The store, in messages.
    store: PathBuf,
    // Before `draft`: files are closed before their folder is removed.
    tables: Tables,
    draft: Draft,
    order: Order,
    counts: Counts,
    is_broken: bool,
}

impl fmt::Debug for RowsWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RowsWriter").field("store", &self.store).finish_non_exhaustive()
    }
}

/// What was written, and where.
pub(crate) struct Written {
    pub(crate) store: PathBuf,
    pub(crate) draft: Draft,
    pub(crate) counts: Counts,
    pub(crate) files: BTreeMap<String, FileFacts>,
}

impl RowsWriter {
    pub(crate) fn begin(store: PathBuf, draft: Draft) -> Result<Self, StoreError> {
        let tables = Tables::create(draft.path())?;
        let (order, counts) = (Order::default(), Counts::default());
        Ok(Self { store, tables, draft, order, counts, is_broken: false })
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
        self.counts.image(image);
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
        let counted = self.counts.repository(&repository.name);
        let written = self.tables.repository(repository, counted);
        self.is_broken = written.is_err();
        written
    }

    /// Ends the files.
    pub(crate) fn close(self) -> Result<Written, StoreError> {
        self.is_whole()?;
        let Self { store, tables, draft, order, counts, .. } = self;
        order.finish().map_err(|cause| StoreError::order(&store, cause))?;
        let files = tables.finish(&draft)?;
        Ok(Written { store, draft, counts, files })
    }

    fn is_whole(&self) -> Result<(), StoreError> {
        if self.is_broken {
            let broken = io::Error::other("an earlier write to it failed");
            return Err(StoreError::io("write", &self.store)(broken));
        }
        Ok(())
    }
}

/// How much was written.
#[derive(Debug, Default)]
pub(crate) struct Counts {
    pub(crate) repositories: u64,
    pub(crate) images: u64,
    descriptors: u64,
    image_size_sum_bytes: u64,
    images_of_largest: u64,
    descriptors_of_largest: u64,
    children_of_largest: u64,
    tag_bytes_of_largest: u64,
    first: Option<String>,
    last: Option<String>,
    /// Of the repository whose images come.
    open: Counted,
    open_descriptors: u64,
    open_children: u64,
    open_tag_bytes: u64,
}

impl Counts {
    fn image(&mut self, image: &Image) {
        self.open.images += 1;
        self.open_tag_bytes += image.tags.iter().map(|tag| tag.as_str().len() as u64).sum::<u64>();
        let sum = self.open.image_size_sum_bytes.saturating_add(image.size_bytes.unwrap_or_default());
        self.open.image_size_sum_bytes = sum;
        if let Some(manifest) = &image.manifest {
            let blobs = usize::from(manifest.config.is_some()) + manifest.layers.len() + manifest.blobs.len();
            self.open_descriptors += (blobs + manifest.children.len()) as u64;
            self.open_children += manifest.children.len() as u64;
        }
    }

    fn repository(&mut self, name: &str) -> Counted {
        let counted = std::mem::take(&mut self.open);
        let descriptors = std::mem::take(&mut self.open_descriptors);
        self.repositories += 1;
        self.images += counted.images;
        self.descriptors += descriptors;
        self.image_size_sum_bytes = self.image_size_sum_bytes.saturating_add(counted.image_size_sum_bytes);
        self.images_of_largest = self.images_of_largest.max(counted.images);
        self.descriptors_of_largest = self.descriptors_of_largest.max(descriptors);
        self.children_of_largest = self.children_of_largest.max(std::mem::take(&mut self.open_children));
        self.tag_bytes_of_largest = self.tag_bytes_of_largest.max(std::mem::take(&mut self.open_tag_bytes));
        self.first.get_or_insert_with(|| name.to_owned());
        self.last = Some(name.to_owned());
        counted
    }

    pub(crate) fn part(self, folder: String, files: BTreeMap<String, FileFacts>) -> Part {
        Part {
            folder,
            repositories: self.repositories,
            images: self.images,
            descriptors: self.descriptors,
            image_size_sum_bytes: self.image_size_sum_bytes,
            images_of_largest: self.images_of_largest,
            descriptors_of_largest: self.descriptors_of_largest,
            children_of_largest: self.children_of_largest,
            tag_bytes_of_largest: self.tag_bytes_of_largest,
            first: self.first,
            last: self.last,
            files,
        }
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
    waiting: Vec<(Repository, Counted)>,
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

    fn repository(&mut self, repository: &Repository, counted: Counted) -> Result<(), StoreError> {
        self.waiting.push((batches::without_images(repository), counted));
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
