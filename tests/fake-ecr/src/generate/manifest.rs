//! The texts of manifests, and the digests of these texts.

use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

use super::{
    layers::Blob,
    stream::{hex_digit, push_digest},
};

pub(super) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
pub(super) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
pub(super) const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
pub(super) const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";
pub(super) const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
pub(super) const DOCKER_CONFIG: &str = "application/vnd.docker.container.image.v1+json";
pub(super) const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar+gzip";
pub(super) const DOCKER_LAYER: &str = "application/vnd.docker.image.rootfs.diff.tar.gzip";
pub(super) const IN_TOTO: &str = "application/vnd.in-toto+json";
pub(super) const COSIGN: &str = "application/vnd.dev.cosign.simplesigning.v1+json";
pub(super) const NOTATION: &str = "application/vnd.cncf.notary.signature";
pub(super) const SPDX: &str = "application/spdx+json";

/// The configuration of artifacts that have none: the two bytes `{}`.
const EMPTY_CONFIG: &str = "{\"mediaType\":\"application/vnd.oci.empty.v1+json\",\"digest\":\"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a\",\"size\":2}";

/// A manifest that another one names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named<'a> {
    pub(super) media_type: &'a str,
    pub(super) digest: &'a str,
    pub(super) manifest_bytes: usize,
}

/// What a child of an index is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Role<'a> {
    /// An image for Linux on this architecture.
    Platform(&'static str),
    /// The buildx attestation of that child.
    AttestationOf(&'a str),
}

/// `sha256:` and the SHA-256 of the text.
pub(super) fn digest(text: &str) -> String {
    let mut digest = String::with_capacity(71);
    digest.push_str("sha256:");
    for byte in Sha256::digest(text) {
        digest.push(hex_digit(byte >> 4));
        digest.push(hex_digit(byte & 15));
    }
    digest
}

/// The manifest of an image or an artifact: a configuration and layers of one media type.
pub(super) fn image(media_type: &str, config: (&str, Blob), layer_type: &str, layers: &[Blob]) -> String {
    let mut out = String::with_capacity(320 + 170 * layers.len());
    open(&mut out, media_type);
    out.push_str(",\"config\":");
    push_blob(&mut out, config.0, config.1);
    push_layers(&mut out, layer_type, layers);
    out.push('}');
    out
}

/// The manifest of an OCI 1.1 referrer: it names its subject, not a tag.
pub(super) fn referrer(artifact_type: &str, layer: Blob, subject: Named<'_>) -> String {
    let mut out = String::with_capacity(800);
    open(&mut out, OCI_MANIFEST);
    let _ = write!(out, ",\"artifactType\":\"{artifact_type}\",\"config\":{EMPTY_CONFIG}");
    push_layers(&mut out, artifact_type, &[layer]);
    out.push_str(",\"subject\":");
    push_named(&mut out, subject);
    out.push_str("}}");
    out
}

/// The manifest of an index; `media_type` says whether Docker's or OCI's.
pub(super) fn index(media_type: &str, entries: &[(Named<'_>, Role<'_>)]) -> String {
    let mut out = String::with_capacity(100 + 420 * entries.len());
    open(&mut out, media_type);
    out.push_str(",\"manifests\":[");
    for (place, (named, role)) in entries.iter().enumerate() {
        if 0 < place {
            out.push(',');
        }
        push_named(&mut out, *named);
        let _ = match role {
            Role::Platform(architecture) => {
                write!(out, ",\"platform\":{{\"architecture\":\"{architecture}\",\"os\":\"linux\"}}}}")
            }
            Role::AttestationOf(child) => write!(
                out,
                ",\"annotations\":{{\"vnd.docker.reference.digest\":\"{child}\",\
                 \"vnd.docker.reference.type\":\"attestation-manifest\"}},\
                 \"platform\":{{\"architecture\":\"unknown\",\"os\":\"unknown\"}}}}"
            ),
        };
    }
    out.push_str("]}");
    out
}

fn open(out: &mut String, media_type: &str) {
    out.push_str("{\"schemaVersion\":2,\"mediaType\":\"");
    out.push_str(media_type);
    out.push('"');
}

fn push_layers(out: &mut String, layer_type: &str, layers: &[Blob]) {
    out.push_str(",\"layers\":[");
    for (place, layer) in layers.iter().enumerate() {
        if 0 < place {
            out.push(',');
        }
        push_blob(out, layer_type, *layer);
    }
    out.push(']');
}

fn push_blob(out: &mut String, media_type: &str, blob: Blob) {
    out.push_str("{\"mediaType\":\"");
    out.push_str(media_type);
    out.push_str("\",\"digest\":\"");
    push_digest(out, blob.digest);
    let _ = write!(out, "\",\"size\":{}}}", blob.bytes);
}

/// Leaves the object open, for what else there is to say.
fn push_named(out: &mut String, named: Named<'_>) {
    let Named { media_type, digest, manifest_bytes } = named;
    let _ = write!(out, "{{\"mediaType\":\"{media_type}\",\"digest\":\"{digest}\",\"size\":{manifest_bytes}");
}
