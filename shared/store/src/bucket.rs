//! A store in a bucket: conditional puts in the place of the rename.
//!
//! An inventory is spooled to a temporary folder of the local disk and then uploaded. Its first object is
//! put only where there is none yet, which claims the number of the folder; its description is put last, and
//! readers look only at folders that have it. What is read is fetched whole into a temporary file that has no
//! name, is summed on the way, and is read from there.
//!
//! It waits for the runtime, and so is called from outside of it.

use std::fmt;
use std::fs::File;
use std::future::Future;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use futures::{StreamExt, TryStreamExt};
use object_store::path::Path as Key;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, WriteMultipart};
use tempfile::TempDir;
use tokio::runtime::Handle;

use crate::columns::{DESCRIPTORS, IMAGES, REPOSITORIES};
use crate::entry::{FileFacts, StoredFile};
use crate::place::{EVIDENCE, INVENTORIES, MARKER, Put, SAME_SECOND_MAX, second_is_full, stamp};
use crate::{Dated, StoreError};

/// Bytes of one part of an upload. S3 takes 5 MiB or more and 10,000 parts (documented, read 2026-11-24).
const PART_BYTES: u64 = 8 * 1024 * 1024;
/// Parts that are under way at a time, each held in memory.
const PARTS_AHEAD: usize = 2;
/// Small objects that are fetched at a time.
const FETCHES: usize = 16;

/// A bucket, and the prefix of a store in it.
#[derive(Clone)]
pub(crate) struct Bucket {
    pub(crate) objects: Arc<dyn ObjectStore>,
    pub(crate) prefix: Key,
    pub(crate) runtime: Handle,
    /// The place in messages: `s3://bucket/prefix`.
    pub(crate) shown: String,
}

impl fmt::Debug for Bucket {
    /// Without the client, which may hold credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Bucket").field(&self.shown).finish()
    }
}

impl Bucket {
    pub(crate) fn new(objects: Arc<dyn ObjectStore>, prefix: &str, runtime: Handle, shown_as: &str) -> Self {
        let prefix = Key::parse(prefix).unwrap_or_else(|_| Key::from(prefix));
        Self { objects, prefix, runtime, shown: shown_as.trim_end_matches('/').to_owned() }
    }

    pub(crate) fn key(&self, parts: &[&str]) -> Key {
        parts.iter().fold(self.prefix.clone(), |key, part| key.join(*part))
    }

    pub(crate) fn shown_of(&self, parts: &[&str]) -> PathBuf {
        parts.iter().fold(PathBuf::from(&self.shown), |path, part| path.join(part))
    }

    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    pub(crate) fn names(&self) -> Result<Vec<String>, StoreError> {
        self.wait(async {
            let folder = self.key(&[INVENTORIES]);
            let listing = self.objects.list_with_delimiter(Some(&folder)).await;
            let listing = listing.map_err(failed("list", self.shown_of(&[INVENTORIES])))?;
            Ok(listing.common_prefixes.iter().filter_map(|key| key.filename().map(str::to_owned)).collect())
        })
    }

    pub(crate) fn descriptions(&self, names: Vec<String>) -> Result<Vec<(String, String)>, StoreError> {
        self.wait(async {
            let texts = futures::stream::iter(names)
                .map(async |name| Ok((self.text(&[INVENTORIES, &name, MARKER]).await?, name)))
                .buffered(FETCHES);
            let all: Vec<(Option<String>, String)> = texts.try_collect().await?;
            Ok(all.into_iter().filter_map(|(text, name)| Some((name, text?))).collect())
        })
    }

    pub(crate) fn description(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.wait(self.text(&[INVENTORIES, name, MARKER]))
    }

    /// The text of a small object, where there is one.
    async fn text(&self, parts: &[&str]) -> Result<Option<String>, StoreError> {
        let Some(bytes) = self.bytes(parts).await? else { return Ok(None) };
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Some(text)),
            Err(error) => Err(StoreError::corrupt(self.shown_of(parts), error)),
        }
    }

    /// The bytes of a small object, where there is one.
    async fn bytes(&self, parts: &[&str]) -> Result<Option<Vec<u8>>, StoreError> {
        match self.objects.get(&self.key(parts)).await {
            Ok(found) => {
                let bytes = found.bytes().await.map_err(failed("fetch", self.shown_of(parts)))?;
                Ok(Some(bytes.into()))
            }
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(failed("fetch", self.shown_of(parts))(error)),
        }
    }

    pub(crate) fn open(&self, name: &str, file: &StoredFile) -> Result<(File, FileFacts), StoreError> {
        let mut parts = vec![INVENTORIES, name];
        parts.extend(file.folder.as_deref());
        parts.push(&file.name);
        let shown = self.shown_of(&parts);
        let fetched = self.wait(self.fetch(&self.key(&parts)));
        fetched.map_err(StoreError::io("fetch", shown))
    }

    pub(crate) async fn fetch(&self, key: &Key) -> io::Result<(File, FileFacts)> {
        let mut file = tempfile::tempfile()?;
        let mut bytes = 0;
        let mut crc32 = crc32fast::Hasher::new();
        let mut pieces = self.objects.get(key).await.map_err(cause)?.into_stream();
        while let Some(piece) = pieces.try_next().await.map_err(cause)? {
            bytes += piece.len() as u64;
            crc32.update(&piece);
            file.write_all(&piece)?;
        }
        file.rewind()?;
        Ok((file, FileFacts { bytes, crc32: crc32.finalize() }))
    }

    pub(crate) fn draft(&self) -> Result<BucketDraft, StoreError> {
        let spool = tempfile::tempdir().map_err(StoreError::io("create", std::env::temp_dir()))?;
        Ok(BucketDraft { bucket: self.clone(), spool })
    }

    pub(crate) fn describe(&self, inventory: &str, description: &[u8]) -> Result<(), StoreError> {
        self.wait(self.put_description(inventory, description))
    }

    pub(crate) fn put_new_at(&self, parts: &[&str], bytes: &[u8]) -> Result<Put, StoreError> {
        let bytes = Bytes::copy_from_slice(bytes);
        self.wait(async {
            let create = PutMode::Create.into();
            match self.objects.put_opts(&self.key(parts), bytes.clone().into(), create).await {
                Ok(_) => Ok(Put::New),
                Err(object_store::Error::AlreadyExists { .. }) => Ok(Put::AlreadyThere),
                Err(error) => Err(failed("write", self.shown_of(parts))(error)),
            }
        })
    }

    pub(crate) fn put(&self, parts: &[&str], bytes: &[u8]) -> Result<(), StoreError> {
        let bytes = Bytes::copy_from_slice(bytes);
        let put = self.wait(self.objects.put(&self.key(parts), bytes.into()));
        put.map(drop).map_err(failed("write", self.shown_of(parts)))
    }

    pub(crate) fn get(&self, parts: &[&str]) -> Result<Option<Vec<u8>>, StoreError> {
        self.wait(self.bytes(parts))
    }

    pub(crate) fn get_all(&self, all: &[Vec<&str>]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        self.wait(async {
            let fetches = futures::stream::iter(all).map(|parts| self.bytes(parts)).buffered(FETCHES);
            fetches.try_collect().await
        })
    }

    pub(crate) fn get_dated(&self, parts: &[&str]) -> Result<Option<Dated>, StoreError> {
        self.wait(async {
            match self.objects.get(&self.key(parts)).await {
                Ok(found) => {
                    let put_at = found.meta.last_modified;
                    let bytes = found.bytes().await.map_err(failed("fetch", self.shown_of(parts)))?;
                    Ok(Some(Dated { bytes: bytes.into(), put_at }))
                }
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(failed("fetch", self.shown_of(parts))(error)),
            }
        })
    }

    pub(crate) fn list(&self, parts: &[&str]) -> Result<Vec<String>, StoreError> {
        self.wait(async {
            let listing = self.objects.list_with_delimiter(Some(&self.key(parts))).await;
            let objects = listing.map_err(failed("list", self.shown_of(parts)))?.objects;
            Ok(objects.iter().filter_map(|object| object.location.filename().map(str::to_owned)).collect())
        })
    }

    pub(crate) fn folders(&self, parts: &[&str]) -> Result<Vec<String>, StoreError> {
        self.wait(async {
            let listing = self.objects.list_with_delimiter(Some(&self.key(parts))).await;
            let folders = listing.map_err(failed("list", self.shown_of(parts)))?.common_prefixes;
            Ok(folders.iter().filter_map(|folder| folder.filename().map(str::to_owned)).collect())
        })
    }

    pub(crate) fn add_evidence(
        &self,
        taken_at: DateTime<Utc>,
        ending: &str,
        text: &str,
    ) -> Result<String, StoreError> {
        let text = Bytes::copy_from_slice(text.as_bytes());
        self.wait(async {
            let name = self.put_new(taken_at, &text, |stamp| vec![EVIDENCE.into(), stamp + ending]).await?;
            Ok(self.shown_of(&[EVIDENCE, &(name + ending)]).display().to_string())
        })
    }

    pub(crate) fn evidence(&self) -> Result<Vec<(String, String)>, StoreError> {
        self.wait(async {
            let folder = self.key(&[EVIDENCE]);
            let listing = self.objects.list_with_delimiter(Some(&folder)).await;
            let listing = listing.map_err(failed("list", self.shown_of(&[EVIDENCE])))?;
            let keys = listing.objects.iter().filter(|object| object.location.extension() == Some("json"));
            let names: Vec<String> =
                keys.filter_map(|object| object.location.filename().map(str::to_owned)).collect();
            let texts = futures::stream::iter(names)
                .map(async |name| Ok((self.text(&[EVIDENCE, &name]).await?, name)))
                .buffered(FETCHES);
            let all: Vec<(Option<String>, String)> = texts.try_collect().await?;
            Ok(all.into_iter().filter_map(|(text, name)| Some((name, text?))).collect())
        })
    }

    /// Puts an object under the first free number of a second; returns the stamp with that number.
    async fn put_new(
        &self,
        taken_at: DateTime<Utc>,
        bytes: &Bytes,
        parts: impl Fn(String) -> Vec<String>,
    ) -> Result<String, StoreError> {
        for number in 0..SAME_SECOND_MAX {
            let stamp = stamp(taken_at, number);
            let parts = parts(stamp.clone());
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            let create = PutMode::Create.into();
            match self.objects.put_opts(&self.key(&parts), bytes.clone().into(), create).await {
                Ok(_) => return Ok(stamp),
                Err(object_store::Error::AlreadyExists { .. }) => {}
                Err(error) => return Err(failed("write", self.shown_of(&parts))(error)),
            }
        }
        Err(StoreError::io("create", &self.shown)(second_is_full()))
    }

    /// Uploads these files into a folder; after a failure none of its files is left, as far as that can be done:
    /// what stays is looked at by no reader.
    async fn upload_all(&self, spool: &TempDir, folder: &[&str], files: &[&str]) -> Result<(), StoreError> {
        let parts_of = |file| [folder, &[file]].concat();
        for file in files {
            let parts = parts_of(*file);
            if let Err(error) = self.upload(&spool.path().join(file), &self.key(&parts)).await {
                for file in [REPOSITORIES, IMAGES, DESCRIPTORS] {
                    let _ = self.objects.delete(&self.key(&parts_of(file))).await;
                }
                return Err(StoreError::io("write", self.shown_of(&parts))(error));
            }
        }
        Ok(())
    }

    /// Puts the description of an inventory, by which it exists.
    async fn put_description(&self, name: &str, description: &[u8]) -> Result<(), StoreError> {
        let parts = [INVENTORIES, name, MARKER];
        let bytes = Bytes::copy_from_slice(description);
        let put = self.objects.put_opts(&self.key(&parts), bytes.into(), PutMode::Create.into()).await;
        let Err(error) = put else { return Ok(()) };
        // The answer may have been lost on the way and not the object.
        match self.text(&parts).await {
            Ok(Some(found)) if found.as_bytes() == description => Ok(()),
            Ok(_) | Err(_) => Err(failed("write", self.shown_of(&parts))(error)),
        }
    }

    /// Uploads a file in parts; of a failure nothing is left that is seen.
    pub(crate) async fn upload(&self, from: &Path, key: &Key) -> io::Result<()> {
        self.upload_file(&mut File::open(from)?, key).await
    }

    /// Puts what is in a file from where it is now on, in the place of what may be there.
    pub(crate) fn put_file(&self, parts: &[&str], file: &mut File) -> Result<(), StoreError> {
        let put = self.wait(self.upload_file(file, &self.key(parts)));
        put.map_err(StoreError::io("write", self.shown_of(parts)))
    }

    async fn upload_file(&self, file: &mut File, key: &Key) -> io::Result<()> {
        let upload = self.objects.put_multipart(key).await.map_err(cause)?;
        let part_bytes = usize::try_from(PART_BYTES).map_err(io::Error::other)?;
        let mut upload = WriteMultipart::new_with_chunk_size(upload, part_bytes);
        match fill(&mut upload, file).await {
            Ok(()) => upload.finish().await.map(drop).map_err(cause),
            Err(error) => {
                // The first failure is the one to tell of.
                let _ = upload.abort().await;
                Err(error)
            }
        }
    }
}

async fn fill(upload: &mut WriteMultipart, file: &mut File) -> io::Result<()> {
    loop {
        let mut part = Vec::new();
        if file.take(PART_BYTES).read_to_end(&mut part)? == 0 {
            return Ok(());
        }
        upload.wait_for_capacity(PARTS_AHEAD).await.map_err(cause)?;
        upload.put(Bytes::from(part));
    }
}

pub(crate) fn failed(
    what: &'static str,
    path: impl Into<PathBuf>,
) -> impl FnOnce(object_store::Error) -> StoreError {
    let path = path.into();
    move |error| StoreError::io(what, path)(cause(error))
}

/// What a bucket said, in one line: services answer with documents.
#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn cause(error: object_store::Error) -> io::Error {
    let text = error.to_string();
    let code =
        text.split_once("<Code>").and_then(|(_, rest)| rest.split_once("</Code>")).map(|(code, _)| code);
    let said = match (&error, code) {
        (_, Some("NoSuchBucket")) => "there is no such bucket".to_owned(),
        (object_store::Error::NotFound { .. }, _) => "there is no such bucket or object".to_owned(),
        (object_store::Error::PermissionDenied { .. }, _) => "access is denied to the principal".to_owned(),
        (object_store::Error::Unauthenticated { .. }, _) => "the credentials are not accepted".to_owned(),
        (_, Some(code)) => format!("the bucket answers `{code}`"),
        (_, None) if text.contains("redirect") => "the bucket is in another region".to_owned(),
        (_, None) => {
            let line = text.lines().next().unwrap_or_default();
            line.split(['<', '{']).next().unwrap_or_default().trim_end().to_owned()
        }
    };
    // The library's own conversion knows no kind but one.
    let kind = match &error {
        object_store::Error::PermissionDenied { .. } | object_store::Error::Unauthenticated { .. } => {
            io::ErrorKind::PermissionDenied
        }
        object_store::Error::AlreadyExists { .. } => io::ErrorKind::AlreadyExists,
        _ if code == Some("NoSuchBucket") => io::ErrorKind::NotFound,
        object_store::Error::NotFound { .. } => io::ErrorKind::NotFound,
        _ => io::ErrorKind::Other,
    };
    io::Error::new(kind, said)
}

/// Files on their way into a bucket.
pub(crate) struct BucketDraft {
    bucket: Bucket,
    /// The files, on the local disk, until they are uploaded or given up.
    pub(crate) spool: TempDir,
}

impl BucketDraft {
    /// Uploads an inventory that was taken at this time.
    pub(crate) fn publish(self, taken_at: DateTime<Utc>, description: &[u8]) -> Result<PathBuf, StoreError> {
        let Self { bucket, spool } = self;
        bucket.wait(async {
            let path = spool.path().join(REPOSITORIES);
            let claim = Bytes::from(std::fs::read(&path).map_err(StoreError::io("read", path))?);
            let claimed = |stamp| vec![INVENTORIES.to_owned(), stamp, REPOSITORIES.to_owned()];
            let name = bucket.put_new(taken_at, &claim, claimed).await?;
            drop(claim);
            bucket.upload_all(&spool, &[INVENTORIES, &name], &[IMAGES, DESCRIPTORS]).await?;
            bucket.put_description(&name, description).await?;
            Ok(bucket.shown_of(&[INVENTORIES, &name]))
        })
    }

    /// Uploads a part of an inventory.
    pub(crate) fn publish_part(self, inventory: &str, part: &str) -> Result<(), StoreError> {
        let Self { bucket, spool } = self;
        let folder = [INVENTORIES, inventory, part];
        bucket.wait(bucket.upload_all(&spool, &folder, &[REPOSITORIES, IMAGES, DESCRIPTORS]))
    }
}

#[cfg(test)]
mod tests {
    use super::cause;

    fn said(text: &str) -> String {
        cause(object_store::Error::Generic { store: "S3", source: text.into() }).to_string()
    }

    #[test]
    fn what_a_bucket_says_is_one_line_without_documents() {
        let document = "Error: \n<?xml version=\"1.0\"?><Error><Code>NoSuchBucket</Code><RequestId>1</RequestId></Error>";
        assert_eq!(said(document), "there is no such bucket");
        assert_eq!(said("x <Code>SlowDown</Code>"), "the bucket answers `SlowDown`");
        assert_eq!(said("Received redirect without LOCATION"), "the bucket is in another region");
        assert_eq!(said("connection refused\n  more"), "Generic S3 error: connection refused");
    }
}
