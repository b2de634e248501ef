//! Every vector of `tests/vectors/savings` and `tests/vectors/archive_advice`: what policies free and by which
//! rule, what each number of a count keeps, what will be stored, and when archiving pays.
//!
//! Ids become digests that order as the ids do; ages become instants before the vector's `now`. Prices are those
//! of the embedded list.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::expect_used,
    clippy::disallowed_methods,
    reason = "a test that reads its data from files, and stops when an assumption fails"
)]

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::cost::{
    Amount, ArchiveAdvice, Blobs, Forecast, Freed, GbMonths, PriceList, Region, RegionPrices, Savings,
    StoredGbMonths, Sweep, SweepPoint, Usd, WithPolicy, archive_advice, sweep,
};
use demurrage_core::lifecycle::{Policy, Relations, Switches};
use demurrage_core::{Child, Descriptor, Digest, Image, ImageStatus, Manifest, ManifestKind, Tag, instant};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vector {
    #[serde(rename = "description")]
    _description: String,
    #[serde(rename = "source")]
    _source: String,
    now: String,
    region: String,
    /// What other repositories have in the archive class.
    #[serde(default)]
    elsewhere_gb: u64,
    rules: serde_json::Value,
    images: Vec<VectorImage>,
    next_run: Option<Expected>,
    settled: Option<Expected>,
    sweep: Option<ExpectedSweep>,
    forecast: Option<ExpectedForecast>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VectorImage {
    id: String,
    #[serde(default)]
    tags: Vec<String>,
    pushed_days_ago: Option<i64>,
    pulled_days_ago: Option<i64>,
    archived_days_ago: Option<i64>,
    #[serde(default = "active")]
    status: String,
    /// Names and sizes; absent for an image without a manifest.
    blobs: Option<BTreeMap<String, u64>>,
    size_bytes: Option<u64>,
    children: Option<Vec<String>>,
    subject: Option<String>,
}

#[derive(Deserialize, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
struct Expected {
    freed_bytes: u128,
    freed_usd_per_month: Option<Usd>,
    by_rule: Vec<(u64, u128)>,
    standard_bytes: u128,
    archived_bytes: u128,
    images_expired: usize,
    images_archived: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedSweep {
    priority: u64,
    points: Vec<ExpectedPoint>,
}

#[derive(Deserialize, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields)]
struct ExpectedPoint {
    number: u64,
    images: usize,
    images_archived: usize,
    standard_bytes: u128,
    archived_bytes: u128,
    usd_per_month: Option<Usd>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedForecast {
    stored_bytes: u128,
    new_bytes: u128,
    new_images: usize,
    images_without_time: usize,
    horizons: Vec<(u32, u128, u128)>,
}

fn active() -> String {
    "ACTIVE".to_owned()
}

fn digest(id: &str) -> Digest {
    let mut bytes = [0; 32];
    bytes[..id.len()].copy_from_slice(id.as_bytes());
    Digest::from_bytes(bytes)
}

fn descriptor(name: &str, size_bytes: u64) -> Descriptor {
    Descriptor { digest: digest(name), media_type: String::new(), size_bytes }
}

fn manifest(vector: &VectorImage) -> Option<Manifest> {
    if let Some(children) = &vector.children {
        let child = |id: &String| Child { descriptor: descriptor(id, 0), platform: None, attests: None };
        let children = children.iter().map(child).collect();
        return Some(Manifest { children, ..Manifest::new(ManifestKind::OciIndex) });
    }
    let blobs = vector.blobs.as_ref()?;
    let layers = blobs.iter().map(|(name, &size_bytes)| descriptor(name, size_bytes)).collect();
    Some(Manifest { layers, ..Manifest::new(ManifestKind::OciImage) })
}

fn image(vector: &VectorImage, now: DateTime<Utc>) -> Image {
    let before = |days: Option<i64>| days.map(|days| now - TimeDelta::days(days));
    Image {
        tags: vector.tags.iter().map(|tag| Tag::as_given(tag)).collect(),
        pushed_at: before(vector.pushed_days_ago),
        last_pulled_at: before(vector.pulled_days_ago),
        archived_at: before(vector.archived_days_ago),
        status: ImageStatus::from_api(&vector.status),
        size_bytes: vector.size_bytes,
        subject: vector.subject.as_deref().map(digest),
        manifest: manifest(vector).map(Box::new),
        ..Image::new(digest(&vector.id))
    }
}

fn policy(rules: &serde_json::Value) -> Policy {
    let text = serde_json::json!({ "rules": rules }).to_string();
    // White space around the object keeps short vectors short and long enough for ECR.
    Policy::parse(&format!("{text:<100}"))
        .unwrap_or_else(|rejection| panic!("the policy is legal: {rejection}"))
}

fn prices(region: &str) -> RegionPrices {
    let region = Region::parse(region).expect("a region");
    PriceList::embedded().prices(region)
}

fn gb(count: u64) -> GbMonths {
    GbMonths::of_amount(Amount::of_whole(count))
}

fn found(freed: &Freed, prices: &RegionPrices, elsewhere: StoredGbMonths) -> Expected {
    Expected {
        freed_bytes: freed.bytes(),
        freed_usd_per_month: freed.usd_per_month(prices, elsewhere),
        by_rule: freed.by_rule.clone(),
        standard_bytes: freed.after.standard_bytes,
        archived_bytes: freed.after.archived_bytes,
        images_expired: freed.images_expired,
        images_archived: freed.images_archived,
    }
}

fn found_point(point: &SweepPoint, prices: &RegionPrices, elsewhere: StoredGbMonths) -> ExpectedPoint {
    ExpectedPoint {
        number: point.number,
        images: point.images,
        images_archived: point.images_archived,
        standard_bytes: point.stored.standard_bytes,
        archived_bytes: point.stored.archived_bytes,
        usd_per_month: point.stored.usd_per_month(prices, elsewhere),
    }
}

fn with_policy_bytes(with_policy: WithPolicy) -> u128 {
    match with_policy {
        WithPolicy::Bytes(bytes) => bytes,
        WithPolicy::NoPolicy | WithPolicy::TooManyImages => panic!("{with_policy:?}"),
    }
}

fn savings(path: &Path) -> datatest_stable::Result<()> {
    let vector: Vector = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let now = instant::parse(&vector.now).expect("now is an instant");
    let images: Vec<Image> = vector.images.iter().map(|given| image(given, now)).collect();
    let (policy, prices) = (policy(&vector.rules), prices(&vector.region));
    let elsewhere = StoredGbMonths { archive: gb(vector.elsewhere_gb), ..StoredGbMonths::NOTHING };
    let (relations, blobs, switches) = (Relations::of(&images), Blobs::of(&images), Switches::default());

    let savings = Savings::of(&policy, &images, &relations, now, switches, &blobs);
    if let Some(expected) = &vector.next_run {
        assert_eq!(&found(&savings.next_run, &prices, elsewhere), expected, "next run");
    }
    if let Some(expected) = &vector.settled {
        assert_eq!(&found(&savings.settled, &prices, elsewhere), expected, "settled");
    }
    if let Some(expected) = &vector.sweep {
        let numbers = expected.points.iter().map(|point| point.number);
        let asked = Sweep {
            priority: expected.priority,
            numbers: numbers.clone().min().expect("a point")..=numbers.max().expect("a point"),
        };
        let points = sweep(&policy, &asked, &images, &relations, now, switches, &blobs)?;
        let points: Vec<_> = points.iter().map(|point| found_point(point, &prices, elsewhere)).collect();
        assert_eq!(points, expected.points, "sweep");
    }
    if let Some(expected) = &vector.forecast {
        let forecast = Forecast::of(Some(&policy), &images, now, switches, &blobs);
        assert_eq!(forecast.stored_bytes, expected.stored_bytes);
        assert_eq!(forecast.new_bytes, expected.new_bytes);
        assert_eq!(forecast.new_images, expected.new_images);
        assert_eq!(forecast.images_without_time, expected.images_without_time);
        let horizons = forecast.horizons.map(|horizon| {
            (horizon.days, horizon.without_policy_bytes, with_policy_bytes(horizon.with_policy))
        });
        assert_eq!(horizons.to_vec(), expected.horizons, "forecast");
    }
    let asserts = [vector.next_run.is_some(), vector.sweep.is_some(), vector.forecast.is_some()];
    assert!(asserts.contains(&true), "a vector asserts something");
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdviceVector {
    #[serde(rename = "description")]
    _description: String,
    #[serde(rename = "source")]
    _source: String,
    region: String,
    cases: Vec<AdviceCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AdviceCase {
    bytes: u128,
    archived_gb: u64,
    expect: ExpectedAdvice,
}

#[derive(Deserialize, PartialEq, Eq, Debug)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
enum ExpectedAdvice {
    Unknown,
    SavesNothing {
        standard_usd: Usd,
        archive_usd: Usd,
        saves_beyond_gb: Option<u64>,
    },
    Saves {
        standard_usd: Usd,
        archive_usd: Usd,
        restore_usd: Usd,
        days: u64,
        days_restored_once: Option<u64>,
    },
}

fn advice(path: &Path) -> datatest_stable::Result<()> {
    let vector: AdviceVector = serde_json::from_str(&std::fs::read_to_string(path)?)?;
    let prices = prices(&vector.region);
    assert!(!vector.cases.is_empty(), "a vector asserts something");
    for case in &vector.cases {
        let found = match archive_advice(case.bytes, gb(case.archived_gb), &prices) {
            ArchiveAdvice::Unknown => ExpectedAdvice::Unknown,
            ArchiveAdvice::SavesNothing { cost, saves_beyond_gb } => ExpectedAdvice::SavesNothing {
                standard_usd: cost.standard_usd,
                archive_usd: cost.archive_usd,
                saves_beyond_gb,
            },
            ArchiveAdvice::Saves { cost, restore_usd, pays_after_days, pays_after_days_restored_once } => {
                ExpectedAdvice::Saves {
                    standard_usd: cost.standard_usd,
                    archive_usd: cost.archive_usd,
                    restore_usd,
                    days: pays_after_days,
                    days_restored_once: pays_after_days_restored_once,
                }
            }
        };
        assert_eq!(found, case.expect, "{} bytes beside {} GB", case.bytes, case.archived_gb);
    }
    Ok(())
}

datatest_stable::harness! {
    { test = savings, root = "../../tests/vectors/savings", pattern = r"\.json$" },
    { test = advice, root = "../../tests/vectors/archive_advice", pattern = r"\.json$" },
}
