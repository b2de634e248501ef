//! Clients, each built once: a function serves many shares of the same accounts and regions.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use demurrage_aws::accounts::AccountSessions;
use demurrage_aws::{Ecr, Session};

/// Clients that are kept: where there are more, they are built anew.
const REGISTRIES_MAX: usize = 500;

/// The sessions, and a client for each registry and pace.
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) accounts: AccountSessions,
    registries: Mutex<BTreeMap<(String, String, Duration), Ecr>>,
}

impl Clients {
    pub(crate) fn new(accounts: AccountSessions) -> Self {
        Self { accounts, registries: Mutex::default() }
    }

    /// The client of a registry where this lies between two calls of an operation.
    pub(crate) fn ecr(&self, session: &Session, region: &str, interval: Duration) -> Ecr {
        let mut registries = self.registries.lock().unwrap_or_else(PoisonError::into_inner);
        if REGISTRIES_MAX <= registries.len() {
            registries.clear();
        }
        let key = (session.account().to_owned(), region.to_owned(), interval);
        registries.entry(key).or_insert_with(|| session.ecr_every(region, interval)).clone()
    }
}
