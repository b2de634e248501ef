//! What a run of an apply holds, and what is asked before each batch.

use std::collections::BTreeMap;
use std::time::Duration;

use chrono::{DateTime, Utc};
use demurrage_core::apply::{Halt, HaltKind};
use demurrage_core::in_use::KnownUses;
use demurrage_core::plan::RepositoryAddress;
use demurrage_store::Journal;
use tokio::task::block_in_place;
use tokio::time::Instant;

use super::ApplyContext;
use super::halt::{by_call, by_lease, by_store, halt};
use crate::collect::look_up_exclusion;
use crate::{CallError, CallErrorKind, Ecr, Session};

/// A run of an apply.
pub(super) struct Run<'a> {
    pub(super) context: ApplyContext<'a>,
    pub(super) journal: Journal,
    /// By account: its session, or why there is none.
    sessions: BTreeMap<String, Result<Session, String>>,
    /// By account and region.
    clients: BTreeMap<(String, String), Ecr>,
    /// By account and region: whether manifests can be read without a trace.
    leaves_no_trace: BTreeMap<(String, String), bool>,
    uses: Option<KnownUses>,
    /// Answers that were lost.
    lost: u32,
    /// Calls that were throttled, one after the other.
    throttled: u32,
}

/// How often in a row a call that changes something may be throttled.
const THROTTLED_MAX: u32 = 10;
/// The first pause after it was; each is twice as long as the one before, up to the second.
const PAUSE_FIRST: Duration = Duration::from_millis(250);
const PAUSE_MAX: Duration = Duration::from_secs(20);

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
        let own = context.session;
        let sessions = BTreeMap::from([(own.account().to_owned(), Ok(own.clone()))]);
        let (clients, leaves_no_trace) = (BTreeMap::new(), BTreeMap::new());
        Self { context, journal, sessions, clients, leaves_no_trace, uses: None, lost: 0, throttled: 0 }
    }

    /// The time.
    pub(super) fn now(&self) -> DateTime<Utc> {
        (self.context.now)()
    }

    /// The account of a repository: where the plan does not say it, that of the own session.
    pub(super) fn account(&self, address: &RepositoryAddress) -> String {
        let own = || self.context.session.account().to_owned();
        address.account.clone().unwrap_or_else(own)
    }

    /// The session of the account of a repository, which [`Self::not_ours`] has opened.
    fn session(&self, address: &RepositoryAddress) -> Result<&Session, Halt> {
        let account = self.account(address);
        if let Some(Ok(session)) = self.sessions.get(&account) {
            return Ok(session);
        }
        Err(halt(HaltKind::CallFailed, format!("there is no session of the account {account}")))
    }

    /// The registry that a repository is in.
    pub(super) fn ecr(&mut self, address: &RepositoryAddress) -> Result<Ecr, Halt> {
        let key = (self.account(address), address.region.clone());
        if let Some(ecr) = self.clients.get(&key) {
            return Ok(ecr.clone());
        }
        let ecr = self.session(address)?.ecr(&address.region);
        self.clients.insert(key, ecr.clone());
        Ok(ecr)
    }

    /// Whether manifests can be read in this registry without images looking used.
    pub(super) async fn leaves_no_trace(&mut self, address: &RepositoryAddress) -> Result<bool, Halt> {
        let key = (self.account(address), address.region.clone());
        if let Some(&known) = self.leaves_no_trace.get(&key) {
            return Ok(known);
        }
        let ecr = self.ecr(address)?;
        let answer = look_up_exclusion(&ecr, self.session(address)?).await.leaves_no_trace();
        self.leaves_no_trace.insert(key, answer);
        Ok(answer)
    }

    /// Why a repository cannot be changed by these credentials, where it cannot. Of another account a session is opened, where
    /// there is a way to it.
    pub(super) async fn not_ours(&mut self, address: &RepositoryAddress) -> Result<Option<String>, Halt> {
        let account = self.account(address);
        if let Some(known) = self.sessions.get(&account) {
            return Ok(known.as_ref().err().cloned());
        }
        let opened = match self.context.accounts {
            None => Err(other_account(&account, self.context.session.account())),
            Some(accounts) => match accounts.of(&account).await {
                Ok(session) => Ok(session),
                Err(error) if error.kind == CallErrorKind::Credentials => Err(error.cause),
                Err(error) => return Err(by_call(&error)),
            },
        };
        let why = opened.as_ref().err().cloned();
        self.sessions.insert(account, opened);
        Ok(why)
    }

    /// A call that changes something was throttled: waits, or ends the run where that was so again and again.
    pub(super) async fn throttled(&mut self, error: &CallError) -> Result<(), Halt> {
        self.throttled += 1;
        if THROTTLED_MAX <= self.throttled {
            return Err(by_call(error));
        }
        let pause = PAUSE_FIRST * 2_u32.pow(self.throttled - 1);
        tokio::time::sleep(pause.min(PAUSE_MAX)).await;
        Ok(())
    }

    /// A call that changes something was answered.
    pub(super) const fn answered(&mut self) {
        self.throttled = 0;
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
        if let Some(cause) = self.other_part_halted()? {
            return Err(halt(HaltKind::OtherPart, cause));
        }
        if self.context.plan.plan.head.has_expired(self.now()) {
            return Err(halt(HaltKind::Expired, "the plan expired meanwhile"));
        }
        self.context.lease.keep().await.map_err(|error| by_lease(&error))
    }

    /// What another part of the plan met that concerns all of it. Who applies all of it by hand has seen that.
    fn other_part_halted(&self) -> Result<Option<String>, Halt> {
        let ApplyContext { store, plan, options, .. } = &self.context;
        if options.part.is_none() {
            return Ok(None);
        }
        let found = block_in_place(|| store.plan_halt(&plan.plan.hash)).map_err(by_store)?;
        Ok(found.map(|found| format!("part {} ended: {}", found.part, found.detail)))
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
        let account = self.account(address);
        let gaps =
            uses.coverage.gaps(Some(&account), &address.region, self.now(), self.context.options.use_max_age);
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

/// That a repository is of another account than whoever asks.
pub(super) fn other_account(account: &str, own: &str) -> String {
    format!("it is of the account {account}, and these credentials are of {own}")
}
