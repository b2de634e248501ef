//! What there is to know of a whole registry: how far the sum of image sizes is off, what blob mounting could take away,
//! what it will store, what replication left behind, and whether archiving pays.

use std::collections::BTreeMap;

use demurrage_core::RegistryKind;
use demurrage_core::cost::{
    ArchiveAdvice, BlobMounting, FORECAST_DAYS, Forecast, GbMonths, PolicyInForce, RegionPrices,
    RegistryBlobs, ReplicaSums, StoredBytes, StoredGbMonths, Usd, WithPolicy, archive_advice,
};
use demurrage_report::{
    BytesCost, ForecastFigure, MountedFigure, RegistryFigures, ReplicaFigures, ReplicationRange,
    ReplicationSum,
};
use rayon::prelude::*;

use super::registry::{Counted, Place, Question};
use super::replication::Replicating;

/// The figures of a registry, all of whose repositories are counted but for those that were not read.
pub(super) fn figures(
    place: &Place<'_>,
    counted: &[Counted<'_>],
    replicating: &Replicating<'_>,
    question: &Question<'_>,
    has_unread: bool,
) -> RegistryFigures {
    let naive_bytes = counted.iter().map(|it| it.storage.image_size_sum_bytes).fold(0, u128::saturating_add);
    let is_private = place.inventory.kind == RegistryKind::Private;
    RegistryFigures {
        account: place.inventory.registry_id.clone(),
        region: place.inventory.region.clone(),
        kind: place.inventory.kind,
        is_exact: !has_unread && counted.iter().all(|it| it.storage.is_exact()),
        image_size_sum: priced(place, naive_bytes),
        is_size_sum_exact: !has_unread && counted.iter().all(Counted::is_size_sum_exact),
        mounted: mounted(place, counted),
        forecast: forecast(place, counted, question),
        replication: replicating.is_known().then(|| replication(counted, replicating, has_unread)),
        replicas: if is_private { replicas(place, replicating) } else { Vec::new() },
        archive: place.prices.as_ref().filter(|_| is_private).map(|prices| archive(counted, prices)),
    }
}

/// What is stored if blobs count once in the registry.
fn mounted(place: &Place<'_>, counted: &[Counted<'_>]) -> MountedFigure {
    match BlobMounting::of(&place.inventory.registry) {
        BlobMounting::On => {
            let mut blobs = RegistryBlobs::default();
            for it in counted {
                blobs.add(it.repository, &it.blobs);
            }
            let stored = blobs.stored();
            let usd = place
                .prices
                .as_ref()
                .and_then(|prices| stored.usd_per_month(prices, StoredGbMonths::NOTHING));
            MountedFigure::On(BytesCost { bytes: stored.total(), usd })
        }
        BlobMounting::Off => MountedFigure::Off,
        BlobMounting::NotRead => MountedFigure::NotRead,
    }
}

/// What is stored after some time, with and without the policies; by the price of the standard class.
fn forecast(
    place: &Place<'_>,
    counted: &[Counted<'_>],
    question: &Question<'_>,
) -> Option<Vec<ForecastFigure>> {
    let of = |it: &Counted<'_>| {
        Forecast::of(it.policy.known(), &it.repository.images, question.now, question.switches, &it.blobs)
    };
    if counted.iter().any(|it| it.pushed_after(question.now) != 0) {
        return None;
    }
    let is_known = !counted.iter().any(|it| matches!(it.policy, PolicyInForce::Unknown(_)));
    let forecasts: Vec<Forecast> = counted.par_iter().map(of).collect();
    let at = |(place_of_horizon, days): (usize, u32)| {
        let horizons = || forecasts.iter().filter_map(|forecast| forecast.horizons.get(place_of_horizon));
        let without = horizons().map(|it| it.without_policy_bytes).fold(0, u128::saturating_add);
        let with = horizons().map(|it| match it.with_policy {
            WithPolicy::Bytes(bytes) => bytes,
            // Without a policy, and without an answer, it grows as it does.
            WithPolicy::NoPolicy | WithPolicy::TooManyImages => it.without_policy_bytes,
        });
        let with = with.fold(0, u128::saturating_add);
        let with_policies = is_known.then(|| priced(place, with));
        ForecastFigure { days, without_policies: priced(place, without), with_policies }
    };
    Some(FORECAST_DAYS.into_iter().enumerate().map(at).collect())
}

/// Bytes with what they cost in the standard class.
fn priced(place: &Place<'_>, bytes: u128) -> BytesCost {
    let usd = place.prices.as_ref().and_then(|prices| prices.storage.charge(GbMonths::of_bytes(bytes)));
    BytesCost { bytes, usd }
}

/// What replication costs, for each destination.
fn replication(
    counted: &[Counted<'_>],
    replicating: &Replicating<'_>,
    has_unread: bool,
) -> Vec<ReplicationSum> {
    let ranges: Vec<(ReplicationRange, bool)> = counted
        .par_iter()
        .flat_map_iter(|it| {
            let ranges = replicating.of_repository(it).into_iter().flatten();
            ranges.map(|range| (range, !has_unread && it.storage.is_exact()))
        })
        .collect();
    let mut by_destination: BTreeMap<(String, String), ReplicationSum> = BTreeMap::new();
    for (range, is_exact) in ranges {
        let destination = (range.registry.clone(), range.region.clone());
        let sum = by_destination.entry(destination).or_insert_with(|| ReplicationSum {
            range: ReplicationRange { low: Some(Usd::ZERO), high: Some(Usd::ZERO), ..range.clone() },
            is_exact: true,
        });
        sum.is_exact &= is_exact;
        sum.range.low = sum.range.low.zip(range.low).map(|(sum, low)| sum + low);
        sum.range.high = sum.range.high.zip(range.high).map(|(sum, high)| sum + high);
    }
    by_destination.into_values().collect()
}

/// How replicas differ from what they are replicas of, for each destination of which there is an inventory.
fn replicas(place: &Place<'_>, replicating: &Replicating<'_>) -> Vec<ReplicaFigures> {
    let mut sums = ReplicaSums::default();
    for replica in replicating.replicas(place.inventory) {
        sums.add(&replica.destination, &replica.state);
    }
    let figures = sums.of_each().filter(|(_, sum)| sum.compared != 0).map(|(to, sum)| ReplicaFigures {
        region: to.region.clone(),
        registry: to.registry_id.clone(),
        missing_images: sum.missing_images,
        orphan_images: sum.orphan_images,
        orphan_bytes: sum.orphan_bytes,
        never_pulled_images: sum.never_pulled_images,
        never_pulled_bytes: sum.never_pulled_bytes,
    });
    figures.collect()
}

/// Whether archiving all of the standard class would save anything.
fn archive(counted: &[Counted<'_>], prices: &RegionPrices) -> ArchiveAdvice {
    let stored = counted.iter().fold(StoredBytes::default(), |sum, it| StoredBytes {
        standard_bytes: sum.standard_bytes.saturating_add(it.storage.stored.standard_bytes),
        archived_bytes: sum.archived_bytes.saturating_add(it.storage.stored.archived_bytes),
    });
    archive_advice(stored.standard_bytes, GbMonths::of_bytes(stored.archived_bytes), prices)
}
