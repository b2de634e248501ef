//! One private registry: an account in a region. Or one public registry, which has no region.
//!
//! For: the operations. A generated registry can lie below it: its repositories are made when they are asked
//! for, the last few stay, and one is held for good once something in it was changed.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Bound;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::contents::{Contents, Key};
use super::repository::{Layers, Preview, Repository};
use crate::generate::Registry;
use crate::model::{RepositoryRecord, ScanRecord};

/// How many generated repositories stay at hand.
const AT_HAND: usize = 4;

/// A registry.
#[derive(Debug, Default)]
pub(crate) struct Region {
    repositories: BTreeMap<Key, Repository>,
    generated: Option<Arc<Registry>>,
    deleted: BTreeSet<usize>,
    at_hand: VecDeque<(usize, Arc<Contents>)>,
    /// Layers by repository.
    pub(crate) layers: Layers,
    /// Previews by repository.
    pub(crate) previews: BTreeMap<String, Preview>,
    /// The registry's policy.
    pub(crate) policy: Option<String>,
    /// `replicationConfiguration`, as it was put.
    pub(crate) replication: Option<Value>,
    /// The registry's scanning configuration, as it was put.
    pub(crate) scanning: Option<Value>,
    /// Principals whose pulls are not recorded.
    pub(crate) exclusions: BTreeMap<String, DateTime<Utc>>,
    /// Repository creation templates, by prefix.
    pub(crate) creation_templates: BTreeMap<String, Value>,
    /// Rules of pull-through caches, by prefix.
    pub(crate) cache_rules: BTreeMap<String, Value>,
    /// Scans by repository and digest.
    scans: BTreeMap<String, BTreeMap<String, ScanRecord>>,
    /// Account settings that were put.
    pub(crate) account_settings: BTreeMap<String, String>,
    /// Images of generated repositories that were found on their way back: when, where, which.
    pub(crate) waking: Vec<(DateTime<Utc>, String, String)>,
}

impl Region {
    /// Lays a generated registry below this one.
    pub(crate) fn attach(&mut self, registry: Registry) {
        self.generated = Some(Arc::new(registry));
        self.deleted.clear();
        self.at_hand.clear();
    }

    /// The place of a name in the generated registry, unless it was deleted there.
    fn generated_at(&self, name: &str) -> Option<(Arc<Registry>, usize)> {
        let registry = self.generated.as_ref()?;
        let at = registry.index_of(name)?;
        (!self.deleted.contains(&at)).then(|| (Arc::clone(registry), at))
    }

    /// Whether there is a repository of this name. Makes no images.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.repositories.contains_key(&Key::of(name)) || self.generated_at(name).is_some()
    }

    /// The settings of a repository. Makes no images.
    pub(crate) fn record(&self, name: &str) -> Option<RepositoryRecord> {
        match self.repositories.get(&Key::of(name)) {
            Some(held) => Some(held.record.clone()),
            None => self.generated_at(name).map(|(registry, at)| registry.repository(at)),
        }
    }

    /// The images of a repository.
    pub(crate) fn contents(&mut self, name: &str) -> Option<Arc<Contents>> {
        if let Some(held) = self.repositories.get(&Key::of(name)) {
            return Some(Arc::clone(&held.contents));
        }
        let (registry, at) = self.generated_at(name)?;
        if let Some((_, contents)) = self.at_hand.iter().find(|(held, _)| *held == at) {
            return Some(Arc::clone(contents));
        }
        let contents = Arc::new(Contents::generated(&registry, at));
        let waking = contents.waking().map(|(until, image)| (until, name.to_owned(), image.digest.clone()));
        self.waking.extend(waking);
        self.at_hand.push_back((at, Arc::clone(&contents)));
        if AT_HAND < self.at_hand.len() {
            self.at_hand.pop_front();
        }
        Some(contents)
    }

    /// The repository, to be changed: from now on it is held.
    pub(crate) fn held(&mut self, name: &str) -> Option<&mut Repository> {
        let key = Key::of(name);
        if !self.repositories.contains_key(&key) {
            let record = self.record(name)?;
            let contents = self.contents(name)?;
            if let Some((_, at)) = self.generated_at(name) {
                self.at_hand.retain(|(held, _)| *held != at);
            }
            self.repositories.insert(key.clone(), Repository { record, contents });
        }
        self.repositories.get_mut(&key)
    }

    /// The images of a repository, to be changed.
    pub(crate) fn contents_mut(&mut self, name: &str) -> Option<&mut Contents> {
        self.held(name).map(|repository| Arc::make_mut(&mut repository.contents))
    }

    /// What is known of the scan of an image.
    pub(crate) fn scan(&self, repository: &str, digest: &str) -> Option<&ScanRecord> {
        self.scans.get(repository)?.get(digest)
    }

    /// Says what is known of the scan of an image.
    pub(crate) fn set_scan(&mut self, repository: &str, digest: &str, scan: ScanRecord) {
        self.scans.entry(repository.to_owned()).or_default().insert(digest.to_owned(), scan);
    }

    /// Puts a repository in.
    pub(crate) fn insert(&mut self, record: RepositoryRecord, contents: Contents) {
        let key = Key::of(&record.name);
        self.repositories.insert(key, Repository { record, contents: Arc::new(contents) });
    }

    /// Takes a repository out with everything in it.
    pub(crate) fn remove(&mut self, name: &str) {
        self.repositories.remove(&Key::of(name));
        if let Some((_, at)) = self.generated_at(name) {
            self.deleted.insert(at);
            self.at_hand.retain(|(held, _)| *held != at);
        }
        self.scans.remove(name);
        self.layers.remove(name);
        self.previews.remove(name);
    }

    /// Up to `most` settings after `place`, and where the next page begins. Makes no images.
    ///
    /// First what is held and was never generated, then the generated repositories.
    pub(crate) fn page(&self, place: Option<&str>, most: usize) -> (Vec<RepositoryRecord>, Option<String>) {
        let mut page = Vec::new();
        let generated_from = if let Some(number) = place.and_then(|place| place.strip_prefix('#')) {
            number.parse::<usize>().unwrap_or(0)
        } else {
            let from = place.map_or(Bound::Unbounded, |name| Bound::Excluded(Key::of(name)));
            for held in self.repositories.range((from, Bound::Unbounded)).map(|(_, held)| held) {
                if self.generated_at(&held.record.name).is_some() {
                    continue;
                }
                if page.len() == most {
                    let last = page.last().map(|record: &RepositoryRecord| record.name.clone());
                    return (page, last);
                }
                page.push(held.record.clone());
            }
            0
        };
        let Some(registry) = &self.generated else { return (page, None) };
        for at in (generated_from..registry.len()).filter(|at| !self.deleted.contains(at)) {
            if page.len() == most {
                return (page, Some(format!("#{at}")));
            }
            let held = self.repositories.get(&Key::of(&registry.name(at)));
            page.push(held.map_or_else(|| registry.repository(at), |held| held.record.clone()));
        }
        (page, None)
    }
}
