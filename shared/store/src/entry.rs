//! The description of one stored inventory (`inventory.json`).

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use demurrage_core::{Fact, RegistryFacts, RegistryKind, RepositoriesListing, instant};
use serde::{Deserialize, Serialize};

use crate::part;
use crate::place::MARKER;
use crate::{FORMAT_VERSION, Part, StoreError};

/// One inventory of the store, without its repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryEntry {
    /// The folder that holds it; of a store in a bucket as it is shown, `s3://…`.
    pub folder: PathBuf,
    /// Which of the two services the registry is of.
    pub kind: RegistryKind,
    /// The account, where known.
    pub registry_id: Option<String>,
    /// The region.
    pub region: String,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
    /// Whether its repositories are all of the registry.
    pub repositories_listing: RepositoriesListing,
    pub(crate) description: Description,
}

/// What `inventory.json` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Description {
    pub(crate) format_version: u64,
    /// Not in version 1.
    pub(crate) registry_kind: Option<StoredKind>,
    /// Absent: nobody said so, and so some may be missing.
    #[serde(default)]
    pub(crate) repositories_listing: StoredListing,
    pub(crate) registry_id: Option<String>,
    pub(crate) region: String,
    pub(crate) taken_at: String,
    pub(crate) repositories: usize,
    pub(crate) images: usize,
    /// Name → what was written; empty where it has parts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) files: BTreeMap<String, FileFacts>,
    /// Its parts, in the order of their repositories. Not before version 3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parts: Option<Vec<Part>>,
    #[serde(default)]
    pub(crate) registry: StoredRegistry,
    #[serde(default)]
    pub(crate) notes: Vec<String>,
}

/// One file of an inventory, and where it lies below the inventory's folder.
#[derive(Debug, Clone)]
pub(crate) struct StoredFile {
    /// The folder of the part; none where the inventory has no parts.
    pub(crate) folder: Option<String>,
    pub(crate) name: String,
    /// What was written down about it; nothing where the description does not know it.
    pub(crate) facts: Option<FileFacts>,
    /// The last repository of the part.
    pub(crate) last: Option<String>,
}

impl StoredFile {
    /// Its place below the inventory's folder.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.iter().map(String::as_str).chain([&*self.name]).collect()
    }
}

/// How a file was when it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileFacts {
    pub(crate) bytes: u64,
    pub(crate) crc32: u32,
}

/// Facts about a registry, as they are stored.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StoredRegistry {
    description: StoredFact,
    policy: StoredFact,
    scanning: StoredFact,
    account_settings: Vec<String>,
    /// Not in what versions before it wrote.
    #[serde(default)]
    pull_time_exclusions: StoredFact,
    /// Not in what versions before it wrote.
    #[serde(default)]
    creation_templates: StoredFact,
    /// Not in what versions before it wrote.
    #[serde(default)]
    pull_through_cache_rules: StoredFact,
}

/// A fact: `"not_evaluated"`, `"absent"` or `{"present": …}`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum StoredFact {
    #[default]
    NotEvaluated,
    Absent,
    Present(String),
}

/// The name of [`RegistryKind`] in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoredKind {
    Private,
    Public,
}

/// The name of [`RepositoriesListing`] in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum StoredListing {
    Complete,
    #[default]
    CutOff,
}

impl From<RepositoriesListing> for StoredListing {
    fn from(listing: RepositoriesListing) -> Self {
        match listing {
            RepositoriesListing::Complete => Self::Complete,
            RepositoriesListing::CutOff => Self::CutOff,
        }
    }
}

impl From<StoredListing> for RepositoriesListing {
    fn from(listing: StoredListing) -> Self {
        match listing {
            StoredListing::Complete => Self::Complete,
            StoredListing::CutOff => Self::CutOff,
        }
    }
}

impl InventoryEntry {
    /// Reads the text of the description in this folder.
    pub(crate) fn parse(folder: &Path, text: &str) -> Result<Self, StoreError> {
        let path = folder.join(MARKER);
        let version: VersionOnly = serde_json::from_str(text).map_err(|e| StoreError::corrupt(&path, e))?;
        if FORMAT_VERSION < version.format_version {
            return Err(StoreError::Newer { path, found: version.format_version, known: FORMAT_VERSION });
        }
        let description: Description =
            serde_json::from_str(text).map_err(|e| StoreError::corrupt(&path, e))?;
        Self::of(folder, description).map_err(|cause| StoreError::corrupt(path, cause))
    }

    pub(crate) fn of(folder: &Path, description: Description) -> Result<Self, &'static str> {
        let kind = match (description.registry_kind, description.format_version) {
            (Some(kind), _) => kind.into(),
            // Version 1 knew of no other.
            (None, 1) => RegistryKind::Private,
            (None, _) => return Err("`registry_kind` is missing"),
        };
        if let Some(parts) = &description.parts {
            part::check_order(parts)?;
        }
        Ok(Self {
            folder: folder.to_owned(),
            kind,
            registry_id: description.registry_id.clone(),
            region: description.region.clone(),
            taken_at: instant::parse(&description.taken_at).ok_or("`taken_at` is not a time")?,
            repositories_listing: description.repositories_listing.into(),
            description,
        })
    }

    /// The name of the folder, by which [`crate::Store::find`] finds it: `20261101T000000Z-0000`.
    pub fn name(&self) -> &str {
        self.folder.file_name().and_then(|name| name.to_str()).unwrap_or_default()
    }

    /// Whether it was put together of parts.
    pub(crate) const fn has_parts(&self) -> bool {
        self.description.parts.is_some()
    }

    /// The files of this name, one for each part, in the order of their repositories.
    pub(crate) fn files(&self, name: &str) -> VecDeque<StoredFile> {
        let Some(parts) = &self.description.parts else {
            let facts = self.description.files.get(name).copied();
            return VecDeque::from([StoredFile { folder: None, name: name.to_owned(), facts, last: None }]);
        };
        let files = parts.iter().map(|part| StoredFile {
            folder: Some(part.folder.clone()),
            name: name.to_owned(),
            facts: part.files.get(name).copied(),
            last: part.last.clone(),
        });
        files.collect()
    }

    /// What was read about the registry itself.
    pub fn registry(&self) -> RegistryFacts {
        (&self.description.registry).into()
    }

    /// What went wrong or looked odd beyond a single repository, one sentence each.
    pub fn notes(&self) -> &[String] {
        &self.description.notes
    }

    /// How many repositories it has.
    pub const fn repositories(&self) -> usize {
        self.description.repositories
    }

    /// How many images it has.
    pub const fn images(&self) -> usize {
        self.description.images
    }
}

#[derive(Deserialize)]
struct VersionOnly {
    format_version: u64,
}

impl From<RegistryKind> for StoredKind {
    fn from(kind: RegistryKind) -> Self {
        match kind {
            RegistryKind::Private => Self::Private,
            RegistryKind::Public => Self::Public,
        }
    }
}

impl From<StoredKind> for RegistryKind {
    fn from(stored: StoredKind) -> Self {
        match stored {
            StoredKind::Private => Self::Private,
            StoredKind::Public => Self::Public,
        }
    }
}

impl From<&RegistryFacts> for StoredRegistry {
    fn from(facts: &RegistryFacts) -> Self {
        Self {
            description: (&facts.description).into(),
            policy: (&facts.policy).into(),
            scanning: (&facts.scanning).into(),
            account_settings: facts.account_settings.clone(),
            pull_time_exclusions: (&facts.pull_time_exclusions).into(),
            creation_templates: (&facts.creation_templates).into(),
            pull_through_cache_rules: (&facts.pull_through_cache_rules).into(),
        }
    }
}

impl From<&StoredRegistry> for RegistryFacts {
    fn from(stored: &StoredRegistry) -> Self {
        Self {
            description: (&stored.description).into(),
            policy: (&stored.policy).into(),
            scanning: (&stored.scanning).into(),
            account_settings: stored.account_settings.clone(),
            pull_time_exclusions: (&stored.pull_time_exclusions).into(),
            creation_templates: (&stored.creation_templates).into(),
            pull_through_cache_rules: (&stored.pull_through_cache_rules).into(),
        }
    }
}

impl From<&Fact<String>> for StoredFact {
    fn from(fact: &Fact<String>) -> Self {
        match fact {
            Fact::NotEvaluated => Self::NotEvaluated,
            Fact::Absent => Self::Absent,
            Fact::Present(text) => Self::Present(text.clone()),
        }
    }
}

impl From<&StoredFact> for Fact<String> {
    fn from(stored: &StoredFact) -> Self {
        match stored {
            StoredFact::NotEvaluated => Self::NotEvaluated,
            StoredFact::Absent => Self::Absent,
            StoredFact::Present(text) => Self::Present(text.clone()),
        }
    }
}
