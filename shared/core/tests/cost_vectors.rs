//! Every vector of `tests/vectors/cost`: how amounts and costs are rounded, the prices of every region, where tiers
//! end, what a repository stores, and what a registry pays, line by line.

#![expect(
    clippy::panic,
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that reads its data from files"
)]

use std::path::Path;

use chrono::NaiveDate;
use demurrage_core::cost::{
    Blobs, GbMonths, MonthHours, Price, PriceList, Region, RegionPrices, RegistryCost, RepositoryStorage,
    StorageWarning, StoredBytes, Tiers, Usd,
};
use demurrage_core::{Image, ImageStatus, Listing, Repository, parse_manifest};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

type Done = datatest_stable::Result<()>;

fn read<T: DeserializeOwned>(path: &Path) -> datatest_stable::Result<T> {
    Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
}

fn decimal(text: &str) -> Decimal {
    Decimal::from_str_exact(text).unwrap_or_else(|error| panic!("`{text}`: {error}"))
}

fn bytes(text: &str) -> u128 {
    text.parse().unwrap_or_else(|error| panic!("`{text}`: {error}"))
}

fn text(usd: Option<Usd>) -> Option<String> {
    usd.map(|usd| usd.to_string())
}

fn prices(region: &str) -> RegionPrices {
    PriceList::embedded().prices(Region::parse(region).unwrap())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rounding {
    #[serde(rename = "description")]
    _description: String,
    #[serde(rename = "source")]
    _source: String,
    rows: Vec<RoundingRow>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RoundingRow {
    bytes: Option<String>,
    byte_hours: Option<String>,
    month: Option<String>,
    hours: Option<u32>,
    gb_months: String,
    price: String,
    usd: String,
}

fn rounding(path: &Path) -> Done {
    let vector: Rounding = read(path)?;
    assert!(!vector.rows.is_empty());
    for row in vector.rows {
        let gb_months = match (&row.bytes, &row.byte_hours, &row.month) {
            (Some(stored), None, None) => GbMonths::of_bytes(bytes(stored)),
            (None, Some(byte_hours), Some(month)) => {
                let date = NaiveDate::parse_from_str(&format!("{month}-28"), "%Y-%m-%d")?;
                let month = MonthHours::of(date);
                assert_eq!(Some(month.hours()), row.hours, "{date}");
                GbMonths::of_byte_hours(bytes(byte_hours), month)
            }
            _ => panic!("a row has bytes, or byte-hours and a month"),
        };
        assert_eq!(gb_months.to_string(), row.gb_months, "{:?}{:?}", row.bytes, row.byte_hours);
        let usd = Usd::of(gb_months, decimal(&row.price));
        assert_eq!(usd.to_string(), row.usd, "{gb_months:?} at {}", row.price);
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RegionVector {
    #[serde(rename = "description")]
    _description: String,
    #[serde(rename = "source")]
    _source: String,
    regions: Vec<ExpectedRegion>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedRegion {
    region: String,
    usage_prefix: Option<String>,
    currency: String,
    storage: Option<String>,
    archive: Vec<Option<String>>,
    retrieval: Option<String>,
    to_other_region: Option<String>,
    internet: Vec<Option<String>>,
    nat_gateway_gb: Option<String>,
    nat_gateway_hour: Option<String>,
    endpoint_hour: Option<String>,
    endpoint_gb: Vec<Option<String>>,
}

fn known(price: Price) -> Option<String> {
    price.known().map(|price| price.normalize().to_string())
}

fn of_tiers(tiers: &Tiers) -> Vec<Option<String>> {
    tiers.as_slice().iter().map(|tier| known(tier.price)).collect()
}

fn regions(path: &Path) -> Done {
    let vector: RegionVector = read(path)?;
    assert!(!vector.regions.is_empty());
    for expected in vector.regions {
        let region = Region::parse(&expected.region)?;
        let prices = prices(&expected.region);
        assert_eq!(region.usage_prefix(), expected.usage_prefix.as_deref(), "{region}");
        if let Some(prefix) = &expected.usage_prefix {
            assert_eq!(Region::from_usage_prefix(prefix), Some(region));
        }
        assert_eq!(region.currency().code(), expected.currency, "{region}");
        assert_eq!(of_tiers(&prices.storage), [expected.storage], "{region}");
        assert_eq!(of_tiers(&prices.archive), expected.archive, "{region}");
        assert_eq!(known(prices.retrieval_gb), expected.retrieval, "{region}");
        assert_eq!(of_tiers(&prices.internet), expected.internet, "{region}");
        assert_eq!(known(prices.nat_gb), expected.nat_gateway_gb, "{region}");
        assert_eq!(known(prices.nat_hour), expected.nat_gateway_hour, "{region}");
        assert_eq!(known(prices.endpoint_hour), expected.endpoint_hour, "{region}");
        assert_eq!(of_tiers(&prices.endpoint_gb), expected.endpoint_gb, "{region}");
        for other in Region::all() {
            assert_eq!(
                known(prices.to_region(other)),
                to_region(region.code(), other.code(), expected.to_other_region.as_deref()),
                "{region} to {other}"
            );
        }
    }
    Ok(())
}

/// The parts of AWS that share no network, by how the codes of their regions begin.
fn partition(region: &str) -> &str {
    ["cn-", "eusc-", "us-gov-"].into_iter().find(|prefix| region.starts_with(prefix)).unwrap_or_default()
}

/// What a GB from one region to another costs: the price of the source, but between the two regions in the east of the
/// United States, and unknown to another partition.
fn to_region(from: &str, to: &str, price: Option<&str>) -> Option<String> {
    match (from, to) {
        ("us-east-1", "us-east-2") | ("us-east-2", "us-east-1") => Some("0.01".to_owned()),
        (from, to) if from == to || partition(from) != partition(to) => None,
        _ => price.map(str::to_owned),
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TierVector {
    #[serde(rename = "description")]
    _description: String,
    #[serde(rename = "source")]
    _source: String,
    region: String,
    prices: String,
    cases: Vec<TierCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TierCase {
    filled_bytes: Option<String>,
    bytes: String,
    lines: Vec<ExpectedLine>,
    usd: Option<String>,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
struct ExpectedLine {
    class: Option<String>,
    tier: usize,
    gb: String,
    usd: Option<String>,
}

fn tiers(path: &Path) -> Done {
    let vector: TierVector = read(path)?;
    assert!(!vector.cases.is_empty());
    let prices = prices(&vector.region);
    let tiers = match vector.prices.as_str() {
        "archive" => &prices.archive,
        "internet" => &prices.internet,
        "endpoint_gb" => &prices.endpoint_gb,
        other => panic!("`{other}` has no tiers"),
    };
    for case in vector.cases {
        let filled = GbMonths::of_bytes(case.filled_bytes.as_deref().map_or(0, bytes));
        let amount = GbMonths::of_bytes(bytes(&case.bytes));
        let parts = tiers.charge_beyond(filled, amount);
        let lines: Vec<_> = parts
            .iter()
            .map(|part| ExpectedLine {
                class: None,
                tier: part.tier,
                gb: part.amount.to_string(),
                usd: text(part.usd),
            })
            .collect();
        assert_eq!(lines, case.lines, "{} bytes", case.bytes);
        assert_eq!(text(parts.iter().map(|part| part.usd).sum()), case.usd, "{} bytes", case.bytes);
        if case.filled_bytes.is_none() {
            assert_eq!(text(tiers.charge(amount)), case.usd, "{} bytes", case.bytes);
        }
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Registry {
    #[serde(rename = "description")]
    _description: String,
    #[serde(rename = "source")]
    _source: String,
    region: String,
    repositories: Vec<ExpectedRepository>,
    usd: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedRepository {
    name: String,
    standard_bytes: String,
    archived_bytes: String,
    lines: Vec<ExpectedLine>,
    usd: Option<String>,
}

fn registries(path: &Path) -> Done {
    let vector: Registry = read(path)?;
    let given: Vec<_> = vector
        .repositories
        .iter()
        .map(|expected| {
            let standard_bytes = bytes(&expected.standard_bytes);
            let archived_bytes = bytes(&expected.archived_bytes);
            (expected.name.as_str(), Some(StoredBytes { standard_bytes, archived_bytes }))
        })
        .collect();
    let cost = RegistryCost::of_bytes(&given, &prices(&vector.region));
    assert_eq!(text(cost.total), vector.usd);
    assert_eq!(cost.repositories.len(), vector.repositories.len());
    for (found, expected) in cost.repositories.iter().zip(&vector.repositories) {
        let lines: Vec<_> = found
            .lines
            .iter()
            .map(|line| ExpectedLine {
                class: Some(line.class.as_api().to_owned()),
                tier: line.tier,
                gb: line.amount.to_string(),
                usd: text(line.usd),
            })
            .collect();
        assert_eq!(lines, expected.lines, "{}", expected.name);
        assert_eq!(text(found.usd), expected.usd, "{}", expected.name);
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Storage {
    #[serde(rename = "description")]
    _description: String,
    #[serde(rename = "source")]
    _source: String,
    listing: Option<String>,
    images: Vec<GivenImage>,
    expected: ExpectedStorage,
}

/// An image. Of a digest only the one character is given of which it consists.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct GivenImage {
    digest: String,
    status: Option<String>,
    size: Option<u64>,
    media_type: Option<String>,
    manifest: Option<Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ExpectedStorage {
    images: u64,
    images_without_manifest: u64,
    image_size_sum_bytes: String,
    stored_bytes: String,
    archived_bytes: String,
    is_exact: bool,
    warnings: Vec<String>,
    exclusive_and_shared_bytes: Vec<(String, String)>,
}

/// The value with every digest of one character spelled out.
fn spelled_out(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(spelled_out_text(text)),
        Value::Array(values) => values.iter().map(spelled_out).collect(),
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), spelled_out(value))).collect()
        }
        other => other.clone(),
    }
}

fn spelled_out_text(text: &str) -> String {
    match text.strip_prefix("sha256:") {
        Some(digit) if digit.len() == 1 => format!("sha256:{}", digit.repeat(64)),
        _ => text.to_owned(),
    }
}

fn image(given: &GivenImage) -> Image {
    let mut image = Image::new(spelled_out_text(&given.digest).parse().unwrap());
    image.size_bytes = given.size;
    image.status = given.status.as_deref().map_or(ImageStatus::Active, ImageStatus::from_api);
    image.manifest_media_type.clone_from(&given.media_type);
    image.manifest = given
        .manifest
        .as_ref()
        .map(|manifest| Box::new(parse_manifest(&spelled_out(manifest).to_string(), None).unwrap()));
    image
}

fn kind(warning: &StorageWarning) -> &'static str {
    match warning {
        StorageWarning::NotListed => "NotListed",
        StorageWarning::CutOff => "CutOff",
        StorageWarning::WithoutManifest { .. } => "WithoutManifest",
        StorageWarning::TwoSizes { .. } => "TwoSizes",
        StorageWarning::TooLarge { .. } => "TooLarge",
        StorageWarning::UnrecognisedStatus { .. } => "UnrecognisedStatus",
    }
}

fn storage(path: &Path) -> Done {
    let Storage { listing, images, expected, .. } = read(path)?;
    let mut repository = Repository::new("team/app");
    repository.listing = match listing.as_deref() {
        None => Listing::Complete,
        Some("cut off") => Listing::CutOff,
        Some("failed") => Listing::Failed("access denied".to_owned()),
        Some(other) => panic!("`{other}` is no listing"),
    };
    repository.images = images.iter().map(image).collect();
    assert!(repository.images.is_sorted_by_key(|image| image.digest), "as in a repository");
    let blobs = Blobs::of(&repository.images);
    let found = RepositoryStorage::of(&repository, &blobs);
    assert_eq!(found.images, expected.images);
    assert_eq!(found.images_without_manifest, expected.images_without_manifest);
    assert_eq!(found.image_size_sum_bytes, bytes(&expected.image_size_sum_bytes));
    assert_eq!(found.stored.standard_bytes, bytes(&expected.stored_bytes), "stored");
    assert_eq!(found.stored.archived_bytes, bytes(&expected.archived_bytes), "archived");
    assert_eq!(found.is_exact(), expected.is_exact);
    assert_eq!(found.warnings.iter().map(kind).collect::<Vec<_>>(), expected.warnings);
    let held: Vec<_> = (0..)
        .zip(&repository.images)
        .map(|(place, _)| blobs.image_bytes(place))
        .map(|held| (held.exclusive_bytes.to_string(), held.shared_bytes.to_string()))
        .collect();
    assert_eq!(held, expected.exclusive_and_shared_bytes);
    Ok(())
}

datatest_stable::harness! {
    { test = rounding, root = "../../tests/vectors/cost/rounding", pattern = r"\.json$" },
    { test = regions, root = "../../tests/vectors/cost/regions", pattern = r"\.json$" },
    { test = tiers, root = "../../tests/vectors/cost/tiers", pattern = r"\.json$" },
    { test = registries, root = "../../tests/vectors/cost/registries", pattern = r"\.json$" },
    { test = storage, root = "../../tests/vectors/cost/storage", pattern = r"\.json$" },
}
