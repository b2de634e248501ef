//! A registry to try the command on: the Amazon ECR of a Korean shop, as files of the AWS CLI.
//!
//! It has 40 repositories and about 12,000 images, with the habits and the mistakes that real registries
//! have. Nothing in it exists; digests are random numbers, and account 123456789012 is the one of the AWS
//! documentation. The seed decides what there is, `now` decides every time; the same two give the same
//! bytes. Existing files are overwritten, and nothing is removed.

mod catalogue;
mod clock;
mod digest;
mod documents;
mod family;
mod image;
mod json;
mod layers;
mod manifest;
mod naming;
mod policies;
mod policy;
mod random;
mod registry;
mod repository;
mod schedule;
#[cfg(test)]
mod tests;
mod workshop;

use chrono::{DateTime, Utc};
use json::Json;
use std::{fs, io, path::Path};

const REGION: &str = "ap-northeast-2";
const REGISTRY_ID: &str = "123456789012";

/// How much [`write_registry`] wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Written {
    /// Repositories, each with a folder of its own.
    pub(crate) repositories: usize,
    /// Entries of all `describe-images.json` together: indexes and their children count one each.
    pub(crate) images: usize,
}

/// Writes the registry below `dir` and says what it wrote. Same (now, seed) → same bytes.
///
/// # Errors
/// When a folder cannot be made or a file cannot be written; the files before it stay.
pub(crate) fn write_registry(dir: &Path, now: DateTime<Utc>, seed: u64) -> io::Result<Written> {
    let mut written = Written { repositories: 0, images: 0 };
    let mut descriptions = Vec::new();
    for repository in catalogue::CATALOGUE {
        let images = workshop::images(repository, now, seed);
        let folder = dir.join("repositories").join(repository.name);
        for (name, document) in documents::files(repository, &images, now, seed) {
            write(&folder, name, &document)?;
        }
        descriptions.push(documents::description(repository, &images, now));
        written.repositories += 1;
        written.images += images.len();
    }
    write(dir, "describe-repositories.json", &vec![("repositories", descriptions.into())].into())?;
    for (name, document) in registry::files() {
        write(dir, name, &document)?;
    }
    Ok(written)
}

/// Indented by four and ended by a line break, as the AWS CLI prints.
fn write(folder: &Path, name: &str, document: &Json) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut text = document.indented(4);
    text.push('\n');
    fs::write(folder.join(name), text)
}
