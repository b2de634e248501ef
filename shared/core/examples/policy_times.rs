//! How long it takes to say what a policy frees, what a hundred numbers keep, and what will be stored, beside one
//! evaluation of the same images.
//!
//! `policy_times IMAGES LAYERS`. A repository as continuous integration makes them: a push each hour, three layers
//! of its own in each image and the others shared, every tenth image an index with two children, every twentieth
//! one signed. Prints the best of five times.

#![expect(clippy::disallowed_methods, reason = "an example that measures itself; the core has no clock")]
#![expect(clippy::disallowed_types, reason = "an example that measures itself; the core has no clock")]

use std::error::Error;
use std::io::Write;
use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::cost::{Blobs, Forecast, Savings, Sweep, sweep};
use demurrage_core::lifecycle::{Policy, Relations, Switches, evaluate};
use demurrage_core::{Child, Descriptor, Digest, Image, Manifest, ManifestKind, Tag, instant};

const RULES: &str = r#"{"rules": [
    {"rulePriority": 10, "description": "releases",
     "selection": {"tagStatus": "tagged", "tagPatternList": ["v*"], "countType": "imageCountMoreThan",
                   "countNumber": 50}, "action": {"type": "expire"}},
    {"rulePriority": 20, "description": "untagged",
     "selection": {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days",
                   "countNumber": 7}, "action": {"type": "expire"}},
    {"rulePriority": 30, "description": "all",
     "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 500},
     "action": {"type": "expire"}}]}"#;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<u64> =
        std::env::args().skip(1).map(|number| number.parse()).collect::<Result<_, _>>()?;
    let &[count, layers] = arguments.as_slice() else { return Err("IMAGES LAYERS".into()) };
    let now = instant::parse("2026-11-01").ok_or("a time")?;
    let policy = Policy::parse(RULES)?;
    let images: Vec<Image> = (0..count).map(|number| image(number, layers, now)).collect();
    let switches = Switches::default();
    let (relations, blobs) = (Relations::of(&images), Blobs::of(&images));
    let asked = Sweep { priority: 30, numbers: 1..=100 };

    let evaluation = best(|| evaluate(&policy, &images, &relations, now, switches).len());
    let mut out = std::io::stdout();
    let mut say = |what: &str, time: Duration| {
        let times = time.as_secs_f64() / evaluation.as_secs_f64();
        writeln!(out, "{what:<34}{:>10.2} ms {times:>8.2} evaluations", time.as_secs_f64() * 1e3)
    };
    say("an evaluation", evaluation)?;
    say("the blobs", best(|| Blobs::of(&images).all().len()))?;
    say("savings", best(|| Savings::of(&policy, &images, &relations, now, switches, &blobs)))?;
    say(
        "a sweep of 100 numbers",
        best(|| sweep(&policy, &asked, &images, &relations, now, switches, &blobs)),
    )?;
    say("a forecast", best(|| Forecast::of(Some(&policy), &images, now, switches, &blobs)))?;
    Ok(())
}

/// The best of five times.
fn best<T>(work: impl Fn() -> T) -> Duration {
    let time = || {
        let begun = Instant::now();
        std::hint::black_box(work());
        begun.elapsed()
    };
    (0..5).map(|_| time()).min().unwrap_or_default()
}

fn image(number: u64, layers: u64, now: DateTime<Utc>) -> Image {
    let mut manifest = Manifest::new(ManifestKind::OciImage);
    if number % 10 == 9 {
        manifest = Manifest::new(ManifestKind::OciIndex);
        manifest.children = [1, 2].into_iter().map(|before| child(number - before)).collect();
    } else {
        manifest.config = Some(descriptor(number, 0));
        // The lower layers stay the same for a thousand pushes.
        let of = |layer: u64| if layer + 3 < layers { number / 1_000 } else { number };
        manifest.layers = (1..=layers).map(|layer| descriptor(of(layer), layer)).collect();
    }
    let hours = i64::try_from(number).unwrap_or_default() % 100_000;
    let mut image = Image::new(digest(number, u64::MAX));
    image.tags = match number % 10 {
        7 | 8 => Vec::new(),
        9 => vec![Tag::as_given(&format!("v1.{number}"))],
        _ => vec![Tag::as_given(&format!("build-{number}"))],
    };
    image.pushed_at = Some(now - TimeDelta::hours(hours));
    image.subject = (number % 20 == 1).then(|| digest(number - 1, u64::MAX));
    image.manifest = Some(Box::new(manifest));
    image
}

fn child(number: u64) -> Child {
    let descriptor =
        Descriptor { digest: digest(number, u64::MAX), media_type: String::new(), size_bytes: 1 };
    Child { descriptor, platform: None, attests: None }
}

fn descriptor(image: u64, layer: u64) -> Descriptor {
    Descriptor { digest: digest(image, layer), media_type: String::new(), size_bytes: 20_000_000 + image }
}

/// A digest without any pattern.
fn digest(number: u64, salt: u64) -> Digest {
    let mut bytes = [0; 32];
    let mut state = number ^ salt.rotate_left(32);
    for piece in bytes.chunks_exact_mut(8) {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        piece.copy_from_slice(&(mixed ^ (mixed >> 31)).to_be_bytes());
    }
    Digest::from_bytes(bytes)
}
