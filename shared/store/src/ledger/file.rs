//! Where the file of a ledger lies, and how it is replaced: as a whole, or not at all.
//!
//! In a folder by a rename, in a bucket by the end of an upload. Of two that replace it at the same time one is lost,
//! and learnt again with the next inventory, because the file says which inventories are in it.

use std::fs::{self, File};
use std::io;

use tempfile::NamedTempFile;

use crate::StoreError;
use crate::folder::sync_folder;
use crate::place::Place;

/// The name of the file.
const NAME: &str = "ledger.parquet";

/// The place of the file of one registry.
#[derive(Debug, Clone)]
pub(super) struct LedgerFile {
    place: Place,
    folder: Vec<String>,
}

impl LedgerFile {
    pub(super) const fn new(place: Place, folder: Vec<String>) -> Self {
        Self { place, folder }
    }

    fn parts(&self) -> Vec<&str> {
        self.folder.iter().map(String::as_str).chain([NAME]).collect()
    }

    /// The file as it is shown.
    pub(super) fn shown(&self) -> String {
        match &self.place {
            Place::Folder(folder) => folder.path_of(&self.parts()).display().to_string(),
            Place::Bucket(bucket) => bucket.shown_of(&self.parts()).display().to_string(),
        }
    }

    /// The file, on the local disk, where there is one. What replaces it later does not touch what was opened.
    pub(super) fn open(&self) -> Result<Option<File>, StoreError> {
        let opened = match &self.place {
            Place::Folder(folder) => File::open(folder.path_of(&self.parts())),
            Place::Bucket(bucket) => {
                bucket.wait(bucket.fetch(&bucket.key(&self.parts()))).map(|(file, _)| file)
            }
        };
        match opened {
            Ok(file) => Ok(Some(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io("read", self.shown())(error)),
        }
    }

    /// A file on the local disk that can take its place.
    pub(super) fn draft(&self) -> Result<NamedTempFile<File>, StoreError> {
        let folder = match &self.place {
            Place::Folder(folder) => {
                let path = folder.path_of(&self.folder.iter().map(String::as_str).collect::<Vec<_>>());
                fs::create_dir_all(&path).map_err(StoreError::io("create", &path))?;
                path
            }
            Place::Bucket(_) => std::env::temp_dir(),
        };
        // Not the private mode of a temporary file: it is read by whoever reads the store.
        tempfile::Builder::new()
            .make_in(&folder, |path| File::options().read(true).write(true).create_new(true).open(path))
            .map_err(StoreError::io("create", &folder))
    }

    /// Puts a finished file in its place.
    pub(super) fn replace(&self, draft: NamedTempFile<File>) -> Result<(), StoreError> {
        let path = self.shown();
        match &self.place {
            Place::Folder(folder) => {
                draft.as_file().sync_all().map_err(StoreError::io("sync", draft.path()))?;
                let to = folder.path_of(&self.parts());
                draft.persist(&to).map_err(|refused| StoreError::io("rename", &path)(refused.error))?;
                to.parent().map_or(Ok(()), sync_folder)
            }
            Place::Bucket(bucket) => {
                let uploaded = bucket.wait(bucket.upload(draft.path(), &bucket.key(&self.parts())));
                uploaded.map_err(StoreError::io("write", path))
            }
        }
    }
}
