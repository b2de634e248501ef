//! Clients, each built once: a function serves many shares of the same regions.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, PoisonError};

use demurrage_aws::{Ecr, Session};

/// The session, and a client for each region and rate.
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) session: Session,
    registries: Mutex<BTreeMap<(String, NonZeroU32), Ecr>>,
}

impl Clients {
    pub(crate) fn new(session: Session) -> Self {
        Self { session, registries: Mutex::default() }
    }

    /// The client of a registry at this many calls per second of each operation.
    pub(crate) fn ecr(&self, region: &str, calls_per_second: NonZeroU32) -> Ecr {
        let mut registries = self.registries.lock().unwrap_or_else(PoisonError::into_inner);
        let new = || self.session.ecr_paced(region, Some(calls_per_second));
        registries.entry((region.to_owned(), calls_per_second)).or_insert_with(new).clone()
    }
}
