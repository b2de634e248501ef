//! Repositories put together by region, or by the value of one of their tags.

use std::collections::BTreeMap;

use demurrage_core::cost::Usd;

use super::{CostBy, CostReport, PolicyEffect, RepositoryCost, StorageSum};

/// Several repositories together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Share {
    /// What they have in common.
    pub(super) key: ShareKey,
    /// How many they are.
    pub(super) repositories: u64,
    /// How many more could not be read, and are in no figure.
    pub(super) repositories_unread: u64,
    /// Images of them without a manifest.
    pub(super) images_without_manifest: u64,
    /// Whether the bytes of all are exact.
    pub(super) is_exact: bool,
    /// What they store.
    pub(super) sum: StorageSum,
    /// How many of them have a policy of which it is known what it frees.
    pub(super) policies: u64,
    /// Of how many that is not known: then no sum of it is.
    pub(super) policies_unknown: u64,
    /// What the next run of their policies would free; nothing where one is not known.
    pub(super) next_run_freed_bytes: Option<u128>,
    /// What that costs in a month; nothing where one is not known.
    pub(super) next_run_freed: Option<Usd>,
    /// What their policies would free when nothing more happens; nothing where one is not known.
    pub(super) settled_freed_bytes: Option<u128>,
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
        let tags = repository.resource_tags.as_deref();
        let Some(key) = key_of(repository.account.as_ref(), &repository.region, tags, by) else { continue };
        shares.entry(key.clone()).or_insert_with(|| Share::nothing(key)).add(repository);
    }
    for unread in &report.unread {
        let tags = unread.resource_tags.as_deref();
        let Some(key) = key_of(unread.account.as_ref(), &unread.region, tags, by) else { continue };
        shares.entry(key.clone()).or_insert_with(|| Share::nothing(key)).add_unread();
    }
    shares.into_values().map(Share::known).collect()
}

/// All repositories of a report together; nothing where there is none.
pub(super) fn whole(report: &CostReport<'_>) -> Option<Share> {
    shares(report, &CostBy::Region).into_iter().reduce(|sum, share| sum.and(&share))
}

fn key_of(
    account: Option<&String>,
    region: &str,
    resource_tags: Option<&[(String, String)]>,
    by: &CostBy,
) -> Option<ShareKey> {
    match (by, resource_tags) {
        (CostBy::Repository | CostBy::Image | CostBy::Rule | CostBy::Pulls, _) => None,
        (CostBy::Region, _) => Some(ShareKey::Registry(account.cloned(), region.to_owned())),
        (CostBy::Tag(_), None) => Some(ShareKey::TagsNotRead),
        (CostBy::Tag(wanted), Some(tags)) => {
            let value = tags.iter().find(|(key, _)| key == wanted).map(|(_, value)| value.clone());
            Some(value.map_or(ShareKey::WithoutTag, ShareKey::Tag))
        }
    }
}

impl Share {
    const fn nothing(key: ShareKey) -> Self {
        Self {
            key,
            repositories: 0,
            repositories_unread: 0,
            images_without_manifest: 0,
            is_exact: true,
            sum: StorageSum::nothing(),
            policies: 0,
            policies_unknown: 0,
            next_run_freed_bytes: Some(0),
            next_run_freed: Some(Usd::ZERO),
            settled_freed_bytes: Some(0),
            settled_freed: Some(Usd::ZERO),
        }
    }

    /// The same, but that of repositories none of which could be read nothing is known.
    const fn known(mut self) -> Self {
        if self.repositories == 0 && self.repositories_unread != 0 {
            self.sum.storage = None;
            self.policies_unknown += self.repositories_unread;
            (self.next_run_freed_bytes, self.next_run_freed) = (None, None);
            (self.settled_freed_bytes, self.settled_freed) = (None, None);
        }
        self
    }

    /// Both together, under the key of the first.
    pub(super) fn and(mut self, other: &Self) -> Self {
        self.repositories += other.repositories;
        self.repositories_unread += other.repositories_unread;
        self.images_without_manifest += other.images_without_manifest;
        self.is_exact &= other.is_exact;
        self.sum.add(&other.sum);
        self.policies += other.policies;
        self.policies_unknown += other.policies_unknown;
        self.next_run_freed_bytes = bytes_of(self.next_run_freed_bytes, other.next_run_freed_bytes);
        self.next_run_freed = sum_of(self.next_run_freed, other.next_run_freed);
        self.settled_freed_bytes = bytes_of(self.settled_freed_bytes, other.settled_freed_bytes);
        self.settled_freed = sum_of(self.settled_freed, other.settled_freed);
        self
    }

    fn add(&mut self, repository: &RepositoryCost<'_>) {
        self.repositories += 1;
        self.images_without_manifest += repository.images_without_manifest;
        self.is_exact &= repository.is_exact;
        self.sum.add(&repository.sum);
        match &repository.lifecycle {
            PolicyEffect::NoPolicy => {}
            PolicyEffect::Known(savings) => {
                self.policies += 1;
                self.next_run_freed_bytes =
                    bytes_of(self.next_run_freed_bytes, Some(savings.next_run_freed_bytes));
                self.next_run_freed = sum_of(self.next_run_freed, savings.next_run_freed);
                self.settled_freed_bytes =
                    bytes_of(self.settled_freed_bytes, Some(savings.settled_freed_bytes));
                self.settled_freed = sum_of(self.settled_freed, savings.settled_freed);
            }
            PolicyEffect::Unknown(_) => {
                self.policies_unknown += 1;
                (self.next_run_freed_bytes, self.next_run_freed) = (None, None);
                (self.settled_freed_bytes, self.settled_freed) = (None, None);
            }
        }
    }

    const fn add_unread(&mut self) {
        self.repositories_unread += 1;
        self.is_exact = false;
        self.sum.is_size_sum_exact = false;
    }
}

impl CostReport<'_> {
    /// Whether the bytes of all repositories are known, and exact.
    pub(super) fn is_exact(&self) -> bool {
        self.unread.is_empty() && self.repositories.iter().all(|repository| repository.is_exact)
    }
}

impl StorageSum {
    /// Nothing, which costs nothing.
    pub const fn nothing() -> Self {
        Self {
            images: 0,
            image_size_sum_bytes: 0,
            is_size_sum_exact: true,
            stored_bytes: 0,
            archived_bytes: 0,
            storage: Some(Usd::ZERO),
        }
    }

    /// Adds another. What is unknown of one is unknown of both.
    pub fn add(&mut self, other: &Self) {
        self.images = self.images.saturating_add(other.images);
        self.image_size_sum_bytes = self.image_size_sum_bytes.saturating_add(other.image_size_sum_bytes);
        self.is_size_sum_exact &= other.is_size_sum_exact;
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

/// The same of bytes.
fn bytes_of(one: Option<u128>, other: Option<u128>) -> Option<u128> {
    Some(one?.saturating_add(other?))
}
