//! Where a store lives: in a folder or in a bucket.
//!
//! Both hold the same files of the same names and bytes. They differ in how an inventory comes to be there at
//! once: by the rename of its description, or by the put of it.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use crate::StoreError;
use crate::bucket::{Bucket, BucketDraft};
use crate::entry::{FileFacts, StoredFile};
use crate::folder::{Folder, FolderDraft};

/// The file whose presence says that an inventory is complete.
pub(crate) const MARKER: &str = "inventory.json";
/// The folder of inventories in a store.
pub(crate) const INVENTORIES: &str = "inventories";
/// The folder of evidence in a store.
pub(crate) const EVIDENCE: &str = "evidence";

/// What came of putting something that may not be there yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Put {
    /// It was not there, and is now.
    New,
    /// Something was there, and is as it was.
    AlreadyThere,
}

/// How many inventories may be taken in one second: more is a loop gone wrong.
pub(crate) const SAME_SECOND_MAX: u32 = 10_000;

/// What a name begins with: the second, and a number that tells apart those of the same second.
pub(crate) fn stamp(taken_at: DateTime<Utc>, number: u32) -> String {
    format!("{}-{number:04}", taken_at.format("%Y%m%dT%H%M%SZ"))
}

/// Why there is no number left.
pub(crate) fn second_is_full() -> io::Error {
    io::Error::other("there are ten thousand of this second")
}

/// Length and checksum of what there is to read, such as a file from where it is now to its end.
pub(crate) fn facts_of(mut file: impl Read) -> io::Result<FileFacts> {
    let mut facts = FileFacts { bytes: 0, crc32: 0 };
    let mut crc32 = crc32fast::Hasher::new();
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = match file.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        facts.bytes += read as u64;
        crc32.update(buffer.get(..read).unwrap_or_default());
    }
    facts.crc32 = crc32.finalize();
    Ok(facts)
}

/// A folder or a bucket.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    Folder(Folder),
    Bucket(Bucket),
}

impl Place {
    /// The place in messages.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Folder(folder) => folder.root.display().to_string(),
            Self::Bucket(bucket) => bucket.shown.clone(),
        }
    }

    /// The folder of an inventory, as it is shown.
    pub(crate) fn folder_of(&self, name: &str) -> PathBuf {
        let root = match self {
            Self::Folder(folder) => folder.root.clone(),
            Self::Bucket(bucket) => PathBuf::from(&bucket.shown),
        };
        root.join(INVENTORIES).join(name)
    }

    /// Name and description of each inventory whose writing was finished, in no order.
    pub(crate) fn descriptions(&self, names: Vec<String>) -> Result<Vec<(String, String)>, StoreError> {
        match self {
            Self::Folder(folder) => folder.descriptions(names),
            Self::Bucket(bucket) => bucket.descriptions(names),
        }
    }

    /// The names of all inventories, and of what never became one, in no order.
    pub(crate) fn names(&self) -> Result<Vec<String>, StoreError> {
        match self {
            Self::Folder(folder) => folder.names(),
            Self::Bucket(bucket) => bucket.names(),
        }
    }

    /// The description of the inventory of this name, where there is one.
    pub(crate) fn description(&self, name: &str) -> Result<Option<String>, StoreError> {
        match self {
            Self::Folder(folder) => folder.description(name),
            Self::Bucket(bucket) => bucket.description(name),
        }
    }

    /// A file of an inventory, on the local disk, with its length and checksum as they are now.
    pub(crate) fn open(&self, name: &str, file: &StoredFile) -> Result<(File, FileFacts), StoreError> {
        match self {
            Self::Folder(folder) => folder.open(name, file),
            Self::Bucket(bucket) => bucket.open(name, file),
        }
    }

    /// A folder on the local disk in which an inventory is written that was taken at this time.
    pub(crate) fn draft(&self, taken_at: DateTime<Utc>) -> Result<Draft, StoreError> {
        Ok(match self {
            Self::Folder(folder) => Draft::Folder(folder.draft(taken_at)?),
            Self::Bucket(bucket) => Draft::Bucket(bucket.draft()?),
        })
    }

    /// A folder on the local disk in which a part of an inventory is written.
    pub(crate) fn draft_part(&self, inventory: &str, part: &str) -> Result<Draft, StoreError> {
        Ok(match self {
            Self::Folder(folder) => Draft::Folder(folder.draft_part(inventory, part)?),
            Self::Bucket(bucket) => Draft::Bucket(bucket.draft()?),
        })
    }

    /// Puts the description of an inventory whose files are there already. The same one twice is put once.
    pub(crate) fn describe(&self, inventory: &str, description: &[u8]) -> Result<(), StoreError> {
        match self {
            Self::Folder(folder) => folder.describe(inventory, description),
            Self::Bucket(bucket) => bucket.describe(inventory, description),
        }
    }

    /// Puts an object that may not be there yet; whether it was not.
    pub(crate) fn put_new(&self, parts: &[&str], bytes: &[u8]) -> Result<Put, StoreError> {
        match self {
            Self::Folder(folder) => folder.put_new(parts, bytes),
            Self::Bucket(bucket) => bucket.put_new_at(parts, bytes),
        }
    }

    /// Puts an object, in the place of one that may be there.
    pub(crate) fn put(&self, parts: &[&str], bytes: &[u8]) -> Result<(), StoreError> {
        match self {
            Self::Folder(folder) => folder.put(parts, bytes),
            Self::Bucket(bucket) => bucket.put(parts, bytes),
        }
    }

    /// The bytes of an object, where there is one.
    pub(crate) fn get(&self, parts: &[&str]) -> Result<Option<Vec<u8>>, StoreError> {
        match self {
            Self::Folder(folder) => folder.get(parts),
            Self::Bucket(bucket) => bucket.get(parts),
        }
    }

    /// The bytes of many objects, in the order in which they are asked for.
    pub(crate) fn get_all(&self, all: &[Vec<&str>]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        match self {
            Self::Folder(folder) => all.iter().map(|parts| folder.get(parts)).collect(),
            Self::Bucket(bucket) => bucket.get_all(all),
        }
    }

    /// The names of the objects that lie in a folder, in no order; none where there is no such folder.
    pub(crate) fn list(&self, parts: &[&str]) -> Result<Vec<String>, StoreError> {
        match self {
            Self::Folder(folder) => folder.list(parts),
            Self::Bucket(bucket) => bucket.list(parts),
        }
    }

    /// The names of the folders that lie in a folder, in no order; none where there is no such folder.
    pub(crate) fn folders(&self, parts: &[&str]) -> Result<Vec<String>, StoreError> {
        match self {
            Self::Folder(folder) => folder.folders(parts),
            Self::Bucket(bucket) => bucket.folders(parts),
        }
    }

    /// Puts a document of a new name there; the name is the stamp and `ending`.
    pub(crate) fn add_evidence(
        &self,
        taken_at: DateTime<Utc>,
        ending: &str,
        text: &str,
    ) -> Result<String, StoreError> {
        match self {
            Self::Folder(folder) => folder.add_evidence(taken_at, ending, text),
            Self::Bucket(bucket) => bucket.add_evidence(taken_at, ending, text),
        }
    }

    /// Name and text of all documents, in no order.
    pub(crate) fn evidence(&self) -> Result<Vec<(String, String)>, StoreError> {
        match self {
            Self::Folder(folder) => folder.evidence(),
            Self::Bucket(bucket) => bucket.evidence(),
        }
    }
}

/// An inventory, or a part of one, that no reader sees yet. Dropping it removes what was written.
pub(crate) enum Draft {
    Folder(FolderDraft),
    Bucket(BucketDraft),
}

impl Draft {
    /// The folder of its files on the local disk.
    pub(crate) fn path(&self) -> &Path {
        match self {
            Self::Folder(draft) => &draft.folder,
            Self::Bucket(draft) => draft.spool.path(),
        }
    }

    /// Makes a finished file durable, where it is one that stays.
    pub(crate) fn seal(&self, name: &str, file: &File) -> Result<(), StoreError> {
        match self {
            Self::Folder(draft) => file.sync_all().map_err(StoreError::io("sync", draft.folder.join(name))),
            Self::Bucket(_) => Ok(()),
        }
    }

    /// Puts the files of a part in their place, where no reader looks before an inventory names them.
    pub(crate) fn publish_part(self, inventory: &str, part: &str) -> Result<(), StoreError> {
        match self {
            Self::Folder(draft) => draft.publish_part(),
            Self::Bucket(draft) => draft.publish_part(inventory, part),
        }
    }

    /// Puts the description in its place, after everything else: from now on the inventory exists. Returns
    /// its folder as it is shown.
    pub(crate) fn publish(self, taken_at: DateTime<Utc>, description: &[u8]) -> Result<PathBuf, StoreError> {
        match self {
            Self::Folder(draft) => draft.publish(description),
            Self::Bucket(draft) => draft.publish(taken_at, description),
        }
    }
}
