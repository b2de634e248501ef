//! What the replication of a registry costs, by the pushes of the last 30 days.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};
use demurrage_core::cost::{
    Blobs, Bounds, Holding, PriceList, Pushed, Region, Replicas, Replicated, ReplicationCost, StoredBytes,
    StoredElsewhere, Usd, destinations, replicas, replication_costs,
};
use demurrage_core::{
    DeleteReplication, Destination, Inventory, Listing, RegistryKind, Replication, ReplicationRule,
    RepositoriesListing,
};
use demurrage_report::ReplicationRange;

use super::registry::{Counted, Place, Question};
use crate::registries::{self, Registries};
use crate::talk;

/// The window of pushes.
const WINDOW_DAYS: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);

/// The replication of one registry.
pub(super) struct Replicating<'a> {
    /// Nothing where it was not read; of ECR Public there is none.
    replication: Option<Replication>,
    region: Option<Region>,
    registry_id: Option<&'a str>,
    registries: &'a Registries,
    list: &'a PriceList,
    now: DateTime<Utc>,
}

impl<'a> Replicating<'a> {
    /// What is known of it; says where that is nothing.
    pub(super) fn of(place: &Place<'a>, registries: &'a Registries, question: &Question<'a>) -> Self {
        let inventory = place.inventory;
        let read = registries::replication(inventory);
        if read.is_none() && inventory.kind == RegistryKind::Private {
            talk::warn(format!(
                "{}: its replication was not read, so no figure has what it costs",
                place.name
            ));
        }
        Self {
            replication: match inventory.kind {
                RegistryKind::Private => read,
                RegistryKind::Public => Some(Replication::default()),
            },
            region: Region::parse(&inventory.region).ok(),
            registry_id: inventory.registry_id.as_deref(),
            registries,
            list: question.list,
            now: question.now,
        }
    }

    /// Whether it is known to where it replicates.
    pub(super) const fn is_known(&self) -> bool {
        self.replication.is_some()
    }

    /// Transfer and storage of one repository, for each destination; nothing where these are not known. Without a known
    /// region there is no price.
    pub(super) fn of_repository(&self, counted: &Counted<'_>) -> Option<Vec<ReplicationRange>> {
        let replication = self.replication.as_ref()?;
        let range = |to: &Destination, usd: Option<Bounds<Usd>>| ReplicationRange {
            region: to.region.clone(),
            registry: to.registry_id.clone(),
            low: usd.map(|usd| usd.low),
            high: usd.map(|usd| usd.high),
        };
        let Some(region) = self.region else {
            let to = destinations(replication, &counted.repository.name);
            return Some(to.into_iter().map(|to| range(to, None)).collect());
        };
        let costs = self.costs(replication, region, counted);
        Some(costs.iter().map(|cost| range(&cost.destination, cost.usd())).collect())
    }

    /// What it would cost at the most to replicate a repository to another region of the same account; nothing where a
    /// price is not known.
    pub(super) fn to_region(&self, counted: &Counted<'_>, to: Region) -> Option<Usd> {
        let registry_id = self.registry_id.unwrap_or_default().to_owned();
        let rule = ReplicationRule {
            destinations: vec![Destination { region: to.code().to_owned(), registry_id }],
            repository_prefixes: Vec::new(),
            deletes: DeleteReplication::Off,
        };
        let costs = self.costs(&Replication { rules: vec![rule] }, self.region?, counted);
        Some(costs.first()?.usd()?.high)
    }

    /// How the images at each destination differ from those here.
    pub(super) fn replicas(&self, inventory: &Inventory) -> Vec<Replicas> {
        let elsewhere: Vec<&Inventory> = self.registries.all().collect();
        self.replication
            .as_ref()
            .map_or_else(Vec::new, |replication| replicas(inventory, replication, &elsewhere))
    }

    fn costs(
        &self,
        replication: &Replication,
        region: Region,
        counted: &Counted<'_>,
    ) -> Vec<ReplicationCost> {
        let repository = counted.repository;
        let replicated = Replicated {
            region,
            registry_id: self.registry_id,
            name: &repository.name,
            pushed: Pushed::of(&repository.images, &counted.blobs, self.now, WINDOW_DAYS),
            stored: counted.storage.stored,
        };
        let elsewhere: Vec<StoredElsewhere> = destinations(replication, &repository.name)
            .into_iter()
            .filter_map(|to| {
                Some(StoredElsewhere {
                    destination: to.clone(),
                    stored: self.stored_at(to, &repository.name)?,
                })
            })
            .collect();
        replication_costs(self.list, replication, replicated, &elsewhere)
    }

    /// What a repository of this name stores in a destination; nothing where that is not known.
    fn stored_at(&self, to: &Destination, name: &str) -> Option<StoredBytes> {
        let there = self.registries.find(&to.registry_id, &to.region)?;
        let at = there.repositories.binary_search_by(|repository| (*repository.name).cmp(name)).ok();
        match at.and_then(|at| there.repositories.get(at)) {
            Some(repository) if repository.listing == Listing::Complete => {
                Some(Holding::of(&Blobs::of(&repository.images), &repository.images).stored())
            }
            None if there.repositories_listing == RepositoriesListing::Complete => {
                Some(StoredBytes::default())
            }
            Some(_) | None => None,
        }
    }
}
