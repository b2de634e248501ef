//! A folder of files that the AWS CLI wrote: one registry.
//!
//! Absent files mean that nobody looked. One bad repository is recorded as failed and the rest is read;
//! what concerns the whole registry must be good.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use demurrage_core::{
    ExclusionFilter, Fact, Inventory, Listing, RegistryKind, RepositoriesListing, Repository, TagMutability,
};
use serde::Deserialize;

use super::answer::Answer;
use super::batch_get_image::{Manifests, Other};
use super::{describe_images, documents, registry, time};
use crate::failure::Failure;

/// Folders within folders below `repositories`: names have at most 256 characters.
const DEPTH_MAX: usize = 128;

/// An inventory, and whether it is all of it.
#[derive(Debug)]
pub(crate) struct Import {
    pub(crate) inventory: Inventory,
    /// What could not be read or is incomplete, one sentence each.
    pub(crate) problems: Vec<String>,
}

/// Reads the registry in a folder.
///
/// # Errors
/// When the folder is none of a registry, a file about the whole registry is bad, or no repository is good.
pub(crate) fn import(dir: &Path, region: &str, taken_at: DateTime<Utc>) -> Result<Import, Failure> {
    if !dir.is_dir() {
        let cause =
            if dir.exists() { std::io::ErrorKind::NotADirectory } else { std::io::ErrorKind::NotFound };
        return Err(Failure::read(dir)(cause.into()));
    }
    let mut notes = Vec::new();
    let mut repositories = described_repositories(dir, &mut notes)?;
    let mut problems = notes.clone();
    for name in repository_folders(&dir.join("repositories"))? {
        repositories.entry(name.clone()).or_insert_with(|| Repository::new(&name));
    }
    let (registry, registry_id) = registry::facts(dir)?;
    let mut failed = 0;
    for repository in repositories.values_mut() {
        read_repository(dir, repository);
        failed += usize::from(matches!(repository.listing, Listing::Failed(_)));
        problems.extend(repository_problems(repository));
    }
    if failed != 0 && failed == repositories.len() {
        let cause = format!("none of its repositories can be read; {}", problems.join("; "));
        return Err(Failure::content(dir, cause, "write the files again: `demurrage import --print-script`"));
    }
    let of_repositories = || repositories.values().find_map(|repository| repository.registry_id.clone());
    let registry_id = registry_id.or_else(of_repositories);
    for repository in repositories.values_mut() {
        repository.registry_id = repository.registry_id.take().or_else(|| registry_id.clone());
    }
    let inventory = Inventory {
        kind: RegistryKind::Private,
        registry_id,
        region: region.to_owned(),
        taken_at,
        registry,
        // Nobody says of files whether they are those of all repositories.
        repositories_listing: RepositoriesListing::CutOff,
        repositories: repositories.into_values().collect(),
        notes,
    };
    Ok(Import { inventory, problems })
}

fn repository_problems(repository: &Repository) -> Vec<String> {
    let listing = match &repository.listing {
        Listing::Complete => None,
        Listing::CutOff => Some("its images are cut off (`nextToken`)".to_owned()),
        Listing::Failed(cause) => Some(cause.clone()),
    };
    listing.iter().chain(&repository.notes).map(|problem| format!("{}: {problem}", repository.name)).collect()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    repositories: Vec<Description>,
    next_token: Option<serde::de::IgnoredAny>,
    #[serde(rename = "NextToken")]
    next_token_of_cli: Option<serde::de::IgnoredAny>,
}

/// Source: API model, `Repository`, read 2026-11-23.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Description {
    repository_name: String,
    registry_id: Option<String>,
    repository_arn: Option<String>,
    #[serde(default, deserialize_with = "time::optional")]
    created_at: Option<DateTime<Utc>>,
    image_tag_mutability: Option<String>,
    #[serde(default)]
    image_tag_mutability_exclusion_filters: Option<Vec<Filter>>,
    image_scanning_configuration: Option<Scanning>,
    encryption_configuration: Option<Encryption>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Filter {
    filter_type: String,
    filter: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Scanning {
    scan_on_push: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Encryption {
    encryption_type: Option<String>,
    kms_key: Option<String>,
}

fn described_repositories(
    dir: &Path,
    problems: &mut Vec<String>,
) -> Result<BTreeMap<String, Repository>, Failure> {
    let path = dir.join("describe-repositories.json");
    if !path.exists() {
        if !dir.join("repositories").is_dir() {
            let help = "`demurrage import --print-script` prints the script that makes such a folder";
            let cause = "it holds neither `describe-repositories.json` nor `repositories`";
            return Err(Failure::content(dir, cause, help));
        }
        crate::talk::warn("describe-repositories.json is absent: settings of repositories are not evaluated");
        return Ok(BTreeMap::new());
    }
    let mut repositories = BTreeMap::new();
    let text = documents::text(&path)?;
    for page in documents::each::<Page>(&path, &text)? {
        if page.next_token.or(page.next_token_of_cli).is_some() {
            problems.push("describe-repositories.json is cut off (`nextToken`): there are more".to_owned());
        }
        for description in page.repositories {
            let repository = described(description);
            repositories.insert(repository.name.clone(), repository);
        }
    }
    Ok(repositories)
}

fn described(description: Description) -> Repository {
    let mut repository = Repository::new(&description.repository_name);
    repository.registry_id = description.registry_id;
    repository.arn = description.repository_arn;
    repository.created_at = description.created_at;
    if let Some(mode) = description.image_tag_mutability {
        let filters = description.image_tag_mutability_exclusion_filters.unwrap_or_default();
        let filter = |f: Filter| ExclusionFilter { filter_type: f.filter_type, filter: f.filter };
        repository.tag_mutability = Fact::Present(TagMutability {
            mode,
            exclusion_filters: filters.into_iter().map(filter).collect(),
        });
    }
    repository.scan_on_push =
        description.image_scanning_configuration.and_then(|scanning| scanning.scan_on_push);
    if let Some(encryption) = description.encryption_configuration {
        repository.encryption_type = encryption.encryption_type;
        repository.kms_key = encryption.kms_key;
    }
    repository
}

/// The names of the repositories that have a folder of files, in their order.
fn repository_folders(root: &Path) -> Result<Vec<String>, Failure> {
    let mut names = Vec::new();
    let mut open = vec![(root.to_owned(), String::new(), 0)];
    while let Some((folder, name, depth)) = open.pop() {
        if !folder.is_dir() || DEPTH_MAX < depth {
            continue;
        }
        let mut has_files = false;
        for entry in fs::read_dir(&folder).map_err(Failure::read(&folder))? {
            let path = entry.map_err(Failure::read(&folder))?.path();
            let file = path.file_name().and_then(|file| file.to_str()).unwrap_or_default().to_owned();
            if path.is_dir() {
                let below = if name.is_empty() { file } else { format!("{name}/{file}") };
                open.push((path, below, depth + 1));
            } else if file == "describe-images.json" || file == "get-lifecycle-policy.json" {
                has_files = true;
            }
        }
        if has_files && !name.is_empty() {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// Reads the files of one repository; what is wrong with them is recorded in it.
fn read_repository(dir: &Path, repository: &mut Repository) {
    let folder = repository.name.split('/').fold(dir.join("repositories"), |path, part| path.join(part));
    if let Err(failure) = read_images(&folder, repository) {
        repository.listing = Listing::Failed(failure.to_string());
        repository.images.clear();
    }
    let mut notes = Vec::new();
    let mut note = |result: Result<(), Failure>| {
        if let Err(failure) = result {
            notes.push(failure.to_string());
        }
    };
    note(read_lifecycle_policy(&folder, repository));
    note(read_repository_policy(&folder, repository));
    note(read_resource_tags(&folder, repository));
    repository.notes.extend(notes);
}

fn read_images(folder: &Path, repository: &mut Repository) -> Result<(), Failure> {
    let path = folder.join("describe-images.json");
    let read = describe_images::read(&path)?;
    if !read.name.is_empty() && read.name != repository.name {
        let cause =
            format!("it holds images of `{}`, and stands in the folder of `{}`", read.name, repository.name);
        return Err(Failure::content(&path, cause, ""));
    }
    repository.images = read.images;
    repository.listing = read.listing;
    repository.registry_id = repository.registry_id.take().or(read.registry_id);
    let mut manifests = Manifests::default();
    for path in manifest_files(folder)? {
        // What a command that failed leaves behind: no answer.
        if fs::metadata(&path).is_ok_and(|file| file.len() == 0) {
            continue;
        }
        manifests.add_file(&path, Other::IsWrong)?;
    }
    manifests.attach(repository);
    Ok(())
}

/// `batch-get-image*.json`, in the order of their names.
fn manifest_files(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).map_err(Failure::read(folder))? {
        let path = entry.map_err(Failure::read(folder))?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        if name.starts_with("batch-get-image") && is_json && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read_lifecycle_policy(folder: &Path, repository: &mut Repository) -> Result<(), Failure> {
    let path = folder.join("get-lifecycle-policy.json");
    if let Some(answer) = Answer::read(&path)? {
        repository.lifecycle_policy = answer.fact(&path, answer.lifecycle_policy_text.clone())?;
        repository.lifecycle_last_evaluated_at = answer.last_evaluated_at;
    }
    Ok(())
}

fn read_repository_policy(folder: &Path, repository: &mut Repository) -> Result<(), Failure> {
    let path = folder.join("get-repository-policy.json");
    if let Some(answer) = Answer::read(&path)? {
        repository.repository_policy = answer.fact(&path, answer.policy_text.clone())?;
    }
    Ok(())
}

fn read_resource_tags(folder: &Path, repository: &mut Repository) -> Result<(), Failure> {
    let path = folder.join("list-tags-for-resource.json");
    let Some(answer) = Answer::read(&path)? else { return Ok(()) };
    let tags = answer.tags.ok_or_else(|| Failure::content(&path, "it holds no `tags`", ""))?;
    repository.resource_tags = if tags.is_empty() {
        Fact::Absent
    } else {
        Fact::Present(tags.into_iter().map(|tag| (tag.key, tag.value)).collect())
    };
    Ok(())
}
