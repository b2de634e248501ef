//! What there is to say of a whole registry: how far the sum of image sizes is off, what blob mounting could take away,
//! what it will store, what replication left behind, and whether archiving pays.

use std::collections::BTreeMap;

use demurrage_core::RegistryKind;
use demurrage_core::cost::{
    ArchiveAdvice, BlobMounting, FORECAST_DAYS, Forecast, GbMonths, RegionPrices, RegistryBlobs,
    ReplicaState, StoredBytes, Usd, WithPolicy, archive_advice,
};
use demurrage_report::{RegistryNote, ReplicationRange, count, dollars, large_bytes, size_and_dollars};
use rayon::prelude::*;

use super::registry::{Counted, Place, Question};
use super::replication::Replicating;

/// The sentences about a registry, all of whose repositories are counted.
pub(super) fn note(
    place: &Place<'_>,
    counted: &[Counted<'_>],
    replicating: &Replicating<'_>,
    question: &Question<'_>,
) -> RegistryNote {
    let mut sentences = vec![naive(place, counted)];
    sentences.extend(mounted(place, counted));
    sentences.extend(forecast(place, counted, question));
    if place.inventory.kind == RegistryKind::Private {
        sentences.extend(replication(counted, replicating));
        sentences.extend(replicas(place, replicating));
        sentences.extend(place.prices.as_ref().and_then(|prices| archive(counted, prices)));
    }
    RegistryNote { name: place.name.clone(), sentences }
}

/// What adding up image sizes would say: it is what ECR gives, and so exact.
fn naive(place: &Place<'_>, counted: &[Counted<'_>]) -> String {
    let bytes = counted.iter().map(|it| it.storage.image_size_sum_bytes).fold(0, u128::saturating_add);
    format!("added up, the sizes of all images would be {}", priced(place, bytes, true))
}

/// What is stored if blobs count once in the registry.
fn mounted(place: &Place<'_>, counted: &[Counted<'_>]) -> Option<String> {
    match BlobMounting::of(&place.inventory.registry) {
        BlobMounting::On => {
            let mut blobs = RegistryBlobs::default();
            for it in counted {
                blobs.add(it.repository, &it.blobs);
            }
            let stored = blobs.stored();
            let usd = place.prices.as_ref().and_then(|prices| stored.usd_per_month(prices, GbMonths::ZERO));
            Some(format!(
                "blob mounting is on: if blobs count once in the registry, {}; which of the two is billed is unknown",
                sized(stored.total(), usd, is_exact(counted))
            ))
        }
        BlobMounting::Off | BlobMounting::NotRead => None,
    }
}

/// What is stored after some time, with and without the policies; by the price of the standard class.
fn forecast(place: &Place<'_>, counted: &[Counted<'_>], question: &Question<'_>) -> Vec<String> {
    let of = |it: &Counted<'_>| {
        Forecast::of(it.policy.as_ref(), &it.repository.images, question.now, question.switches, &it.blobs)
    };
    if counted.iter().any(|it| it.pushed_after(question.now) != 0) {
        return Vec::new();
    }
    let is_exact = is_exact(counted);
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
        format!(
            "in {days} days: {} as it is, {} with the policies",
            priced(place, without, is_exact),
            priced(place, with, is_exact)
        )
    };
    let mut sentences: Vec<String> = FORECAST_DAYS.into_iter().enumerate().map(at).collect();
    sentences.push(format!("({})", Forecast::METHOD));
    sentences
}

/// Bytes with what they cost in the standard class.
fn priced(place: &Place<'_>, bytes: u128, is_exact: bool) -> String {
    let usd = place.prices.as_ref().and_then(|prices| prices.storage.charge(GbMonths::of_bytes(bytes)));
    sized(bytes, usd, is_exact)
}

/// Bytes and dollars, both with a `~` where the bytes are not exact.
fn sized(bytes: u128, usd: Option<Usd>, is_exact: bool) -> String {
    let text = size_and_dollars(bytes, usd);
    match (is_exact, usd) {
        (true, _) => text,
        (false, Some(_)) => format!("~{}", text.replacen('(', "(~", 1)),
        (false, None) => format!("~{text}"),
    }
}

/// Whether the bytes of all are exact.
fn is_exact(counted: &[Counted<'_>]) -> bool {
    counted.iter().all(|it| it.storage.is_exact())
}

const fn mark(is_exact: bool) -> &'static str {
    if is_exact { "" } else { "~" }
}

/// What replication costs, for each destination.
fn replication(counted: &[Counted<'_>], replicating: &Replicating<'_>) -> Vec<String> {
    let ranges: Vec<(ReplicationRange, bool)> = counted
        .par_iter()
        .flat_map_iter(|it| {
            replicating.of_repository(it).into_iter().map(|range| (range, it.storage.is_exact()))
        })
        .collect();
    let mut by_destination = BTreeMap::new();
    for (ReplicationRange { region, registry, low, high }, is_exact) in ranges {
        let (sum_low, sum_high, are_exact) =
            by_destination.entry((registry, region)).or_insert((Some(Usd::ZERO), Some(Usd::ZERO), true));
        *are_exact &= is_exact;
        *sum_low = sum_low.zip(low).map(|(sum, low)| sum + low);
        *sum_high = sum_high.zip(high).map(|(sum, high)| sum + high);
    }
    let sentence = |((registry, region), (low, high, is_exact))| {
        let mark = mark(is_exact);
        let range = match (low, high) {
            (Some(_), Some(_)) => format!("{mark}{} to {mark}{} USD a month", dollars(low), dollars(high)),
            (_, _) => "no price is known".to_owned(),
        };
        format!("replication to {registry} {region}, storage there with it: {range}")
    };
    by_destination.into_iter().map(sentence).collect()
}

/// How replicas differ from what they are replicas of, for each destination of which there is an inventory.
fn replicas(place: &Place<'_>, replicating: &Replicating<'_>) -> Vec<String> {
    let mut by_destination = BTreeMap::new();
    for replica in replicating.replicas(place.inventory) {
        let ReplicaState::Compared(compared) = replica.state else { continue };
        let sums: &mut [u128; 5] = by_destination.entry(replica.destination).or_default();
        let of = |number: usize| u128::try_from(number).unwrap_or(u128::MAX);
        let parts = [
            of(compared.missing.len()),
            of(compared.orphans.len()),
            compared.orphan_bytes,
            of(compared.never_pulled.len()),
            compared.never_pulled_bytes,
        ];
        for (sum, part) in sums.iter_mut().zip(parts) {
            *sum = sum.saturating_add(part);
        }
    }
    let images = |number: u128| count(usize::try_from(number).unwrap_or(usize::MAX), "image");
    let sentence = |(to, [missing, orphans, orphan_bytes, unpulled, unpulled_bytes]): (
        demurrage_core::Destination,
        [u128; 5],
    )| {
        format!(
            "at {} {}: {} missing, {} there that are not here ({}), {} never pulled there ({})",
            to.registry_id,
            to.region,
            images(missing),
            images(orphans),
            large_bytes(orphan_bytes),
            images(unpulled),
            large_bytes(unpulled_bytes)
        )
    };
    by_destination.into_iter().map(sentence).collect()
}

/// Whether archiving all of the standard class would save anything.
fn archive(counted: &[Counted<'_>], prices: &RegionPrices) -> Option<String> {
    let stored = counted.iter().fold(StoredBytes::default(), |sum, it| StoredBytes {
        standard_bytes: sum.standard_bytes.saturating_add(it.storage.stored.standard_bytes),
        archived_bytes: sum.archived_bytes.saturating_add(it.storage.stored.archived_bytes),
    });
    match archive_advice(stored.standard_bytes, GbMonths::of_bytes(stored.archived_bytes), prices) {
        ArchiveAdvice::Unknown => None,
        ArchiveAdvice::SavesNothing { saves_beyond_gb, .. } => Some(match saves_beyond_gb {
            Some(gb) => format!(
                "archiving saves nothing: up to {} TB in an account and region the archive class costs the same",
                gb / 1024
            ),
            None => "archiving saves nothing: the archive class never costs less".to_owned(),
        }),
        ArchiveAdvice::Saves { cost, pays_after_days, .. } => Some(format!(
            "archiving all of it would save {}{} USD a month, and pay after {pays_after_days} days, as 90 are billed at least",
            mark(is_exact(counted)),
            dollars(Some(cost.standard_usd - cost.archive_usd))
        )),
    }
}
