//! An image as it was before a call changed it.

use chrono::{DateTime, Utc};

use crate::{Digest, ImageStatus, Tag};

/// Everything that is known of an image just before a call: what a restoration starts from, and what a history tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedImage {
    /// What names it.
    pub digest: Digest,
    /// All tags that it had, sorted.
    pub tags: Vec<Tag>,
    /// The exact text of its manifest; nothing: it was not saved, and the image cannot come back.
    pub manifest: Option<String>,
    /// The media type of the manifest.
    pub media_type: Option<String>,
    /// When it was pushed.
    pub pushed_at: Option<DateTime<Utc>>,
    /// When it was last pulled.
    pub last_pulled_at: Option<DateTime<Utc>>,
    /// Its size in bytes, as ECR says it.
    pub size_bytes: Option<u64>,
    /// The indexes that named it, sorted.
    pub parents: Vec<Digest>,
    /// The image that it refers to.
    pub subject: Option<Digest>,
    /// Its storage class.
    pub status: ImageStatus,
    /// The rule that chose it; in a restoration, what it is restored from.
    pub rule: String,
    /// Why, in one sentence without a full stop.
    pub reason: String,
}
