//! Small objects beside the inventories: what a run of the service hands from one step to the next.
//!
//! An object of a name is put once or put anew, and there is no way to delete one.

use std::io;

use chrono::{DateTime, Utc};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::place::{Place, Put};
use crate::{StoreError, part};

/// How often an object is put that others put at the same time: S3 refuses both where two conditional puts meet.
///
/// Source: S3 API reference, `PutObject`, `ConditionalRequestConflict`, read 2026-11-24.
const CONFLICTS_MAX: u32 = 5;

/// An object, and how old it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dated {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// When it was put there, in the clock of the place.
    pub put_at: DateTime<Utc>,
}

/// A folder of small objects in a store.
#[derive(Debug, Clone)]
pub struct Documents {
    pub(crate) place: Place,
    folder: Vec<String>,
}

impl Documents {
    pub(crate) fn new(place: &Place, folder: &[&str]) -> Result<Self, StoreError> {
        check(place, folder.iter().copied())?;
        Ok(Self { place: place.clone(), folder: folder.iter().map(|&part| part.to_owned()).collect() })
    }

    /// The place of an object, as it is shown.
    pub fn shown(&self, name: &str) -> String {
        let parts: Vec<&str> = self.folder.iter().map(String::as_str).chain([name]).collect();
        format!("{}/{}", self.place.shown().trim_end_matches('/'), parts.join("/"))
    }

    /// Bucket and key of an object; of a store in a folder no bucket, and the path.
    pub fn object(&self, name: &str) -> (String, String) {
        let shown = self.shown(name);
        match shown.strip_prefix("s3://").and_then(|place| place.split_once('/')) {
            Some((bucket, key)) => (bucket.to_owned(), key.to_owned()),
            None => (String::new(), shown),
        }
    }

    /// Puts an object, unless one of this name is there.
    ///
    /// # Errors
    /// When the name is none, or the file system or the bucket refuses.
    pub fn put_new(&self, name: &str, bytes: &[u8]) -> Result<Put, StoreError> {
        self.place.put_new(&self.parts(name)?, bytes)
    }

    /// Puts an object, in the place of one of this name that may be there.
    ///
    /// # Errors
    /// As for [`Self::put_new`].
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.place.put(&self.parts(name)?, bytes)
    }

    /// The bytes of an object, where there is one.
    ///
    /// # Errors
    /// As for [`Self::put_new`].
    pub fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.place.get(&self.parts(name)?)
    }

    /// The bytes of many objects, in the order of their names here.
    ///
    /// # Errors
    /// As for [`Self::put_new`].
    pub fn get_all(&self, names: &[String]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let parts: Result<Vec<_>, _> = names.iter().map(|name| self.parts(name)).collect();
        self.place.get_all(&parts?)
    }

    /// The names of the objects in the folder itself, in order; none where there is no such folder. What is being written has
    /// no name yet.
    ///
    /// # Errors
    /// When the file system or the bucket refuses.
    pub fn names(&self) -> Result<Vec<String>, StoreError> {
        let folder: Vec<&str> = self.folder.iter().map(String::as_str).collect();
        Ok(plain_and_sorted(self.place.list(&folder)?))
    }

    /// The names of the folders in the folder itself, in order; none where there is no such folder.
    ///
    /// # Errors
    /// When the file system or the bucket refuses.
    pub fn folders(&self) -> Result<Vec<String>, StoreError> {
        let folder: Vec<&str> = self.folder.iter().map(String::as_str).collect();
        Ok(plain_and_sorted(self.place.folders(&folder)?))
    }

    /// Puts an object that nobody else may put. The same bytes once more are taken for one's own, whose answer was lost.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when other bytes are there, and as for [`Self::put_new`].
    pub(crate) fn claim(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        for _ in 0..CONFLICTS_MAX {
            let put = self.put_new(name, bytes);
            if matches!(put, Ok(Put::New)) {
                return Ok(());
            }
            match (self.get(name), put) {
                (Ok(Some(there)), _) if there == bytes => return Ok(()),
                (Ok(Some(_)), _) => return Err(StoreError::Taken { path: self.shown(name).into() }),
                (Ok(None), Ok(_)) => {}
                (Ok(None) | Err(_), Err(error)) | (Err(error), Ok(_)) => return Err(error),
            }
        }
        Err(StoreError::Taken { path: self.shown(name).into() })
    }

    /// The value that an object of this version of its format holds as JSON, where there is one.
    pub(crate) fn read_versioned<T: DeserializeOwned>(
        &self,
        name: &str,
        known: u64,
    ) -> Result<Option<T>, StoreError> {
        let Some(bytes) = self.get(name)? else { return Ok(None) };
        let Versioned { format_version: found } =
            serde_json::from_slice(&bytes).map_err(|error| self.damaged(name, &error))?;
        if found != known {
            return Err(StoreError::Newer { path: self.shown(name).into(), found, known });
        }
        serde_json::from_slice(&bytes).map(Some).map_err(|error| self.damaged(name, &error))
    }

    /// The bytes of an object, where there is one, and when it was put there.
    ///
    /// # Errors
    /// As for [`Self::put_new`].
    pub fn get_dated(&self, name: &str) -> Result<Option<Dated>, StoreError> {
        let parts = self.parts(name)?;
        match &self.place {
            Place::Folder(folder) => folder.get_dated(&parts),
            Place::Bucket(bucket) => bucket.get_dated(&parts),
        }
    }

    /// Puts a value as JSON, unless there is one of this name, and returns what is there then: who comes second
    /// goes on with what the first has put.
    ///
    /// # Errors
    /// As for [`Self::put_new`], or when what is there cannot be read.
    pub fn agree<T: Serialize + DeserializeOwned>(&self, name: &str, value: T) -> Result<T, StoreError> {
        let bytes = serde_json::to_vec(&value).map_err(|error| self.damaged(name, &error))?;
        for _ in 0..CONFLICTS_MAX {
            match self.put_new(name, &bytes)? {
                Put::New => return Ok(value),
                Put::AlreadyThere => {
                    if let Some(there) = self.read(name)? {
                        return Ok(there);
                    }
                }
            }
        }
        let conflict = io::Error::other("others put it at the same time, and it is not there");
        Err(StoreError::io("write", self.shown(name))(conflict))
    }

    /// The value that an object holds as JSON, where there is one.
    ///
    /// # Errors
    /// When it cannot be read, or is not such a value.
    pub fn read<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let Some(bytes) = self.get(name)? else { return Ok(None) };
        serde_json::from_slice(&bytes).map(Some).map_err(|error| self.damaged(name, &error))
    }

    /// The values of many objects, in the order of their names here.
    ///
    /// # Errors
    /// As for [`Self::read`].
    pub fn read_all<T: DeserializeOwned>(&self, names: &[String]) -> Result<Vec<Option<T>>, StoreError> {
        let found = self.get_all(names)?;
        let read = names.iter().zip(found).map(|(name, bytes)| {
            let bytes = bytes.as_deref();
            bytes.map(serde_json::from_slice).transpose().map_err(|error| self.damaged(name, &error))
        });
        read.collect()
    }

    fn damaged(&self, name: &str, error: &serde_json::Error) -> StoreError {
        StoreError::corrupt(self.shown(name), error)
    }

    /// A name may have folders: `shares/00003.json`.
    pub(crate) fn parts<'a>(&'a self, name: &'a str) -> Result<Vec<&'a str>, StoreError> {
        check(&self.place, name.split('/'))?;
        Ok(self.folder.iter().map(String::as_str).chain(name.split('/')).collect())
    }
}

#[derive(Deserialize)]
struct Versioned {
    format_version: u64,
}

/// The names that an object of a store can have, in order.
fn plain_and_sorted(mut names: Vec<String>) -> Vec<String> {
    names.retain(|name| part::is_plain(&name.replace('=', "-")));
    names.sort_unstable();
    names
}

fn check<'a>(place: &Place, mut names: impl Iterator<Item = &'a str>) -> Result<(), StoreError> {
    let plain = |name: &str| part::is_plain(&name.replace('=', "-"));
    match names.find(|name| !plain(name)) {
        Some(name) => Err(StoreError::Name { name: name.to_owned(), store: place.shown() }),
        None => Ok(()),
    }
}
