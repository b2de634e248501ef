//! Reading the JSON text of a manifest.
//!
//! Fields that are not used are ignored: a manifest is data of others. A media type that is not known is
//! kept as such; only a text that is not JSON, or a known kind whose digests or sizes cannot be read, is
//! an error.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Child, Descriptor, DigestError, Manifest, ManifestKind, Platform};

/// Reads a manifest.
///
/// Its kind is what it says itself (`mediaType`), else what the registry said (`media_type`), else what its
/// shape shows: old OCI manifests need not carry a media type.
///
/// # Errors
/// When the text is not JSON or not of the shape of its kind.
///
/// ```
/// let text = r#"{"schemaVersion": 2, "mediaType": "application/x-new", "novel": []}"#;
/// let manifest = demurrage_core::parse_manifest(text, None)?;
/// assert_eq!(manifest.kind.media_type(), "application/x-new");
/// # Ok::<(), demurrage_core::ManifestError>(())
/// ```
pub fn parse_manifest(text: &str, media_type: Option<&str>) -> Result<Manifest, ManifestError> {
    if let Some(kind @ ManifestKind::Unrecognised(_)) = media_type.map(ManifestKind::from_media_type) {
        return Ok(Manifest::new(kind));
    }
    let kind_only: KindOnly = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    let kind = kind_of(&kind_only, media_type);
    if let ManifestKind::Unrecognised(_) = kind {
        return Ok(Manifest::new(kind));
    }
    let raw: RawManifest = serde_json::from_str(text).map_err(|error| not_json(&error))?;
    Ok(Manifest {
        kind,
        artifact_type: raw.artifact_type,
        config: raw.config.map(descriptor).transpose()?,
        layers: raw.layers.into_iter().map(descriptor).collect::<Result<_, _>>()?,
        blobs: raw.blobs.into_iter().map(descriptor).collect::<Result<_, _>>()?,
        children: raw.manifests.into_iter().map(child).collect::<Result<_, _>>()?,
        subject: raw.subject.map(|subject| subject.digest.parse()).transpose()?,
    })
}

/// Why a manifest cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ManifestError {
    /// It is not JSON, or not of the shape of its kind.
    #[error("the manifest is not readable: {cause}")]
    Shape {
        /// What the JSON reader said.
        cause: String,
    },
    /// It names content by something that is not a digest.
    #[error("the manifest names content by something that is not a digest: {0}")]
    Digest(#[from] DigestError),
}

fn not_json(error: &serde_json::Error) -> ManifestError {
    ManifestError::Shape { cause: error.to_string() }
}

fn kind_of(manifest: &KindOnly, media_type: Option<&str>) -> ManifestKind {
    if let Some(media_type) = manifest.media_type.as_deref().or(media_type) {
        return ManifestKind::from_media_type(media_type);
    }
    if manifest.manifests.is_some() {
        ManifestKind::OciIndex
    } else if manifest.config.is_some() || manifest.layers.is_some() {
        ManifestKind::OciImage
    } else {
        ManifestKind::Unrecognised(String::new())
    }
}

fn descriptor(raw: RawDescriptor) -> Result<Descriptor, ManifestError> {
    Ok(Descriptor { digest: raw.digest.parse()?, media_type: raw.media_type, size_bytes: raw.size })
}

fn child(raw: RawDescriptor) -> Result<Child, ManifestError> {
    let attests = raw.annotations.get("vnd.docker.reference.digest").and_then(|text| text.parse().ok());
    let platform = raw.platform.as_ref().map(|platform| Platform {
        os: platform.os.clone(),
        architecture: platform.architecture.clone(),
        variant: platform.variant.clone(),
    });
    Ok(Child { descriptor: descriptor(raw)?, platform, attests })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct KindOnly {
    media_type: Option<String>,
    manifests: Option<serde::de::IgnoredAny>,
    layers: Option<serde::de::IgnoredAny>,
    config: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawManifest {
    artifact_type: Option<String>,
    config: Option<RawDescriptor>,
    #[serde(default, deserialize_with = "null_is_empty")]
    layers: Vec<RawDescriptor>,
    #[serde(default, deserialize_with = "null_is_empty")]
    blobs: Vec<RawDescriptor>,
    #[serde(default, deserialize_with = "null_is_empty")]
    manifests: Vec<RawDescriptor>,
    subject: Option<RawSubject>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawDescriptor {
    digest: String,
    #[serde(default)]
    media_type: String,
    #[serde(default)]
    size: u64,
    platform: Option<RawPlatform>,
    #[serde(default, deserialize_with = "null_is_empty")]
    annotations: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct RawSubject {
    digest: String,
}

#[derive(Deserialize)]
struct RawPlatform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    variant: Option<String>,
}

/// Go programs write empty lists as `null`.
fn null_is_empty<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(letter: char) -> String {
        format!("sha256:{}", letter.to_string().repeat(64))
    }

    #[test]
    fn an_index_of_buildx_has_platform_children_and_attestations() {
        let text = format!(
            r#"{{"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
            {{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{a}","size":7,
              "platform":{{"os":"linux","architecture":"arm64","variant":"v8"}}}},
            {{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{b}","size":8,
              "platform":{{"os":"unknown","architecture":"unknown"}},
              "annotations":{{"vnd.docker.reference.type":"attestation-manifest",
                              "vnd.docker.reference.digest":"{a}"}}}}]}}"#,
            a = digest('a'),
            b = digest('b')
        );
        let manifest = parse_manifest(&text, None).unwrap();
        assert_eq!(manifest.kind, ManifestKind::OciIndex);
        let [platform, attestation] = &*manifest.children else { panic!("two children") };
        assert!(!platform.is_attestation());
        assert_eq!(platform.descriptor.size_bytes, 7);
        assert!(attestation.is_attestation());
        assert_eq!(attestation.attests, digest('a').parse().ok());
    }

    #[test]
    fn an_old_oci_manifest_without_media_type_is_known_by_its_shape() {
        let index = parse_manifest(r#"{"schemaVersion":2,"manifests":[]}"#, None).unwrap();
        assert_eq!(index.kind, ManifestKind::OciIndex);
        let text = format!(r#"{{"schemaVersion":2,"config":{{"digest":"{}"}},"layers":null}}"#, digest('a'));
        let image = parse_manifest(&text, None).unwrap();
        assert_eq!(image.kind, ManifestKind::OciImage);
    }

    #[test]
    fn an_artifact_manifest_has_blobs_and_a_subject() {
        let text = format!(
            r#"{{"mediaType":"application/vnd.cncf.oras.artifact.manifest.v1+json","artifactType":"text/sbom+json",
            "blobs":[{{"digest":"{a}","mediaType":"text/plain","size":3}}],"subject":{{"digest":"{b}","size":1}}}}"#,
            a = digest('a'),
            b = digest('b')
        );
        let manifest = parse_manifest(&text, None).unwrap();
        assert_eq!(manifest.kind, ManifestKind::OrasArtifact);
        assert_eq!(manifest.blobs.len(), 1);
        assert_eq!(manifest.subject, digest('b').parse().ok());
    }

    #[test]
    fn a_foreign_layer_is_told_by_its_media_type() {
        let text = format!(
            r#"{{"mediaType":"application/vnd.docker.distribution.manifest.v2+json",
            "config":{{"digest":"{a}","size":3}},
            "layers":[{{"digest":"{b}","size":9,
              "mediaType":"application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"}}]}}"#,
            a = digest('a'),
            b = digest('b')
        );
        let manifest = parse_manifest(&text, None).unwrap();
        assert!(manifest.layers[0].is_foreign());
        assert!(!manifest.config.unwrap().is_foreign());
    }

    #[test]
    fn what_the_registry_says_is_of_an_unknown_kind_need_not_be_json() {
        let manifest = parse_manifest("<novel/>", Some("application/x-novel")).unwrap();
        assert_eq!(manifest.kind, ManifestKind::Unrecognised("application/x-novel".to_owned()));
    }

    #[test]
    fn text_that_is_not_json_and_a_digest_of_the_wrong_length_are_errors() {
        assert!(matches!(parse_manifest("{", None), Err(ManifestError::Shape { .. })));
        let text =
            r#"{"mediaType":"application/vnd.oci.image.manifest.v1+json","layers":[{"digest":"sha256:1"}]}"#;
        assert!(matches!(parse_manifest(text, None), Err(ManifestError::Digest(_))));
    }
}
