//! One at a time in a folder: a lock on a file that the operating system lets go of when its holder ends, however it ends.
//!
//! It holds among processes of one machine, and of several where the file system locks across them. A bucket has no locks;
//! who needs one there takes it elsewhere.

use std::fs::{self, File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::{Path, PathBuf};

use crate::journal::JOURNALS;
use crate::place::Place;
use crate::{Store, StoreError, part};

/// The file that is locked, beside the journal.
const LOCK: &str = "lock";
/// Bytes of what a holder says about itself that are read.
const HOLDER_BYTES_MAX: u64 = 200;

/// The right to be the only one who writes a journal in a folder, until this is dropped or the process ends.
#[derive(Debug)]
pub struct FolderLease {
    path: PathBuf,
    /// Open, and so locked.
    _file: File,
}

/// Why a lease cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LeaseError {
    /// Somebody else has it.
    #[error("`{}` is locked by {holder}: two must not be at work on one journal", path.display())]
    Held {
        /// The file.
        path: PathBuf,
        /// What they say about themselves.
        holder: String,
    },
    /// The store is in a bucket.
    #[error("the store `{store}` is in a bucket, which has no locks")]
    Bucket {
        /// The store.
        store: String,
    },
    /// The file system refused.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl FolderLease {
    /// Takes the lease of a journal, or says who has it. `holder` is what others are told meanwhile: `process 4711`.
    ///
    /// # Errors
    /// When somebody else has it, the store is in a bucket, or the file system refuses.
    pub fn take(store: &Store, journal: &str, holder: &str) -> Result<Self, LeaseError> {
        let Place::Folder(folder) = &store.place else {
            return Err(LeaseError::Bucket { store: store.shown() });
        };
        part::check_names(&store.place, journal, journal)?;
        let parent = folder.path_of(&[JOURNALS, journal]);
        fs::create_dir_all(&parent).map_err(StoreError::io("create", &parent))?;
        let path = parent.join(LOCK);
        let mut options = File::options();
        // What a holder wrote is overwritten only once the lock is had.
        let opened = options.read(true).write(true).create(true).truncate(false).open(&path);
        let mut file = opened.map_err(StoreError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(LeaseError::Held { holder: holder_of(&mut file), path });
            }
            Err(TryLockError::Error(error)) => return Err(StoreError::io("lock", path)(error).into()),
        }
        say(&mut file, holder).map_err(StoreError::io("write", &path))?;
        Ok(Self { path, _file: file })
    }

    /// The file that is locked.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// What the holder says about itself; it may be about to say it.
fn holder_of(file: &mut File) -> String {
    let mut said = String::new();
    let read = file.take(HOLDER_BYTES_MAX).read_to_string(&mut said);
    match read {
        Ok(_) if !said.trim().is_empty() => said.trim().to_owned(),
        Ok(_) | Err(_) => "somebody else".to_owned(),
    }
}

fn say(file: &mut File, holder: &str) -> std::io::Result<()> {
    file.set_len(0)?;
    file.rewind()?;
    file.write_all(holder.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::{FolderLease, LeaseError};
    use crate::Store;

    #[test]
    fn the_second_is_told_who_is_first_and_comes_when_that_one_ends() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::new(folder.path());
        let first = FolderLease::take(&store, "one", "process 1").unwrap();
        let refused = FolderLease::take(&store, "one", "process 2").unwrap_err();
        assert!(matches!(&refused, LeaseError::Held { holder, .. } if holder == "process 1"), "{refused}");
        assert!(FolderLease::take(&store, "another", "process 2").is_ok());
        drop(first);
        assert!(FolderLease::take(&store, "one", "process 2").is_ok());
        assert!(FolderLease::take(&store, "../one", "process 2").is_err());
    }
}
