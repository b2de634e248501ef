//! Registries for tests: small, or as large as the limit that a test is about.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use demurrage_core::{
    Child, Descriptor, Digest, Fact, Image, Inventory, Manifest, ManifestKind, Platform, RegistryFacts,
    RegistryKind, Repository, Tag, instant,
};
use demurrage_store::Head;

/// A digest in the order of the number, without a pattern in its end.
pub(crate) fn digest(number: u32) -> Digest {
    let mut bytes = [0; 32];
    let mut state = u64::from(number) + 1;
    for byte in &mut bytes[4..] {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        *byte = (state >> 56) as u8;
    }
    bytes[..4].copy_from_slice(&number.to_be_bytes());
    Digest::from_bytes(bytes)
}

fn descriptor(number: u32) -> Descriptor {
    Descriptor { digest: digest(number), media_type: "layer".to_owned(), size_bytes: u64::from(number) }
}

/// A manifest that names so many layers and so many children.
pub(crate) fn manifest(number: u32, layers: u32, children: u32) -> Manifest {
    let kind = if children == 0 { ManifestKind::OciImage } else { ManifestKind::OciIndex };
    let mut manifest = Manifest::new(kind);
    manifest.artifact_type = number.is_multiple_of(3).then(|| "application/x-sbom".to_owned());
    manifest.subject = number.is_multiple_of(4).then(|| digest(number + 1));
    manifest.config = (layers != 0).then(|| descriptor(number ^ 0xffff));
    manifest.layers = (0..layers).map(|layer| descriptor(number.wrapping_mul(31) + layer)).collect();
    manifest.children = (0..children)
        .map(|child| Child {
            descriptor: descriptor(number + child),
            platform: (child % 2 == 0).then(|| Platform {
                os: "linux".to_owned(),
                architecture: "arm64".to_owned(),
                variant: None,
            }),
            attests: (child % 3 == 2).then(|| digest(number)),
        })
        .collect();
    manifest
}

pub(crate) fn image(number: u32, manifest: Option<Manifest>) -> Image {
    let mut image = Image::new(digest(number));
    image.tags = number.is_multiple_of(2).then(|| Tag::as_given(&format!("v{number}"))).into_iter().collect();
    image.pushed_at = instant::parse("2026-01-01");
    image.size_bytes = Some(u64::from(number));
    image.manifest = manifest.map(Box::new);
    image
}

pub(crate) fn repository(name: &str, images: Vec<Image>) -> Repository {
    let mut repository = Repository::new(name);
    repository.lifecycle_policy = Fact::Present(format!("{{\"rules\": [], \"of\": \"{name}\"}}"));
    repository.resource_tags = Fact::Present(BTreeMap::from([("team".to_owned(), name.to_owned())]));
    repository.images = images;
    repository
}

/// An inventory of these repositories, taken at the beginning of November 2026.
pub(crate) fn inventory(repositories: Vec<Repository>) -> Inventory {
    Inventory {
        kind: RegistryKind::Private,
        registry_id: Some("123456789012".to_owned()),
        region: "ap-northeast-2".to_owned(),
        taken_at: instant::parse("2026-11-01").expect("a time"),
        registry: RegistryFacts {
            pull_time_exclusions: Fact::Present("{\"pullTimeUpdateExclusions\": []}".to_owned()),
            ..RegistryFacts::default()
        },
        repositories_listing: demurrage_core::RepositoriesListing::Complete,
        repositories,
        notes: vec!["a note".to_owned()],
    }
}

/// Two repositories, one of them with manifests, and an empty one between them.
pub(crate) fn small() -> Inventory {
    let images = vec![
        image(1, Some(manifest(1, 3, 0))),
        image(2, None),
        image(3, Some(manifest(3, 0, 4))),
        image(4, Some(manifest(4, 0, 0))),
    ];
    let web = vec![image(1, Some(manifest(9, 2, 0)))];
    inventory(vec![repository("app", images), repository("empty", Vec::new()), repository("web", web)])
}

pub(crate) fn head(inventory: &Inventory) -> Head {
    Head {
        kind: inventory.kind,
        registry_id: inventory.registry_id.clone(),
        region: inventory.region.clone(),
        taken_at: inventory.taken_at,
        repositories_listing: inventory.repositories_listing,
    }
}

/// Every file below a folder, by its path in it.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for file in fs::read_dir(next).expect("a folder") {
            let path = file.expect("a file").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("it is below").display().to_string();
                files.insert(name, fs::read(path).expect("a file"));
            }
        }
    }
    files
}
