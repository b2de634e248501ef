//! Many registries, several at a time: each is written down when it was read, or could not be.
//!
//! Each registry has a rate of its own, as its quotas are its own; how many are read at a time bounds memory and what is
//! asked of the store.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use demurrage_aws::accounts::AccountSessions;
use demurrage_aws::collect::CollectError;
use demurrage_aws::{CallError, CallErrorKind};
use demurrage_contract::documents::{UnreadRegistry, names};
use demurrage_contract::{Failure, FailureKind, RunId};
use demurrage_serve::{Call, of_collection};
use demurrage_store::{Documents, InventoryNames, Store};
use tokio::runtime::Handle;
use tokio::task::{JoinSet, block_in_place};
use tokio::time::{Instant, timeout_at};
use tracing::warn;

use crate::settings::Settings;
use crate::survey::{self, Surveyed};

/// Registries that are read at a time.
const AT_A_TIME: usize = 16;
/// Percent of the time after which no other registry is begun, and after which one that was begun is given up.
const BEGIN_PERCENT: u32 = 60;
const GIVE_UP_PERCENT: u32 = 85;

/// An account and region: where a registry is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) account: String,
    pub(crate) region: String,
}

/// What registries are read with.
pub(crate) struct Surveyor {
    pub(crate) store: Store,
    pub(crate) accounts: AccountSessions,
    pub(crate) settings: Settings,
    pub(crate) run: RunId,
    pub(crate) documents: Documents,
    /// The inventories that there were before; none where no image is going to be read.
    pub(crate) inventories: InventoryNames,
    /// Whether any registry could be read, in this call or before.
    is_any_read: AtomicBool,
}

impl Surveyor {
    pub(crate) fn new(
        (store, accounts, settings): (&Store, &AccountSessions, &Settings),
        (run, documents): (&RunId, &Documents),
        inventories: InventoryNames,
    ) -> Self {
        Self {
            store: store.clone(),
            accounts: accounts.clone(),
            settings: settings.clone(),
            run: run.clone(),
            documents: documents.clone(),
            inventories,
            is_any_read: AtomicBool::new(false),
        }
    }
}

/// Reads the registries that no call before has looked at; false where the time was up before it had.
pub(crate) async fn survey_all(surveyor: Surveyor, places: &[Place], call: &Call) -> Result<bool, Failure> {
    let there = block_in_place(|| looked_at(&surveyor.store, &surveyor.run))?;
    let is_read = |place: &Place| there.contains(&file(&names::registry(&place.account, &place.region)));
    let is_unread =
        |place: &Place| there.contains(&file(&names::unread_registry(&place.account, &place.region)));
    surveyor.is_any_read.store(places.iter().any(is_read), Ordering::Relaxed);
    let open = places.iter().filter(|&place| !is_read(place) && !is_unread(place));
    let mut open = open.peekable();
    let (surveyor, give_up) = (Arc::new(surveyor), call.after_percent(GIVE_UP_PERCENT));
    let (mut running, mut failed, mut has_begun) = (JoinSet::new(), Vec::new(), false);
    loop {
        while running.len() < AT_A_TIME && !(has_begun && call.is_gone(BEGIN_PERCENT)) {
            let Some(place) = open.next() else { break };
            has_begun = true;
            let (surveyor, place, runtime) = (Arc::clone(&surveyor), place.clone(), Handle::current());
            // On a thread of its own, because the store blocks.
            running.spawn_blocking(move || runtime.block_on(one(&surveyor, place, give_up)));
        }
        let Some(done) = running.join_next().await else { break };
        let ended = |_| Failure::new(FailureKind::Broken, "a survey ended without an answer");
        failed.extend(done.map_err(ended)??);
    }
    let is_all = open.peek().is_none();
    failed.sort_by(|(a, _), (b, _)| a.cmp(b));
    let goes_on = surveyor.is_any_read.load(Ordering::Relaxed) || !is_all;
    // A registry that failed is put down before the next call: it would be first again, and take its time again.
    block_in_place(|| settle(&surveyor, failed, goes_on))?;
    Ok(is_all)
}

/// The names of what was put down of registries.
fn looked_at(store: &Store, run: &RunId) -> Result<BTreeSet<String>, Failure> {
    let registries = store.documents(&[names::RUNS, run.as_str(), names::REGISTRIES])?;
    Ok(registries.names()?.into_iter().collect())
}

/// The name of an object without its folder.
fn file(name: &str) -> String {
    name.rsplit('/').next().unwrap_or_default().to_owned()
}

type Failed = (Place, CollectError);

/// Reads one registry and writes it down. What it gives is a failure that is not put down, because no registry could be
/// read so far: then something may be wrong that is not about this one.
async fn one(surveyor: &Surveyor, place: Place, give_up: Instant) -> Result<Option<Failed>, Failure> {
    let error = match timeout_at(give_up, surveyed(surveyor, &place)).await {
        Ok(Ok(surveyed)) => {
            block_in_place(|| keep(&surveyor.documents, surveyed))?;
            surveyor.is_any_read.store(true, Ordering::Relaxed);
            return Ok(None);
        }
        Ok(Err(error)) => error,
        Err(_) => CollectError::Interrupted,
    };
    warn!(account = place.account, region = place.region, "{error}");
    if !surveyor.is_any_read.load(Ordering::Relaxed) {
        return Ok(Some((place, error)));
    }
    block_in_place(|| put_unread(&surveyor.documents, &place, &error))?;
    Ok(None)
}

async fn surveyed(surveyor: &Surveyor, place: &Place) -> Result<Surveyed, CollectError> {
    let session = surveyor.accounts.of(&place.account).await?;
    let Surveyor { store, settings, run, inventories, .. } = surveyor;
    survey::registry(store, &session, settings, run, &place.region, inventories).await
}

/// The repositories first: a registry that is written down has them.
fn keep(documents: &Documents, surveyed: Surveyed) -> Result<(), Failure> {
    let Surveyed { document, repositories } = surveyed;
    let (account, region) = (&document.account, &document.region);
    // Whoever comes second goes on with the list of the first: two lists would make shares that do not fit together.
    documents.agree(&names::repositories(account, region), repositories)?;
    documents.agree(&names::registry(account, region), document.clone())?;
    Ok(())
}

/// One registry that cannot be read does not hide the others; where none can, the call has failed, and may work later
/// if any of them may.
fn settle(surveyor: &Surveyor, failed: Vec<Failed>, goes_on: bool) -> Result<(), Failure> {
    if goes_on {
        return failed.iter().try_for_each(|(place, error)| put_unread(&surveyor.documents, place, error));
    }
    let own = surveyor.accounts.own().account();
    let mut failures = Vec::new();
    for (Place { account, region }, error) in failed {
        let problem = problem(&error);
        let kind = match error {
            CollectError::Interrupted => FailureKind::Throttled,
            error => of_collection(error).kind,
        };
        let place = if account == own { region } else { format!("account {account} in {region}") };
        failures.push(Failure::new(kind, format!("{place}: {problem}")));
    }
    let retried = failures.iter().position(|failure| failure.kind.is_retried());
    if failures.is_empty() { Ok(()) } else { Err(failures.swap_remove(retried.unwrap_or_default())) }
}

fn put_unread(documents: &Documents, place: &Place, error: &CollectError) -> Result<(), Failure> {
    let Place { account, region } = place;
    let problem = problem(error);
    let unread = UnreadRegistry { account: Some(account.clone()), region: region.clone(), problem };
    documents.agree(&names::unread_registry(account, region), unread)?;
    Ok(())
}

fn problem(error: &CollectError) -> String {
    match error {
        CollectError::Interrupted => "it could not be listed within the time of a function".to_owned(),
        CollectError::Call(call) if is_of_region(call) => {
            format!("{error}; is the region enabled for the account?")
        }
        CollectError::Call(_) | CollectError::Store(_) | CollectError::Broken => error.to_string(),
    }
}

/// Credentials that are good elsewhere, and that a region does not know.
fn is_of_region(call: &CallError) -> bool {
    call.kind == CallErrorKind::Credentials && !call.operation.starts_with("sts:")
}
