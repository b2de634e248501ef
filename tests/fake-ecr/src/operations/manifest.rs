//! What a pushed manifest says: its type, its layers, its children, its subject.
//!
//! For: pushes. Source: OCI image specification 1.1, Docker image manifest version 2, schema 2; read 2026-11-23.
//! Leaves out: schema 1, which ECR has converted at need.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::wire::{Refusal, is_digest};

/// OCI image index.
pub(crate) const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
/// OCI image manifest.
pub(crate) const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
/// Docker manifest list.
pub(crate) const DOCKER_LIST: &str = "application/vnd.docker.distribution.manifest.list.v2+json";

/// The most bytes of a manifest. Source: API model, `ImageManifest`, read 2026-11-23.
const MOST_BYTES: usize = 4_194_304;

/// A manifest, read.
#[derive(Debug)]
pub(crate) struct Manifest {
    /// Its media type.
    pub(crate) media_type: String,
    /// `artifactMediaType` of the image.
    pub(crate) artifact_type: Option<String>,
    /// What it refers to.
    pub(crate) subject: Option<String>,
    /// The manifests that an index names.
    pub(crate) children: Vec<String>,
    /// The configuration and the layers that have to be in the repository.
    pub(crate) layers: Vec<String>,
    /// Bytes of the configuration and of the layers.
    pub(crate) size_bytes: u64,
}

/// Whether a media type is one of an index.
pub(crate) fn is_index(media_type: &str) -> bool {
    media_type == OCI_INDEX || media_type == DOCKER_LIST
}

/// The annotations of a manifest.
pub(crate) fn annotations(text: &str) -> BTreeMap<String, String> {
    let value: Value = serde_json::from_str(text).unwrap_or_default();
    let annotations = value.get("annotations").and_then(Value::as_object);
    annotations
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

/// Reads a manifest; `declared` is the media type that came with it.
pub(crate) fn read(text: &str, declared: Option<&str>) -> Result<Manifest, Refusal> {
    if text.is_empty() || MOST_BYTES < text.len() {
        return Err(invalid("Member must have length between 1 and 4194304"));
    }
    let Ok(Value::Object(manifest)) = serde_json::from_str::<Value>(text) else {
        return Err(invalid("Invalid JSON syntax"));
    };
    let stated = manifest.get("mediaType").and_then(Value::as_str);
    if let (Some(stated), Some(declared)) = (stated, declared)
        && stated != declared
    {
        return Err(Refusal::new(
            "InvalidParameterException",
            format!("Image manifest media type '{declared}' does not match the manifest's '{stated}'"),
        ));
    }
    let media_type = match declared.or(stated) {
        Some(media_type) => media_type,
        None if manifest.contains_key("manifests") => OCI_INDEX,
        None if manifest.contains_key("layers") => OCI_MANIFEST,
        None => return Err(invalid("Missing manifest media type")),
    };
    let descriptors = |name: &str| manifest.get(name).and_then(Value::as_array).into_iter().flatten();
    let mut children = Vec::new();
    for child in descriptors("manifests") {
        children.push(digest_of(child)?);
    }
    let mut layers = Vec::new();
    let mut size_bytes = 0_u64;
    for layer in manifest.get("config").into_iter().chain(descriptors("layers")).chain(descriptors("blobs")) {
        let digest = digest_of(layer)?;
        let size = layer.get("size").and_then(Value::as_u64).ok_or_else(|| invalid("Missing size"))?;
        size_bytes = size_bytes.saturating_add(size);
        if !is_foreign(layer) {
            layers.push(digest);
        }
    }
    let config_type = manifest.get("config").and_then(|config| text_of(config.get("mediaType")));
    let artifact_type = text_of(manifest.get("artifactType")).or(config_type);
    let subject = manifest.get("subject").filter(|subject| !subject.is_null()).map(digest_of).transpose()?;
    Ok(Manifest { media_type: media_type.to_owned(), artifact_type, subject, children, layers, size_bytes })
}

/// A layer that the registry need not have.
fn is_foreign(layer: &Value) -> bool {
    let media_type = layer.get("mediaType").and_then(Value::as_str).unwrap_or_default();
    media_type.contains("nondistributable") || media_type.contains("foreign")
}

fn text_of(value: Option<&Value>) -> Option<String> {
    value.and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

fn digest_of(descriptor: &Value) -> Result<String, Refusal> {
    descriptor
        .get("digest")
        .and_then(Value::as_str)
        .filter(|digest| is_digest(digest))
        .map(str::to_owned)
        .ok_or_else(|| invalid("Missing or invalid digest"))
}

fn invalid(what: &str) -> Refusal {
    Refusal::parameter("imageManifest", what)
}
