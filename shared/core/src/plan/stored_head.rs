//! The stored form of what every part of a plan begins with.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{DecidedFrom, Mode, PlanHead, RepositoryAddress, SoftGuard, Source, TrippedGuard};
use crate::instant;

/// The form of stored plans that this program writes and reads.
pub(super) const FORMAT_VERSION: u64 = 1;

/// The head of a plan, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredHead {
    pub(super) made_at: String,
    pub(super) expires_at: String,
    pub(super) mode: String,
    pub(super) decided_from: StoredSources,
    pub(super) tripped: Vec<StoredTripped>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredSources {
    inventories: Vec<StoredSource>,
    uses: Vec<StoredSource>,
    rules: StoredSource,
    configuration: Option<StoredSource>,
    holds: StoredSource,
    earlier_plan: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredSource {
    name: String,
    hash: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredTripped {
    guard: String,
    repository: Option<StoredAddress>,
    detail: String,
}

/// Where a repository is, as it is stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredAddress {
    account: Option<String>,
    region: String,
    name: String,
}

impl StoredHead {
    pub(super) fn of(head: &PlanHead) -> Self {
        let from = &head.decided_from;
        Self {
            made_at: instant::format(head.made_at),
            expires_at: instant::format(head.expires_at),
            mode: head.mode.name().to_owned(),
            decided_from: StoredSources {
                inventories: from.inventories.iter().map(StoredSource::of).collect(),
                uses: from.uses.iter().map(StoredSource::of).collect(),
                rules: StoredSource::of(&from.rules),
                configuration: from.configuration.as_ref().map(StoredSource::of),
                holds: StoredSource::of(&from.holds),
                earlier_plan: from.earlier_plan.clone(),
            },
            tripped: head.tripped.iter().map(StoredTripped::of).collect(),
        }
    }

    pub(super) fn read(self) -> Result<PlanHead, String> {
        let from = self.decided_from;
        Ok(PlanHead {
            made_at: time(&self.made_at)?,
            expires_at: time(&self.expires_at)?,
            mode: Mode::from_name(&self.mode).ok_or_else(|| format!("`{}` is no mode", self.mode))?,
            decided_from: DecidedFrom {
                inventories: from.inventories.into_iter().map(StoredSource::read).collect(),
                uses: from.uses.into_iter().map(StoredSource::read).collect(),
                rules: from.rules.read(),
                configuration: from.configuration.map(StoredSource::read),
                holds: from.holds.read(),
                earlier_plan: from.earlier_plan,
            },
            tripped: self.tripped.into_iter().map(StoredTripped::read).collect::<Result<_, _>>()?,
        })
    }
}

impl StoredSource {
    fn of(source: &Source) -> Self {
        Self { name: source.name.clone(), hash: source.hash.clone() }
    }

    fn read(self) -> Source {
        Source { name: self.name, hash: self.hash }
    }
}

impl StoredTripped {
    fn of(tripped: &TrippedGuard) -> Self {
        Self {
            guard: tripped.guard.name().to_owned(),
            repository: tripped.repository.as_ref().map(StoredAddress::of),
            detail: tripped.detail.clone(),
        }
    }

    fn read(self) -> Result<TrippedGuard, String> {
        Ok(TrippedGuard {
            guard: SoftGuard::from_name(&self.guard)
                .ok_or_else(|| format!("`{}` is no soft guard", self.guard))?,
            repository: self.repository.map(StoredAddress::read),
            detail: self.detail,
        })
    }
}

impl StoredAddress {
    pub(super) fn of(address: &RepositoryAddress) -> Self {
        let RepositoryAddress { account, region, name } = address.clone();
        Self { account, region, name }
    }

    pub(super) fn read(self) -> RepositoryAddress {
        RepositoryAddress { account: self.account, region: self.region, name: self.name }
    }
}

pub(super) fn time(text: &str) -> Result<DateTime<Utc>, String> {
    instant::parse(text).ok_or_else(|| format!("`{text}` is no time"))
}
