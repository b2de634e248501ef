//! Plans that were made before: what they chose, and how large the applied ones were.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_core::plan::{Action, ActionKind, EarlierChoices, PlanHash, RepositoryAddress};
use demurrage_core::{Digest, Tag};
use demurrage_store::{PlanError, Store, StoredPlan};

use crate::failure::Failure;
use crate::talk;

/// Two plans that choose the same are at least so long apart, before a machine applies the second.
const APART: TimeDelta = TimeDelta::hours(24);
/// So many of the last applied plans tell what is usual.
const PAST_MAX: usize = 30;

/// What an earlier plan chose.
pub(super) struct EarlierPlan {
    pub(super) hash: PlanHash,
    chosen: BTreeMap<RepositoryAddress, EarlierChoices>,
}

impl EarlierPlan {
    /// The newest plan that is old enough, by rules of the same name; nothing where there is none. One that cannot be read
    /// is passed over, and said.
    pub(super) fn find(store: &Store, rules: &str, now: DateTime<Utc>) -> Result<Option<Self>, Failure> {
        for mark in store.plans()?.iter().rev() {
            let read = store.plan(&mark.hash.to_string()).and_then(|stored| {
                let head = &stored.plan.head;
                let counts = head.made_at + APART <= now && head.decided_from.rules.name == rules;
                if counts { Self::of(&stored).map(Some) } else { Ok(None) }
            });
            match read {
                Ok(None) => {}
                Ok(found) => return Ok(found),
                Err(error) => talk::warn(format!("an earlier plan is passed over: {error}")),
            }
        }
        Ok(None)
    }

    fn of(stored: &StoredPlan) -> Result<Self, PlanError> {
        let mut earlier = Self { hash: stored.plan.hash, chosen: BTreeMap::new() };
        for part in stored.parts() {
            for plan in part? {
                for action in plan.actions.iter().filter_map(Action::image) {
                    earlier.add(&plan.repository, action.digest, action.kind, action.tags.clone());
                }
            }
        }
        for pending in stored.pending()? {
            earlier.add(&pending.repository, pending.digest, pending.kind, pending.tags);
        }
        Ok(earlier)
    }

    fn add(&mut self, repository: &RepositoryAddress, digest: Digest, kind: ActionKind, tags: Vec<Tag>) {
        let chosen = match self.chosen.get_mut(repository) {
            Some(chosen) => chosen,
            None => self.chosen.entry(repository.clone()).or_default(),
        };
        chosen.insert(digest, (kind, tags));
    }

    /// What it chose in a repository.
    pub(super) fn in_repository(&self, repository: &RepositoryAddress) -> Option<&EarlierChoices> {
        self.chosen.get(repository)
    }
}

/// How many images each of the last applied plans had.
pub(super) fn applied_images(store: &Store, now: DateTime<Utc>) -> Result<Vec<u64>, Failure> {
    let mut applied: Vec<(DateTime<Utc>, u64)> = Vec::new();
    for name in store.journals()? {
        // What else has a journal is no plan.
        if let Ok(stored) = store.plan(&name)
            && stored.plan.head.made_at <= now
            // One that changes settings says nothing of how many images are usual.
            && stored.plan.images() != 0
        {
            applied.push((stored.plan.head.made_at, stored.plan.images()));
        }
    }
    applied.sort_unstable();
    Ok(applied.into_iter().rev().take(PAST_MAX).map(|(_, images)| images).collect())
}
