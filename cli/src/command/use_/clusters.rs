//! Lists of Kubernetes clusters that somebody names: files, standard input, objects in buckets.
//!
//! A list is as old as its file: that it is read now makes it no newer. A list that ends in the middle, or is empty, is a record
//! of a failure, so that nothing is deleted by what an older list says. A file that is not there, or never was a list, is a
//! mistake of whoever named it, and leaves nothing behind.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use demurrage_core::in_use::{KubernetesError, UseRecord, read_kubernetes};
use demurrage_store::Dated;

use crate::args::StoreArgs;
use crate::failure::Failure;

/// The largest list that is read, in bytes.
const LIST_BYTES_MAX: u64 = 4 << 30;

/// A list that somebody names.
#[derive(Debug, Clone)]
pub(crate) struct ClusterFile {
    /// The name of the cluster.
    pub(super) cluster: String,
    file: PathBuf,
}

/// Reads `NAME=FILE`.
pub(super) fn named(text: &str) -> Result<ClusterFile, String> {
    match text.split_once('=') {
        Some((cluster, file)) if !cluster.trim().is_empty() && !file.is_empty() => {
            Ok(ClusterFile { cluster: cluster.to_owned(), file: PathBuf::from(file) })
        }
        Some(_) | None => {
            Err("write the name of the cluster and its list, such as `prod=list.json`".to_owned())
        }
    }
}

/// What makes a list.
const COMMAND: &str = "give what `kubectl get pods,replicasets,deployments,statefulsets,daemonsets,cronjobs,jobs -A -o json` prints";

/// The records of these lists.
///
/// # Errors
/// When a file cannot be read, or is something else than a list.
pub(super) fn given(files: &[ClusterFile], now: DateTime<Utc>) -> Result<Vec<UseRecord>, Failure> {
    files
        .iter()
        .map(|ClusterFile { cluster, file }| {
            let (bytes, read_at) = read(file, now)?;
            match read_kubernetes(&bytes, cluster, read_at) {
                Ok(record) => Ok(record),
                Err(error) if is_something_else(&bytes, &error) => {
                    Err(Failure::content(file, error.to_string(), COMMAND))
                }
                Err(error) => {
                    let cause = format!("`{}`: {error}", file.display());
                    Ok(UseRecord::of_failed_cluster(cluster, read_at, cause))
                }
            }
        })
        .collect()
}

/// Whether a text that is no list was never meant to be one: it is other JSON, or none. One that was cut off begins as a list.
fn is_something_else(bytes: &[u8], error: &KubernetesError) -> bool {
    match error {
        KubernetesError::NoList { number } => *number == 1,
        KubernetesError::Text { .. } => {
            let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes).trim_ascii_start();
            !text.starts_with(b"{")
        }
        KubernetesError::Empty | KubernetesError::Object { .. } => false,
    }
}

/// The bytes of a list, and how old it is.
fn read(file: &Path, now: DateTime<Utc>) -> Result<(Vec<u8>, DateTime<Utc>), Failure> {
    if let Some(object) = file.to_str().filter(|file| file.starts_with("s3://")) {
        return read_object(object);
    }
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        io::stdin().lock().take(LIST_BYTES_MAX).read_to_end(&mut bytes).map_err(Failure::read(file))?;
        return Ok((bytes, now));
    }
    let mut read = || {
        let opened = File::open(file)?;
        let metadata = opened.metadata()?;
        // A pipe has no age: what it says is said now.
        let read_at = if metadata.is_file() { DateTime::<Utc>::from(metadata.modified()?) } else { now };
        opened.take(LIST_BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(read_at)
    };
    let read_at = read().map_err(Failure::read(file))?;
    Ok((bytes, read_at))
}

/// An object of any bucket.
fn read_object(object: &str) -> Result<(Vec<u8>, DateTime<Utc>), Failure> {
    let no_such = || Failure::usage(format!("there is no object `{object}`"), "name one: `s3://bucket/key`");
    let (folder, name) = object.rsplit_once('/').ok_or_else(no_such)?;
    let place = StoreArgs { store: Some(PathBuf::from(folder)) }.open()?;
    let Dated { bytes, put_at } = place.documents(&[])?.get_dated(name)?.ok_or_else(no_such)?;
    Ok((bytes, put_at))
}
