//! The bytes of repositories, one after another.

use std::num::NonZeroU32;

use chrono::{DateTime, Utc};
use demurrage_contract::documents::{CostedRepository, Replicas};
use demurrage_core::cost::{
    Blobs, PolicyInForce, PriceList, Pushed, Region, RegistryBlobs, Replicated, RepositoryStorage, Savings,
    StoredBytes, destinations, replication_costs,
};
use demurrage_core::lifecycle::{Relations, Switches};
use demurrage_core::{Listing, Replication, Repository};

/// The window of pushes from which a month of replication is reckoned.
const WINDOW_DAYS: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);

/// What is the same for all repositories of a registry.
pub(crate) struct Costing {
    pub(crate) now: DateTime<Utc>,
    pub(crate) account: String,
    /// The region by its code, and as one whose prices may be known.
    pub(crate) region: String,
    pub(crate) replication: Replication,
    pub(crate) prices: PriceList,
}

impl Costing {
    /// What a repository stores, now and after its policy, and what its replication costs. Its blobs are added to those that
    /// are `held` for the fold over the registry; how many they are.
    pub(crate) fn of(&self, repository: &Repository, held: &mut RegistryBlobs) -> (CostedRepository, u64) {
        let blobs = Blobs::of(&repository.images);
        let storage = RepositoryStorage::of(repository, &blobs);
        let is_listed = !matches!(repository.listing, Listing::Failed(_));
        let in_force = PolicyInForce::of(repository);
        let savings = self.savings(&in_force, repository, &blobs);
        // What could not be listed is in no figure of the registry.
        if is_listed {
            held.add(repository, &blobs);
        }
        let costed = CostedRepository {
            name: repository.name.clone(),
            is_exact: storage.is_exact() && repository.listing == Listing::Complete,
            images_without_manifest: storage.images_without_manifest,
            now: is_listed.then(|| storage.stored.into()),
            after_next_run: savings.as_ref().map(|savings| savings.next_run.after.into()),
            after_settled: savings.as_ref().map(|savings| savings.settled.after.into()),
            is_policy_unknown: matches!(in_force, PolicyInForce::Unknown(_)),
            replication: if is_listed {
                self.replicas(repository, &blobs, storage.stored)
            } else {
                Vec::new()
            },
        };
        (costed, blobs.all().len() as u64)
    }

    /// What the policy would free; nothing where there is none, or that is not known.
    fn savings(&self, in_force: &PolicyInForce, repository: &Repository, blobs: &Blobs) -> Option<Savings> {
        let policy = in_force.known()?;
        let relations = Relations::of(&repository.images);
        Some(Savings::of(policy, &repository.images, &relations, self.now, Switches::default(), blobs))
    }

    fn replicas(&self, repository: &Repository, blobs: &Blobs, stored: StoredBytes) -> Vec<Replicas> {
        let Ok(region) = Region::parse(&self.region) else {
            let to = destinations(&self.replication, &repository.name);
            return to.into_iter().map(|to| Replicas::new(&to.region, &to.registry_id, None)).collect();
        };
        let replicated = Replicated {
            region,
            registry_id: Some(&self.account),
            name: &repository.name,
            pushed: Pushed::of(&repository.images, blobs, self.now, WINDOW_DAYS),
            stored,
        };
        // What lies at a destination is another share's business: it is reckoned from what lies here.
        let costs = replication_costs(&self.prices, &self.replication, replicated, &[]);
        let of = |cost: &demurrage_core::cost::ReplicationCost| {
            Replicas::new(&cost.destination.region, &cost.destination.registry_id, cost.usd())
        };
        costs.iter().map(of).collect()
    }
}
