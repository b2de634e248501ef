//! One registry and those that it replicates to, repository by repository: what is held is one repository of each.
//!
//! Inventories are in the order of the names of repositories, so going through all of them at the same pace finds the
//! replicas of each. The figures are those of `demurrage cost` over the same store.

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use chrono::{DateTime, Utc};
use demurrage_contract::Failure;
use demurrage_contract::documents::{
    MountedOf, OrphanReferrersOf, PlannedRegistry, QuotaOf, QuotasOf, ReplicasOf, TOP_LINES, WholeDocument,
};
use demurrage_core::audit::{Capacity, QuotaStock};
use demurrage_core::cost::{
    BlobMounting, Blobs, Bounds, Holding, OrphanReferrers, PriceList, Pushed, Region, ReplicaState,
    ReplicaSums, Replicated, RepositoryStorage, StoredBytes, StoredElsewhere, Usd, destinations,
    replication_costs,
};
use demurrage_core::{
    Destination, Fact, Listing, RegistryFacts, RegistryKind, Replication, RepositoriesListing, Repository,
};
use demurrage_store::{Depth, InventoryEntry, Store, StoreError, Walk};
use tracing::warn;

/// The window of pushes from which a month of replication is reckoned.
const WINDOW_DAYS: NonZeroU32 = NonZeroU32::MIN.saturating_add(29);

/// What is the same for all registries.
pub(crate) struct Lockstep<'a> {
    pub(crate) store: &'a Store,
    pub(crate) prices: &'a PriceList,
    pub(crate) capacity: &'a Capacity,
    pub(crate) now: DateTime<Utc>,
}

impl Lockstep<'_> {
    /// A registry as a whole, by its inventory; `mounted` is what it stores where a blob counts once.
    pub(crate) fn whole(
        &self,
        entry: &InventoryEntry,
        planned: &PlannedRegistry,
        mounted: Option<MountedOf>,
    ) -> Result<WholeDocument, Failure> {
        let facts = entry.registry();
        let replication = replication(&facts);
        let mut there = replication.as_ref().map_or_else(|| Ok(Vec::new()), |it| self.there(planned, it))?;
        let mut sums = Sums::new(self, planned, replication.as_ref());
        let mut walk = self.store.walk(entry, Depth::Blobs)?;
        while let Some(repository) = walk.next_repository()? {
            for other in &mut there {
                other.go_to(&repository.name);
            }
            sums.add(&repository, &there);
        }
        let repositories = match entry.repositories_listing {
            RepositoriesListing::Complete => quota(&sums.repositories(self.now), self.capacity.repositories),
            RepositoriesListing::CutOff => {
                let count = sums.created_at.len() as u64;
                QuotaOf { count, quota: self.capacity.repositories, days_left: None }
            }
        };
        Ok(WholeDocument {
            account: planned.account.clone(),
            region: planned.region.clone(),
            repositories_unread: sums.unread,
            is_exact: sums.is_exact && sums.unread == 0,
            stored: sums.stored.into(),
            mounted,
            blob_mounting: mounting_name(BlobMounting::of(&facts)).to_owned(),
            quotas: QuotasOf { repositories, images: sums.fullest },
            orphan_referrers: sums.orphans,
            replicas: replication.as_ref().map(|_| replicas(&sums.replicas, &sums.costs)),
        })
    }

    /// The newest inventories of the registries that this one replicates to, as far as they can be read.
    fn there(&self, here: &PlannedRegistry, replication: &Replication) -> Result<Vec<Other>, Failure> {
        let mut found = Vec::new();
        let mut all: Vec<&Destination> =
            replication.rules.iter().flat_map(|rule| &rule.destinations).collect();
        all.sort();
        all.dedup();
        for to in all.into_iter().filter(|to| !is_here(here, to)) {
            let (entries, _) = self.store.newest_of(&to.registry_id, &to.region, 1)?;
            let Some(entry) = entries.first().filter(|entry| entry.kind == RegistryKind::Private) else {
                continue;
            };
            match self.store.walk(entry, Depth::Blobs) {
                Ok(walk) => found.push(Other {
                    destination: to.clone(),
                    listing: entry.repositories_listing,
                    walk: Some(walk),
                    at: None,
                }),
                Err(error) => warn!(region = to.region, "replicas there are not known: {error}"),
            }
        }
        Ok(found)
    }
}

fn is_here(here: &PlannedRegistry, to: &Destination) -> bool {
    to.region == here.region && to.registry_id == here.account
}

/// The replication of a registry, where it was read.
fn replication(facts: &RegistryFacts) -> Option<Replication> {
    match &facts.description {
        Fact::Present(answer) => Replication::parse(answer).ok(),
        Fact::Absent => Some(Replication::default()),
        Fact::NotEvaluated => None,
    }
}

const fn mounting_name(mounting: BlobMounting) -> &'static str {
    match mounting {
        BlobMounting::On => "on",
        BlobMounting::Off => "off",
        BlobMounting::NotRead => "not_read",
    }
}

/// A registry that is replicated to, at the place of the repository that is looked at.
struct Other {
    destination: Destination,
    listing: RepositoriesListing,
    /// Nothing where it could not be read any further.
    walk: Option<Walk>,
    at: Option<Repository>,
}

impl Other {
    /// Goes on to the first repository that is not before this name.
    fn go_to(&mut self, name: &str) {
        let is_before = |at: &Option<Repository>| at.as_ref().is_none_or(|at| *at.name < *name);
        while is_before(&self.at) {
            let Some(walk) = &mut self.walk else { return };
            let next: Result<Option<Repository>, StoreError> = walk.next_repository();
            match next {
                Ok(Some(repository)) => self.at = Some(repository),
                Ok(None) => {
                    self.at = None;
                    return;
                }
                Err(error) => {
                    warn!(region = self.destination.region, "replicas there are not known: {error}");
                    (self.walk, self.at) = (None, None);
                }
            }
        }
    }

    /// What is known of the repository of this name there.
    fn state(&self, here: &Repository) -> ReplicaState {
        if self.walk.is_none() {
            return ReplicaState::NotRead;
        }
        ReplicaState::of(here, self.named(&here.name), self.listing)
    }

    /// What the repository of this name stores there; nothing where that is not known.
    fn stored(&self, name: &str) -> Option<StoredBytes> {
        self.walk.as_ref()?;
        match (self.named(name), self.listing) {
            (Some(there), _) if there.listing == Listing::Complete => {
                Some(Holding::of(&Blobs::of(&there.images), &there.images).stored())
            }
            (None, RepositoriesListing::Complete) => Some(StoredBytes::default()),
            (Some(_), _) | (None, RepositoriesListing::CutOff) => None,
        }
    }

    fn named(&self, name: &str) -> Option<&Repository> {
        self.at.as_ref().filter(|at| *at.name == *name)
    }
}

/// What replication costs in one destination.
type Costs = BTreeMap<Destination, Option<Bounds<Usd>>>;

/// What all repositories come to so far.
struct Sums<'a> {
    lockstep: &'a Lockstep<'a>,
    here: &'a PlannedRegistry,
    replication: Option<&'a Replication>,
    region: Option<Region>,
    unread: u64,
    is_exact: bool,
    stored: StoredBytes,
    replicas: ReplicaSums,
    costs: Costs,
    orphans: OrphanReferrersOf,
    created_at: Vec<Option<DateTime<Utc>>>,
    fullest: Vec<(String, QuotaOf)>,
}

impl<'a> Sums<'a> {
    fn new(
        lockstep: &'a Lockstep<'a>,
        here: &'a PlannedRegistry,
        replication: Option<&'a Replication>,
    ) -> Self {
        Self {
            lockstep,
            here,
            replication,
            region: Region::parse(&here.region).ok(),
            unread: 0,
            is_exact: true,
            stored: StoredBytes::default(),
            replicas: ReplicaSums::default(),
            costs: Costs::new(),
            orphans: OrphanReferrersOf::default(),
            created_at: Vec::new(),
            fullest: Vec::new(),
        }
    }

    fn add(&mut self, repository: &Repository, there: &[Other]) {
        self.created_at.push(repository.created_at);
        let to = self.replication.map_or_else(Vec::new, |it| destinations(it, &repository.name));
        for to in to.iter().filter(|to| !is_here(self.here, to)) {
            let other = there.iter().find(|other| other.destination == **to);
            let state = other.map_or(ReplicaState::NotRead, |other| other.state(repository));
            self.replicas.add(to, &state);
        }
        // What could not be listed is in no figure.
        if matches!(repository.listing, Listing::Failed(_)) {
            self.unread += 1;
            self.orphans.unknown_repositories += 1;
            return;
        }
        let blobs = Blobs::of(&repository.images);
        let storage = RepositoryStorage::of(repository, &blobs);
        self.is_exact &= storage.is_exact();
        self.stored = self.stored + storage.stored;
        self.cost(repository, &blobs, storage.stored, there);
        self.orphans(repository, &blobs);
        self.quota(repository);
    }

    /// What its replication costs.
    fn cost(&mut self, repository: &Repository, blobs: &Blobs, stored: StoredBytes, there: &[Other]) {
        let Some(replication) = self.replication else { return };
        let Some(region) = self.region else {
            for to in destinations(replication, &repository.name) {
                self.costs.insert(to.clone(), None);
            }
            return;
        };
        let replicated = Replicated {
            region,
            registry_id: Some(&self.here.account),
            name: &repository.name,
            pushed: Pushed::of(&repository.images, blobs, self.lockstep.now, WINDOW_DAYS),
            stored,
        };
        let elsewhere = there.iter().filter_map(|other| {
            let destination = other.destination.clone();
            Some(StoredElsewhere { destination, stored: other.stored(&repository.name)? })
        });
        let elsewhere: Vec<StoredElsewhere> = elsewhere.collect();
        for cost in replication_costs(self.lockstep.prices, replication, replicated, &elsewhere) {
            let usd = cost.usd();
            let sum = self.costs.entry(cost.destination).or_insert(Some(Bounds::exactly(Usd::ZERO)));
            *sum =
                sum.zip(usd).map(|(sum, usd)| Bounds { low: sum.low + usd.low, high: sum.high + usd.high });
        }
    }

    fn orphans(&mut self, repository: &Repository, blobs: &Blobs) {
        let Some(orphans) = OrphanReferrers::of(repository, blobs) else {
            self.orphans.unknown_repositories += 1;
            return;
        };
        self.orphans.images += orphans.digests.len() as u64;
        self.orphans.repositories += u64::from(!orphans.digests.is_empty());
        self.orphans.bytes =
            self.orphans.bytes.saturating_add(u64::try_from(orphans.bytes).unwrap_or(u64::MAX));
    }

    /// Keeps the repositories that reach their quota soonest, or have most.
    fn quota(&mut self, repository: &Repository) {
        let limit = self.lockstep.capacity.images_per_repository;
        let stock = QuotaStock::of(repository.images.iter().map(|it| it.pushed_at), self.lockstep.now);
        let mut of = quota(&stock, limit);
        if repository.listing != Listing::Complete {
            // The pace of a part says nothing about the whole.
            of.days_left = None;
        }
        if of.count == 0 {
            return;
        }
        self.fullest.push((repository.name.clone(), of));
        let days = |of: &QuotaOf| of.days_left.unwrap_or(u64::MAX);
        self.fullest.sort_by(|(one, one_of), (other, other_of)| {
            (days(one_of), other_of.count, one).cmp(&(days(other_of), one_of.count, other))
        });
        self.fullest.truncate(TOP_LINES);
    }

    fn repositories(&self, now: DateTime<Utc>) -> QuotaStock {
        QuotaStock::of(self.created_at.iter().copied(), now)
    }
}

fn quota(stock: &QuotaStock, quota: u64) -> QuotaOf {
    QuotaOf { count: stock.count(), quota, days_left: stock.days_to(quota) }
}

/// The replicas of each destination, with what they cost.
fn replicas(sums: &ReplicaSums, costs: &Costs) -> Vec<ReplicasOf> {
    let bytes = |bytes: u128| u64::try_from(bytes).unwrap_or(u64::MAX);
    let of = |(to, sum): (&Destination, &demurrage_core::cost::ReplicaSum)| {
        // Where no repository could be listed nothing is known to be sent.
        let usd = costs.get(to).copied().unwrap_or(Some(Bounds::exactly(Usd::ZERO)));
        ReplicasOf {
            region: to.region.clone(),
            registry: to.registry_id.clone(),
            low: usd.map(|usd| usd.low),
            high: usd.map(|usd| usd.high),
            compared: sum.compared,
            cut_off: sum.cut_off,
            not_read: sum.not_read,
            missing_images: sum.missing_images,
            orphan_images: sum.orphan_images,
            orphan_bytes: bytes(sum.orphan_bytes),
            never_pulled_images: sum.never_pulled_images,
            never_pulled_bytes: bytes(sum.never_pulled_bytes),
        }
    };
    sums.of_each().map(of).collect()
}
