//! An image of a repository: one digest, with what ECR says about it.

use chrono::{DateTime, Utc};

use crate::{Digest, Manifest, ScanSummary, Tag};

/// One digest in one repository, whatever its kind: image, index or artifact.
///
/// The fields are those of ECR's `ImageDetail`, and the manifest where it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// What names the image.
    pub digest: Digest,
    /// The tags, in the order given. Empty: the image is untagged.
    pub tags: Vec<Tag>,
    /// When it was pushed (`imagePushedAt`).
    pub pushed_at: Option<DateTime<Utc>>,
    /// When it was last pulled (`lastRecordedPullTime`), exact to 24 hours. `None`: never, or unknown.
    pub last_pulled_at: Option<DateTime<Utc>>,
    /// When it last became archived (`lastArchivedAt`).
    pub archived_at: Option<DateTime<Utc>>,
    /// When it was last restored from the archive class (`lastActivatedAt`).
    pub activated_at: Option<DateTime<Utc>>,
    /// Whether it can be pulled (`imageStatus`).
    pub status: ImageStatus,
    /// Compressed size in bytes (`imageSizeInBytes`); for an index the largest of its children, not their
    /// sum. Layers that images share are in each one's size.
    pub size_bytes: Option<u64>,
    /// Media type of the manifest (`imageManifestMediaType`).
    pub manifest_media_type: Option<String>,
    /// Media type of the artifact (`artifactMediaType`).
    pub artifact_media_type: Option<String>,
    /// The image that this one refers to (`subjectManifestDigest`, or the manifest's `subject`).
    pub subject: Option<Digest>,
    /// What is known of its scan (`imageScanStatus`, `imageScanFindingsSummary`, or the answer of
    /// `DescribeImageScanFindings`). `None`: nobody knows whether it was ever scanned.
    pub scan: Option<Box<ScanSummary>>,
    /// The manifest, where it was read.
    pub manifest: Option<Box<Manifest>>,
}

impl Image {
    /// An image of which only the digest is known.
    pub fn new(digest: Digest) -> Self {
        Self {
            digest,
            tags: Vec::new(),
            pushed_at: None,
            last_pulled_at: None,
            archived_at: None,
            activated_at: None,
            status: ImageStatus::Active,
            size_bytes: None,
            manifest_media_type: None,
            artifact_media_type: None,
            subject: None,
            scan: None,
            manifest: None,
        }
    }

    /// Whether the image is an index (an OCI image index or a Docker manifest list).
    pub fn is_index(&self) -> bool {
        match &self.manifest {
            Some(manifest) => manifest.kind.is_index(),
            None => self.manifest_media_type.as_deref().is_some_and(is_index_media_type),
        }
    }

    /// Whether the image is an index of which the manifest was not read, so that its children are unknown.
    pub fn has_unknown_children(&self) -> bool {
        self.manifest.is_none() && self.is_index()
    }

    /// The images that its manifest names as children; none where it is no index, or was not read.
    pub fn children(&self) -> impl Iterator<Item = Digest> {
        self.manifest
            .iter()
            .flat_map(|manifest| manifest.children.iter().map(|child| child.descriptor.digest))
    }
}

/// Whether the media type is that of an index.
///
/// Source: OCI image specification 1.1 and Docker image manifest version 2 schema 2, read 2026-11-23.
pub(crate) fn is_index_media_type(media_type: &str) -> bool {
    matches!(
        media_type,
        "application/vnd.oci.image.index.v1+json"
            | "application/vnd.docker.distribution.manifest.list.v2+json"
    )
}

/// Whether an image can be pulled, and in which storage class it is (ECR's `imageStatus`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum ImageStatus {
    /// In the standard class. What an absent status means.
    #[default]
    Active,
    /// In the archive class: listed, not pulled.
    Archived,
    /// On the way back from the archive class.
    Activating,
    /// A status that this version does not know.
    Unrecognised,
}

impl ImageStatus {
    /// The status of this name, as the API spells it.
    pub fn from_api(name: &str) -> Self {
        match name {
            "ACTIVE" => Self::Active,
            "ARCHIVED" => Self::Archived,
            "ACTIVATING" => Self::Activating,
            _ => Self::Unrecognised,
        }
    }

    /// The name of the status, as the API spells it.
    pub const fn as_api(self) -> &'static str {
        match self {
            Self::Active => "ACTIVE",
            Self::Archived => "ARCHIVED",
            Self::Activating => "ACTIVATING",
            Self::Unrecognised => "UNRECOGNISED",
        }
    }
}
