//! How much memory and time a ledger takes: makes a registry, and learns it day by day.
//!
//! `ledger FOLDER REPOSITORIES TAGS DAYS`. Each day one tag in twenty moves. Prints how long each day took, how large the
//! ledger is then, and the most memory that the process had at any time.

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use chrono::{DateTime, Days, Utc};
use demurrage_core::{
    Digest, Image, RegistryFacts, RegistryKind, RepositoriesListing, Repository, Tag, instant,
};
use demurrage_store::{Head, InventoryEntry, Store};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, repositories, tags, days] = arguments.as_slice() else {
        return Err("FOLDER REPOSITORIES TAGS DAYS".into());
    };
    let (repositories, tags, days): (u64, u64, u64) = (repositories.parse()?, tags.parse()?, days.parse()?);
    let store = Store::new(folder);
    let first = instant::parse("2026-11-01").ok_or("a time")?;
    for day in 0..days {
        let taken_at = first.checked_add_days(Days::new(day)).ok_or("a time")?;
        let entry = write(&store, taken_at, repositories, tags, day)?;
        let begun = Instant::now();
        let learned = store.learn(&entry)?;
        let took = begun.elapsed().as_secs_f64();
        let bytes = std::fs::metadata(store.ledger_of(&entry)?.shown())?.len();
        let status = std::fs::read_to_string("/proc/self/status")?;
        let most = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or("VmHWM unknown");
        writeln!(std::io::stdout(), "{} changes, {took:.1} s, {bytes} bytes, {most}", learned.changes)?;
    }
    Ok(())
}

fn write(
    store: &Store,
    taken_at: DateTime<Utc>,
    repositories: u64,
    tags: u64,
    day: u64,
) -> Result<InventoryEntry, Box<dyn Error>> {
    let mut writer = store.begin(&Head {
        kind: RegistryKind::Private,
        registry_id: Some("123456789012".to_owned()),
        region: "ap-northeast-2".to_owned(),
        repositories_listing: RepositoriesListing::Complete,
        taken_at,
    })?;
    for number in 0..repositories {
        let name = format!("team/app-{number:06}");
        let mut images: Vec<Image> = (0..tags).map(|tag| image(number, tag, day)).collect();
        images.sort_unstable_by_key(|image| image.digest);
        for image in &images {
            writer.image(&name, image)?;
        }
        writer.repository(&Repository::new(&name))?;
    }
    Ok(writer.finish(&RegistryFacts::default(), &[])?)
}

/// The image of a tag: another one every twentieth day, and of each tag on another day.
fn image(repository: u64, tag: u64, day: u64) -> Image {
    let generation = (day + tag % 20) / 20;
    let mut bytes = [0; 32];
    let mut state = repository ^ tag.rotate_left(24) ^ generation.rotate_left(48);
    for piece in bytes.chunks_exact_mut(8) {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        piece.copy_from_slice(&(mixed ^ (mixed >> 27)).to_be_bytes());
    }
    let mut image = Image::new(Digest::from_bytes(bytes));
    image.tags = vec![Tag::as_given(&format!("build-{tag}"))];
    image
}
