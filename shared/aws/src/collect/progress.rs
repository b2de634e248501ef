//! How far a collection is: numbers that anybody may look at while it runs.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Counters of one collection. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Progress(Arc<Counters>);

#[derive(Debug, Default)]
struct Counters {
    repositories: AtomicU64,
    recorded: AtomicU64,
    listed_images: AtomicU64,
    recorded_images: AtomicU64,
    manifests: AtomicU64,
}

/// What the counters say at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// Repositories of the registry; 0 while they are being listed.
    pub repositories: u64,
    /// Repositories that are in the store's files.
    pub recorded: u64,
    /// Images that were listed.
    pub listed_images: u64,
    /// Images that are in the store's files.
    pub recorded_images: u64,
    /// Manifests that were read from ECR.
    pub manifests: u64,
}

impl Progress {
    /// What the counters say now.
    pub fn seen(&self) -> Seen {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Seen {
            repositories: read(&self.0.repositories),
            recorded: read(&self.0.recorded),
            listed_images: read(&self.0.listed_images),
            recorded_images: read(&self.0.recorded_images),
            manifests: read(&self.0.manifests),
        }
    }

    pub(super) fn repositories_are(&self, count: usize) {
        self.0.repositories.store(count as u64, Ordering::Relaxed);
    }

    pub(super) fn repository_recorded(&self, images: usize) {
        self.0.recorded.fetch_add(1, Ordering::Relaxed);
        self.0.recorded_images.fetch_add(images as u64, Ordering::Relaxed);
    }

    pub(super) fn images_listed(&self, count: usize) {
        self.0.listed_images.fetch_add(count as u64, Ordering::Relaxed);
    }

    pub(super) fn manifests_read(&self, count: usize) {
        self.0.manifests.fetch_add(count as u64, Ordering::Relaxed);
    }
}
