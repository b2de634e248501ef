//! Whole registries for people: below a table, one sentence for each thing to know.

use demurrage_core::cost::{ArchiveAdvice, Forecast, Usd};

use super::registry_figures::{
    BytesCost, ForecastFigure, MountedFigure, RegistryFigures, ReplicaFigures, ReplicationSum,
};
use crate::amount::{count, large_bytes};
use crate::dollars::{UNKNOWN, dollars, size_and_dollars};

/// The sentences about a registry, without a full stop.
pub(super) fn registry_sentences(figures: &RegistryFigures) -> Vec<String> {
    let sum = sized(figures.image_size_sum, figures.is_size_sum_exact);
    let mut sentences = vec![format!("added up, the sizes of all images would be {sum}")];
    match figures.mounted {
        MountedFigure::On(stored) => sentences.push(format!(
            "blob mounting is on: if blobs count once in the registry, {}; which of the two is billed is unknown",
            sized(stored, figures.is_exact)
        )),
        MountedFigure::Off | MountedFigure::NotRead => {}
    }
    if let Some(forecast) = &figures.forecast {
        sentences.extend(forecast.iter().map(|figure| forecast_sentence(figure, figures.is_exact)));
        sentences.push(format!("({})", Forecast::METHOD));
    }
    match &figures.replication {
        Some(sums) => sentences.extend(sums.iter().map(replication_sentence)),
        None => sentences
            .push("what replication costs is unknown: it was not read to where it replicates".to_owned()),
    }
    sentences.extend(figures.replicas.iter().map(replica_sentence));
    sentences.extend(figures.archive.and_then(|advice| archive_sentence(advice, figures.is_exact)));
    sentences
}

fn forecast_sentence(figure: &ForecastFigure, is_exact: bool) -> String {
    format!(
        "in {} days: {} as it is, {} with the policies",
        figure.days,
        sized(figure.without_policies, is_exact),
        figure.with_policies.map_or_else(|| UNKNOWN.to_owned(), |stored| sized(stored, is_exact))
    )
}

fn replication_sentence(sum: &ReplicationSum) -> String {
    let ReplicationSum { range, is_exact } = sum;
    let mark = mark(*is_exact);
    let cost = match (range.low, range.high) {
        (Some(_), Some(_)) => {
            format!("{mark}{} to {mark}{} USD a month", dollars(range.low), dollars(range.high))
        }
        (_, _) => "no price is known".to_owned(),
    };
    format!("replication to {} {}, storage there with it: {cost}", range.registry, range.region)
}

fn replica_sentence(replicas: &ReplicaFigures) -> String {
    let images = |number: u64| count(usize::try_from(number).unwrap_or(usize::MAX), "image");
    format!(
        "at {} {}: {} missing, {} there that are not here ({}), {} never pulled there ({})",
        replicas.registry,
        replicas.region,
        images(replicas.missing_images),
        images(replicas.orphan_images),
        large_bytes(replicas.orphan_bytes),
        images(replicas.never_pulled_images),
        large_bytes(replicas.never_pulled_bytes)
    )
}

fn archive_sentence(advice: ArchiveAdvice, is_exact: bool) -> Option<String> {
    match advice {
        ArchiveAdvice::Unknown => None,
        ArchiveAdvice::SavesNothing { cost, .. } if cost.standard_usd == Usd::ZERO => {
            Some("archiving saves nothing: there is nothing in the standard class".to_owned())
        }
        ArchiveAdvice::SavesNothing { saves_beyond_gb, .. } => Some(match saves_beyond_gb {
            Some(gb) => format!(
                "archiving saves nothing: up to {} TB in an account and region the archive class costs the same",
                gb / 1024
            ),
            None => "archiving saves nothing: the archive class never costs less".to_owned(),
        }),
        ArchiveAdvice::Saves { cost, restore_usd, pays_after_days, pays_after_days_restored_once } => {
            let mark = mark(is_exact);
            let once = match pays_after_days_restored_once {
                Some(days) => format!("{mark}{days} days"),
                None => "never".to_owned(),
            };
            Some(format!(
                "archiving all of it would save {mark}{} USD a month, and pay after {mark}{pays_after_days} days, as 90 are \
                 billed at least, or {once} if all of it is restored once, which costs {mark}{} USD",
                dollars(Some(cost.standard_usd - cost.archive_usd)),
                dollars(Some(restore_usd))
            ))
        }
    }
}

/// Bytes and dollars, both with a `~` where the bytes are not exact.
fn sized(stored: BytesCost, is_exact: bool) -> String {
    let text = size_and_dollars(stored.bytes, stored.usd);
    match (is_exact, stored.usd) {
        (true, _) => text,
        (false, Some(_)) => format!("~{}", text.replacen('(', "(~", 1)),
        (false, None) => format!("~{text}"),
    }
}

const fn mark(is_exact: bool) -> &'static str {
    if is_exact { "" } else { "~" }
}
