//! What is known of use when all accounts and regions of a run were called: of those of which nothing was read that is put
//! down as what it is, so that no plan takes an image for unused because nobody looked; and the lists that clusters put into
//! the store are read, once in a run.

use chrono::Utc;
use demurrage_contract::documents::{FailedDocument, RunDocument, WorkloadsDocument, names};
use demurrage_contract::{Failure, Invocation, Status, WorkloadsLine, WorkloadsOutput};
use demurrage_core::in_use::{SourceState, newest_sources};
use demurrage_store::{Documents, Store, StoreError};
use tracing::{info, warn};

use crate::reading::unread;

/// What is said where no call said anything.
const WITHOUT_A_WORD: &str =
    "there is no outcome and no error: the function was killed, or ran out of time or memory";
/// Documents that are read at a time.
const AT_A_TIME: usize = 500;

/// Puts down that nothing was read, first as a record of the store and then as a document of the run.
pub(crate) fn put_unread(
    store: &Store,
    documents: &Documents,
    account: &str,
    region: &str,
    cause: &str,
) -> Result<WorkloadsDocument, Failure> {
    let record = unread(account, region, cause, Utc::now());
    let shown = store.add_use(&record)?;
    let document = WorkloadsDocument {
        account: account.to_owned(),
        region: region.to_owned(),
        read_at: record.read_at,
        record: shown,
        uses: 0,
        sources: record.sources.iter().map(Into::into).collect(),
        calls: Vec::new(),
    };
    Ok(documents.agree(&names::workloads(account, region), document)?)
}

/// Of each account and region of a run it is known after this what is in use there, or that it is not known; and of each
/// cluster that puts its list into the store. A list is as old as it is, and one that could not be read is a failure of its
/// cluster in the store: both keep images by themselves, and change nothing of what is said of accounts here.
pub(crate) fn settle(
    store: &Store,
    documents: &Documents,
    run: &RunDocument,
) -> Result<WorkloadsOutput, Failure> {
    read_clusters(store)?;
    let places = places(run);
    let (mut known, mut unknown) = (0, 0);
    for places in places.chunks(AT_A_TIME) {
        let of = |place: &Place| names::workloads(&place.account, &place.region);
        let names: Vec<String> = places.iter().map(of).collect();
        let found = documents.read_all::<WorkloadsDocument>(&names)?;
        for (place, found) in places.iter().zip(found) {
            let document = if let Some(document) = found {
                document
            } else {
                let (account, region) = (&place.account, &place.region);
                let cause = place.cause(documents)?;
                warn!(account, region, "what is in use is not known: {cause}");
                put_unread(store, documents, account, region, &cause)?
            };
            let is_known = document.failures().is_empty();
            known += u32::from(is_known);
            unknown += u32::from(!is_known);
        }
    }
    info!(known, unknown, "what is in use is settled");
    Ok(WorkloadsOutput { run: run.run.clone(), known, unknown, status: Status::of(unknown != 0) })
}

/// Reads the lists that clusters put into the store.
fn read_clusters(store: &Store) -> Result<(), StoreError> {
    for (_, record) in store.read_cluster_lists(&[])? {
        for read in newest_sources([&record]) {
            match &read.state {
                SourceState::Failed(cause) => warn!("{} is not known: {cause}", read.scope),
                SourceState::Read | SourceState::NotEnabled(_) => {
                    info!(uses = record.uses.len(), "read {}", read.scope);
                }
            }
        }
    }
    Ok(())
}

/// An account and region of a run.
struct Place {
    account: String,
    region: String,
    why: Why,
}

/// Why a place may have no document.
enum Why {
    /// Its call failed: this is what the call is named.
    Called(String),
    /// It has no line, for this reason.
    Unread(String),
}

impl Place {
    fn cause(&self, documents: &Documents) -> Result<String, StoreError> {
        match &self.why {
            Why::Unread(problem) => Ok(problem.clone()),
            Why::Called(name) => {
                let failed: Option<FailedDocument> = documents.read(&names::failed(name))?;
                Ok(failed.map_or_else(|| WITHOUT_A_WORD.to_owned(), |failed| failed.failure.message))
            }
        }
    }
}

fn places(run: &RunDocument) -> Vec<Place> {
    let planned = (0..).zip(&run.registries).map(|(registry, planned)| {
        let (account, region) = (planned.account.clone(), planned.region.clone());
        let line = WorkloadsLine { run: run.run.clone(), registry, account, region };
        let name = line.name();
        Place { account: line.account, region: line.region, why: Why::Called(name) }
    });
    let unread = run.unread.iter().filter_map(|unread| {
        let (account, region) = (unread.account.clone()?, unread.region.clone());
        Some(Place { account, region, why: Why::Unread(unread.problem.clone()) })
    });
    planned.chain(unread).collect()
}
