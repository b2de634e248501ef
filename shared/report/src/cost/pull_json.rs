//! Pulls for programs: what each row costs, and what was counted of whole registries.

use demurrage_core::cost::{Basis, BreakEven, Usd};
use demurrage_core::instant;
use serde::Serialize;

use super::{CountedPulls, NetworkHours, PullRow};

/// What pulls of one repository to one place cost.
#[derive(Serialize)]
pub(super) struct PullRecord<'a> {
    account: Option<&'a str>,
    region: &'a str,
    /// `null` for what a bill has of a whole registry.
    name: Option<&'a str>,
    to: String,
    pulls_per_month: Option<u64>,
    image_bytes: Option<u128>,
    gigabytes_per_month: Option<String>,
    transfer_usd_per_month: Option<Usd>,
    basis: &'static str,
    /// What has the number of pulls: `bill`, `assumption` or `cloudwatch`.
    pulls_from: &'static str,
    pull_rate: &'static str,
    /// Whether the bytes are exact, and so what follows from them: also from when on a replica is cheaper.
    is_exact: bool,
    replica: Option<ReplicaRecord>,
}

/// From when on a replica is cheaper: `from` with the pulls, `never`, or `unknown`.
#[derive(Serialize)]
struct ReplicaRecord {
    is_cheaper: &'static str,
    from_pulls_per_month: Option<u64>,
}

impl<'a> PullRecord<'a> {
    /// A row as it stands in a document.
    pub(super) fn of(pull: &'a PullRow) -> Self {
        let replica = |break_even| match break_even {
            BreakEven::From(pulls) => ReplicaRecord { is_cheaper: "from", from_pulls_per_month: Some(pulls) },
            BreakEven::Never => ReplicaRecord { is_cheaper: "never", from_pulls_per_month: None },
            BreakEven::Unknown => ReplicaRecord { is_cheaper: "unknown", from_pulls_per_month: None },
        };
        Self {
            account: pull.account.as_deref(),
            region: &pull.region,
            name: pull.name.as_deref(),
            to: pull.to.to_string(),
            pulls_per_month: pull.pulls_per_month,
            image_bytes: pull.image_bytes,
            gigabytes_per_month: pull.gigabytes.map(|gigabytes| gigabytes.to_string()),
            transfer_usd_per_month: pull.transfer,
            basis: pull.source.basis().name(),
            pulls_from: pull.source.name(),
            pull_rate: pull.rate.name(),
            is_exact: pull.is_exact,
            replica: pull.replica.map(replica),
        }
    }
}

/// Hours of gateways and endpoints of a region: assumed, and of no repository.
#[derive(Serialize)]
pub(super) struct HoursRecord<'a> {
    account: Option<&'a str>,
    region: &'a str,
    nat_gateway_hours: u64,
    endpoint_hours: u64,
    usd_per_month: Option<Usd>,
    basis: &'static str,
}

impl<'a> HoursRecord<'a> {
    /// The hours as they stand in a document.
    pub(super) fn of(hours: &'a NetworkHours) -> Self {
        Self {
            account: hours.account.as_deref(),
            region: &hours.region,
            nat_gateway_hours: hours.nat_gateway_hours,
            endpoint_hours: hours.endpoint_hours,
            usd_per_month: hours.cost,
            basis: Basis::Assumed.name(),
        }
    }
}

/// The pulls that were counted of one registry.
#[derive(Serialize)]
pub(super) struct CountedRecord<'a> {
    account: &'a str,
    region: &'a str,
    since: String,
    until: String,
    /// The sum of those that were counted.
    pulls: u128,
    repositories: Vec<CountedRepository<'a>>,
}

#[derive(Serialize)]
struct CountedRepository<'a> {
    name: &'a str,
    /// `null` where they were not counted.
    pulls: Option<u64>,
}

impl<'a> CountedRecord<'a> {
    /// The pulls as they stand in a document.
    pub(super) fn of(counted: &'a CountedPulls) -> Self {
        let repositories = counted.repositories.iter();
        Self {
            account: &counted.account,
            region: &counted.region,
            since: instant::format(counted.window.since()),
            until: instant::format(counted.window.until()),
            pulls: counted.sum(),
            repositories: repositories
                .map(|(name, pulls)| CountedRepository { name, pulls: *pulls })
                .collect(),
        }
    }
}
