//! What a team asks of what is known about use, before anything may be deleted.

use std::collections::BTreeSet;

use chrono::TimeDelta;

use super::{UnsaidTopic, UseScope, UseSource};
use crate::{Fact, Replication};

/// Which sources have to be read, and how lately, before images of a registry may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UseRules {
    /// Sources that have to be read of each registry's own account and region: by default ECS and Lambda. Empty: a team
    /// that says so itself asks for none.
    pub sources: BTreeSet<UseSource>,
    /// Other accounts and regions that use images: these sources have to be read of them as well, whatever the registry.
    pub accounts: BTreeSet<(String, String)>,
    /// Other regions that use images, of whichever account a registry is: the sources have to be read of its account there.
    pub regions: BTreeSet<String>,
    /// Accounts and regions of which there are registries, and to which registries replicate. What runs beside one of an
    /// account's registries pulls from the others as well, so the sources have to be read there before images of any of
    /// them go. Nobody configures it: the inventories say it.
    pub near: BTreeSet<(String, String)>,
    /// Kubernetes clusters that have to be read, whatever the registry.
    pub clusters: BTreeSet<String>,
    /// What nobody has said anything about, neither that it is there nor that it is not: by default everything.
    pub unsaid: BTreeSet<UnsaidTopic>,
    /// What was read once and is there no more, by the name of the cluster or as `account/region`: nobody asks for it
    /// again, and what it used is used no more.
    pub gone: BTreeSet<String>,
    /// How long ago it may have been read for a plan: by default 24 hours.
    pub max_age: TimeDelta,
    /// How long ago a cluster may have been read, where a team accepts another age than for the rest; when a plan is applied,
    /// too.
    pub cluster_max_age: Option<TimeDelta>,
}

impl Default for UseRules {
    fn default() -> Self {
        Self {
            sources: BTreeSet::from([UseSource::Ecs, UseSource::Lambda]),
            accounts: BTreeSet::new(),
            regions: BTreeSet::new(),
            near: BTreeSet::new(),
            clusters: BTreeSet::new(),
            unsaid: UnsaidTopic::ALL.into(),
            gone: BTreeSet::new(),
            max_age: TimeDelta::hours(24),
            cluster_max_age: None,
        }
    }
}

impl UseRules {
    /// The same rules with what is near a registry of this account and region: itself, and the regions of the same account to
    /// which it replicates by this answer of `DescribeRegistry`.
    #[must_use]
    pub fn near(mut self, account: &str, region: &str, described: &Fact<String>) -> Self {
        self.near.insert((account.to_owned(), region.to_owned()));
        let replication = described.present().and_then(|answer| Replication::parse(answer).ok());
        let destinations = replication.iter().flat_map(|all| &all.rules).flat_map(|rule| &rule.destinations);
        let own = destinations.filter(|to| to.registry_id == account);
        self.near.extend(own.map(|to| (to.registry_id.clone(), to.region.clone())));
        self
    }

    /// The regions of an account that have to be read before images of its registry in this region go.
    pub fn regions_of(&self, account: &str, region: &str) -> BTreeSet<String> {
        let near = self.near.iter().filter(|(of, _)| of == account).map(|(_, region)| region);
        let mut regions: BTreeSet<String> = near.chain(&self.regions).cloned().collect();
        regions.retain(|region| !self.gone.contains(&format!("{account}/{region}")));
        regions.insert(region.to_owned());
        let others = self.accounts.iter().filter(|(of, _)| of == account);
        regions.extend(others.map(|(_, region)| region.clone()));
        regions
    }

    /// What has to be read before images of a registry of this account and region go.
    pub(super) fn asked(&self, account: Option<&str>, region: &str) -> BTreeSet<UseScope> {
        let regions = match account {
            Some(account) => self.regions_of(account, region),
            None => BTreeSet::from([region.to_owned()]),
        };
        let own = regions.iter().flat_map(|region| {
            self.of_regions().map(|source| UseScope {
                source,
                account: account.map(str::to_owned),
                region: Some(region.clone()),
                name: None,
            })
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

    /// How old a record of this scope may be, where others may have this age. A list of a cluster comes from elsewhere, and
    /// cannot be asked for when a plan is applied: it may be as old as for a plan.
    pub(super) fn max_age_of(&self, scope: &UseScope, max_age: TimeDelta) -> TimeDelta {
        match scope.source {
            UseSource::Kubernetes => self.cluster_max_age.unwrap_or(self.max_age).max(max_age),
            UseSource::Ecs | UseSource::Lambda | UseSource::Inspector | UseSource::References => max_age,
        }
    }

    /// The sources that are read of accounts and regions.
    pub(super) fn of_regions(&self) -> impl Iterator<Item = UseSource> {
        self.sources.iter().copied().filter(|source| source.is_of_regions())
    }
}
