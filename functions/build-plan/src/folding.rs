//! What can be said of each registry of a run only where all of its shares are known.
//!
//! A registry after the other, each put down once: a call whose time is up goes on where it stopped when it comes again. It
//! assumes that the inventories are put together. A registry of which something was not read has what can be known of it.

use std::ops::ControlFlow;

use demurrage_contract::Failure;
use demurrage_contract::documents::{
    FoundDocument, PlannedRegistry, RegistryDocument, RunDocument, WholeDocument, names, prices,
};
use demurrage_core::audit::Capacity;
use demurrage_core::cost::PriceList;
use demurrage_serve::{Call, log_registry, rules_of_run};
use demurrage_store::{Documents, Store, StoreError};
use tracing::{info, warn};

use crate::lockstep::Lockstep;
use crate::mounting::mounted;

/// Percent of the time after which no registry is begun.
const BEGIN_PERCENT: u32 = 60;

/// Folds the registries of a run; `Break` where the time is up before that is done.
///
/// A run about settings alone has nothing to fold.
pub(crate) fn fold(
    store: &Store,
    documents: &Documents,
    run: &RunDocument,
    found: &FoundDocument,
    call: &Call,
) -> Result<ControlFlow<()>, Failure> {
    let folding = Folding {
        store,
        documents,
        run,
        found,
        prices: prices(documents)?,
        capacity: capacity(store, documents),
        call,
    };
    let mut has_folded = false;
    for planned in run.registries.iter().filter(|_| run.shares != 0) {
        let name = names::whole(&planned.account, &planned.region);
        if documents.get(&name)?.is_some() {
            continue;
        }
        if has_folded && call.is_gone(BEGIN_PERCENT) {
            return Ok(ControlFlow::Break(()));
        }
        has_folded = true;
        match folding.registry(planned)? {
            ControlFlow::Continue(Some(whole)) => drop(documents.agree::<WholeDocument>(&name, whole)?),
            ControlFlow::Continue(None) => {}
            ControlFlow::Break(()) => return Ok(ControlFlow::Break(())),
        }
    }
    Ok(ControlFlow::Continue(()))
}

/// What a team says about quotas. Where the rules cannot be used the run says so elsewhere, and these are the usual ones.
fn capacity(store: &Store, documents: &Documents) -> Capacity {
    match rules_of_run(store, documents) {
        Ok(rules) => rules.capacity,
        Err(failure) => {
            warn!("the quotas are the usual ones: {failure}");
            Capacity::default()
        }
    }
}

/// What is the same for all registries of a run.
struct Folding<'a> {
    store: &'a Store,
    documents: &'a Documents,
    run: &'a RunDocument,
    found: &'a FoundDocument,
    prices: PriceList,
    capacity: Capacity,
    call: &'a Call,
}

impl Folding<'_> {
    /// One registry; nothing where there is no inventory of it, `Break` where the time is up.
    fn registry(&self, planned: &PlannedRegistry) -> Result<ControlFlow<(), Option<WholeDocument>>, Failure> {
        let (account, region) = (&planned.account, &planned.region);
        log_registry(account, region);
        let registry: Option<RegistryDocument> = self.documents.read(&names::registry(account, region))?;
        let Some(registry) = registry else { return Ok(ControlFlow::Continue(None)) };
        let entry = match self.store.find(&registry.inventory) {
            Ok(entry) => entry,
            Err(StoreError::NoSuch { .. }) => return Ok(ControlFlow::Continue(None)),
            Err(error) => return Err(error.into()),
        };
        let name = names::mounted(account, region);
        let mounted = if let Some(mounted) = self.documents.read(&name)? {
            mounted
        } else {
            let merged = mounted(self.documents, planned, self.found, &self.prices, self.call.memory_bytes)?;
            let agreed = self.documents.agree(&name, merged)?;
            // The two halves of a large registry are done by two calls.
            if self.call.is_gone(BEGIN_PERCENT) {
                return Ok(ControlFlow::Break(()));
            }
            agreed
        };
        let lockstep = Lockstep {
            store: self.store,
            prices: &self.prices,
            capacity: &self.capacity,
            now: self.run.started_at,
        };
        let whole = lockstep.whole(&entry, planned, mounted)?;
        info!(stored = whole.stored.standard_bytes, exact = whole.is_exact, "folded");
        Ok(ControlFlow::Continue(Some(whole)))
    }
}
