//! Which images a replication has not brought to its destinations, and which lie there for nothing.
//!
//! It assumes inventories of both registries. Leaves out when the configuration was made: what was pushed before it is
//! not replicated, and is missing without anything being wrong. Leaves out who pushed an image that is at the
//! destination alone: it may have been pushed there.

use rustc_hash::FxHashSet;

use super::{Blobs, Holding, Region, destinations, replication_cost::is_same_registry};
use crate::{
    Destination, Digest, Inventory, Listing, RegistryKind, Replication, RepositoriesListing, Repository,
};

/// The replicas of one repository in one destination.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replicas {
    /// The name of the repository, which is the same there.
    pub repository: String,
    /// The registry that it is replicated to.
    pub destination: Destination,
    /// What both inventories say, where they can be compared.
    pub state: ReplicaState,
}

/// What two inventories say about one repository in both registries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReplicaState {
    /// There is no inventory of the destination.
    NotRead,
    /// One of the two was not listed whole: what is not in it may well be there.
    CutOff,
    /// Both were listed whole.
    Compared(Box<ReplicaComparison>),
}

/// How the images of one repository in both registries differ. Digests ascend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaComparison {
    /// Images that are here and not there.
    pub missing: Vec<Digest>,
    /// Images that are there and not here: replicas of what is gone, or pushed there.
    pub orphans: Vec<Digest>,
    /// The bytes that would be free there without the orphans.
    pub orphan_bytes: u128,
    /// Replicas that were never pulled there, as far as ECR recorded it, indexes among them.
    pub never_pulled: Vec<Digest>,
    /// The bytes that would be free there without these, orphans left as they are.
    pub never_pulled_bytes: u128,
}

/// The replicas of each repository in each of its destinations, in the order of repositories and destinations.
///
/// `elsewhere` are the inventories of other registries; of several of one registry the latest counts. A registry of
/// ECR Public has no replicas.
pub fn replicas(here: &Inventory, replication: &Replication, elsewhere: &[&Inventory]) -> Vec<Replicas> {
    if here.kind == RegistryKind::Public {
        return Vec::new();
    }
    let region = Region::parse(&here.region).ok();
    let mut found = Vec::new();
    for repository in &here.repositories {
        for to in destinations(replication, &repository.name) {
            if region.is_some_and(|region| is_same_registry(to, region, here.registry_id.as_deref())) {
                continue;
            }
            found.push(Replicas {
                repository: repository.name.clone(),
                destination: to.clone(),
                state: state(repository, latest(elsewhere, to)),
            });
        }
    }
    found
}

/// The latest inventory of a registry.
fn latest<'a>(inventories: &[&'a Inventory], of: &Destination) -> Option<&'a Inventory> {
    let is_it = |inventory: &&&Inventory| {
        inventory.kind == RegistryKind::Private
            && inventory.region == of.region
            && inventory.registry_id.as_ref() == Some(&of.registry_id)
    };
    inventories.iter().filter(is_it).max_by_key(|inventory| inventory.taken_at).copied()
}

fn state(here: &Repository, there: Option<&Inventory>) -> ReplicaState {
    let Some(there) = there else { return ReplicaState::NotRead };
    let repository = there.repositories.iter().find(|repository| repository.name == here.name);
    ReplicaState::of(here, repository, there.repositories_listing)
}

impl ReplicaState {
    /// What two inventories say about one repository: `there` is that of the same name in the other registry, of which
    /// the repositories were listed so.
    pub fn of(
        here: &Repository,
        there: Option<&Repository>,
        repositories_there: RepositoriesListing,
    ) -> Self {
        let nothing;
        let there = match (there, repositories_there) {
            (Some(repository), _) => repository,
            (None, RepositoriesListing::CutOff) => return Self::CutOff,
            (None, RepositoriesListing::Complete) => {
                nothing = Repository::new(&here.name);
                &nothing
            }
        };
        if here.listing != Listing::Complete || there.listing != Listing::Complete {
            return Self::CutOff;
        }
        Self::Compared(Box::new(compare(here, there)))
    }
}

fn compare(here: &Repository, there: &Repository) -> ReplicaComparison {
    let digests = |repository: &Repository| -> FxHashSet<Digest> {
        repository.images.iter().map(|image| image.digest).collect()
    };
    let (originals, replicated) = (digests(here), digests(there));
    let blobs = Blobs::of(&there.images);
    let named = |is_wanted: &dyn Fn(&crate::Image) -> bool| -> (Vec<Digest>, u128) {
        let mut holding = Holding::of(&blobs, &there.images);
        let (mut found, mut bytes) = (Vec::new(), 0);
        for (image, place) in there.images.iter().zip(0..) {
            if is_wanted(image) {
                found.push(image.digest);
                bytes += holding.remove(place);
            }
        }
        found.sort_unstable();
        (found, bytes)
    };
    let (orphans, orphan_bytes) = named(&|image| !originals.contains(&image.digest));
    let (never_pulled, never_pulled_bytes) =
        named(&|image| originals.contains(&image.digest) && image.last_pulled_at.is_none());
    let mut missing: Vec<Digest> = originals.difference(&replicated).copied().collect();
    missing.sort_unstable();
    ReplicaComparison { missing, orphans, orphan_bytes, never_pulled, never_pulled_bytes }
}
