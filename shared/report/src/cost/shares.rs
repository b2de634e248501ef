//! Repositories put together by region, or by the value of one of their tags.

use std::collections::BTreeMap;

use demurrage_core::cost::Usd;

use super::{CostBy, CostReport, RepositoryCost, StorageSum};

/// Several repositories together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Share {
    /// What they have in common.
    pub(super) key: ShareKey,
    /// How many they are.
    pub(super) repositories: u64,
    /// Images of them without a manifest.
    pub(super) images_without_manifest: u64,
    /// Whether the bytes of all are exact.
    pub(super) is_exact: bool,
    /// What they store.
    pub(super) sum: StorageSum,
    /// How many of them have a policy.
    pub(super) policies: u64,
    /// What the next run of their policies would free.
    pub(super) next_run_freed_bytes: u128,
    /// What that costs in a month; nothing where one is not known.
    pub(super) next_run_freed: Option<Usd>,
    /// What their policies would free when nothing more happens.
    pub(super) settled_freed_bytes: u128,
    /// What that costs in a month; nothing where one is not known.
    pub(super) settled_freed: Option<Usd>,
}

/// What repositories have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ShareKey {
    /// Account and region.
    Registry(Option<String>, String),
    /// The value of a tag.
    Tag(String),
    /// They have no such tag.
    WithoutTag,
    /// Nobody read their tags.
    TagsNotRead,
}

impl ShareKey {
    /// What it is called; of a tag the value as it is.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Registry(account, region) => registry_name(account.as_deref(), region),
            Self::Tag(value) => value.clone(),
            Self::WithoutTag => "(no such tag)".to_owned(),
            Self::TagsNotRead => "(tags were not read)".to_owned(),
        }
    }
}

/// A registry within a table: `123456789012 us-east-1`.
pub(super) fn registry_name(account: Option<&str>, region: &str) -> String {
    format!("{} {region}", account.unwrap_or("unknown account"))
}

/// The shares of a report, in the order of their keys; none where it is not about shares.
pub(super) fn shares(report: &CostReport<'_>, by: &CostBy) -> Vec<Share> {
    let mut shares = BTreeMap::new();
    for repository in &report.repositories {
        let Some(key) = key_of(repository, by) else { continue };
        let share = shares.entry(key.clone()).or_insert_with(|| Share {
            key,
            repositories: 0,
            images_without_manifest: 0,
            is_exact: true,
            sum: StorageSum::nothing(),
            policies: 0,
            next_run_freed_bytes: 0,
            next_run_freed: Some(Usd::ZERO),
            settled_freed_bytes: 0,
            settled_freed: Some(Usd::ZERO),
        });
        share.add(repository);
    }
    shares.into_values().collect()
}

/// All repositories of a report together; nothing where there is none.
pub(super) fn whole(report: &CostReport<'_>) -> Option<Share> {
    shares(report, &CostBy::Region).into_iter().reduce(|sum, share| sum.and(&share))
}

fn key_of(repository: &RepositoryCost<'_>, by: &CostBy) -> Option<ShareKey> {
    match (by, &repository.resource_tags) {
        (CostBy::Repository | CostBy::Image | CostBy::Rule | CostBy::Pulls, _) => None,
        (CostBy::Region, _) => {
            Some(ShareKey::Registry(repository.account.clone(), repository.region.clone()))
        }
        (CostBy::Tag(_), None) => Some(ShareKey::TagsNotRead),
        (CostBy::Tag(wanted), Some(tags)) => {
            let value = tags.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.clone());
            Some(value.map_or(ShareKey::WithoutTag, ShareKey::Tag))
        }
    }
}

impl Share {
    /// Both together, under the key of the first.
    pub(super) fn and(mut self, other: &Self) -> Self {
        self.repositories += other.repositories;
        self.images_without_manifest += other.images_without_manifest;
        self.is_exact &= other.is_exact;
        self.sum.add(&other.sum);
        self.policies += other.policies;
        self.next_run_freed_bytes = self.next_run_freed_bytes.saturating_add(other.next_run_freed_bytes);
        self.next_run_freed = sum_of(self.next_run_freed, other.next_run_freed);
        self.settled_freed_bytes = self.settled_freed_bytes.saturating_add(other.settled_freed_bytes);
        self.settled_freed = sum_of(self.settled_freed, other.settled_freed);
        self
    }

    fn add(&mut self, repository: &RepositoryCost<'_>) {
        self.repositories += 1;
        self.images_without_manifest += repository.images_without_manifest;
        self.is_exact &= repository.is_exact;
        self.sum.add(&repository.sum);
        if let Some(savings) = &repository.lifecycle {
            self.policies += 1;
            self.next_run_freed_bytes =
                self.next_run_freed_bytes.saturating_add(savings.next_run_freed_bytes);
            self.next_run_freed = sum_of(self.next_run_freed, savings.next_run_freed);
            self.settled_freed_bytes = self.settled_freed_bytes.saturating_add(savings.settled_freed_bytes);
            self.settled_freed = sum_of(self.settled_freed, savings.settled_freed);
        }
    }
}

impl CostReport<'_> {
    /// Whether the bytes of all repositories are exact.
    pub(super) fn is_exact(&self) -> bool {
        self.repositories.iter().all(|repository| repository.is_exact)
    }
}

impl StorageSum {
    /// Nothing, which costs nothing.
    pub const fn nothing() -> Self {
        Self {
            images: 0,
            image_size_sum_bytes: 0,
            stored_bytes: 0,
            archived_bytes: 0,
            storage: Some(Usd::ZERO),
        }
    }

    /// Adds another. What is unknown of one is unknown of both.
    pub fn add(&mut self, other: &Self) {
        self.images = self.images.saturating_add(other.images);
        self.image_size_sum_bytes = self.image_size_sum_bytes.saturating_add(other.image_size_sum_bytes);
        self.stored_bytes = self.stored_bytes.saturating_add(other.stored_bytes);
        self.archived_bytes = self.archived_bytes.saturating_add(other.archived_bytes);
        self.storage = sum_of(self.storage, other.storage);
    }

    /// Both classes together.
    pub const fn all_bytes(&self) -> u128 {
        self.stored_bytes.saturating_add(self.archived_bytes)
    }
}

/// A sum of which one part is unknown is unknown.
pub(super) fn sum_of(one: Option<Usd>, other: Option<Usd>) -> Option<Usd> {
    Some(one? + other?)
}
