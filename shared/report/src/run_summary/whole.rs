//! What can be said of a registry only as a whole, and how a summary tells it: layers that repositories share, replicas, what
//! was left behind, and quotas.

use demurrage_core::cost::Usd;
use serde_json::{Value, json};

use super::lines::many;
use super::{RegistrySummary, RunSummary};
use crate::amount::{grouped, large_bytes};
use crate::dollars::size_and_dollars;

/// Days until a quota is reached that are said: what is farther off is no news.
const DAYS_SAID_MAX: u64 = 730;

/// A registry as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RegistryWhole {
    /// Whether every repository was read whole, and the figures are exact.
    pub is_exact: bool,
    /// What the repositories store, each blob once in each of them.
    pub stored_bytes: u128,
    /// What they store where a blob counts once in the registry; nothing where a share was not priced.
    pub mounted: Option<Mounted>,
    /// Whether the registry mounts blobs: `on`, `off` or `not_read`.
    pub blob_mounting: String,
    /// Referrers whose subjects are gone.
    pub orphan_referrers: u64,
    /// The bytes that would be free without them.
    pub orphan_referrers_bytes: u128,
    /// What is replicated, for each destination; nothing where it was not read to where.
    pub replicas: Option<Vec<ReplicasIn>>,
    /// How many of the repositories that a registry may have there are.
    pub repositories: QuotaUse,
    /// The repositories that are nearest to the quota of images.
    pub fullest: Vec<(String, QuotaUse)>,
}

/// What a registry stores where each blob counts once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mounted {
    /// In both classes.
    pub bytes: u128,
    /// What that costs in a month; nothing where a price is not known.
    pub usd_per_month: Option<Usd>,
    /// How many blobs more than one repository holds.
    pub shared_blobs: u64,
}

/// The replicas in one destination.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReplicasIn {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// Repositories that are known whole here and there.
    pub compared: u64,
    /// Repositories of which one side is not.
    pub not_compared: u64,
    /// Images that are here and not there.
    pub missing_images: u64,
    /// Images that are there and no longer here.
    pub orphan_images: u64,
    /// The bytes that would be free there without them.
    pub orphan_bytes: u128,
    /// Replicas that were never pulled.
    pub never_pulled_images: u64,
    /// The bytes that would be free there without these.
    pub never_pulled_bytes: u128,
}

/// How much of a quota is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QuotaUse {
    /// How many there are.
    pub count: u64,
    /// How many there may be.
    pub quota: u64,
    /// Days until it is reached at the pace of the last 30; nothing where nothing came, or nobody knows.
    pub days_left: Option<u64>,
}

impl RegistryWhole {
    /// For programs: bytes are numbers, dollars texts with ten decimals.
    pub(super) fn json(&self) -> Value {
        let number = |bytes: u128| u64::try_from(bytes).unwrap_or(u64::MAX);
        let replicas = self.replicas.as_ref().map(|replicas| {
            let one = |to: &ReplicasIn| {
                json!({
                    "registryId": to.account,
                    "region": to.region,
                    "repositoriesCompared": to.compared,
                    "repositoriesNotCompared": to.not_compared,
                    "missingImages": to.missing_images,
                    "orphanImages": to.orphan_images,
                    "orphanBytes": number(to.orphan_bytes),
                    "neverPulledImages": to.never_pulled_images,
                    "neverPulledBytes": number(to.never_pulled_bytes),
                })
            };
            replicas.iter().map(one).collect::<Vec<_>>()
        });
        let fullest = self.fullest.iter().map(|(name, quota)| {
            json!({ "repositoryName": name, "images": quota.count, "quota": quota.quota, "daysLeft": quota.days_left })
        });
        json!({
            "isExact": self.is_exact,
            "storedBytes": number(self.stored_bytes),
            "blobMounting": self.blob_mounting,
            "mountedBytes": self.mounted.map(|mounted| number(mounted.bytes)),
            "mountedUsdPerMonth": self.mounted.and_then(|mounted| mounted.usd_per_month),
            "sharedBlobs": self.mounted.map(|mounted| mounted.shared_blobs),
            "orphanReferrers": self.orphan_referrers,
            "orphanReferrersBytes": number(self.orphan_referrers_bytes),
            "replicas": replicas,
            "quotas": {
                "repositories": self.repositories.count,
                "repositoriesQuota": self.repositories.quota,
                "repositoriesDaysLeft": self.repositories.days_left,
                "fullestRepositories": fullest.collect::<Vec<_>>(),
            },
        })
    }

    /// What layers that repositories share come to.
    fn mounting(&self) -> String {
        let stored = large_bytes(self.stored_bytes);
        let Some(mounted) = self.mounted else {
            return format!("{stored} stored, unknown how much of it in blobs that repositories share");
        };
        format!(
            "{stored} stored, {} where a blob counts once ({} shared between repositories)",
            size_and_dollars(mounted.bytes, mounted.usd_per_month),
            many(mounted.shared_blobs, "blob"),
        )
    }

    /// What was left behind, and how near quotas are. Texts of others are written by `quote`.
    fn rest(&self, quote: fn(&str) -> String) -> String {
        let mut parts = Vec::new();
        if self.orphan_referrers != 0 {
            parts.push(format!(
                "{} of nothing that is there, {}",
                many(self.orphan_referrers, "referrer"),
                large_bytes(self.orphan_referrers_bytes)
            ));
        }
        match &self.replicas {
            None => parts.push("replicas unknown".to_owned()),
            Some(replicas) => parts.extend(replicas.iter().map(|to| {
                format!(
                    "in {} {}: {} without an original, {}; {} not there",
                    quote(&to.account),
                    quote(&to.region),
                    many(to.orphan_images, "replica"),
                    large_bytes(to.orphan_bytes),
                    many(to.missing_images, "image"),
                )
            })),
        }
        parts.push(format!("{} repositories", self.repositories.sentence()));
        if let Some((name, quota)) = self.fullest.first() {
            parts.push(format!("{} images in {}", quota.sentence(), quote(name)));
        }
        parts.join("; ")
    }
}

impl QuotaUse {
    fn sentence(self) -> String {
        let days = match self.days_left {
            Some(0) => ", full now,".to_owned(),
            Some(days @ 1..=DAYS_SAID_MAX) => format!(", full in {} at the earliest,", many(days, "day")),
            Some(_) | None => String::new(),
        };
        format!("{} of {}{days}", grouped(self.count), grouped(self.quota))
    }
}

/// One sentence for each registry that was folded. Texts of others are written by `quote`.
pub(super) fn sentences(summary: &RunSummary, quote: fn(&str) -> String) -> Vec<String> {
    let sentence = |registry: &RegistrySummary| {
        let whole = registry.whole.as_ref()?;
        let exact = if whole.is_exact { "" } else { " (not all was read)" };
        Some(format!(
            "{} {}{exact}: {}; {}",
            quote(&registry.account),
            quote(&registry.region),
            whole.mounting(),
            whole.rest(quote),
        ))
    };
    summary.registries.iter().filter_map(sentence).collect()
}
