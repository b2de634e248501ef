//! Writing so that a crash leaves either the old state or the new one.
//!
//! An inventory is a folder of its own; its description, `inventory.json`, is written last and put in its
//! place by a rename. Readers look only at folders that have it.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::StoreError;

/// The file whose presence says that an inventory is complete.
pub(crate) const MARKER: &str = "inventory.json";

/// How many inventories may be taken in one second: more is a loop gone wrong.
const SAME_SECOND_MAX: u32 = 10_000;

/// Makes a folder of its own for an inventory taken at this time.
pub(crate) fn new_folder(parent: &Path, taken_at: DateTime<Utc>) -> Result<PathBuf, StoreError> {
    fs::create_dir_all(parent).map_err(StoreError::io("create", parent))?;
    let stamp = taken_at.format("%Y%m%dT%H%M%SZ");
    for number in 0..SAME_SECOND_MAX {
        let folder = parent.join(format!("{stamp}-{number:04}"));
        match fs::create_dir(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(StoreError::io("create", folder)(error)),
        }
    }
    let full = io::Error::other("there are ten thousand inventories of this second");
    Err(StoreError::io("create", parent)(full))
}

/// Writes a file and makes it durable.
pub(crate) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut file = File::create(path).map_err(StoreError::io("create", path))?;
    file.write_all(bytes).map_err(StoreError::io("write", path))?;
    file.sync_all().map_err(StoreError::io("sync", path))
}

/// Puts the description in its place: from now on the inventory exists.
pub(crate) fn publish(folder: &Path, description: &[u8]) -> Result<(), StoreError> {
    sync_folder(folder)?;
    let unpublished = folder.join("inventory.json.part");
    write_file(&unpublished, description)?;
    fs::rename(&unpublished, folder.join(MARKER)).map_err(StoreError::io("rename", &unpublished))?;
    sync_folder(folder)?;
    folder.parent().map_or(Ok(()), sync_folder)
}

/// Makes the names in a folder durable. Systems that cannot open a folder need no such thing.
fn sync_folder(folder: &Path) -> Result<(), StoreError> {
    match File::open(folder) {
        Ok(opened) => opened.sync_all().map_err(StoreError::io("sync", folder)),
        Err(error) if cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied => Ok(()),
        Err(error) => Err(StoreError::io("open", folder)(error)),
    }
}
