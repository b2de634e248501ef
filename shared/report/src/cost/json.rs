//! Costs for programs. Amounts are decimal texts with ten decimals, or `null` where a price is not known.

use demurrage_core::cost::Usd;
use demurrage_core::{Digest, Tag, instant};
use serde::Serialize;

use super::pull_json::{CountedRecord, HoursRecord, PullRecord};
use super::registry_json::RegistryRecord;
use super::shares::{Share, ShareKey, shares};
use super::{CostBy, CostReport, ImageCost, PolicyEffect, PricesUsed, ReplicationRange, RepositoryCost};
use crate::preview_json::text;

/// A report as one document: with `repositories`, or with what they are put together by.
pub fn cost_json<'a>(report: &'a CostReport<'_>, by: &'a CostBy) -> impl Serialize + 'a {
    let of = |wanted: bool| wanted.then_some(());
    let repositories = &report.repositories;
    Document {
        now: instant::format(report.now),
        prices: Prices::of(&report.prices),
        tag: if let CostBy::Tag(key) = by { Some(key) } else { None },
        repositories: of(*by == CostBy::Repository)
            .map(|()| repositories.iter().map(RepositoryRow::of).collect()),
        images: of(*by == CostBy::Image).map(|()| repositories.iter().flat_map(image_rows).collect()),
        rules: of(*by == CostBy::Rule).map(|()| repositories.iter().flat_map(rule_rows).collect()),
        regions: of(*by == CostBy::Region).map(|()| share_rows(shares(report, by))),
        values: of(matches!(by, CostBy::Tag(_))).map(|()| share_rows(shares(report, by))),
        pulls: report.pulls.as_deref().map(|pulls| pulls.iter().map(PullRecord::of).collect()),
        network_hours: report.network_hours.iter().map(HoursRecord::of).collect(),
        counted_pulls: report.counted_pulls.iter().map(CountedRecord::of).collect(),
        registries: report.registries.iter().map(RegistryRecord::of).collect(),
        total: Total::of(report),
    }
}

#[derive(Serialize)]
struct Document<'a> {
    now: String,
    prices: Prices<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    repositories: Option<Vec<RepositoryRow<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    images: Option<Vec<ImageRow<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<Vec<RuleRow<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    regions: Option<Vec<ShareRow>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    values: Option<Vec<ShareRow>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pulls: Option<Vec<PullRecord<'a>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    network_hours: Vec<HoursRecord<'a>>,
    #[serde(rename = "pulls_counted", skip_serializing_if = "Vec::is_empty")]
    counted_pulls: Vec<CountedRecord<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    registries: Vec<RegistryRecord<'a>>,
    total: Total,
}

/// The price list that figures come from.
#[derive(Serialize)]
pub(crate) struct Prices<'a> {
    date: String,
    source: &'a str,
}

impl<'a> Prices<'a> {
    /// As it stands in a document.
    pub(crate) fn of(used: &'a PricesUsed) -> Self {
        Self { date: used.date.to_string(), source: &used.source }
    }
}

#[derive(Serialize)]
struct RepositoryRow<'a> {
    account: Option<&'a str>,
    region: &'a str,
    name: &'a str,
    images: u64,
    images_without_manifest: u64,
    image_size_sum_bytes: u128,
    stored_bytes: u128,
    archived_bytes: u128,
    storage_usd_per_month: Option<Usd>,
    /// Whether the bytes are exact, and so all that follows from them; it is the same in every row below.
    is_exact: bool,
    /// `none`, `known`, or why it is not known what the policy frees: `not_read`, `not_accepted` or `images_not_listed`.
    lifecycle_state: &'static str,
    /// `null` but where it is known.
    lifecycle: Option<Lifecycle>,
    /// `null` where it was not read to where it replicates.
    replication: Option<Vec<Replication<'a>>>,
}

#[derive(Serialize)]
struct Lifecycle {
    next_run_freed_bytes: u128,
    settled_freed_bytes: u128,
    settled_freed_usd_per_month: Option<Usd>,
    by_rule: Vec<FreedByRule>,
}

#[derive(Serialize)]
struct FreedByRule {
    rule_priority: u64,
    freed_bytes: u128,
}

#[derive(Serialize)]
struct Replication<'a> {
    region: &'a str,
    registry: &'a str,
    low_usd_per_month: Option<Usd>,
    high_usd_per_month: Option<Usd>,
}

impl<'a> RepositoryRow<'a> {
    fn of(repository: &'a RepositoryCost<'_>) -> Self {
        let lifecycle = repository.lifecycle.known().map(|savings| Lifecycle {
            next_run_freed_bytes: savings.next_run_freed_bytes,
            settled_freed_bytes: savings.settled_freed_bytes,
            settled_freed_usd_per_month: savings.settled_freed,
            by_rule: savings
                .by_rule
                .iter()
                .map(|rule| FreedByRule { rule_priority: rule.priority, freed_bytes: rule.freed_bytes })
                .collect(),
        });
        let to = |to: &'a ReplicationRange| Replication {
            region: &to.region,
            registry: &to.registry,
            low_usd_per_month: to.low,
            high_usd_per_month: to.high,
        };
        let replication = repository.replication.as_ref().map(|all| all.iter().map(to).collect());
        Self {
            account: repository.account.as_deref(),
            region: &repository.region,
            name: &repository.name,
            images: repository.sum.images,
            images_without_manifest: repository.images_without_manifest,
            image_size_sum_bytes: repository.sum.image_size_sum_bytes,
            stored_bytes: repository.sum.stored_bytes,
            archived_bytes: repository.sum.archived_bytes,
            storage_usd_per_month: repository.sum.storage,
            is_exact: repository.is_exact,
            lifecycle_state: match &repository.lifecycle {
                PolicyEffect::NoPolicy => "none",
                PolicyEffect::Known(_) => "known",
                PolicyEffect::Unknown(why) => why.name(),
            },
            lifecycle,
            replication,
        }
    }
}

#[derive(Serialize)]
struct ImageRow<'a> {
    account: Option<&'a str>,
    region: &'a str,
    name: &'a str,
    #[serde(rename = "image_digest", serialize_with = "text")]
    digest: Digest,
    #[serde(rename = "image_tags")]
    tags: Vec<&'a str>,
    #[serde(rename = "image_status")]
    status: &'static str,
    image_size_bytes: Option<u64>,
    exclusive_bytes: u128,
    shared_bytes: u128,
    exclusive_usd_per_month: Option<Usd>,
    is_exact: bool,
}

fn image_rows<'a>(repository: &'a RepositoryCost<'_>) -> impl Iterator<Item = ImageRow<'a>> {
    repository.images.iter().map(|cost| {
        let ImageCost { image, exclusive_bytes, shared_bytes, exclusive } = *cost;
        ImageRow {
            account: repository.account.as_deref(),
            region: &repository.region,
            name: &repository.name,
            digest: image.digest,
            tags: image.tags.iter().map(Tag::as_str).collect(),
            status: image.status.as_api(),
            image_size_bytes: image.size_bytes,
            exclusive_bytes,
            shared_bytes,
            exclusive_usd_per_month: exclusive,
            is_exact: repository.is_exact,
        }
    })
}

#[derive(Serialize)]
struct RuleRow<'a> {
    account: Option<&'a str>,
    region: &'a str,
    name: &'a str,
    #[serde(rename = "rule_priority")]
    priority: u64,
    freed_bytes: u128,
    is_exact: bool,
}

fn rule_rows<'a>(repository: &'a RepositoryCost<'_>) -> impl Iterator<Item = RuleRow<'a>> {
    let rules = repository.lifecycle.known().into_iter().flat_map(|savings| &savings.by_rule);
    rules.map(|rule| RuleRow {
        account: repository.account.as_deref(),
        region: &repository.region,
        name: &repository.name,
        priority: rule.priority,
        freed_bytes: rule.freed_bytes,
        is_exact: repository.is_exact,
    })
}

#[derive(Serialize)]
struct ShareRow {
    /// Only written, never read: nothing can be taken for something else.
    #[serde(flatten)]
    key: ShareName,
    repositories: u64,
    /// Those that could not be read, and are in no figure.
    repositories_unread: u64,
    images: u64,
    images_without_manifest: u64,
    image_size_sum_bytes: u128,
    stored_bytes: u128,
    archived_bytes: u128,
    storage_usd_per_month: Option<Usd>,
    /// `null` where it is not known of one.
    settled_freed_bytes: Option<u128>,
    settled_freed_usd_per_month: Option<Usd>,
    is_exact: bool,
}

/// What repositories of a row have in common.
#[derive(Serialize)]
#[serde(untagged)]
enum ShareName {
    Registry {
        account: Option<String>,
        region: String,
    },
    /// `null` for repositories without the tag, and for those of which the tags were not read.
    Tag {
        value: Option<String>,
        tags_read: bool,
    },
}

fn share_rows(shares: Vec<Share>) -> Vec<ShareRow> {
    let row = |share: Share| {
        let key = match share.key {
            ShareKey::Registry(account, region) => ShareName::Registry { account, region },
            ShareKey::Tag(value) => ShareName::Tag { value: Some(value), tags_read: true },
            ShareKey::WithoutTag => ShareName::Tag { value: None, tags_read: true },
            ShareKey::TagsNotRead => ShareName::Tag { value: None, tags_read: false },
        };
        ShareRow {
            key,
            repositories: share.repositories,
            repositories_unread: share.repositories_unread,
            images: share.sum.images,
            images_without_manifest: share.images_without_manifest,
            image_size_sum_bytes: share.sum.image_size_sum_bytes,
            stored_bytes: share.sum.stored_bytes,
            archived_bytes: share.sum.archived_bytes,
            storage_usd_per_month: share.sum.storage,
            settled_freed_bytes: share.settled_freed_bytes,
            settled_freed_usd_per_month: share.settled_freed,
            is_exact: share.is_exact,
        }
    };
    shares.into_iter().map(row).collect()
}

#[derive(Serialize)]
struct Total {
    /// Repositories that could not be read, and are in no figure.
    repositories_unread: usize,
    images: u64,
    image_size_sum_bytes: u128,
    stored_bytes: u128,
    archived_bytes: u128,
    storage_usd_per_month: Option<Usd>,
    is_exact: bool,
}

impl Total {
    fn of(report: &CostReport<'_>) -> Self {
        let sum = &report.total;
        Self {
            repositories_unread: report.unread.len(),
            images: sum.images,
            image_size_sum_bytes: sum.image_size_sum_bytes,
            stored_bytes: sum.stored_bytes,
            archived_bytes: sum.archived_bytes,
            storage_usd_per_month: sum.storage,
            is_exact: report.is_exact(),
        }
    }
}
