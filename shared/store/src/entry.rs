//! The description of one stored inventory (`inventory.json`).

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use demurrage_core::{Fact, RegistryFacts, instant};
use serde::{Deserialize, Serialize};

use crate::commit::MARKER;
use crate::{FORMAT_VERSION, StoreError};

/// One inventory of the store, without its repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryEntry {
    /// The folder that holds it.
    pub folder: PathBuf,
    /// The account, where known.
    pub registry_id: Option<String>,
    /// The region.
    pub region: String,
    /// When it was taken.
    pub taken_at: DateTime<Utc>,
    pub(crate) description: Description,
}

/// What `inventory.json` holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Description {
    pub(crate) format_version: u64,
    pub(crate) registry_id: Option<String>,
    pub(crate) region: String,
    pub(crate) taken_at: String,
    pub(crate) repositories: usize,
    pub(crate) images: usize,
    /// Name → what was written.
    pub(crate) files: BTreeMap<String, FileFacts>,
    #[serde(default)]
    pub(crate) registry: StoredRegistry,
    #[serde(default)]
    pub(crate) notes: Vec<String>,
}

/// How a file was when it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileFacts {
    pub(crate) bytes: u64,
    pub(crate) crc32: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(crate) struct StoredRegistry {
    description: StoredFact,
    policy: StoredFact,
    scanning: StoredFact,
    account_settings: Vec<String>,
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

impl InventoryEntry {
    /// Reads the description in this folder.
    pub(crate) fn read(folder: &Path) -> Result<Self, StoreError> {
        let path = folder.join(MARKER);
        let text = fs::read_to_string(&path).map_err(StoreError::io("read", &path))?;
        let version: VersionOnly = serde_json::from_str(&text).map_err(|e| StoreError::corrupt(&path, e))?;
        if FORMAT_VERSION < version.format_version {
            return Err(StoreError::Newer { path, found: version.format_version, known: FORMAT_VERSION });
        }
        let description: Description =
            serde_json::from_str(&text).map_err(|e| StoreError::corrupt(&path, e))?;
        Self::of(folder, description).ok_or_else(|| StoreError::corrupt(path, "`taken_at` is not a time"))
    }

    pub(crate) fn of(folder: &Path, description: Description) -> Option<Self> {
        Some(Self {
            folder: folder.to_owned(),
            registry_id: description.registry_id.clone(),
            region: description.region.clone(),
            taken_at: instant::parse(&description.taken_at)?,
            description,
        })
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

impl From<&RegistryFacts> for StoredRegistry {
    fn from(facts: &RegistryFacts) -> Self {
        Self {
            description: (&facts.description).into(),
            policy: (&facts.policy).into(),
            scanning: (&facts.scanning).into(),
            account_settings: facts.account_settings.clone(),
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
            pull_time_exclusions: Fact::NotEvaluated,
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
