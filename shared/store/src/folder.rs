//! A store in a folder: writing so that a crash leaves either the old state or the new one.
//!
//! An inventory is a folder of its own; its description, `inventory.json`, is written last and put in its
//! place by a rename. Readers look only at folders that have it.

use std::fs::{self, File};
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::entry::{FileFacts, StoredFile};
use crate::place::{EVIDENCE, INVENTORIES, MARKER, Put, SAME_SECOND_MAX, facts_of, second_is_full, stamp};
use crate::{Dated, StoreError};

/// A folder that holds a store.
#[derive(Debug, Clone)]
pub(crate) struct Folder {
    pub(crate) root: PathBuf,
}

impl Folder {
    fn inventory(&self, name: &str) -> PathBuf {
        self.root.join(INVENTORIES).join(name)
    }

    pub(crate) fn names(&self) -> Result<Vec<String>, StoreError> {
        names_in(&self.root.join(INVENTORIES))
    }

    pub(crate) fn descriptions(&self, names: Vec<String>) -> Result<Vec<(String, String)>, StoreError> {
        let mut all = Vec::new();
        for name in names {
            if let Some(text) = self.description(&name)? {
                all.push((name, text));
            }
        }
        Ok(all)
    }

    pub(crate) fn description(&self, name: &str) -> Result<Option<String>, StoreError> {
        let path = self.inventory(name).join(MARKER);
        if !path.is_file() {
            return Ok(None);
        }
        fs::read_to_string(&path).map(Some).map_err(StoreError::io("read", path))
    }

    pub(crate) fn open(&self, name: &str, file: &StoredFile) -> Result<(File, FileFacts), StoreError> {
        let path = self.inventory(name).join(file.path());
        let mut opened = File::open(&path).map_err(StoreError::io("read", &path))?;
        // The same open file is summed and then read, so that what is read is what was summed.
        let facts = facts_of(&opened).map_err(StoreError::io("read", &path))?;
        opened.rewind().map_err(StoreError::io("read", &path))?;
        Ok((opened, facts))
    }

    /// Makes a folder of its own for an inventory taken at this time.
    pub(crate) fn draft(&self, taken_at: DateTime<Utc>) -> Result<FolderDraft, StoreError> {
        let parent = self.root.join(INVENTORIES);
        fs::create_dir_all(&parent).map_err(StoreError::io("create", &parent))?;
        for number in 0..SAME_SECOND_MAX {
            let folder = parent.join(stamp(taken_at, number));
            match fs::create_dir(&folder) {
                Ok(()) => return Ok(FolderDraft { folder, is_published: false }),
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(StoreError::io("create", folder)(error)),
            }
        }
        Err(StoreError::io("create", parent)(second_is_full()))
    }

    /// Makes a folder of its own for a part of an inventory.
    pub(crate) fn draft_part(&self, inventory: &str, part: &str) -> Result<FolderDraft, StoreError> {
        let parent = self.inventory(inventory);
        fs::create_dir_all(&parent).map_err(StoreError::io("create", &parent))?;
        let folder = parent.join(part);
        fs::create_dir(&folder).map_err(StoreError::io("create", &folder))?;
        Ok(FolderDraft { folder, is_published: false })
    }

    pub(crate) fn describe(&self, inventory: &str, description: &[u8]) -> Result<(), StoreError> {
        let parts = [INVENTORIES, inventory, MARKER];
        match self.put_new(&parts, description)? {
            Put::New => Ok(()),
            Put::AlreadyThere if self.get(&parts)?.as_deref() == Some(description) => Ok(()),
            Put::AlreadyThere => {
                let exists = io::Error::from(io::ErrorKind::AlreadyExists);
                Err(StoreError::io("create", self.inventory(inventory).join(MARKER))(exists))
            }
        }
    }

    pub(crate) fn path_of(&self, parts: &[&str]) -> PathBuf {
        parts.iter().fold(self.root.clone(), |path, part| path.join(part))
    }

    pub(crate) fn put_new(&self, parts: &[&str], bytes: &[u8]) -> Result<Put, StoreError> {
        let (file, path, folder) = self.written(parts, bytes)?;
        match file.persist_noclobber(&path) {
            Ok(_) => sync_folder(&folder).map(|()| Put::New),
            Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => Ok(Put::AlreadyThere),
            Err(refused) => Err(StoreError::io("create", path)(refused.error)),
        }
    }

    pub(crate) fn put(&self, parts: &[&str], bytes: &[u8]) -> Result<(), StoreError> {
        let (file, path, folder) = self.written(parts, bytes)?;
        file.persist(&path).map_err(|refused| StoreError::io("create", path)(refused.error))?;
        sync_folder(&folder)
    }

    /// Puts what is in a file from where it is now on, in the place of what may be there.
    pub(crate) fn put_file(&self, parts: &[&str], from: &mut File) -> Result<(), StoreError> {
        let (mut file, path, folder) = self.written(parts, &[])?;
        io::copy(from, file.as_file_mut()).map_err(StoreError::io("write", &path))?;
        file.as_file().sync_all().map_err(StoreError::io("sync", &path))?;
        file.persist(&path).map_err(|refused| StoreError::io("create", path)(refused.error))?;
        sync_folder(&folder)
    }

    /// A durable file of another name beside the place of these parts, that place, and their folder.
    fn written(
        &self,
        parts: &[&str],
        bytes: &[u8],
    ) -> Result<(tempfile::NamedTempFile<File>, PathBuf, PathBuf), StoreError> {
        let path = self.path_of(parts);
        let folder = path.parent().map_or_else(|| self.root.clone(), Path::to_owned);
        self.make(&folder)?;
        // Not the private mode of a temporary file: it is read by whoever reads the store.
        let mut file = tempfile::Builder::new()
            .make_in(&folder, |path| File::create_new(path))
            .map_err(StoreError::io("create", &folder))?;
        file.write_all(bytes).map_err(StoreError::io("write", file.path()))?;
        file.as_file().sync_all().map_err(StoreError::io("sync", file.path()))?;
        Ok((file, path, folder))
    }

    /// Makes a folder of the store, where there is none, so that it is there after a crash as well.
    fn make(&self, folder: &Path) -> Result<(), StoreError> {
        if folder.is_dir() {
            return Ok(());
        }
        fs::create_dir_all(folder).map_err(StoreError::io("create", folder))?;
        let above = folder.ancestors().skip(1);
        let above = above.take_while(|above| !above.as_os_str().is_empty());
        let in_store = above.take_while(|above| above.starts_with(&self.root));
        in_store
            .chain(self.root.parent().filter(|above| !above.as_os_str().is_empty()))
            .try_for_each(sync_folder)
    }

    pub(crate) fn get(&self, parts: &[&str]) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.path_of(parts);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io("read", path)(error)),
        }
    }

    pub(crate) fn get_dated(&self, parts: &[&str]) -> Result<Option<Dated>, StoreError> {
        let path = self.path_of(parts);
        let read = || -> io::Result<Dated> {
            let mut file = File::open(&path)?;
            let put_at = file.metadata()?.modified()?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(Dated { bytes, put_at: put_at.into() })
        };
        match read() {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(StoreError::io("read", path)(error)),
        }
    }

    pub(crate) fn list(&self, parts: &[&str]) -> Result<Vec<String>, StoreError> {
        names_in(&self.path_of(parts))
    }

    pub(crate) fn folders(&self, parts: &[&str]) -> Result<Vec<String>, StoreError> {
        let folder = self.path_of(parts);
        let mut names = names_in(&folder)?;
        names.retain(|name| folder.join(name).is_dir());
        Ok(names)
    }

    pub(crate) fn add_evidence(
        &self,
        taken_at: DateTime<Utc>,
        ending: &str,
        text: &str,
    ) -> Result<String, StoreError> {
        let folder = self.root.join(EVIDENCE);
        fs::create_dir_all(&folder).map_err(StoreError::io("create", &folder))?;
        // Not the private mode of a temporary file: the document is read by whoever reads the store.
        let mut file = tempfile::Builder::new()
            .make_in(&folder, |path| File::create_new(path))
            .map_err(StoreError::io("create", &folder))?;
        file.write_all(text.as_bytes()).map_err(StoreError::io("write", file.path()))?;
        file.as_file().sync_all().map_err(StoreError::io("sync", file.path()))?;
        for number in 0..SAME_SECOND_MAX {
            let path = folder.join(format!("{}{ending}", stamp(taken_at, number)));
            match file.persist_noclobber(&path) {
                Ok(_) => {
                    sync_folder(&folder)?;
                    return Ok(path.display().to_string());
                }
                Err(refused) if refused.error.kind() == io::ErrorKind::AlreadyExists => file = refused.file,
                Err(refused) => return Err(StoreError::io("create", path)(refused.error)),
            }
        }
        Err(StoreError::io("create", folder)(second_is_full()))
    }

    pub(crate) fn evidence(&self) -> Result<Vec<(String, String)>, StoreError> {
        let folder = self.root.join(EVIDENCE);
        let mut all = Vec::new();
        for name in names_in(&folder)? {
            if Path::new(&name).extension().is_some_and(|extension| extension == "json") {
                let path = folder.join(&name);
                all.push((name, fs::read_to_string(&path).map_err(StoreError::io("read", path))?));
            }
        }
        Ok(all)
    }
}

/// Names of what is in a folder; of one that is not there, none. A name that is no text is none of ours.
fn names_in(folder: &Path) -> Result<Vec<String>, StoreError> {
    let listing = match fs::read_dir(folder) {
        Ok(listing) => listing,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(StoreError::io("read", folder)(error)),
    };
    let mut names = Vec::new();
    for file in listing {
        names.extend(file.map_err(StoreError::io("read", folder))?.file_name().into_string().ok());
    }
    Ok(names)
}

/// The folder of an inventory that is being written.
pub(crate) struct FolderDraft {
    pub(crate) folder: PathBuf,
    is_published: bool,
}

impl FolderDraft {
    pub(crate) fn publish_part(mut self) -> Result<(), StoreError> {
        sync_folder(&self.folder)?;
        self.folder.parent().map_or(Ok(()), sync_folder)?;
        self.is_published = true;
        Ok(())
    }

    pub(crate) fn publish(mut self, description: &[u8]) -> Result<PathBuf, StoreError> {
        let folder = self.folder.clone();
        sync_folder(&folder)?;
        let unpublished = folder.join("inventory.json.part");
        write_file(&unpublished, description)?;
        fs::rename(&unpublished, folder.join(MARKER)).map_err(StoreError::io("rename", &unpublished))?;
        // It may be read already, so it stays, whatever comes.
        self.is_published = true;
        sync_folder(&folder)?;
        folder.parent().map_or(Ok(()), sync_folder)?;
        Ok(folder)
    }
}

impl Drop for FolderDraft {
    fn drop(&mut self) {
        if !self.is_published {
            // What cannot be removed is as a crash leaves it: no reader looks at it.
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Writes a file and makes it durable.
fn write_file(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut file = File::create(path).map_err(StoreError::io("create", path))?;
    file.write_all(bytes).map_err(StoreError::io("write", path))?;
    file.sync_all().map_err(StoreError::io("sync", path))
}

/// Makes the names in a folder durable. Systems that cannot open a folder need no such thing.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    match File::open(folder) {
        Ok(opened) => opened.sync_all().map_err(StoreError::io("sync", folder)),
        Err(error) if cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(StoreError::io("open", folder)(error)),
    }
}
