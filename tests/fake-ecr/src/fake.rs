//! The handle to everything that the server holds: what a test sets, loads and asks.
//!
//! For: tests in Rust; `/_fake/` has the same for other languages. Cheap to clone.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, TimeDelta, Utc};

use crate::generate;
use crate::model::{ImageRecord, RepositoryRecord, ScanRecord};
use crate::operations::{self, LifecycleRun};
use crate::state::{
    Blobs, Calls, Clock, Contents, EventTarget, Fault, FaultKind, Hook, Organization, PUBLISHED_RATES, Place,
    Settings, State,
};

/// The state of a server, behind one lock.
#[derive(Clone)]
pub struct Fake(Arc<Mutex<State>>);

impl fmt::Debug for Fake {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Fake").finish_non_exhaustive()
    }
}

impl Fake {
    /// A handle to this state.
    pub(crate) fn new(state: State) -> Self {
        Self(Arc::new(Mutex::new(state)))
    }

    /// The state. A panic elsewhere does not make it unusable: every change is whole before the next.
    pub(crate) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What time the server says it is.
    pub fn now(&self) -> DateTime<Utc> {
        self.lock().now()
    }

    /// Sets the clock.
    pub fn set_clock(&self, clock: Clock) {
        let mut state = self.lock();
        state.clock = clock;
        operations::settle(&mut state);
    }

    /// Puts the clock forward.
    pub fn advance(&self, by: TimeDelta) {
        let mut state = self.lock();
        state.clock.advance(by);
        operations::settle(&mut state);
    }

    /// Limits an operation, `*` for all without a limit of their own: calls a second, and how many at once.
    pub fn set_rate(&self, operation: &str, per_second: f64, burst: f64) {
        self.lock().rates.limit(operation, per_second, burst);
    }

    /// Limits the operations whose rates AWS publishes to those.
    pub fn set_published_rates(&self) {
        let mut state = self.lock();
        for (operation, per_second) in PUBLISHED_RATES {
            state.rates.limit(operation, per_second, per_second);
        }
    }

    /// Takes all limits away.
    pub fn clear_rates(&self) {
        self.lock().rates.clear();
    }

    /// Sets one more fault.
    pub fn add_fault(&self, fault: Fault) {
        self.lock().faults.add(fault);
    }

    /// Takes all faults away.
    pub fn clear_faults(&self) {
        self.lock().faults.clear();
    }

    /// Does this whenever a call of an operation arrives, before it is answered; what it returns goes wrong with the call.
    /// One hook holds at a time.
    pub fn on_call(&self, hook: impl Fn(&Self, &str) -> Option<FaultKind> + Send + Sync + 'static) {
        self.lock().hook = Hook(Some(Arc::new(hook)));
    }

    /// Does nothing any more when a call arrives.
    pub fn clear_hook(&self) {
        self.lock().hook = Hook::default();
    }

    /// Says whose access key this is.
    pub fn add_principal(&self, access_key: &str, account: &str, principal: &str) {
        self.lock().principals.set(access_key, account, principal);
    }

    /// Makes an organization of accounts, in the place of any other; their registries are what they were.
    pub fn set_organization(&self, organization: Organization) {
        self.lock().organization = Some(organization);
    }

    /// What was asked since the start or the last reset.
    pub fn calls(&self) -> Calls {
        self.lock().calls.clone()
    }

    /// Counts from nothing.
    pub fn reset_calls(&self) {
        self.lock().calls.clear();
    }

    /// As after the start: no registries, layers, counts, rates, faults or exclusions. Clock, settings, keys and
    /// the target of events stay.
    pub fn reset(&self) {
        let mut state = self.lock();
        state.registries.clear();
        state.activations.clear();
        state.blobs = Blobs::default();
        state.calls.clear();
        state.rates.clear();
        state.faults.clear();
    }

    /// The settings.
    pub fn settings(&self) -> Settings {
        self.lock().settings.clone()
    }

    /// Changes the settings.
    pub fn set_settings(&self, settings: Settings) {
        self.lock().settings = settings;
    }

    /// Sends events to this target from now on. Fails if the file cannot be opened.
    pub fn send_events(&self, target: EventTarget) -> std::io::Result<()> {
        self.lock().events.send_to(target)
    }

    /// The last events, at most 10,000, oldest first.
    pub fn events(&self) -> Vec<serde_json::Value> {
        self.lock().events.kept()
    }

    /// Puts a repository with its images in, without pushes, layers and events; one of the same name goes.
    pub fn load_repository(
        &self,
        account: &str,
        region: &str,
        repository: RepositoryRecord,
        images: Vec<ImageRecord>,
    ) {
        let place = Place::new(account, region);
        let mut state = self.lock();
        for image in &images {
            if let Some(until) = image.activating_until {
                let activation = (until, place.clone(), repository.name.clone(), image.digest.clone());
                state.activations.insert(activation);
            }
        }
        let registry = state.region(&place);
        registry.remove(&repository.name);
        registry.insert(repository, Contents::of(images));
    }

    /// Lays a generated registry below the one of this account and region.
    pub fn attach_generated(&self, account: &str, region: &str, registry: generate::Registry) {
        self.lock().region(&Place::new(account, region)).attach(registry);
    }

    /// Sets what belongs to the registry, each as the JSON text that its operation takes; none stays as it is.
    pub fn load_registry(
        &self,
        account: &str,
        region: &str,
        policy: Option<&str>,
        scanning: Option<&str>,
        replication: Option<&str>,
    ) {
        let mut state = self.lock();
        let registry = state.region(&Place::new(account, region));
        let parsed = |text: Option<&str>| text.and_then(|text| serde_json::from_str(text).ok());
        if let Some(policy) = policy {
            registry.policy = Some(policy.to_owned());
        }
        if let Some(scanning) = parsed(scanning) {
            registry.scanning = Some(scanning);
        }
        if let Some(replication) = parsed(replication) {
            registry.replication = Some(replication);
        }
    }

    /// Sets creation templates and rules of pull-through caches, each as the API writes it; what has no prefix is
    /// passed over.
    pub fn load_prefixes(
        &self,
        account: &str,
        region: &str,
        creation_templates: Vec<serde_json::Value>,
        cache_rules: Vec<serde_json::Value>,
    ) {
        let mut state = self.lock();
        let registry = state.region(&Place::new(account, region));
        let by_prefix = |member: &'static str| {
            move |entry: serde_json::Value| Some((entry.get(member)?.as_str()?.to_owned(), entry))
        };
        let templates = creation_templates.into_iter().filter_map(by_prefix("prefix"));
        registry.creation_templates.extend(templates);
        let rules = cache_rules.into_iter().filter_map(by_prefix("ecrRepositoryPrefix"));
        registry.cache_rules.extend(rules);
    }

    /// Says what is known of the scan of an image.
    pub fn set_scan(&self, account: &str, region: &str, repository: &str, digest: &str, scan: ScanRecord) {
        self.lock().region(&Place::new(account, region)).set_scan(repository, digest, scan);
    }

    /// The settings of a repository, if it is there.
    pub fn repository(&self, account: &str, region: &str, repository: &str) -> Option<RepositoryRecord> {
        self.lock().region(&Place::new(account, region)).record(repository)
    }

    /// The images of a repository, by digest; none if it is not there.
    pub fn images(&self, account: &str, region: &str, repository: &str) -> Vec<ImageRecord> {
        let mut state = self.lock();
        operations::settle(&mut state);
        let contents = state.region(&Place::new(account, region)).contents(repository).unwrap_or_default();
        let mut images: Vec<ImageRecord> = contents.images().cloned().collect();
        images.sort_by(|one, other| one.digest.cmp(&other.digest));
        images
    }

    /// Takes a layer out of a repository, as ECR does at some time after the last image with it has gone; whether it was there.
    pub fn remove_layer(&self, account: &str, region: &str, repository: &str, digest: &str) -> bool {
        let mut state = self.lock();
        let layers = &mut state.region(&Place::new(account, region)).layers;
        layers.get_mut(repository).is_some_and(|layers| layers.remove(digest).is_some())
    }

    /// Executes the attached lifecycle policies as the daily run would; of all repositories, or of one.
    pub fn run_lifecycle(&self, account: &str, region: &str, repository: Option<&str>) -> Vec<LifecycleRun> {
        let mut state = self.lock();
        operations::settle(&mut state);
        operations::run_lifecycle(&mut state, &Place::new(account, region), repository)
    }
}
