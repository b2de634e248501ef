//! What a team asks of what is known about use, before anything may be deleted.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{UseScope, UseSource};

/// Which sources have to be read, and how lately, before images of a registry may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseRules {
    /// Sources that have to be read of each registry's own account and region: by default ECS and Lambda. Empty: a team
    /// that says so itself asks for none.
    pub sources: BTreeSet<UseSource>,
    /// Other accounts and regions that use images: these sources have to be read of them as well, whatever the registry.
    pub accounts: BTreeSet<(String, String)>,
    /// Kubernetes clusters that have to be read, whatever the registry.
    pub clusters: BTreeSet<String>,
    /// What was read once and is there no more, by the name of the cluster or as `account/region`: nobody asks for it
    /// again, and what it used is used no more.
    pub gone: BTreeSet<String>,
    /// How long ago it may have been read for a plan: by default 24 hours.
    pub max_age: TimeDelta,
    /// How long ago a cluster may have been read, where a team accepts more than is asked otherwise; when a plan is applied,
    /// too.
    pub cluster_max_age: Option<TimeDelta>,
}

impl Default for UseRules {
    fn default() -> Self {
        Self {
            sources: BTreeSet::from([UseSource::Ecs, UseSource::Lambda]),
            accounts: BTreeSet::new(),
            clusters: BTreeSet::new(),
            gone: BTreeSet::new(),
            max_age: TimeDelta::hours(24),
            cluster_max_age: None,
        }
    }
}

impl UseRules {
    /// What has to be read before images of a registry of this account and region go.
    pub(super) fn asked(&self, account: Option<&str>, region: &str) -> BTreeSet<UseScope> {
        let own = self.of_regions().map(|source| UseScope {
            source,
            account: account.map(str::to_owned),
            region: Some(region.to_owned()),
            name: None,
        });
        let others = self.accounts.iter().flat_map(|(account, region)| {
            self.of_regions().map(|source| UseScope::of_region(source, account, region))
        });
        let clusters = self.clusters.iter().map(|name| UseScope::of_cluster(name));
        own.chain(others).chain(clusters).collect()
    }

    /// Whether what was read of this place counts no more.
    pub(super) fn is_gone(&self, scope: &UseScope) -> bool {
        self.gone.contains(&scope.place())
    }

    /// How old a record of this scope may be, where others may have this age.
    pub(super) fn max_age_of(&self, scope: &UseScope, max_age: TimeDelta) -> TimeDelta {
        match (scope.source, self.cluster_max_age) {
            (UseSource::Kubernetes, Some(accepted)) => accepted.max(max_age),
            (UseSource::Kubernetes, None)
            | (UseSource::Ecs | UseSource::Lambda | UseSource::Inspector | UseSource::References, _) => {
                max_age
            }
        }
    }

    /// The sources that are read of accounts and regions.
    fn of_regions(&self) -> impl Iterator<Item = UseSource> {
        self.sources.iter().copied().filter(|source| source.is_of_regions())
    }
}
