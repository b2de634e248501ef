//! What is in use now: by the records of the store where they are new enough, or else by asking again.

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_aws::Session;
use demurrage_aws::accounts::AccountSessions;
use demurrage_aws::workloads::{KnownFunctionVersions, WorkloadOptions, read_workloads};
use demurrage_config::InUseConfiguration;
use demurrage_core::in_use::KnownUses;
use demurrage_core::plan::RepositoryAddress;
use demurrage_serve::StoredUses;
use demurrage_store::Store;
use tokio::runtime::Handle;
use tokio::task::block_in_place;
use tracing::info;

/// Where what is in use is learnt from.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UsesNow<'a> {
    pub(crate) store: &'a Store,
    pub(crate) reads: &'a AccountSessions,
    pub(crate) configured: &'a InUseConfiguration,
    /// How old it may be.
    pub(crate) max_age: TimeDelta,
}

impl UsesNow<'_> {
    /// What is known for a registry of this account and region, at this time; why it cannot be known otherwise.
    pub(crate) async fn read(
        self,
        address: RepositoryAddress,
        now: DateTime<Utc>,
    ) -> Result<KnownUses, String> {
        let known = self.stored()?;
        let gaps = known.coverage.gaps(address.account.as_deref(), &address.region, now, self.max_age);
        if gaps.is_empty() {
            return Ok(known);
        }
        let account = address.account.as_deref().unwrap_or_else(|| self.reads.own().account());
        let session = self.reads.of(account).await.map_err(|error| error.to_string())?;
        for region in known.coverage.regions_to_ask(account, &address.region) {
            self.ask(&session, &region, now)?;
        }
        let known = self.stored()?;
        for older in known.coverage.older(now, self.max_age) {
            info!("{older}: nothing newer can be asked from here");
        }
        Ok(known)
    }

    fn stored(&self) -> Result<KnownUses, String> {
        let stored = block_in_place(|| StoredUses::of(self.store, &self.configured.rules));
        stored.map(|stored| stored.known).map_err(|failure| failure.message)
    }

    fn ask(&self, session: &Session, region: &str, now: DateTime<Utc>) -> Result<(), String> {
        let options = WorkloadOptions {
            task_definition_revisions: self.configured.task_definition_revisions,
            lambda_versions_back: self.configured.lambda_versions_back,
            inspector: self.configured.inspector,
        };
        let account = session.account();
        let known = block_in_place(|| self.known_functions(account, region))?;
        // On this thread: who applies waits for it in any case.
        let session = session.in_region(region);
        let turn = block_in_place(|| self.store.use_turn()).map_err(|error| error.to_string())?;
        let reading = read_workloads(&session, &options, &known, now);
        let mut read = block_in_place(|| Handle::current().block_on(reading));
        read.record.turn = turn;
        let place = block_in_place(|| self.store.add_use(&read.record)).map_err(|error| error.to_string())?;
        info!(region, uses = read.record.uses.len(), place, "asked what is in use");
        Ok(())
    }

    /// What `collect-workloads` knows of functions, so that fewer are asked about; what cannot be read is asked anew.
    fn known_functions(&self, account: &str, region: &str) -> Result<KnownFunctionVersions, String> {
        let documents = self.store.documents(&["functions"]).map_err(|error| error.to_string())?;
        let bytes = documents.get(&format!("{account}-{region}.json")).map_err(|error| error.to_string())?;
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(text.and_then(|text| KnownFunctionVersions::from_json(&text).ok()).unwrap_or_default())
    }
}
