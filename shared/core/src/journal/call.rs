//! A call that changes a registry, as a journal has it.

use crate::{Digest, Tag, TagMutability};

/// What a call names an image by: its digest, a tag, or both. Ordered by digest, then by tag.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ImageId {
    /// The digest.
    pub digest: Option<Digest>,
    /// The tag.
    pub tag: Option<Tag>,
}

/// One call that changes a registry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Call {
    /// Images and tags go: one `BatchDeleteImage`.
    Delete {
        /// What it names, at most 100 of them.
        ids: Vec<ImageId>,
    },
    /// An image moves to the archive class: one `UpdateImageStorageClass`.
    Archive {
        /// The image.
        digest: Digest,
    },
    /// An image comes back from the archive class: one `UpdateImageStorageClass`.
    Activate {
        /// The image.
        digest: Digest,
    },
    /// A manifest is put: one `PutImage`.
    PutImage {
        /// The image.
        digest: Digest,
        /// The tag that it gets.
        tag: Option<Tag>,
    },
    /// Which tags may move changes: one `PutImageTagMutability`.
    TagMutability {
        /// As it was.
        from: TagMutability,
        /// As it is to be.
        to: TagMutability,
        /// The audit that asks for it.
        rule: String,
        /// Why.
        reason: String,
    },
    /// The lifecycle policy changes: one `PutLifecyclePolicy`.
    LifecyclePolicy {
        /// Its text as it was; nothing: there was none.
        from: Option<String>,
        /// Its text as it is to be.
        to: String,
        /// What asks for it.
        rule: String,
        /// Why.
        reason: String,
    },
    /// Whether images are scanned when they are pushed changes: one `PutImageScanningConfiguration`.
    ScanOnPush {
        /// As it was; nothing: nobody knows.
        from: Option<bool>,
        /// As it is to be.
        to: bool,
        /// The audit that asks for it.
        rule: String,
        /// Why.
        reason: String,
    },
}

impl Call {
    /// The name of the operation of ECR.
    pub const fn operation(&self) -> &'static str {
        match self {
            Self::Delete { .. } => "BatchDeleteImage",
            Self::Archive { .. } | Self::Activate { .. } => "UpdateImageStorageClass",
            Self::PutImage { .. } => "PutImage",
            Self::TagMutability { .. } => "PutImageTagMutability",
            Self::LifecyclePolicy { .. } => "PutLifecyclePolicy",
            Self::ScanOnPush { .. } => "PutImageScanningConfiguration",
        }
    }
}
