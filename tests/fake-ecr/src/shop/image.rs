//! One image of the shop, with everything that the files say about it.

use super::{clock, digest::Digest, json::Json};
use chrono::{DateTime, Utc};

/// An image manifest of OCI.
pub(super) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// An index of OCI.
pub(super) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// A manifest list of Docker: its index, from before OCI.
pub(super) const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
/// An image manifest of Docker, which Lambda images are pushed with.
pub(super) const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";

/// An image, an index or an artifact.
#[derive(Debug)]
pub(super) struct Image {
    pub(super) digest: Digest,
    /// Every tag that points at it now.
    pub(super) tags: Vec<String>,
    pub(super) when: When,
    /// Media type of the manifest.
    pub(super) media_type: &'static str,
    /// What ECR calls `artifactMediaType`; an index has none.
    pub(super) artifact_type: Option<&'static str>,
    /// The manifest as it was pushed.
    pub(super) manifest: String,
    /// Sum of the layers; for an index the largest of its children.
    pub(super) bytes: u64,
    /// What a signature or an SBOM belongs to.
    pub(super) subject: Option<Digest>,
    /// What an index names, pushed or not.
    pub(super) children: Vec<Digest>,
}

/// The times of an image.
#[derive(Debug, Clone, Copy)]
pub(super) struct When {
    /// The age that the family asked for; the push was on a working day near it.
    pub(super) ago_seconds: u64,
    pub(super) pushed: DateTime<Utc>,
    pub(super) pulled: Option<DateTime<Utc>>,
    pub(super) life: Life,
}

/// Which storage class an image is in, and how it came there.
#[derive(Debug, Clone, Copy)]
pub(super) enum Life {
    /// Never archived.
    Active,
    /// In the archive class since then.
    Archived(DateTime<Utc>),
    /// Was archived, and came back.
    Restored { archived: DateTime<Utc>, activated: DateTime<Utc> },
    /// On its way back.
    Activating { archived: DateTime<Utc> },
}

impl Image {
    /// The image as `aws ecr describe-images` shows it.
    pub(super) fn detail(&self, registry: &str, repository: &str) -> Json {
        let mut fields = vec![
            ("registryId", registry.into()),
            ("repositoryName", repository.into()),
            ("imageDigest", self.digest.into()),
        ];
        if !self.tags.is_empty() {
            let tags: Vec<Json> = self.tags.iter().map(|tag| tag.as_str().into()).collect();
            fields.push(("imageTags", tags.into()));
        }
        fields.push(("imageSizeInBytes", self.bytes.into()));
        fields.push(("imagePushedAt", clock::iso_seoul(self.when.pushed).into()));
        fields.push(("imageManifestMediaType", self.media_type.into()));
        if let Some(artifact_type) = self.artifact_type {
            fields.push(("artifactMediaType", artifact_type.into()));
        }
        if let Some(pulled) = self.when.pulled {
            fields.push(("lastRecordedPullTime", clock::iso_seoul(pulled).into()));
        }
        if let Some(subject) = self.subject {
            fields.push(("subjectManifestDigest", subject.into()));
        }
        fields.extend(self.when.life.fields());
        fields.into()
    }

    /// The manifest as `aws ecr batch-get-image` shows it.
    pub(super) fn manifest_entry(&self, registry: &str, repository: &str) -> Json {
        let mut id = vec![("imageDigest", self.digest.into())];
        if let Some(tag) = self.tags.first() {
            id.push(("imageTag", tag.as_str().into()));
        }
        vec![
            ("registryId", registry.into()),
            ("repositoryName", repository.into()),
            ("imageId", id.into()),
            ("imageManifest", self.manifest.as_str().into()),
            ("imageManifestMediaType", self.media_type.into()),
        ]
        .into()
    }

    /// What ECR answers in place of the manifest of an archived image.
    pub(super) fn manifest_failure(&self) -> Json {
        vec![
            ("imageId", vec![("imageDigest", self.digest.into())].into()),
            ("failureCode", "ImageInaccessible".into()),
            ("failureReason", format!("Requested image is archived: {}", self.digest).into()),
        ]
        .into()
    }

    /// True for an index, which names other images.
    pub(super) fn is_index(&self) -> bool {
        self.media_type == OCI_INDEX || self.media_type == DOCKER_LIST
    }
}

impl Life {
    /// True while the image lies in the archive class.
    pub(super) fn is_archived(self) -> bool {
        matches!(self, Self::Archived(_))
    }

    fn fields(self) -> Vec<(&'static str, Json)> {
        let (status, archived, activated) = match self {
            Self::Active => ("ACTIVE", None, None),
            Self::Archived(archived) => ("ARCHIVED", Some(archived), None),
            Self::Restored { archived, activated } => ("ACTIVE", Some(archived), Some(activated)),
            Self::Activating { archived } => ("ACTIVATING", Some(archived), None),
        };
        let mut fields = vec![("imageStatus", status.into())];
        if let Some(archived) = archived {
            fields.push(("lastArchivedAt", clock::iso_seoul(archived).into()));
        }
        if let Some(activated) = activated {
            fields.push(("lastActivatedAt", clock::iso_seoul(activated).into()));
        }
        fields
    }
}
