//! The Amazon ECR of a Korean shop, to try things on: as files of the AWS CLI, and as records for the server.
//!
//! It has 40 repositories and about 12,000 images, with the habits and the mistakes that real registries
//! have. Nothing in it exists: the digest of a manifest is the SHA-256 of its text, but the layers that it
//! names are random numbers, and account 123456789012 is the one of the AWS documentation. The seed decides
//! what there is, `now` decides every time; the same two give the same bytes.

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
mod prefixes;
mod random;
mod record;
mod registry;
mod repository;
mod scans;
mod schedule;
mod settings;
#[cfg(test)]
mod tests;
mod workshop;

use crate::{Fake, ImageRecord, RepositoryRecord, ScanRecord};
use chrono::{DateTime, Utc};
use json::Json;
use std::{fs, io, path::Path};

const REGION: &str = "ap-northeast-2";
const REGISTRY_ID: &str = "123456789012";

/// How much [`write_files`] wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// Repositories, each with a folder of its own.
    pub repositories: usize,
    /// Entries of all `describe-images.json` together: indexes and their children count one each.
    pub images: usize,
}

/// Writes the registry below `dir` and says what it wrote. Same (now, seed) → same bytes.
///
/// Existing files are overwritten, and nothing is removed.
///
/// # Errors
/// When a folder cannot be made or a file cannot be written; the files before it stay.
pub fn write_files(dir: &Path, now: DateTime<Utc>, seed: u64) -> io::Result<Written> {
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
    for (name, document) in registry::files(now) {
        write(dir, name, &document)?;
    }
    Ok(written)
}

/// The repositories with their images, ordered by name and by digest. Same (now, seed) → same records.
///
/// They are those of [`write_files`]; where a file is missing there, because nobody read what it would have
/// said, the record has all manifests, and no lifecycle policy.
pub fn registry(now: DateTime<Utc>, seed: u64) -> Vec<(RepositoryRecord, Vec<ImageRecord>)> {
    let mut repositories: Vec<_> = catalogue::CATALOGUE
        .iter()
        .map(|repository| {
            let images = workshop::images(repository, now, seed);
            let records = images.iter().map(|image| record::image(image, now)).collect();
            (record::repository(repository, &images, now, seed), records)
        })
        .collect();
    repositories.sort_by(|(a, _), (b, _)| a.name.cmp(&b.name));
    repositories
}

/// What is set for the registry as a whole, each as the JSON text that an operation of ECR takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegistrySettings {
    /// `replicationConfiguration` of `PutReplicationConfiguration`: from Seoul to Tokyo and Virginia.
    pub replication_configuration: String,
    /// `scanType` and `rules` of `PutRegistryScanningConfiguration`.
    pub scanning_configuration: String,
    /// `policyText` of `PutRegistryPolicy`: the account that builds may replicate into this one.
    pub registry_policy: String,
}

/// The settings of the shop's registry.
pub fn registry_settings() -> RegistrySettings {
    RegistrySettings {
        replication_configuration: registry::replication().compact(),
        scanning_configuration: registry::scanning().compact(),
        registry_policy: registry::policy().indented(2),
    }
}

/// One scan of the shop: of which image it is, and what came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// The repository.
    pub repository: &'static str,
    /// The digest of the image.
    pub digest: String,
    /// What came of it.
    pub record: ScanRecord,
}

/// The scans of the images of the shop, in the order of the catalogue and of digests. Same (now, seed) → same scans.
pub fn scans(now: DateTime<Utc>, seed: u64) -> Vec<Scan> {
    let of_repository = |repository: &'static repository::Repository| {
        let images = workshop::images(repository, now, seed);
        let scans = images.into_iter().filter_map(move |image| {
            let record = scans::scan(repository, &image, now, seed)?;
            Some(Scan { repository: repository.name, digest: image.digest.to_string(), record })
        });
        scans.collect::<Vec<_>>()
    };
    catalogue::CATALOGUE.iter().flat_map(of_repository).collect()
}

/// Puts the whole shop into a registry of a server: repositories and images, what is set for the registry, scans.
pub fn load(fake: &Fake, account: &str, region: &str, now: DateTime<Utc>, seed: u64) {
    for (repository, images) in registry(now, seed) {
        fake.load_repository(account, region, repository, images);
    }
    let settings = registry_settings();
    fake.load_registry(
        account,
        region,
        Some(&settings.registry_policy),
        Some(&settings.scanning_configuration),
        Some(&settings.replication_configuration),
    );
    let times = prefixes::Times::OfTheService;
    let values = |entries: Vec<Json>| {
        entries.iter().filter_map(|entry| serde_json::from_str(&entry.compact()).ok()).collect()
    };
    let templates = values(prefixes::creation_templates(now, times));
    fake.load_prefixes(account, region, templates, values(prefixes::cache_rules(now, times)));
    for Scan { repository, digest, record } in scans(now, seed) {
        fake.set_scan(account, region, repository, &digest, record);
    }
}

/// Indented by four and ended by a line break, as the AWS CLI prints.
fn write(folder: &Path, name: &str, document: &Json) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut text = document.indented(4);
    text.push('\n');
    fs::write(folder.join(name), text)
}
