//! The earlier plan that has to have chosen the same: in mode enforce an image goes only when two plans, a day apart, did.

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_contract::{Failure, FailureKind};
use demurrage_core::plan::{Action, EarlierChoices, RepositoryAddress, Source};
use demurrage_store::{PlanError, Store};

use crate::planning::Chosen;

/// How long before it has to be made, at least.
const APART: TimeDelta = TimeDelta::hours(24);
/// How long before it may be made, at most: what it chose then says little.
const OLD: TimeDelta = TimeDelta::days(14);

/// An earlier plan by the same rules.
#[derive(Debug)]
pub(crate) struct Earlier {
    pub(crate) hash: String,
    chosen: Chosen,
}

impl Earlier {
    /// What it chose in a repository.
    pub(crate) fn of(&self, repository: &RepositoryAddress) -> Option<&EarlierChoices> {
        self.chosen.get(repository)
    }
}

/// The newest plan of the store that was made long enough before, by the same rules; nothing where there is none.
pub(crate) fn earlier(store: &Store, rules: &Source, now: DateTime<Utc>) -> Result<Option<Earlier>, Failure> {
    for mark in store.plans()?.into_iter().rev() {
        let found = store.plan(&mark.hash.to_string()).map_err(|error| of_plan(&error))?;
        let made_at = found.plan.head.made_at;
        if made_at < now - OLD {
            return Ok(None);
        }
        if now - APART < made_at || found.plan.head.decided_from.rules != *rules {
            continue;
        }
        let mut chosen = Chosen::new();
        for repository in found.repositories().map_err(|error| of_plan(&error))? {
            let choices = chosen.entry(repository.repository).or_default();
            for action in repository.actions.iter().filter_map(Action::image) {
                choices.insert(action.digest, (action.kind, action.tags.clone()));
            }
        }
        // What waited then was chosen then.
        for pending in found.pending().map_err(|error| of_plan(&error))? {
            let choices = chosen.entry(pending.repository).or_default();
            choices.insert(pending.digest, (pending.kind, pending.tags));
        }
        return Ok(Some(Earlier { hash: mark.hash.to_string(), chosen }));
    }
    Ok(None)
}

fn of_plan(error: &PlanError) -> Failure {
    Failure::new(FailureKind::Damaged, format!("an earlier plan cannot be read: {error}"))
}
