//! Images and inventories as the vectors of traffic write them: blobs by letters, times by days before now.

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::{
    Child, Descriptor, Digest, Image, ImageStatus, Inventory, Listing, Manifest, ManifestKind, RegistryFacts,
    RegistryKind, RepositoriesListing, Repository,
};
use serde::Deserialize;

/// An image.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenImage {
    id: char,
    /// Nothing: the time is not known.
    pushed_seconds_ago: Option<i64>,
    pushed_days_ago: Option<i64>,
    activated_days_ago: Option<i64>,
    pulled_days_ago: Option<i64>,
    #[serde(default)]
    status: Option<String>,
    size_bytes: Option<u64>,
    subject: Option<char>,
    /// The layers, each a letter and its size. Nothing: the manifest was not read.
    blobs: Option<Vec<(char, u64)>>,
    /// The children of an index: images, and those that are attestations.
    children: Option<Vec<char>>,
    #[serde(default)]
    attestations: Vec<char>,
    /// Whether the manifest is that of an artifact.
    #[serde(default)]
    artifact: bool,
}

/// The digest that a letter stands for.
fn digest(id: char) -> Digest {
    let letter = u8::try_from(id).unwrap_or_else(|_| panic!("`{id}` is a letter"));
    Digest::from_bytes([letter; 32])
}

/// The letter that stands for a digest.
pub(super) fn name(digest: Digest) -> String {
    char::from(digest.as_bytes()[0]).to_string()
}

impl GivenImage {
    pub(super) fn image(&self, now: DateTime<Utc>) -> Image {
        let before = |days: Option<i64>| days.map(|days| now - TimeDelta::days(days));
        let to_the_second = self.pushed_seconds_ago.map(|seconds| now - TimeDelta::seconds(seconds));
        Image {
            pushed_at: to_the_second.or_else(|| before(self.pushed_days_ago)),
            activated_at: before(self.activated_days_ago),
            last_pulled_at: before(self.pulled_days_ago),
            status: self.status.as_deref().map_or(ImageStatus::Active, ImageStatus::from_api),
            size_bytes: self.size_bytes,
            subject: self.subject.map(digest),
            manifest: self.manifest().map(Box::new),
            ..Image::new(digest(self.id))
        }
    }

    fn manifest(&self) -> Option<Manifest> {
        let descriptor = |id: char, size_bytes| Descriptor {
            digest: digest(id),
            media_type: "application/vnd.oci.image.layer.v1.tar+gzip".to_owned(),
            size_bytes,
        };
        if let Some(children) = &self.children {
            let child = |id: &char| Child {
                descriptor: descriptor(*id, 1),
                platform: None,
                attests: self.attestations.contains(id).then(|| digest('a')),
            };
            let children = children.iter().chain(&self.attestations).map(child).collect();
            return Some(Manifest { children, ..Manifest::new(ManifestKind::OciIndex) });
        }
        let blobs: Vec<Descriptor> =
            self.blobs.as_ref()?.iter().map(|(id, size_bytes)| descriptor(*id, *size_bytes)).collect();
        Some(if self.artifact {
            Manifest { blobs, ..Manifest::new(ManifestKind::OrasArtifact) }
        } else {
            Manifest { layers: blobs, ..Manifest::new(ManifestKind::OciImage) }
        })
    }
}

/// An inventory.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GivenInventory {
    region: String,
    registry_id: Option<String>,
    #[serde(default)]
    public: bool,
    #[serde(default)]
    taken_days_ago: i64,
    /// Whether some repositories may be missing.
    #[serde(default)]
    cut_off: bool,
    repositories: Vec<GivenRepository>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenRepository {
    name: String,
    /// Whether some images may be missing.
    #[serde(default)]
    cut_off: bool,
    images: Vec<GivenImage>,
}

impl GivenInventory {
    pub(super) fn inventory(&self, now: DateTime<Utc>) -> Inventory {
        let repository = |given: &GivenRepository| {
            let mut repository = Repository::new(&given.name);
            repository.images = given.images.iter().map(|image| image.image(now)).collect();
            repository.listing = if given.cut_off { Listing::CutOff } else { Listing::Complete };
            repository
        };
        let listing = if self.cut_off { RepositoriesListing::CutOff } else { RepositoriesListing::Complete };
        Inventory {
            kind: if self.public { RegistryKind::Public } else { RegistryKind::Private },
            registry_id: self.registry_id.clone(),
            region: self.region.clone(),
            taken_at: now - TimeDelta::days(self.taken_days_ago),
            registry: RegistryFacts::default(),
            repositories_listing: listing,
            repositories: self.repositories.iter().map(repository).collect(),
            notes: Vec::new(),
        }
    }
}
