//! Every vector of `tests/vectors/{transfer,replication,replicas,pulls}`: what moving bytes costs, by the embedded
//! prices.

#![expect(clippy::panic, clippy::disallowed_methods, reason = "a test that reads its data from files")]

#[path = "traffic/images.rs"]
mod images;

use std::num::NonZeroU32;
use std::path::Path;

use demurrage_core::cost::{
    AssumedPulls, BilledTransfer, Blobs, Bounds, BreakEven, Egress, Gigabytes, LayerPath, PriceList,
    PullAssumption, PullCircumstances, PullRate, PullShare, PullTarget, PulledRepository, Pushed, Region,
    ReplicaState, Replicated, RepositoryStorage, SameRegionPath, StoredBytes, StoredElsewhere, Usd, internet,
    largest_image_bytes, pull_costs, pull_to_region, replicas, replication_costs, to_region,
};
use demurrage_core::{Destination, Inventory, Replication, Repository, Wildcard, instant};
use images::{GivenImage, GivenInventory};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn read<T: DeserializeOwned>(path: &Path) -> datatest_stable::Result<T> {
    Ok(serde_json::from_str(&std::fs::read_to_string(path)?)?)
}

fn compare(expected: &Value, found: &Value) -> datatest_stable::Result<()> {
    if expected == found {
        return Ok(());
    }
    Err(format!("expected {expected:#}\nfound {found:#}").into())
}

fn region(code: &str) -> Region {
    Region::parse(code).unwrap_or_else(|error| panic!("{error}"))
}

fn rate(name: Option<&str>) -> PullRate {
    name.map_or_else(PullRate::default, |name| {
        PullRate::from_name(name).unwrap_or_else(|| panic!("`{name}` is no rate"))
    })
}

fn usd(usd: Option<Usd>) -> Value {
    json!(usd)
}

fn bounds<T>(bounds: Bounds<T>, show: impl Fn(T) -> Value) -> Value {
    json!([show(bounds.low), show(bounds.high)])
}

/// Bytes as a JSON number; vectors stay below 2^64.
fn bytes(bytes: u128) -> Value {
    json!(u64::try_from(bytes).unwrap_or_else(|_| panic!("{bytes} bytes are too many for a vector")))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TransferVector {
    #[serde(rename = "description")]
    _description: String,
    #[serde(rename = "source")]
    _source: String,
    cases: Vec<TransferCase>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TransferCase {
    from: String,
    to: String,
    /// Whole GB, and bytes on top of them, which may be fewer than none.
    #[serde(default)]
    gb: i128,
    #[serde(default)]
    bytes: i128,
    /// Of the account, beside these.
    #[serde(default)]
    other_gb: u128,
    /// A pull, by this rate; without it, any transfer.
    rate: Option<String>,
    usd: Value,
}

fn transfer(path: &Path) -> datatest_stable::Result<()> {
    let vector: TransferVector = read(path)?;
    let prices = PriceList::embedded();
    for case in vector.cases {
        let bytes = u128::try_from(case.gb * (1 << 30) + case.bytes)?;
        let from = region(&case.from);
        let found = match PullTarget::parse(&case.to)? {
            PullTarget::Internet => {
                let egress = Egress { from, bytes, other_bytes: case.other_gb << 30 };
                internet(&prices, &[egress]).first().and_then(|charge| charge.usd)
            }
            PullTarget::Region(to) => match case.rate.as_deref() {
                None => to_region(&prices, from, to, bytes),
                named => pull_to_region(&prices, rate(named), from, to, bytes),
            },
        };
        let name = format!("{} to {}", case.from, case.to);
        compare(&json!({ name.as_str(): case.usd }), &json!({ name.as_str(): usd(found) }))?;
    }
    Ok(())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplicationVector {
    #[serde(rename = "description")]
    _description: String,
    #[serde(rename = "source")]
    _source: String,
    region: String,
    registry_id: Option<String>,
    repository: String,
    rules: Value,
    now: String,
    window_days: NonZeroU32,
    images: Vec<GivenImage>,
    #[serde(default)]
    elsewhere: Vec<GivenStored>,
    pushed: Value,
    expect: Value,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenStored {
    region: String,
    registry_id: String,
    standard_bytes: u64,
    archived_bytes: u64,
}

fn parsed(rules: &Value) -> datatest_stable::Result<Replication> {
    Ok(Replication::parse(&json!({"replicationConfiguration": {"rules": rules}}).to_string())?)
}

fn replication(path: &Path) -> datatest_stable::Result<()> {
    let vector: ReplicationVector = read(path)?;
    let now = instant::parse(&vector.now).ok_or("`now` is an instant")?;
    let mut repository = Repository::new(&vector.repository);
    repository.images = vector.images.iter().map(|image| image.image(now)).collect();
    let blobs = Blobs::of(&repository.images);
    let pushed = Pushed::of(&repository.images, &blobs, now, vector.window_days);
    let found = json!({
        "images": pushed.images, "all_bytes": bytes(pushed.all_bytes), "new_bytes": bytes(pushed.new_bytes),
        "distinct_bytes": bytes(pushed.distinct_bytes), "without_manifest": pushed.images_without_manifest,
        "without_push_time": pushed.images_without_push_time,
    });
    compare(&vector.pushed, &found)?;
    let replicated = Replicated {
        region: region(&vector.region),
        registry_id: vector.registry_id.as_deref(),
        name: &vector.repository,
        pushed,
        stored: RepositoryStorage::of(&repository, &blobs).stored,
    };
    let elsewhere: Vec<StoredElsewhere> = vector
        .elsewhere
        .into_iter()
        .map(|there| StoredElsewhere {
            destination: Destination { region: there.region, registry_id: there.registry_id },
            stored: StoredBytes {
                standard_bytes: there.standard_bytes.into(),
                archived_bytes: there.archived_bytes.into(),
            },
        })
        .collect();
    let costs = replication_costs(&PriceList::embedded(), &parsed(&vector.rules)?, replicated, &elsewhere);
    let shown =
        |dollars: Option<Bounds<Usd>>| dollars.map(|dollars| bounds(dollars, |dollars| json!(dollars)));
    let found: Vec<Value> = costs
        .iter()
        .map(|cost| {
            json!({
                "region": cost.destination.region, "registry": cost.destination.registry_id,
                "sent_bytes": bounds(cost.sent_bytes, bytes), "transfer_usd": shown(cost.transfer_usd),
                "stored_bytes": bounds(cost.stored_bytes, bytes), "storage_usd": shown(cost.storage_usd),
                "storage": cost.storage_basis.name(), "usd": shown(cost.usd()),
            })
        })
        .collect();
    compare(&vector.expect, &json!(found))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ReplicasVector {
    #[serde(rename = "description")]
    _description: String,
    #[serde(rename = "source")]
    _source: String,
    now: String,
    rules: Value,
    here: GivenInventory,
    elsewhere: Vec<GivenInventory>,
    expect: Value,
}

fn replica(path: &Path) -> datatest_stable::Result<()> {
    let vector: ReplicasVector = read(path)?;
    let now = instant::parse(&vector.now).ok_or("`now` is an instant")?;
    let elsewhere: Vec<Inventory> = vector.elsewhere.iter().map(|there| there.inventory(now)).collect();
    let found =
        replicas(&vector.here.inventory(now), &parsed(&vector.rules)?, &elsewhere.iter().collect::<Vec<_>>());
    let names = |digests: &[demurrage_core::Digest]| -> Vec<String> {
        digests.iter().map(|digest| images::name(*digest)).collect()
    };
    let shown = |state: &ReplicaState| match state {
        ReplicaState::NotRead => json!("not read"),
        ReplicaState::CutOff => json!("cut off"),
        ReplicaState::Compared(compared) => json!({
            "missing": names(&compared.missing),
            "orphans": names(&compared.orphans), "orphan_bytes": bytes(compared.orphan_bytes),
            "never_pulled": names(&compared.never_pulled),
            "never_pulled_bytes": bytes(compared.never_pulled_bytes),
        }),
    };
    let found: Vec<Value> = found
        .iter()
        .map(|replicas| {
            json!({
                "repository": replicas.repository, "region": replicas.destination.region,
                "registry": replicas.destination.registry_id, "state": shown(&replicas.state),
            })
        })
        .collect();
    compare(&vector.expect, &json!(found))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PullsVector {
    #[serde(rename = "description")]
    _description: String,
    #[serde(rename = "source")]
    _source: String,
    now: String,
    region: String,
    repository: String,
    images: Vec<GivenImage>,
    rate: Option<String>,
    /// Hours of NAT gateways; without it, layers come for nothing.
    nat_gateway_hours: Option<u64>,
    #[serde(default)]
    endpoint_hours: u64,
    /// What these hours cost, once for the region.
    hours_usd: Option<String>,
    assumptions: Vec<GivenAssumption>,
    #[serde(default)]
    billed: Vec<GivenBilled>,
    /// Pulls that `CloudWatch` has counted in a month.
    counted_pulls: Option<u64>,
    largest_image_bytes: Option<u64>,
    expect: Value,
    #[serde(default)]
    break_even: Vec<GivenBreakEven>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenAssumption {
    repository: String,
    to: String,
    /// Without it, the share of the pulls that were counted.
    per_month: Option<u64>,
    share: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenBilled {
    to: String,
    bytes: u64,
    usd: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GivenBreakEven {
    to: String,
    replication_usd: Option<String>,
    expect: Value,
}

impl PullsVector {
    fn assumptions(&self) -> datatest_stable::Result<Vec<PullAssumption>> {
        let read = |given: &GivenAssumption| -> datatest_stable::Result<PullAssumption> {
            let repository = Wildcard::new(&given.repository);
            let share = given.share.as_deref().map(PullShare::parse).transpose()?;
            let pulls = match (given.per_month, share) {
                (Some(pulls), None) => AssumedPulls::PerMonth(pulls),
                (Some(_), Some(_)) => return Err("either `per_month` or `share`".into()),
                (None, share) => AssumedPulls::Counted(share.unwrap_or(PullShare::ALL)),
            };
            Ok(PullAssumption { repository, to: PullTarget::parse(&given.to)?, pulls })
        };
        self.assumptions.iter().map(read).collect()
    }

    fn billed(&self) -> datatest_stable::Result<Vec<BilledTransfer>> {
        let read = |given: &GivenBilled| -> datatest_stable::Result<BilledTransfer> {
            let gigabytes = Gigabytes::of_bytes(given.bytes.into());
            Ok(BilledTransfer { to: PullTarget::parse(&given.to)?, gigabytes, usd: given.usd.parse()? })
        };
        self.billed.iter().map(read).collect()
    }
}

fn pulls(path: &Path) -> datatest_stable::Result<()> {
    let vector: PullsVector = read(path)?;
    let now = instant::parse(&vector.now).ok_or("`now` is an instant")?;
    let images: Vec<_> = vector.images.iter().map(|image| image.image(now)).collect();
    let image_bytes = largest_image_bytes(&images, &Blobs::of(&images));
    compare(&json!(vector.largest_image_bytes), &image_bytes.map_or(Value::Null, bytes))?;

    let (prices, assumptions) = (PriceList::embedded(), vector.assumptions()?);
    let rate = rate(vector.rate.as_deref());
    let same_region_path = SameRegionPath {
        layers: if vector.nat_gateway_hours.is_some() { LayerPath::Nat } else { LayerPath::Free },
        nat_gateway_hours: vector.nat_gateway_hours.unwrap_or_default(),
        endpoint_hours: vector.endpoint_hours,
    };
    let circumstances =
        PullCircumstances { prices: &prices, rate, same_region_path, assumptions: &assumptions };
    let from = region(&vector.region);
    let repository = PulledRepository {
        region: from,
        name: &vector.repository,
        image_bytes,
        counted_pulls: vector.counted_pulls,
    };
    let costs = pull_costs(&circumstances, repository, &vector.billed()?);
    let found: Vec<Value> = costs
        .iter()
        .map(|cost| {
            json!({
                "to": cost.to.to_string(), "basis": cost.source.basis().name(), "per_month": cost.per_month,
                "gb": cost.gigabytes.map(|gigabytes| gigabytes.to_string()), "usd": usd(cost.usd),
            })
        })
        .collect();
    compare(&vector.expect, &json!(found))?;
    let hours_usd = same_region_path.hours_usd(&prices, from);
    compare(&json!(vector.hours_usd.as_deref().unwrap_or("0.0000000000")), &usd(hours_usd))?;
    for given in vector.break_even {
        let replication_usd = given.replication_usd.map(|dollars| dollars.parse()).transpose()?;
        let found =
            match BreakEven::of(&prices, rate, (from, region(&given.to)), image_bytes, replication_usd) {
                BreakEven::From(pulls) => json!(pulls),
                BreakEven::Never => json!("never"),
                BreakEven::Unknown => json!("unknown"),
            };
        compare(&given.expect, &found)?;
    }
    Ok(())
}

datatest_stable::harness! {
    { test = transfer, root = "../../tests/vectors/transfer", pattern = r"\.json$" },
    { test = replication, root = "../../tests/vectors/replication", pattern = r"\.json$" },
    { test = replica, root = "../../tests/vectors/replicas", pattern = r"\.json$" },
    { test = pulls, root = "../../tests/vectors/pulls", pattern = r"\.json$" },
}
