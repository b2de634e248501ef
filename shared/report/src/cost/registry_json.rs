//! Whole registries for programs: forecast, replication, archive and blob mounting.

use demurrage_core::RegistryKind;
use demurrage_core::cost::{ArchiveAdvice, Forecast, Usd};
use serde::Serialize;

use super::registry_figures::{BytesCost, MountedFigure, RegistryFigures, ReplicaFigures, ReplicationSum};

/// Figures of a whole registry.
#[derive(Serialize)]
pub(super) struct RegistryRecord<'a> {
    account: Option<&'a str>,
    region: &'a str,
    /// `private` or `public`.
    registry_kind: &'static str,
    is_exact: bool,
    image_size_sum: Amounts,
    image_size_sum_is_exact: bool,
    blob_mounting: Mounted,
    /// `null` where the time that is asked about is before a push.
    forecast: Option<ForecastRecord>,
    /// `null` where it was not read to where it replicates.
    replication: Option<Vec<Replication<'a>>>,
    replicas: Vec<Replicas<'a>>,
    /// `null` where there is no archive class.
    archive: Option<ArchiveRecord>,
}

#[derive(Serialize)]
struct Amounts {
    bytes: u128,
    usd_per_month: Option<Usd>,
}

impl Amounts {
    const fn of(stored: BytesCost) -> Self {
        Self { bytes: stored.bytes, usd_per_month: stored.usd }
    }
}

#[derive(Serialize)]
struct Mounted {
    /// `on`, `off` or `not_read`.
    setting: &'static str,
    /// What is stored if blobs count once in the registry; `null` but where it is on.
    counted_once: Option<Amounts>,
}

#[derive(Serialize)]
struct ForecastRecord {
    method: &'static str,
    horizons: Vec<Horizon>,
}

#[derive(Serialize)]
struct Horizon {
    days: u32,
    without_policies: Amounts,
    /// `null` where it is not known of a policy what it frees.
    with_policies: Option<Amounts>,
}

#[derive(Serialize)]
struct Replication<'a> {
    region: &'a str,
    registry: &'a str,
    low_usd_per_month: Option<Usd>,
    high_usd_per_month: Option<Usd>,
    is_exact: bool,
}

#[derive(Serialize)]
struct Replicas<'a> {
    region: &'a str,
    registry: &'a str,
    missing_images: u64,
    orphan_images: u64,
    orphan_bytes: u128,
    never_pulled_images: u64,
    never_pulled_bytes: u128,
}

/// Whether archiving all of the standard class pays. What does not hold for the advice is `null`.
#[derive(Serialize)]
struct ArchiveRecord {
    /// `saves`, `saves_nothing` or `unknown`.
    advice: &'static str,
    standard_usd_per_month: Option<Usd>,
    archive_usd_per_month: Option<Usd>,
    saves_beyond_gb: Option<u64>,
    restore_usd: Option<Usd>,
    pays_after_days: Option<u64>,
    pays_after_days_restored_once: Option<u64>,
}

impl<'a> RegistryRecord<'a> {
    /// The figures as they stand in a document.
    pub(super) fn of(figures: &'a RegistryFigures) -> Self {
        let to = |sum: &'a ReplicationSum| Replication {
            region: &sum.range.region,
            registry: &sum.range.registry,
            low_usd_per_month: sum.range.low,
            high_usd_per_month: sum.range.high,
            is_exact: sum.is_exact,
        };
        let (setting, counted_once) = match figures.mounted {
            MountedFigure::On(stored) => ("on", Some(Amounts::of(stored))),
            MountedFigure::Off => ("off", None),
            MountedFigure::NotRead => ("not_read", None),
        };
        Self {
            account: figures.account.as_deref(),
            region: &figures.region,
            registry_kind: match figures.kind {
                RegistryKind::Private => "private",
                RegistryKind::Public => "public",
            },
            is_exact: figures.is_exact,
            image_size_sum: Amounts::of(figures.image_size_sum),
            image_size_sum_is_exact: figures.is_size_sum_exact,
            blob_mounting: Mounted { setting, counted_once },
            forecast: forecast(figures),
            replication: figures.replication.as_ref().map(|all| all.iter().map(to).collect()),
            replicas: figures.replicas.iter().map(Replicas::of).collect(),
            archive: figures.archive.map(ArchiveRecord::of),
        }
    }
}

fn forecast(figures: &RegistryFigures) -> Option<ForecastRecord> {
    let horizons = figures.forecast.as_ref()?.iter().map(|figure| Horizon {
        days: figure.days,
        without_policies: Amounts::of(figure.without_policies),
        with_policies: figure.with_policies.map(Amounts::of),
    });
    Some(ForecastRecord { method: Forecast::METHOD, horizons: horizons.collect() })
}

impl<'a> Replicas<'a> {
    fn of(replicas: &'a ReplicaFigures) -> Self {
        Self {
            region: &replicas.region,
            registry: &replicas.registry,
            missing_images: replicas.missing_images,
            orphan_images: replicas.orphan_images,
            orphan_bytes: replicas.orphan_bytes,
            never_pulled_images: replicas.never_pulled_images,
            never_pulled_bytes: replicas.never_pulled_bytes,
        }
    }
}

impl ArchiveRecord {
    const fn of(advice: ArchiveAdvice) -> Self {
        let nothing = Self {
            advice: "unknown",
            standard_usd_per_month: None,
            archive_usd_per_month: None,
            saves_beyond_gb: None,
            restore_usd: None,
            pays_after_days: None,
            pays_after_days_restored_once: None,
        };
        match advice {
            ArchiveAdvice::Unknown => nothing,
            ArchiveAdvice::SavesNothing { cost, saves_beyond_gb } => Self {
                advice: "saves_nothing",
                standard_usd_per_month: Some(cost.standard_usd),
                archive_usd_per_month: Some(cost.archive_usd),
                saves_beyond_gb,
                ..nothing
            },
            ArchiveAdvice::Saves { cost, restore_usd, pays_after_days, pays_after_days_restored_once } => {
                Self {
                    advice: "saves",
                    standard_usd_per_month: Some(cost.standard_usd),
                    archive_usd_per_month: Some(cost.archive_usd),
                    restore_usd: Some(restore_usd),
                    pays_after_days: Some(pays_after_days),
                    pays_after_days_restored_once,
                    ..nothing
                }
            }
        }
    }
}
