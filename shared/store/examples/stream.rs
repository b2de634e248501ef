//! How much memory streaming takes: writes one large repository, or reads what is known of its manifests.
//!
//! `stream write FOLDER IMAGES LAYERS`, then `stream known FOLDER` and `stream seek FOLDER`. Every digest
//! occurs once, which is the worst that a registry can do to the encoding. Prints how long it took, and the
//! most memory that the process had at any time.

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use demurrage_core::{
    Descriptor, Digest, Image, Manifest, ManifestKind, RegistryFacts, RegistryKind, Repository, Tag, instant,
};
use demurrage_store::{Head, InventoryEntry, Store};

const REPOSITORY: &str = "platform/services/checkout-api";

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let begun = Instant::now();
    let count = match *arguments.as_slice() {
        ["write", folder, images, layers] => write(&Store::new(folder), images.parse()?, layers.parse()?)?,
        ["known", folder] => known(&Store::new(folder))?,
        ["seek", folder] => seek(&Store::new(folder))?,
        _ => return Err("write FOLDER IMAGES LAYERS, known FOLDER or seek FOLDER".into()),
    };
    let status = std::fs::read_to_string("/proc/self/status")?;
    let most = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM unknown");
    writeln!(std::io::stdout(), "{count} images, {:.1} s, {most}", begun.elapsed().as_secs_f64())?;
    Ok(())
}

fn write(store: &Store, images: u64, layers: u64) -> Result<usize, Box<dyn Error>> {
    let mut writer = store.begin(&Head {
        kind: RegistryKind::Private,
        registry_id: Some("123456789012".to_owned()),
        region: "ap-northeast-2".to_owned(),
        repositories_listing: demurrage_core::RepositoriesListing::Complete,
        taken_at: instant::parse("2026-11-01").ok_or("a time")?,
    })?;
    for number in 0..images {
        writer.image(REPOSITORY, &image(number, layers))?;
    }
    writer.repository(&Repository::new(REPOSITORY))?;
    Ok(writer.finish(&RegistryFacts::default(), &[])?.images())
}

fn known(store: &Store) -> Result<usize, Box<dyn Error>> {
    Ok(store.known_manifests(&only(store)?)?.repository(REPOSITORY)?.len())
}

fn seek(store: &Store) -> Result<usize, Box<dyn Error>> {
    let entry = only(store)?;
    let mut known = store.known_manifests(&entry)?;
    let mut cursor = store.manifests(&entry)?;
    let mut found = 0;
    for digest in known.repository(REPOSITORY)? {
        found += usize::from(cursor.seek(REPOSITORY, digest)?.is_some());
    }
    Ok(found)
}

fn only(store: &Store) -> Result<InventoryEntry, Box<dyn Error>> {
    Ok(store.newest()?.pop().ok_or("an inventory")?)
}

fn image(number: u64, layers: u64) -> Image {
    let mut manifest = Manifest::new(ManifestKind::OciImage);
    manifest.config = Some(descriptor(number, 0));
    manifest.layers = (1..=layers).map(|layer| descriptor(number, layer)).collect();
    let mut image = Image::new(digest(number, u64::MAX));
    image.tags = vec![Tag::as_given(&format!("build-{number}"))];
    image.pushed_at = instant::parse("2026-01-01");
    image.size_bytes = Some(200_000_000 + number);
    image.manifest_media_type = Some(manifest.kind.media_type().to_owned());
    image.manifest = Some(Box::new(manifest));
    image
}

fn descriptor(image: u64, layer: u64) -> Descriptor {
    Descriptor {
        digest: digest(image, layer),
        media_type: "application/vnd.oci.image.layer.v1.tar+gzip".to_owned(),
        size_bytes: 20_000_000 + image,
    }
}

/// A digest in the order of `image`, and otherwise without any pattern.
fn digest(image: u64, salt: u64) -> Digest {
    let mut bytes = [0; 32];
    let mut state = image ^ salt.rotate_left(32);
    for piece in bytes.chunks_exact_mut(8) {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        piece.copy_from_slice(&(mixed ^ (mixed >> 31)).to_be_bytes());
    }
    if salt == u64::MAX {
        for (byte, of_image) in bytes.iter_mut().zip(image.to_be_bytes()) {
            *byte = of_image;
        }
    }
    Digest::from_bytes(bytes)
}
