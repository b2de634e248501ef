//! What is in use, read again while a plan is carried out.

use chrono::{DateTime, TimeDelta, Utc};
use demurrage_aws::Session;
use demurrage_aws::workloads::{WorkloadOptions, read_workloads};
use demurrage_config::Configuration;
use demurrage_core::in_use::KnownUses;
use demurrage_core::plan::RepositoryAddress;
use demurrage_store::Store;
use tokio::task::block_in_place;

use crate::command::use_::account::{known_functions, remember};
use crate::failure::Failure;
use crate::in_use_args::InUseArgs;
use crate::known_uses::known_uses;
use crate::talk;

/// What is known is read again where it is older.
const MAX_AGE: TimeDelta = TimeDelta::minutes(15);

/// Where uses come from.
pub(super) struct Uses<'a> {
    pub(super) store: &'a Store,
    pub(super) session: &'a Session,
    pub(super) in_use: &'a InUseArgs,
    pub(super) configuration: &'a Configuration,
}

impl Uses<'_> {
    /// What is in use as it is known now: of the store where that was read lately, and otherwise asked of AWS and kept in the
    /// store. What cannot be asked by these credentials stays a gap.
    ///
    /// # Errors
    /// When a record or a file cannot be read, or the store refuses.
    pub(super) fn read(&self, address: &RepositoryAddress, at: DateTime<Utc>) -> Result<KnownUses, String> {
        let known = block_in_place(|| self.known()).map_err(|error| error.to_string())?;
        let account = Some(self.session.account());
        if known.coverage.gaps(account, &address.region, at, MAX_AGE).is_empty() {
            return Ok(known);
        }
        for region in known.coverage.regions_to_ask(self.session.account(), &address.region) {
            talk::say(format!("reading what is in use in {region}"));
            self.ask(&region, at)?;
        }
        let known = block_in_place(|| self.known()).map_err(|error| error.to_string())?;
        for older in known.coverage.older(at, MAX_AGE) {
            talk::say(format!("{older}: nothing newer can be asked from here"));
        }
        Ok(known)
    }

    fn known(&self) -> Result<KnownUses, Failure> {
        known_uses(self.store, self.in_use, &self.configuration.in_use.rules)
    }

    fn ask(&self, region: &str, at: DateTime<Utc>) -> Result<(), String> {
        let configured = &self.configuration.in_use;
        let options = WorkloadOptions {
            task_definition_revisions: configured.task_definition_revisions,
            lambda_versions_back: configured.lambda_versions_back,
            inspector: configured.inspector,
        };
        let session = self.session.in_region(region);
        let store = self.store;
        let known = block_in_place(|| known_functions(store, &session)).map_err(|error| error.to_string())?;
        let kept = block_in_place(|| {
            let turn = store.use_turn()?;
            // What it waits for cannot be seen to be one that other threads may go on with.
            let asked = read_workloads(&session, &options, &known, at);
            let mut read = tokio::runtime::Handle::current().block_on(asked);
            read.record.turn = turn;
            remember(store, &session, &read.function_versions)?;
            store.add_use(&read.record)
        });
        kept.map(|_| ()).map_err(|error| error.to_string())
    }
}
