//! A folder with an image for two platforms, as the image layout of OCI has it.

use std::fs;
use std::path::Path;

use crate::client::{INDEX, MANIFEST, sha256};

/// What lies in the folder.
pub(crate) struct Layout {
    /// The text of the index.
    pub(crate) index: String,
    /// The digests of the two images.
    pub(crate) children: [String; 2],
}

const PLATFORMS: [&str; 2] = ["amd64", "arm64"];

/// Writes the layout; `content` makes its layers differ from those of others, `tag` is what it is called.
pub(crate) fn write(folder: &Path, tag: &str, content: &str) -> Layout {
    let blobs = folder.join("blobs/sha256");
    fs::create_dir_all(&blobs).unwrap();
    let keep = |bytes: &[u8]| {
        let digest = sha256(bytes);
        fs::write(blobs.join(digest.strip_prefix("sha256:").unwrap()), bytes).unwrap();
        digest
    };
    let image = |architecture: &str| {
        let files = format!("{content} for {architecture}").into_bytes();
        let layer = gzip(&files);
        let config = format!(
            r#"{{"architecture":"{architecture}","os":"linux","config":{{}},"rootfs":{{"type":"layers","diff_ids":["{}"]}}}}"#,
            sha256(&files)
        );
        let manifest = format!(
            r#"{{"schemaVersion":2,"mediaType":"{MANIFEST}","config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{}","size":{}}},"layers":[{{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"{}","size":{}}}]}}"#,
            keep(config.as_bytes()),
            config.len(),
            keep(&layer),
            layer.len()
        );
        (keep(manifest.as_bytes()), manifest.len())
    };
    let images = PLATFORMS.map(image);
    let entries: Vec<String> = images
        .iter()
        .zip(PLATFORMS)
        .map(|((digest, size), architecture)| {
            format!(
                r#"{{"mediaType":"{MANIFEST}","digest":"{digest}","size":{size},"platform":{{"architecture":"{architecture}","os":"linux"}}}}"#
            )
        })
        .collect();
    let index = format!(r#"{{"schemaVersion":2,"mediaType":"{INDEX}","manifests":[{}]}}"#, entries.join(","));
    let top = format!(
        r#"{{"schemaVersion":2,"manifests":[{{"mediaType":"{INDEX}","digest":"{}","size":{},"annotations":{{"org.opencontainers.image.ref.name":"{tag}"}}}}]}}"#,
        keep(index.as_bytes()),
        index.len()
    );
    fs::write(folder.join("index.json"), top).unwrap();
    fs::write(folder.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    let [(first, _), (second, _)] = images;
    Layout { index, children: [first, second] }
}

/// The bytes as a gzip file that stores them as they are: a client that finds no gzip packs layers itself.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let length = u16::try_from(bytes.len()).unwrap();
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255, 1];
    out.extend(length.to_le_bytes());
    out.extend((!length).to_le_bytes());
    out.extend(bytes);
    out.extend(crc32(bytes).to_le_bytes());
    out.extend(u32::from(length).to_le_bytes());
    out
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
    !bytes.iter().fold(u32::MAX, |crc, byte| (0..8).fold(crc ^ u32::from(*byte), step))
}
