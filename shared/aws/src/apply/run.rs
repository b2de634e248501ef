//! What a run of an apply holds, and what is asked before each batch.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use demurrage_core::apply::{Halt, HaltKind};
use demurrage_core::in_use::KnownUses;
use demurrage_core::plan::RepositoryAddress;
use demurrage_store::Journal;
use tokio::task::block_in_place;
use tokio::time::Instant;

use super::ApplyContext;
use super::halt::{by_lease, by_store, halt};
use crate::collect::look_up_exclusion;
use crate::{CallError, Ecr};

/// A run of an apply.
pub(super) struct Run<'a> {
    pub(super) context: ApplyContext<'a>,
    pub(super) journal: Journal,
    clients: BTreeMap<String, Ecr>,
    /// By region: whether manifests can be read without a trace.
    leaves_no_trace: BTreeMap<String, bool>,
    uses: Option<KnownUses>,
    /// Answers that were lost.
    lost: u32,
}

/// Whether what was asked before a batch lets it begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gate {
    /// It does.
    Open,
    /// What is in use was read anew: who stays has to be asked again.
    UsesAreNew,
}

impl<'a> Run<'a> {
    pub(super) fn new(context: ApplyContext<'a>, journal: Journal) -> Self {
        let (clients, leaves_no_trace) = (BTreeMap::new(), BTreeMap::new());
        Self { context, journal, clients, leaves_no_trace, uses: None, lost: 0 }
    }

    /// The time.
    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.context.now)()
    }

    /// The registry of the session's account in a region.
    pub(super) fn ecr(&mut self, region: &str) -> Ecr {
        let session = self.context.session;
        self.clients.entry(region.to_owned()).or_insert_with(|| session.ecr(region)).clone()
    }

    /// Whether manifests can be read in this region without images looking used.
    pub(super) async fn leaves_no_trace(&mut self, region: &str) -> bool {
        if let Some(&known) = self.leaves_no_trace.get(region) {
            return known;
        }
        let ecr = self.ecr(region);
        let answer = look_up_exclusion(&ecr, self.context.session).await.leaves_no_trace();
        self.leaves_no_trace.insert(region.to_owned(), answer);
        answer
    }

    /// Why a repository is not this session's, where it is not.
    pub(super) fn not_ours(&self, address: &RepositoryAddress) -> Option<String> {
        let account = address.account.as_deref()?;
        let own = self.context.session.account();
        (account != own)
            .then(|| format!("it is of the account {account}, and these credentials are of {own}"))
    }

    /// Whether anything wants the run to end: asked before each batch, and before a repository is read.
    pub(super) async fn go_on(&mut self) -> Result<(), Halt> {
        if self.context.stop.is_asked() {
            return Err(halt(HaltKind::Interrupted, "it was asked to end"));
        }
        if self.context.options.until.is_some_and(|until| until <= Instant::now()) {
            return Err(halt(HaltKind::TimeIsUp, "the time that it may take is over"));
        }
        let store = self.context.store;
        if let Some(order) = block_in_place(|| store.stop()).map_err(by_store)? {
            let detail = format!("{} ordered to stop: {}", order.by, order.reason);
            return Err(halt(HaltKind::StopOrder, detail));
        }
        if self.context.plan.plan.head.has_expired(self.now()) {
            return Err(halt(HaltKind::Expired, "the plan expired meanwhile"));
        }
        self.context.lease.keep().await.map_err(|error| by_lease(&error))
    }

    /// Everything that is asked before a batch in this repository begins.
    pub(super) async fn gate(&mut self, address: &RepositoryAddress) -> Result<Gate, Halt> {
        self.go_on().await?;
        if self.gaps(address).is_empty() {
            return Ok(Gate::Open);
        }
        self.read_uses(address).await?;
        Ok(Gate::UsesAreNew)
    }

    /// What is in use, as lately read as it has to be.
    pub(super) async fn uses(&mut self, address: &RepositoryAddress) -> Result<&KnownUses, Halt> {
        if !self.gaps(address).is_empty() {
            self.read_uses(address).await?;
        }
        self.uses.as_ref().ok_or_else(|| halt(HaltKind::UseUnknown, "what is in use is not known"))
    }

    async fn read_uses(&mut self, address: &RepositoryAddress) -> Result<(), Halt> {
        let now = self.now();
        let read = (self.context.uses)(address.clone(), now).await;
        self.uses = Some(read.map_err(|cause| halt(HaltKind::UseUnknown, cause))?);
        match self.gaps(address).as_slice() {
            [] => Ok(()),
            [gap] => Err(halt(HaltKind::UseUnknown, format!("what is in use is not known: {gap}"))),
            [gap, others @ ..] => {
                let detail = format!("what is in use is not known: {gap}, and {} more", others.len());
                Err(halt(HaltKind::UseUnknown, detail))
            }
        }
    }

    /// What is not known of use at this moment, in words.
    fn gaps(&self, address: &RepositoryAddress) -> Vec<String> {
        let Some(uses) = &self.uses else { return vec!["nothing was read yet".to_owned()] };
        let account = Some(self.context.session.account());
        let gaps = uses.coverage.gaps(account, &address.region, self.now(), self.context.options.use_max_age);
        gaps.iter().map(ToString::to_string).collect()
    }

    /// An answer was lost: how long that is borne.
    pub(super) fn lost_one(&mut self, error: &CallError) -> Result<(), Halt> {
        self.lost += 1;
        if self.lost <= self.context.options.lost_answers_max {
            return Ok(());
        }
        Err(halt(HaltKind::CallFailed, format!("{} answers were lost; the last: {error}", self.lost)))
    }
}
