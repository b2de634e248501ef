//! What inventories say of the repositories of a registry, one after another.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use demurrage_core::{RegistryKind, RepositoriesListing};

/// What a repository held at the time of an inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// Bytes in the standard class.
    pub stored_bytes: u128,
    /// Bytes in the archive class.
    pub archived_bytes: u128,
    /// Bytes, of both, that other repositories of the registry hold as well and that may have been mounted.
    pub mounted_bytes: u128,
    /// Whether these are exact: every manifest was read, and no blob has two sizes.
    pub is_exact: bool,
}

impl Held {
    /// A repository that is not there.
    pub(crate) const NOTHING: Self =
        Self { stored_bytes: 0, archived_bytes: 0, mounted_bytes: 0, is_exact: true };
}

/// A registry through its inventories.
#[derive(Debug, Clone)]
pub struct RegistryHistory {
    /// Which of the two services it is of.
    pub kind: RegistryKind,
    /// The account, where the inventories know it.
    pub account: Option<String>,
    /// The code of the region.
    pub region: String,
    /// The times of the inventories that list all repositories, ascending.
    complete: Vec<DateTime<Utc>>,
    repositories: BTreeMap<String, RepositoryHistory>,
}

/// A repository through the inventories of its registry.
#[derive(Debug, Clone, Default)]
pub(crate) struct RepositoryHistory {
    /// What it held at each time that it is known, ascending.
    pub(crate) states: Vec<State>,
}

/// What is known of a repository at one time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct State {
    pub(crate) at: DateTime<Utc>,
    pub(crate) created_at: Option<DateTime<Utc>>,
    pub(crate) held: Held,
    pub(crate) is_there: bool,
}

impl State {
    const fn gone(at: DateTime<Utc>) -> Self {
        Self { at, created_at: None, held: Held::NOTHING, is_there: false }
    }
}

impl RegistryHistory {
    /// A registry of which nothing is known yet.
    pub const fn new(kind: RegistryKind, account: Option<String>, region: String) -> Self {
        Self { kind, account, region, complete: Vec::new(), repositories: BTreeMap::new() }
    }

    /// Adds an inventory, later than those before: of each repository its name, when it was created, and
    /// what it held; nothing where it could not be read.
    ///
    /// A repository that is not named was not there, where the inventory lists all of them.
    pub fn add(
        &mut self,
        taken_at: DateTime<Utc>,
        listing: RepositoriesListing,
        repositories: impl IntoIterator<Item = (String, Option<DateTime<Utc>>, Option<Held>)>,
    ) {
        let mut named = BTreeSet::new();
        for (name, created_at, held) in repositories {
            let history = self.repositories.entry(name.clone()).or_insert_with(|| RepositoryHistory {
                states: self.complete.iter().copied().map(State::gone).collect(),
            });
            if let Some(held) = held {
                history.states.push(State { at: taken_at, created_at, held, is_there: true });
            }
            named.insert(name);
        }
        match listing {
            RepositoriesListing::CutOff => {}
            RepositoriesListing::Complete => {
                let others = self.repositories.iter_mut().filter(|(name, _)| !named.contains(*name));
                others.for_each(|(_, history)| history.states.push(State::gone(taken_at)));
                self.complete.push(taken_at);
            }
        }
    }

    /// Whether it is the registry of this account; one of which the account is not known may be.
    pub(crate) fn is_of(&self, kind: RegistryKind, account: Option<&str>, region: &str) -> bool {
        let may_be = match (self.account.as_deref(), account) {
            (Some(known), Some(wanted)) => known == wanted,
            (None, _) | (_, None) => true,
        };
        self.kind == kind && self.region == region && may_be
    }

    /// The repositories of which anything is known, in the order of their names.
    pub(crate) fn repositories(&self) -> impl Iterator<Item = (&str, &RepositoryHistory)> {
        let known = self.repositories.iter().filter(|(_, history)| !history.states.is_empty());
        known.map(|(name, history)| (name.as_str(), history))
    }

    /// What is known of a repository; nothing where no inventory could read it.
    pub(crate) fn repository(&self, name: &str) -> Option<&RepositoryHistory> {
        self.repositories.get(name).filter(|history| history.states.iter().any(|state| state.is_there))
    }
}
