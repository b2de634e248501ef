//! Everything that the server knows, behind one lock.
//!
//! The distribution routes and the JSON API share it through the methods of [`Fake`](crate::Fake):
//! `authenticate`, `repository_exists`, `start_upload`, `append_upload`, `upload_bytes`, `complete_upload`,
//! `cancel_upload`, `blob`, `has_blob`, `mount_blob`, `put_manifest`, `get_manifest`, `tags`, `referrers`;
//! they are in `content.rs`. A manifest put or got there is pushed or pulled as by `PutImage` and
//! `BatchGetImage`: with the rules of mutability, events, replication and pull times.

mod blobs;
mod calls;
mod clock;
mod contents;
mod events;
mod faults;
mod hook;
mod organization;
mod principals;
mod rates;
mod region;
mod repository;
mod settings;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

pub(crate) use blobs::Blobs;
pub use calls::{CallCount, CallKey, Calls};
pub use clock::Clock;
pub(crate) use clock::machine;
pub(crate) use contents::Contents;
pub use events::EventTarget;
pub(crate) use events::{Events, Happened};
pub(crate) use faults::Faults;
pub use faults::{Fault, FaultKind, FaultTimes};
pub(crate) use hook::Hook;
pub use organization::{MemberAccount, Organization, Unit};
pub(crate) use principals::Principals;
pub use principals::{Caller, DEFAULT_ACCOUNT};
pub use rates::PUBLISHED_RATES;
pub(crate) use rates::Rates;
pub(crate) use region::Region;
pub(crate) use repository::{Preview, PreviewRow};
pub use settings::Settings;

/// An account and a region; the region of ECR Public is `public`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The account.
    pub(crate) account: String,
    /// The region.
    pub(crate) region: String,
}

impl Place {
    /// This account in this region.
    pub(crate) fn new(account: &str, region: &str) -> Self {
        Self { account: account.to_owned(), region: region.to_owned() }
    }

    /// Whether it is a registry of ECR Public.
    pub(crate) fn is_public(&self) -> bool {
        self.region == PUBLIC
    }

    /// The ARN of a repository.
    pub(crate) fn arn(&self, repository: &str) -> String {
        if self.is_public() {
            format!("arn:aws:ecr-public::{}:repository/{repository}", self.account)
        } else {
            format!("arn:aws:ecr:{}:{}:repository/{repository}", self.region, self.account)
        }
    }
}

/// The region under which a public registry is kept.
pub(crate) const PUBLIC: &str = "public";

/// An image on its way back from the archive: when, where, which.
type Activation = (DateTime<Utc>, Place, String, String);

/// Everything.
#[derive(Debug)]
pub(crate) struct State {
    /// The registries.
    pub(crate) registries: BTreeMap<Place, Region>,
    /// Layers and uploads.
    pub(crate) blobs: Blobs,
    /// Who calls.
    pub(crate) principals: Principals,
    /// What time it is.
    pub(crate) clock: Clock,
    /// What a test can set.
    pub(crate) settings: Settings,
    /// What was asked.
    pub(crate) calls: Calls,
    /// How often one may ask.
    pub(crate) rates: Rates,
    /// The organization that there is, if any.
    pub(crate) organization: Option<Organization>,
    /// What goes wrong.
    pub(crate) faults: Faults,
    /// What is done when a call arrives.
    pub(crate) hook: Hook,
    /// What is told.
    pub(crate) events: Events,
    /// What is on its way back from the archive.
    pub(crate) activations: BTreeSet<Activation>,
    /// Where this server is, as `http://127.0.0.1:4510`.
    pub(crate) url: String,
}

impl State {
    /// A server without registries.
    pub(crate) fn new(url: String, default_account: &str, clock: Clock, settings: Settings) -> Self {
        Self {
            registries: BTreeMap::new(),
            blobs: Blobs::default(),
            principals: Principals::new(default_account),
            clock,
            settings,
            calls: Calls::new(),
            rates: Rates::default(),
            organization: None,
            faults: Faults::default(),
            hook: Hook::default(),
            events: Events::default(),
            activations: BTreeSet::new(),
            url,
        }
    }

    /// The registry of a place; it is there as soon as it is asked for.
    pub(crate) fn region(&mut self, place: &Place) -> &mut Region {
        self.registries.entry(place.clone()).or_default()
    }

    /// What time it is.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }
}
