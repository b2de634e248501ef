//! The stored form of the entries of a journal: one JSON document each, of which an unknown member is refused.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize};

use super::stored_call::{StoredCall, StoredId, digest, tags, texts};
use super::{Dropped, IdFailure, Intent, Outcome, SavedImage};
use crate::plan::RepositoryAddress;
use crate::{ImageStatus, instant};

/// The form that this program writes and reads.
const FORMAT_VERSION: u64 = 1;

/// Why a document of a journal cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JournalTextError {
    /// It is none.
    #[error("this is no entry of a journal: {cause}")]
    Shape {
        /// What is wrong.
        cause: String,
    },
    /// It is of another form.
    #[error("this entry has format {found}, and this program reads {FORMAT_VERSION}: use a newer one")]
    Version {
        /// Its form.
        found: u64,
    },
}

#[derive(Deserialize)]
struct Versioned {
    format_version: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredIntent {
    format_version: u64,
    number: u64,
    plan: String,
    writer: String,
    at: String,
    account: Option<String>,
    region: String,
    repository: String,
    call: StoredCall,
    images: Vec<StoredImage>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredImage {
    digest: String,
    tags: Vec<String>,
    manifest: Option<String>,
    media_type: Option<String>,
    pushed_at: Option<String>,
    last_pulled_at: Option<String>,
    size_bytes: Option<u64>,
    parents: Vec<String>,
    subject: Option<String>,
    status: String,
    rule: String,
    reason: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredOutcome {
    format_version: u64,
    number: u64,
    at: String,
    done: Vec<StoredId>,
    failures: Vec<StoredFailure>,
    error: Option<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredFailure {
    id: StoredId,
    code: String,
    reason: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredDrops {
    format_version: u64,
    dropped: Vec<StoredDropped>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredDropped {
    at: String,
    account: Option<String>,
    region: String,
    repository: String,
    digest: String,
    why: String,
}

impl Intent {
    /// The stored form: the same intent gives the same text.
    pub fn to_json(&self) -> String {
        let RepositoryAddress { account, region, name } = self.repository.clone();
        written(&StoredIntent {
            format_version: FORMAT_VERSION,
            number: self.number,
            plan: self.plan.clone(),
            writer: self.writer.clone(),
            at: time_text(self.at),
            account,
            region,
            repository: name,
            call: StoredCall::of(&self.call),
            images: self.images.iter().map(StoredImage::of).collect(),
        })
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the text is none, or of a newer form.
    pub fn from_json(text: &str) -> Result<Self, JournalTextError> {
        let stored: StoredIntent = checked(text)?;
        stored.read().map_err(|cause| JournalTextError::Shape { cause })
    }
}

impl StoredIntent {
    fn read(self) -> Result<Intent, String> {
        Ok(Intent {
            number: self.number,
            plan: self.plan,
            writer: self.writer,
            at: time(&self.at)?,
            repository: RepositoryAddress {
                account: self.account,
                region: self.region,
                name: self.repository,
            },
            call: self.call.read()?,
            images: self.images.into_iter().map(StoredImage::read).collect::<Result<_, _>>()?,
        })
    }
}

impl StoredImage {
    fn of(image: &SavedImage) -> Self {
        Self {
            digest: image.digest.to_string(),
            tags: texts(&image.tags),
            manifest: image.manifest.clone(),
            media_type: image.media_type.clone(),
            pushed_at: image.pushed_at.map(time_text),
            last_pulled_at: image.last_pulled_at.map(time_text),
            size_bytes: image.size_bytes,
            parents: texts(&image.parents),
            subject: image.subject.map(|digest| digest.to_string()),
            status: image.status.as_api().to_owned(),
            rule: image.rule.clone(),
            reason: image.reason.clone(),
        }
    }

    fn read(self) -> Result<SavedImage, String> {
        Ok(SavedImage {
            digest: digest(&self.digest)?,
            tags: tags(&self.tags),
            manifest: self.manifest,
            media_type: self.media_type,
            pushed_at: self.pushed_at.as_deref().map(time).transpose()?,
            last_pulled_at: self.last_pulled_at.as_deref().map(time).transpose()?,
            size_bytes: self.size_bytes,
            parents: self.parents.iter().map(|text| digest(text)).collect::<Result<_, _>>()?,
            subject: self.subject.as_deref().map(digest).transpose()?,
            status: ImageStatus::from_api(&self.status),
            rule: self.rule,
            reason: self.reason,
        })
    }
}

impl Outcome {
    /// The stored form: the same outcome gives the same text.
    pub fn to_json(&self) -> String {
        let failure = |failure: &IdFailure| StoredFailure {
            id: StoredId::of(&failure.id),
            code: failure.code.clone(),
            reason: failure.reason.clone(),
        };
        written(&StoredOutcome {
            format_version: FORMAT_VERSION,
            number: self.number,
            at: time_text(self.at),
            done: self.done.iter().map(StoredId::of).collect(),
            failures: self.failures.iter().map(failure).collect(),
            error: self.error.clone(),
        })
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// When the text is none, or of a newer form.
    pub fn from_json(text: &str) -> Result<Self, JournalTextError> {
        let stored: StoredOutcome = checked(text)?;
        stored.read().map_err(|cause| JournalTextError::Shape { cause })
    }
}

impl StoredOutcome {
    fn read(self) -> Result<Outcome, String> {
        let failure = |failure: StoredFailure| {
            Ok(IdFailure { id: failure.id.read()?, code: failure.code, reason: failure.reason })
        };
        Ok(Outcome {
            number: self.number,
            at: time(&self.at)?,
            done: self.done.into_iter().map(StoredId::read).collect::<Result<_, _>>()?,
            failures: self.failures.into_iter().map(failure).collect::<Result<_, String>>()?,
            error: self.error,
        })
    }
}

impl Dropped {
    /// The stored form of several, as they are written together.
    pub fn to_json(all: &[Self]) -> String {
        let stored = |dropped: &Self| {
            let RepositoryAddress { account, region, name } = dropped.repository.clone();
            StoredDropped {
                at: time_text(dropped.at),
                account,
                region,
                repository: name,
                digest: dropped.digest.to_string(),
                why: dropped.why.clone(),
            }
        };
        written(&StoredDrops { format_version: FORMAT_VERSION, dropped: all.iter().map(stored).collect() })
    }

    /// Reads the stored form of several.
    ///
    /// # Errors
    /// When the text is none, or of a newer form.
    pub fn from_json(text: &str) -> Result<Vec<Self>, JournalTextError> {
        let stored: StoredDrops = checked(text)?;
        let read = |stored: StoredDropped| {
            let StoredDropped { at, account, region, repository, digest: named, why } = stored;
            let repository = RepositoryAddress { account, region, name: repository };
            Ok(Self { at: time(&at)?, repository, digest: digest(&named)?, why })
        };
        let all: Result<_, String> = stored.dropped.into_iter().map(read).collect();
        all.map_err(|cause| JournalTextError::Shape { cause })
    }
}

/// A document, with its end.
fn written(value: &impl Serialize) -> String {
    // INVARIANT: text, numbers and lists, which JSON has words for.
    let mut text = serde_json::to_string(value).unwrap_or_default();
    text.push('\n');
    text
}

fn checked<T: for<'d> Deserialize<'d>>(text: &str) -> Result<T, JournalTextError> {
    let shape = |error: serde_json::Error| JournalTextError::Shape { cause: error.to_string() };
    let Versioned { format_version } = serde_json::from_str(text).map_err(shape)?;
    if format_version != FORMAT_VERSION {
        return Err(JournalTextError::Version { found: format_version });
    }
    serde_json::from_str(text).map_err(shape)
}

fn time_text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

fn time(text: &str) -> Result<DateTime<Utc>, String> {
    instant::parse(text).ok_or_else(|| format!("`{text}` is no time"))
}

#[cfg(test)]
mod tests;
