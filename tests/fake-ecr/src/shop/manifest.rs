//! The texts of manifests: of images, of indexes, of buildx attestations and of signatures and the like.

use super::{digest::Digest, image, json::Json, layers::Layer};

/// The configuration of an OCI image; ECR reports it as the artifact type.
pub(super) const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
/// The configuration of a Docker image.
pub(super) const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";

/// A layer of an OCI image.
pub(super) const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
/// A layer of a Docker image.
pub(super) const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
const EMPTY_CONFIG: &str = "application/vnd.oci.empty.v1+json";
const IN_TOTO: &str = "application/vnd.in-toto+json";

/// The digest of `{}`, the configuration of artifacts that have none.
const EMPTY_JSON: Layer = Layer {
    digest: Digest([
        0x4413_6fa3_55b3_678a,
        0x1146_ad16_f7e8_649e,
        0x94fb_4fc2_1fe7_7e83,
        0x10c0_60f6_1caa_ff8a,
    ]),
    bytes: 2,
};

/// What an index says about one of the manifests in it.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) digest: Digest,
    pub(super) media_type: &'static str,
    /// Bytes of the child's manifest text.
    pub(super) manifest_bytes: u64,
    pub(super) role: Role,
}

/// What a child of an index is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Role {
    /// An image for Linux on this architecture.
    Platform(&'static str),
    /// The buildx attestation of that child.
    AttestationOf(Digest),
    /// An index in the index.
    Nested,
}

/// The manifest of an image; `media_type` says whether Docker's or OCI's.
pub(super) fn image(media_type: &'static str, config: Layer, layers: &[Layer]) -> String {
    let (config_type, layer_type) = if media_type == image::DOCKER_MANIFEST {
        (DOCKER_CONFIG, DOCKER_LAYER)
    } else {
        (OCI_CONFIG, OCI_LAYER)
    };
    let layers: Vec<Json> = layers.iter().map(|layer| blob(layer_type, *layer).into()).collect();
    document(media_type, vec![("config", blob(config_type, config).into()), ("layers", layers.into())])
}

/// The manifest of an index; `media_type` says whether Docker's or OCI's.
pub(super) fn index(media_type: &'static str, entries: &[Entry]) -> String {
    let entries: Vec<Json> = entries.iter().map(descriptor).collect();
    document(media_type, vec![("manifests", entries.into())])
}

/// The manifest with which buildx attaches provenance and SBOM to a platform's image.
pub(super) fn attestation(config: Layer, statements: &[(&'static str, Layer)]) -> String {
    let statements: Vec<Json> = statements
        .iter()
        .map(|(predicate, layer)| {
            let mut statement = blob(IN_TOTO, *layer);
            let annotations = vec![("in-toto.io/predicate-type", (*predicate).into())];
            statement.push(("annotations", annotations.into()));
            statement.into()
        })
        .collect();
    let parts = vec![("config", blob(OCI_CONFIG, config).into()), ("layers", statements.into())];
    document(image::OCI_MANIFEST, parts)
}

/// The manifest of an artifact with one blob: a chart, a build cache or an old cosign signature.
pub(super) fn artifact(config: (&str, Layer), layer_type: &str, layers: &[Layer]) -> String {
    let layers: Vec<Json> = layers.iter().map(|layer| blob(layer_type, *layer).into()).collect();
    let parts = vec![("config", blob(config.0, config.1).into()), ("layers", layers.into())];
    document(image::OCI_MANIFEST, parts)
}

/// The manifest of an OCI 1.1 referrer: it names its subject, not a tag.
pub(super) fn referrer(artifact_type: &str, layer: Layer, subject: &Entry) -> String {
    let subject = vec![
        ("mediaType", subject.media_type.into()),
        ("digest", subject.digest.into()),
        ("size", subject.manifest_bytes.into()),
    ];
    let layers: Vec<Json> = vec![blob(artifact_type, layer).into()];
    document(
        image::OCI_MANIFEST,
        vec![
            ("artifactType", artifact_type.into()),
            ("config", blob(EMPTY_CONFIG, EMPTY_JSON).into()),
            ("layers", layers.into()),
            ("subject", subject.into()),
        ],
    )
}

fn document(media_type: &str, parts: Vec<(&'static str, Json)>) -> String {
    let mut fields = vec![("schemaVersion", 2_u64.into()), ("mediaType", media_type.into())];
    fields.extend(parts);
    Json::from(fields).compact()
}

fn blob(media_type: &str, layer: Layer) -> Vec<(&'static str, Json)> {
    vec![("mediaType", media_type.into()), ("digest", layer.digest.into()), ("size", layer.bytes.into())]
}

fn descriptor(entry: &Entry) -> Json {
    let mut fields = vec![
        ("mediaType", entry.media_type.into()),
        ("digest", entry.digest.into()),
        ("size", entry.manifest_bytes.into()),
    ];
    match entry.role {
        Role::Platform(architecture) => fields.push(("platform", platform(architecture, "linux"))),
        Role::AttestationOf(child) => {
            let annotations = vec![
                ("vnd.docker.reference.digest", child.into()),
                ("vnd.docker.reference.type", "attestation-manifest".into()),
            ];
            fields.push(("annotations", annotations.into()));
            fields.push(("platform", platform("unknown", "unknown")));
        }
        Role::Nested => {}
    }
    fields.into()
}

fn platform(architecture: &str, system: &str) -> Json {
    vec![("architecture", architecture.into()), ("os", system.into())].into()
}
