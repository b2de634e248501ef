//! What runs, wherever it was learnt.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use rustc_hash::FxHashMap;

use super::lone_digests::{LoneDigests, may_have_any_configuration};
use super::tags_then::tags_then;
use super::{ImageReference, ReferenceRegistry, RepositoryUse, UseSource};
use crate::ledger::RepositoryLedger;
use crate::lifecycle::Relations;
use crate::{Digest, Image, RegistryKind, Repository};

/// One use of an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// The image that is used.
    pub reference: ImageReference,
    /// Where that was learnt, such as a line of a file: a fragment that a person understands.
    pub evidence: String,
    /// Who says it.
    pub source: UseSource,
    /// When what uses it was deployed, where that is known: a tag was resolved then.
    pub since: Option<DateTime<Utc>>,
}

/// All uses that are known, found by digest and by the name of the repository.
#[derive(Debug, Clone, Default)]
pub struct UseGraph {
    uses: Vec<Use>,
    by_digest: FxHashMap<Digest, Vec<u32>>,
    /// Uses by tag, by the last component of the name of the repository.
    by_name: BTreeMap<Box<str>, Vec<u32>>,
    lone: LoneDigests,
}

impl UseGraph {
    /// The graph of these uses.
    pub fn of(uses: Vec<Use>) -> Self {
        let mut graph = Self { uses, ..Self::default() };
        for (place, found) in (0..u32::MAX).zip(&graph.uses) {
            graph.lone.add(place, found);
            match found.reference.digest {
                Some(digest) => graph.by_digest.entry(digest).or_default().push(place),
                None => graph
                    .by_name
                    .entry(last_component(&found.reference.repository).into())
                    .or_default()
                    .push(place),
            }
        }
        graph
    }

    /// All uses, by the places that [`RepositoryUse`] names.
    pub fn uses(&self) -> &[Use] {
        &self.uses
    }

    /// What is in use of a repository of a registry of this kind; `relations` are those of its images. A use by tag is
    /// one of the image that has the tag now.
    pub fn of_repository(
        &self,
        kind: RegistryKind,
        repository: &Repository,
        relations: &Relations,
    ) -> RepositoryUse {
        self.of_repository_at(kind, repository, relations, None)
    }

    /// The same, with the ledger of the repository where there is one: a use by tag is then one of the image that had the
    /// tag when the use began, too, as far as is known when that was.
    ///
    /// Then is the time up to one hour after it began, in which the image is pulled. Where the ledger does not know what
    /// the tag was on, or says that it was on none, every image that it was on later counts. The image that has the tag
    /// now counts in any case: what is started again pulls that.
    pub fn of_repository_at(
        &self,
        kind: RegistryKind,
        repository: &Repository,
        relations: &Relations,
        ledger: Option<&RepositoryLedger>,
    ) -> RepositoryUse {
        RepositoryUse::of(&repository.images, relations, self.direct(kind, repository, ledger).collect())
    }

    /// The places of the uses that are of an image of this repository; with its ledger, by what tags were on, too.
    pub fn uses_of_repository(
        &self,
        kind: RegistryKind,
        repository: &Repository,
        ledger: Option<&RepositoryLedger>,
    ) -> BTreeSet<u32> {
        self.direct(kind, repository, ledger).flatten().collect()
    }

    /// Whether the ledger of the repository of this name can say more: a use by tag is of it, and when that began is known.
    pub fn asks_for_ledger(&self, kind: RegistryKind, repository: &str) -> bool {
        let named = self.by_name.get(last_component(repository)).into_iter().flatten();
        let has_time = |place: u32| self.uses.get(place as usize).is_some_and(|used| used.since.is_some());
        named.copied().any(|place| has_time(place) && self.names(place, kind, repository))
    }

    /// The uses of each image of a repository.
    ///
    /// A digest that a cluster says alone, and that is known of no image here, may be that of the configuration of any image
    /// whose manifest was not read: where the cluster uses something of this repository, it is a use of each of those.
    fn direct(
        &self,
        kind: RegistryKind,
        repository: &Repository,
        ledger: Option<&RepositoryLedger>,
    ) -> impl Iterator<Item = Vec<u32>> {
        let named = self.by_name.get(last_component(&repository.name)).into_iter().flatten().copied();
        let named: Vec<u32> = named.filter(|&place| self.names(place, kind, &repository.name)).collect();
        let uses = named.iter().filter_map(|&place| Some((place, self.uses.get(place as usize)?)));
        let then = ledger.map(|ledger| tags_then(uses, ledger)).unwrap_or_default();
        let is_of_cluster = |place: &u32| {
            self.uses.get(*place as usize).is_some_and(|used| used.source == UseSource::Kubernetes)
        };
        let any = if named.iter().any(is_of_cluster) {
            self.lone.unresolved(&repository.images)
        } else {
            Vec::new()
        };
        repository.images.iter().map(move |image| {
            let then = then.get(&image.digest).map_or([].as_slice(), Vec::as_slice);
            let any = if may_have_any_configuration(image) { any.as_slice() } else { &[] };
            self.uses_of(image, &named, then, any)
        })
    }

    /// The uses of one image, each once and in their order.
    fn uses_of(&self, image: &Image, named: &[u32], then: &[u32], any: &[u32]) -> Vec<u32> {
        let mut uses = self.by_digest.get(&image.digest).cloned().unwrap_or_default();
        let has = |place: &&u32| {
            let tag = self.uses.get(**place as usize).and_then(|found| found.reference.tag.as_ref());
            tag.is_some_and(|tag| image.tags.contains(tag))
        };
        uses.extend(named.iter().filter(has));
        uses.extend(then);
        uses.extend(any);
        uses.extend(self.lone.of_configuration(image));
        uses.sort_unstable();
        uses.dedup();
        uses
    }

    /// Whether a use by tag may be one of the repository of this name.
    ///
    /// Account and region are not asked: a copy of the same name is what a failover needs, and may be what deletes go on
    /// to. Another registry, or none, may stand before ECR or be what a pull-through cache fetches from, whose
    /// repositories have its names behind a prefix.
    fn names(&self, place: u32, kind: RegistryKind, repository: &str) -> bool {
        let Some(Use { reference, .. }) = self.uses.get(place as usize) else { return false };
        let named = reference.repository.as_str();
        let behind_a_prefix = || {
            repository.strip_suffix(named).is_some_and(|prefix| prefix.is_empty() || prefix.ends_with('/'))
        };
        match (&reference.registry, kind) {
            (ReferenceRegistry::Private { .. }, RegistryKind::Private) => repository == named,
            (ReferenceRegistry::Private { .. }, RegistryKind::Public) => false,
            // `public.ecr.aws/ALIAS/NAME`: the alias is no part of the name.
            (ReferenceRegistry::Public, RegistryKind::Public) => {
                named.split_once('/').is_some_and(|(_alias, name)| name == repository)
            }
            // A proxy may have the whole registry behind a prefix of its own: `proxy.example.com/ecr/shop/cart`.
            (ReferenceRegistry::Other(_), _) => {
                let beyond_a_prefix =
                    named.strip_suffix(repository).is_some_and(|prefix| prefix.ends_with('/'));
                behind_a_prefix() || beyond_a_prefix
            }
            (ReferenceRegistry::Public | ReferenceRegistry::Unnamed, _) => behind_a_prefix(),
        }
    }
}

fn last_component(name: &str) -> &str {
    name.rsplit_once('/').map_or(name, |(_, last)| last)
}
