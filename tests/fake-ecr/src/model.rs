//! What a registry holds, as the server keeps it and as generators make it.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};

/// One repository, without its images.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RepositoryRecord {
    /// Its name.
    pub name: String,
    /// When it was created.
    pub created_at: DateTime<Utc>,
    /// `MUTABLE`, `IMMUTABLE`, `IMMUTABLE_WITH_EXCLUSION` or `MUTABLE_WITH_EXCLUSION`.
    pub mutability: String,
    /// The wildcards of the modes with exclusion.
    pub exclusion_filters: Vec<String>,
    /// The repository's own setting of scanning.
    pub scan_on_push: bool,
    /// `AES256`, `KMS` or `KMS_DSSE`.
    pub encryption_type: String,
    /// The key, where the type is not `AES256`.
    pub kms_key: Option<String>,
    /// The text of the attached lifecycle policy.
    pub lifecycle_policy: Option<String>,
    /// When the lifecycle policy last ran.
    pub lifecycle_evaluated_at: Option<DateTime<Utc>>,
    /// The text of the repository policy.
    pub repository_policy: Option<String>,
    /// The tags of the repository itself.
    pub resource_tags: BTreeMap<String, String>,
}

/// One image, index or artifact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageRecord {
    /// `sha256:…` of the text of the manifest.
    pub digest: String,
    /// The tags that stand at it.
    pub tags: Vec<String>,
    /// When it was pushed.
    pub pushed_at: DateTime<Utc>,
    /// When it was last pulled.
    pub pulled_at: Option<DateTime<Utc>>,
    /// When it was last archived.
    pub archived_at: Option<DateTime<Utc>>,
    /// When it last came back from the archive class.
    pub activated_at: Option<DateTime<Utc>>,
    /// When it will be back, while it is on its way.
    pub activating_until: Option<DateTime<Utc>>,
    /// Where it is.
    pub status: ImageStatus,
    /// `imageSizeInBytes`; of an index the largest of its children.
    pub size_bytes: u64,
    /// Media type of the manifest.
    pub media_type: String,
    /// `artifactMediaType`.
    pub artifact_type: Option<String>,
    /// The digest that it refers to.
    pub subject: Option<String>,
    /// The digests that an index names.
    pub children: Vec<String>,
    /// Where the text of the manifest is.
    pub manifest: ManifestText,
}

/// What is known of the scan of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScanRecord {
    /// `COMPLETE`, `FAILED` and so on, as the API has them.
    pub status: String,
    /// When it was completed; none: there are no results.
    pub completed_at: Option<DateTime<Utc>>,
    /// How many findings there are of each severity, `CRITICAL` and so on; one without findings may be absent.
    pub severity_counts: BTreeMap<String, u32>,
}

/// Where an image is, and whether it can be pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImageStatus {
    /// In the standard class.
    Active,
    /// In the archive class.
    Archived,
    /// On its way back.
    Activating,
}

/// The text of a manifest, or how to make it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestText {
    /// The text.
    Held(Arc<str>),
    /// The number of the image in its generated repository.
    Generated(u64),
}
