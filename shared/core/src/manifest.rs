//! What a manifest says: the blobs and images that it names.
//!
//! One shape for all kinds of manifest, so that those who count layers or follow children need not know the
//! kinds. Leaves out the text: see [`crate::parse_manifest`].

use crate::Digest;

/// A parsed manifest.
///
/// Lists that a kind of manifest does not have are empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    /// What kind of manifest it is.
    pub kind: ManifestKind,
    /// Its `artifactType`, where it has one.
    pub artifact_type: Option<String>,
    /// The configuration blob of an image manifest.
    pub config: Option<Descriptor>,
    /// The layers of an image manifest, lowest first.
    pub layers: Vec<Descriptor>,
    /// The blobs of an OCI or ORAS artifact manifest.
    pub blobs: Vec<Descriptor>,
    /// The images that an index names, in its order.
    pub children: Vec<Child>,
    /// The image that this one refers to.
    pub subject: Option<Digest>,
}

impl Manifest {
    /// A manifest of this kind that names nothing.
    pub const fn new(kind: ManifestKind) -> Self {
        Self {
            kind,
            artifact_type: None,
            config: None,
            layers: Vec::new(),
            blobs: Vec::new(),
            children: Vec::new(),
            subject: None,
        }
    }
}

/// The kinds of manifest that ECR keeps.
///
/// Source: OCI image specification 1.0 and 1.1, Docker image manifest version 2 schema 2, ORAS artifacts
/// specification; read 2026-11-23.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestKind {
    /// `application/vnd.docker.distribution.manifest.v2+json`
    DockerImage,
    /// `application/vnd.docker.distribution.manifest.list.v2+json`
    DockerManifestList,
    /// `application/vnd.oci.image.manifest.v1+json`
    OciImage,
    /// `application/vnd.oci.image.index.v1+json`
    OciIndex,
    /// `application/vnd.oci.artifact.manifest.v1+json`, of release candidates of OCI 1.1
    OciArtifact,
    /// `application/vnd.cncf.oras.artifact.manifest.v1+json`
    OrasArtifact,
    /// Another media type, kept as it is; nothing is known of its blobs.
    Unrecognised(String),
}

impl ManifestKind {
    /// The kind of this media type.
    pub fn from_media_type(media_type: &str) -> Self {
        match media_type {
            "application/vnd.docker.distribution.manifest.v2+json" => Self::DockerImage,
            "application/vnd.docker.distribution.manifest.list.v2+json" => Self::DockerManifestList,
            "application/vnd.oci.image.manifest.v1+json" => Self::OciImage,
            "application/vnd.oci.image.index.v1+json" => Self::OciIndex,
            "application/vnd.oci.artifact.manifest.v1+json" => Self::OciArtifact,
            "application/vnd.cncf.oras.artifact.manifest.v1+json" => Self::OrasArtifact,
            other => Self::Unrecognised(other.to_owned()),
        }
    }

    /// The media type of this kind.
    pub fn media_type(&self) -> &str {
        match self {
            Self::DockerImage => "application/vnd.docker.distribution.manifest.v2+json",
            Self::DockerManifestList => "application/vnd.docker.distribution.manifest.list.v2+json",
            Self::OciImage => "application/vnd.oci.image.manifest.v1+json",
            Self::OciIndex => "application/vnd.oci.image.index.v1+json",
            Self::OciArtifact => "application/vnd.oci.artifact.manifest.v1+json",
            Self::OrasArtifact => "application/vnd.cncf.oras.artifact.manifest.v1+json",
            Self::Unrecognised(media_type) => media_type,
        }
    }

    /// Whether a manifest of this kind names children.
    pub const fn is_index(&self) -> bool {
        match self {
            Self::DockerManifestList | Self::OciIndex => true,
            Self::DockerImage
            | Self::OciImage
            | Self::OciArtifact
            | Self::OrasArtifact
            | Self::Unrecognised(_) => false,
        }
    }
}

/// What a manifest says about one blob, or one other manifest, that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Descriptor {
    /// What names the content.
    pub digest: Digest,
    /// The media type of the content; empty where the manifest gives none.
    pub media_type: String,
    /// Size of the content in bytes.
    pub size_bytes: u64,
}

impl Descriptor {
    /// Whether the content is a foreign (non-distributable) layer, which a registry does not store.
    ///
    /// Source: OCI image specification 1.1, "Non-Distributable Layers"; Docker schema 2; read 2026-11-23.
    pub fn is_foreign(&self) -> bool {
        self.media_type == "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
            || self.media_type.starts_with("application/vnd.oci.image.layer.nondistributable.v1.tar")
    }
}

/// One entry of an index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// The manifest of the child.
    pub descriptor: Descriptor,
    /// The platform for which the child is made.
    pub platform: Option<Platform>,
    /// For an attestation of buildx: the child that it attests
    /// (annotation `vnd.docker.reference.digest`).
    pub attests: Option<Digest>,
}

impl Child {
    /// Whether the child is an attestation (provenance or SBOM) as buildx stores it: platform
    /// `unknown/unknown`.
    pub fn is_attestation(&self) -> bool {
        self.attests.is_some()
            || self.platform.as_ref().is_some_and(|p| p.os == "unknown" && p.architecture == "unknown")
    }
}

/// Operating system and processor of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Platform {
    /// For example `linux`.
    pub os: String,
    /// For example `arm64`.
    pub architecture: String,
    /// For example `v8`.
    pub variant: Option<String>,
}
