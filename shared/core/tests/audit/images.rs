//! Images as the fixtures of audits write them: digests by short names, times by days before now.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::{
    Child, Descriptor, Digest, Image, ImageStatus, Manifest, ManifestKind, Platform, ScanStatus, ScanSummary,
    SeverityCounts, Tag,
};
use serde::Deserialize;

/// The digest that a name stands for: its own bytes.
pub(super) fn digest(id: &str) -> Digest {
    let mut bytes = [0; 32];
    bytes[..id.len()].copy_from_slice(id.as_bytes());
    Digest::from_bytes(bytes)
}

/// An image.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenImage {
    id: String,
    #[serde(default)]
    tags: Vec<String>,
    pushed_days_ago: Option<i64>,
    pulled_days_ago: Option<i64>,
    archived_days_ago: Option<i64>,
    activated_days_ago: Option<i64>,
    status: Option<String>,
    size_bytes: Option<u64>,
    media_type: Option<String>,
    artifact_media_type: Option<String>,
    subject: Option<String>,
    /// The layers, each a name and its size. Nothing, and no children: the manifest was not read.
    layers: Option<BTreeMap<String, u64>>,
    /// The children of an index.
    children: Option<Vec<GivenChild>>,
    /// Nothing: nobody knows of a scan. Empty: there was none.
    scan: Option<GivenScan>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenChild {
    id: String,
    /// `linux/amd64`, or with a variant `linux/arm/v7`.
    platform: Option<String>,
    attests: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenScan {
    status: Option<String>,
    completed_days_ago: Option<i64>,
    #[serde(default)]
    severity_counts: BTreeMap<String, u32>,
}

impl GivenImage {
    pub(super) fn image(&self, now: DateTime<Utc>) -> Image {
        let before = |days: Option<i64>| days.map(|days| now - TimeDelta::days(days));
        let manifest = self.manifest();
        Image {
            tags: self.tags.iter().map(|tag| Tag::as_given(tag)).collect(),
            pushed_at: before(self.pushed_days_ago),
            last_pulled_at: before(self.pulled_days_ago),
            archived_at: before(self.archived_days_ago),
            activated_at: before(self.activated_days_ago),
            status: self.status.as_deref().map_or(ImageStatus::Active, ImageStatus::from_api),
            size_bytes: self.size_bytes,
            manifest_media_type: self
                .media_type
                .clone()
                .or_else(|| manifest.as_ref().map(|manifest| manifest.kind.media_type().to_owned())),
            artifact_media_type: self.artifact_media_type.clone(),
            subject: self.subject.as_deref().map(digest),
            scan: self.scan.as_ref().map(|scan| Box::new(scan.summary(now))),
            manifest: manifest.map(Box::new),
            ..Image::new(digest(&self.id))
        }
    }

    fn manifest(&self) -> Option<Manifest> {
        let descriptor = |id: &str, size_bytes, media_type: &str| Descriptor {
            digest: digest(id),
            media_type: media_type.to_owned(),
            size_bytes,
        };
        if let Some(children) = &self.children {
            let child = |given: &GivenChild| Child {
                descriptor: descriptor(&given.id, 1, "application/vnd.oci.image.manifest.v1+json"),
                platform: given.platform.as_deref().map(platform),
                attests: given.attests.as_deref().map(digest),
            };
            let children = children.iter().map(child).collect();
            return Some(Manifest { children, ..Manifest::new(ManifestKind::OciIndex) });
        }
        let layer = |(id, size_bytes): (&String, &u64)| {
            descriptor(id, *size_bytes, "application/vnd.oci.image.layer.v1.tar+gzip")
        };
        let layers = self.layers.as_ref()?.iter().map(layer).collect();
        Some(Manifest { layers, ..Manifest::new(ManifestKind::OciImage) })
    }
}

fn platform(text: &str) -> Platform {
    let mut parts = text.splitn(3, '/').map(str::to_owned);
    let mut next = || parts.next().unwrap_or_default();
    let (os, architecture, variant) = (next(), next(), next());
    Platform { os, architecture, variant: (!variant.is_empty()).then_some(variant) }
}

impl GivenScan {
    fn summary(&self, now: DateTime<Utc>) -> ScanSummary {
        let mut severity_counts = SeverityCounts::default();
        for (severity, &findings) in &self.severity_counts {
            severity_counts.add(severity, findings);
        }
        ScanSummary {
            status: self.status.as_deref().map(ScanStatus::from_api),
            completed_at: self.completed_days_ago.map(|days| now - TimeDelta::days(days)),
            severity_counts,
        }
    }
}
