//! Clients, each built once: a function serves many shares of the same regions.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use demurrage_aws::{Ecr, Session};

/// The session, and a client for each region and pace.
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) session: Session,
    registries: Mutex<BTreeMap<(String, Duration), Ecr>>,
}

impl Clients {
    pub(crate) fn new(session: Session) -> Self {
        Self { session, registries: Mutex::default() }
    }

    /// The client of a registry where this lies between two calls of an operation.
    pub(crate) fn ecr(&self, region: &str, interval: Duration) -> Ecr {
        let mut registries = self.registries.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || self.session.ecr_every(region, interval);
        registries.entry((region.to_owned(), interval)).or_insert_with(new).clone()
    }
}
