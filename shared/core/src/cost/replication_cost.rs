//! What the replication of a repository costs a month, for each destination.
//!
//! It assumes that a month is like the window that was looked at, and that each push is sent once to each destination.
//! Whether ECR sends a layer that a destination has already is not documented: so every figure is a range. Leaves out
//! pushes whose images are gone again, what it costs to fill a destination for the first time, and that images which came
//! by replication themselves are not sent on: they look like pushes.
//!
//! Sources: ECR user guide, "Private image replication", and the containers blog ("Understanding data transfer costs
//! for AWS container services") for the rate; read 2026-11-23.

use super::{Basis, Bounds, GbMonths, PriceList, Pushed, Region, StoredBytes, Usd, to_region};
use crate::{Destination, Replication, ReplicationRule};

/// A repository that is replicated.
#[derive(Debug, Clone, Copy)]
pub struct Replicated<'a> {
    /// The region of its registry.
    pub region: Region,
    /// The account of its registry, where known.
    pub registry_id: Option<&'a str>,
    /// Its name, which replicas have, too.
    pub name: &'a str,
    /// What was pushed to it.
    pub pushed: Pushed,
    /// What it stores.
    pub stored: StoredBytes,
}

/// A repository of the same name in a destination, where an inventory of that registry is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredElsewhere {
    /// The registry.
    pub destination: Destination,
    /// What the repository there stores; nothing stored where there is no such repository.
    pub stored: StoredBytes,
}

/// What the replication of one repository to one destination costs a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicationCost {
    /// Where the images go.
    pub destination: Destination,
    /// Bytes that are sent in a month. Low: only blobs that were new to the repository. High: all bytes of the images
    /// that were pushed.
    pub sent_bytes: Bounds<u128>,
    /// What sending them costs the account of the repository; nothing where the price is not known. To a registry of
    /// the same region it costs 0 (inferred).
    pub transfer_usd: Option<Bounds<Usd>>,
    /// Bytes that are stored at the destination.
    pub stored_bytes: Bounds<u128>,
    /// What storing them costs the account of the destination; nothing where the price is not known.
    pub storage_usd: Option<Bounds<Usd>>,
    /// Where the bytes that are stored are from. *Computed*: of the inventory of the destination. *Assumed*: there is
    /// none; low: the blobs of the images that were pushed in the window, high: everything that the repository holds
    /// here, in the standard class, because the archive class is not replicated.
    pub storage_basis: Basis,
}

impl ReplicationCost {
    /// Transfer and storage together; nothing where a price is not known.
    pub fn usd(&self) -> Option<Bounds<Usd>> {
        let (transfer, storage) = (self.transfer_usd?, self.storage_usd?);
        Some(Bounds { low: transfer.low + storage.low, high: transfer.high + storage.high })
    }
}

/// What the replication of a repository costs, for each of its destinations, in their order.
///
/// `elsewhere` are the destinations of which there are inventories. A destination whose region is not known has no
/// price.
pub fn replication_costs(
    prices: &PriceList,
    replication: &Replication,
    repository: Replicated<'_>,
    elsewhere: &[StoredElsewhere],
) -> Vec<ReplicationCost> {
    destinations(replication, repository.name)
        .into_iter()
        .filter(|to| !is_same_registry(to, repository.region, repository.registry_id))
        .map(|to| {
            let known = elsewhere.iter().find(|there| there.destination == *to).map(|there| there.stored);
            cost(prices, repository, to, known)
        })
        .collect()
}

/// The registries that a repository is replicated to; in order, each once.
pub fn destinations<'a>(replication: &'a Replication, repository_name: &str) -> Vec<&'a Destination> {
    let concerns = |rule: &&ReplicationRule| {
        rule.repository_prefixes.is_empty()
            || rule.repository_prefixes.iter().any(|prefix| repository_name.starts_with(prefix))
    };
    let mut found: Vec<_> =
        replication.rules.iter().filter(concerns).flat_map(|rule| &rule.destinations).collect();
    found.sort();
    found.dedup();
    found
}

/// Whether a destination is the registry itself, to which nothing is sent.
pub(super) fn is_same_registry(destination: &Destination, region: Region, registry_id: Option<&str>) -> bool {
    destination.region == region.code() && registry_id.is_some_and(|id| id == destination.registry_id)
}

fn cost(
    prices: &PriceList,
    from: Replicated<'_>,
    to: &Destination,
    stored_there: Option<StoredBytes>,
) -> ReplicationCost {
    let region = Region::parse(&to.region).ok();
    let pushed = from.pushed;
    let sent_bytes =
        Bounds { low: pushed.new_bytes, high: pushed.all_bytes }.map(|bytes| pushed.in_a_month(bytes));
    let transfer = |bytes| to_region(prices, from.region, region?, bytes);
    let stored = match stored_there {
        Some(stored) => Bounds::exactly(stored),
        None => Bounds { low: pushed.distinct_bytes, high: from.stored.total() }
            .map(|standard_bytes| StoredBytes { standard_bytes, archived_bytes: 0 }),
    };
    ReplicationCost {
        destination: to.clone(),
        sent_bytes,
        transfer_usd: both(sent_bytes.map(transfer)),
        stored_bytes: stored.map(StoredBytes::total),
        storage_usd: both(stored.map(|stored| storage(prices, region?, stored))),
        storage_basis: if stored_there.is_some() { Basis::Computed } else { Basis::Assumed },
    }
}

/// What bytes cost that are stored in a region for a month, as if nothing else were stored there.
fn storage(prices: &PriceList, region: Region, stored: StoredBytes) -> Option<Usd> {
    let prices = prices.prices(region);
    let standard = prices.storage.charge(GbMonths::of_bytes(stored.standard_bytes))?;
    if stored.archived_bytes == 0 {
        return Some(standard);
    }
    Some(standard + prices.archive.charge(GbMonths::of_bytes(stored.archived_bytes))?)
}

fn both(bounds: Bounds<Option<Usd>>) -> Option<Bounds<Usd>> {
    Some(Bounds { low: bounds.low?, high: bounds.high? })
}
