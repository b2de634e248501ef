//! The events that ECR sends to `EventBridge`, read from the envelope in which they are delivered.
//!
//! Assumes nothing of events that are not known yet: they are events too. What says nothing about tags is read all
//! the same, because others act on it. Leaves out scans.

use chrono::{DateTime, Utc};

use super::event_text::EventText;
use super::{EventError, EventRepository, Observation, Said};
use crate::lifecycle::StorageClass;
use crate::{Digest, Tag};

/// An event of ECR.
///
/// ```
/// use demurrage_core::ledger::EcrEvent;
/// let event = EcrEvent::parse(r#"{"version": "0", "id": "13cde686", "detail-type": "ECR Image Action",
///   "source": "aws.ecr", "account": "123456789012", "time": "2026-11-16T01:54:34Z", "region": "us-west-2",
///   "resources": [], "detail": {"result": "SUCCESS", "repository-name": "team/app", "action-type": "PUSH",
///   "image-digest": "sha256:7f5b2640fe6fb4f46592dfd3410c4a79dac4f89e4782432e0378abcd1234abcd",
///   "image-tag": "latest"}}"#)?;
/// assert_eq!(event.repository().map(|repository| repository.arn()).as_deref(),
///            Some("arn:aws:ecr:us-west-2:123456789012:repository/team/app"));
/// # Ok::<(), demurrage_core::ledger::EventError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EcrEvent {
    /// What names the event: a repetition has the same.
    pub id: String,
    /// When what it tells of happened: a whole second.
    pub at: DateTime<Utc>,
    /// What happened.
    pub what: EcrAction,
}

/// What an event tells of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EcrAction {
    /// `ECR Image Action`: something was done with an image.
    Image {
        /// The image.
        image: EventImage,
        /// What was done.
        action: ImageAction,
    },
    /// `ECR Referrer Action`: something was done with an artifact that refers to an image.
    Referrer {
        /// The artifact.
        image: EventImage,
        /// What was done.
        action: ImageAction,
    },
    /// `ECR Replication Action`: an image came from another registry.
    Replicated {
        /// The image, in the registry to which it came.
        image: EventImage,
        /// The account from which it came.
        source_account: String,
        /// The region from which it came.
        source_region: String,
    },
    /// `ECR Pull Through Cache Action`: an image was fetched from another registry, or was not.
    PulledThrough {
        /// The repository that caches.
        repository: EventRepository,
        /// The tag that was asked for, where it was one.
        tag: Option<Tag>,
        /// What came of it.
        sync: CacheSync,
    },
    /// Something was tried and did not succeed.
    Unsuccessful {
        /// The kind of the event.
        detail_type: String,
        /// What the event has for a result.
        result: Option<String>,
    },
    /// An event of ECR that this version knows nothing about.
    Unknown {
        /// The kind of the event.
        detail_type: String,
        /// What was done, where the event says so.
        action: Option<String>,
    },
}

/// An image in an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventImage {
    /// Its repository.
    pub repository: EventRepository,
    /// What names it.
    pub digest: Digest,
    /// The one tag that it was done with, where it was done with one.
    pub tag: Option<Tag>,
}

/// What was done with an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageAction {
    /// It was pushed, or a tag was put on it.
    Push,
    /// It was deleted, or a tag was taken from it.
    Delete,
    /// It was archived or restored.
    UpdateStorageClass {
        /// The class in which it is now.
        target: StorageClass,
        /// When it was restored.
        last_activated_at: Option<DateTime<Utc>>,
    },
}

/// What came of a pull through a cache.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CacheSync {
    /// The image is cached.
    Succeeded {
        /// The image, where the event names it.
        digest: Option<Digest>,
    },
    /// It is not.
    Failed {
        /// ECR's word for the cause.
        code: Option<String>,
        /// ECR's sentence about it.
        reason: Option<String>,
    },
}

/// What an event teaches about tags.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Teaching {
    /// Something about one tag.
    Tag {
        /// The tag.
        tag: Tag,
        /// What is said of it.
        observation: Observation,
    },
    /// An image was deleted, with all its tags.
    Deletion {
        /// The image.
        digest: Digest,
        /// In which second.
        at: DateTime<Utc>,
    },
    /// Nothing.
    Nothing,
}

impl EcrEvent {
    /// Reads an event as `EventBridge` delivers it: at most 256 KiB of JSON.
    ///
    /// # Errors
    /// When it is longer, is not JSON, or lacks what such an event has; and when what is there is not an account, a
    /// region, a time, the name of a repository, a digest or a tag.
    pub fn parse(json: &str) -> Result<Self, EventError> {
        let text = EventText::read(json)?;
        text.source()?;
        let id = text.text("/id")?.to_owned();
        let at = text.second("/time")?;
        text.account("/account")?;
        text.region("/region")?;
        let what = match text.text("/detail-type")? {
            "ECR Image Action" => image_action(&text, |image, action| EcrAction::Image { image, action })?,
            "ECR Referrer Action" => {
                image_action(&text, |image, action| EcrAction::Referrer { image, action })?
            }
            "ECR Replication Action" => replication_action(&text)?,
            "ECR Pull Through Cache Action" => pull_through_cache_action(&text)?,
            _ => unknown(&text)?,
        };
        Ok(Self { id, at, what })
    }

    /// The repository that it is about, where it is about one that was read.
    pub const fn repository(&self) -> Option<&EventRepository> {
        match &self.what {
            EcrAction::Image { image, .. }
            | EcrAction::Referrer { image, .. }
            | EcrAction::Replicated { image, .. } => Some(&image.repository),
            EcrAction::PulledThrough { repository, .. } => Some(repository),
            EcrAction::Unsuccessful { .. } | EcrAction::Unknown { .. } => None,
        }
    }

    /// What it teaches about tags.
    ///
    /// Replications and pulls through a cache teach nothing: into a repository whose tags may not move, an image comes
    /// without the tag, and nothing says whether the event has it then.
    pub fn teaching(&self) -> Teaching {
        let (EcrAction::Image { image, action } | EcrAction::Referrer { image, action }) = &self.what else {
            return Teaching::Nothing;
        };
        let digest = image.digest;
        let said = |tag: &Tag, said| Teaching::Tag {
            tag: tag.clone(),
            observation: Observation { at: self.at, said },
        };
        match (action, &image.tag) {
            (ImageAction::Push, Some(tag)) => said(tag, Said::Pushed(digest)),
            (ImageAction::Delete, Some(tag)) => said(tag, Said::Deleted(digest)),
            (ImageAction::Delete, None) => Teaching::Deletion { digest, at: self.at },
            (ImageAction::Push, None) | (ImageAction::UpdateStorageClass { .. }, _) => Teaching::Nothing,
        }
    }
}

const ACTION: &str = "/detail/action-type";

fn unknown(text: &EventText) -> Result<EcrAction, EventError> {
    let action = text.maybe(ACTION).ok().flatten().map(str::to_owned);
    Ok(EcrAction::Unknown { detail_type: text.text("/detail-type")?.to_owned(), action })
}

/// What did not succeed; nothing where it did.
fn unsuccessful(text: &EventText) -> Result<Option<EcrAction>, EventError> {
    let result = text.maybe("/detail/result")?;
    if result == Some("SUCCESS") {
        return Ok(None);
    }
    let detail_type = text.text("/detail-type")?.to_owned();
    Ok(Some(EcrAction::Unsuccessful { detail_type, result: result.map(str::to_owned) }))
}

fn repository(text: &EventText) -> Result<EventRepository, EventError> {
    Ok(EventRepository {
        account: text.account("/account")?.to_owned(),
        region: text.region("/region")?.to_owned(),
        name: text.repository_name("/detail/repository-name")?.to_owned(),
    })
}

fn image(text: &EventText) -> Result<EventImage, EventError> {
    Ok(EventImage {
        repository: repository(text)?,
        digest: text.digest("/detail/image-digest")?,
        tag: text.tag("/detail/image-tag")?,
    })
}

fn image_action(
    text: &EventText,
    of: impl Fn(EventImage, ImageAction) -> EcrAction,
) -> Result<EcrAction, EventError> {
    if let Some(unsuccessful) = unsuccessful(text)? {
        return Ok(unsuccessful);
    }
    let action = match (text.text(ACTION)?, text.maybe("/detail/target-storage-class")?) {
        ("PUSH", _) => ImageAction::Push,
        ("DELETE", _) => ImageAction::Delete,
        ("UPDATE_STORAGE_CLASS", Some("STANDARD")) => ImageAction::UpdateStorageClass {
            target: StorageClass::Standard,
            last_activated_at: text.maybe_instant("/detail/last-activated-at")?,
        },
        ("UPDATE_STORAGE_CLASS", Some("ARCHIVE")) => {
            ImageAction::UpdateStorageClass { target: StorageClass::Archive, last_activated_at: None }
        }
        _ => return unknown(text),
    };
    Ok(of(image(text)?, action))
}

fn replication_action(text: &EventText) -> Result<EcrAction, EventError> {
    if let Some(unsuccessful) = unsuccessful(text)? {
        return Ok(unsuccessful);
    }
    if text.text(ACTION)? != "REPLICATE" {
        return unknown(text);
    }
    Ok(EcrAction::Replicated {
        image: image(text)?,
        source_account: text.account("/detail/source-account")?.to_owned(),
        source_region: text.region("/detail/source-region")?.to_owned(),
    })
}

fn pull_through_cache_action(text: &EventText) -> Result<EcrAction, EventError> {
    let sync = match text.text("/detail/sync-status")? {
        "SUCCESS" => {
            let digest = match text.maybe("/detail/image-digest")?.filter(|digest| !digest.is_empty()) {
                Some(_) => Some(text.digest("/detail/image-digest")?),
                None => None,
            };
            CacheSync::Succeeded { digest }
        }
        "FAILED" => CacheSync::Failed {
            code: text.maybe("/detail/failure-code")?.map(str::to_owned),
            reason: text.maybe("/detail/failure-reason")?.map(str::to_owned),
        },
        _ => return unknown(text),
    };
    Ok(EcrAction::PulledThrough { repository: repository(text)?, tag: text.tag("/detail/image-tag")?, sync })
}
