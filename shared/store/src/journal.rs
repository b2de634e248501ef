//! Journals in the folder `journals` of a store: what was about to be done to a registry, and what came of it.
//!
//! A journal has the name of a plan, by its hash, or of a restoration. Its objects are numbered, put once and never changed:
//! `0000000001-intent.json` before a call, durable before the call is made; `0000000001-outcome.json` after it;
//! `0000000001-dropped.json` by numbers of its own; `done.json` at the end. A number that is taken is somebody else's: then
//! two are at work, and the second one is told. In a folder a name appears by a rename, in a bucket with all of its object,
//! so what is half written is never seen. Leaves out who may be at work ([`crate::FolderLease`]) and what entries mean.

use std::hash::{BuildHasher, RandomState};

use chrono::{DateTime, Utc};
use demurrage_core::journal::{Call, Dropped, Entry, Intent, Outcome, SavedImage};
use demurrage_core::plan::RepositoryAddress;
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::journal_names::{DONE, JournalNames, dropped_name, intent_name, outcome_name};
use crate::{Documents, JournalWalk, Store, StoreError};

/// The folder of journals in a store.
pub(crate) const JOURNALS: &str = "journals";

/// A journal that is written. Memory grows with its entries, but not with the manifests in them: those of an entry with an
/// outcome are let go, and [`Store::journal_walk`] has them all.
#[derive(Debug)]
pub struct Journal {
    documents: Documents,
    plan: String,
    /// What tells this writer from every other one.
    writer: String,
    entries: Vec<Entry>,
    drops: u64,
    is_finished: bool,
}

impl Store {
    /// The names of all journals, in order: hashes of plans, and restorations.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub fn journals(&self) -> Result<Vec<String>, StoreError> {
        self.documents(&[JOURNALS])?.folders()
    }

    /// When the first entry of a journal was written; nothing where it has none.
    ///
    /// # Errors
    /// When the name is none, or the first entry cannot be read.
    pub fn journal_first(&self, journal: &str) -> Result<Option<DateTime<Utc>>, StoreError> {
        let documents = self.documents(&[JOURNALS, journal])?;
        let name = intent_name(1);
        let Some(bytes) = documents.get(&name)? else { return Ok(None) };
        let damaged = |cause: String| StoreError::corrupt(documents.shown(&name), cause);
        let text = String::from_utf8(bytes).map_err(|error| damaged(error.to_string()))?;
        let intent = Intent::from_json(&text).map_err(|error| damaged(error.to_string()))?;
        Ok(Some(intent.at))
    }

    /// Whether what a journal is of was done to its end; one that is not there was not.
    ///
    /// # Errors
    /// When the name is none, or the place cannot be read.
    pub fn journal_is_done(&self, journal: &str) -> Result<bool, StoreError> {
        Ok(self.documents(&[JOURNALS, journal])?.get(DONE)?.is_some())
    }

    /// Goes through a journal entry by entry; one that is not there has none.
    ///
    /// # Errors
    /// When the name is none, the place cannot be read, or an object is missing.
    pub fn journal_walk(&self, journal: &str) -> Result<JournalWalk, StoreError> {
        JournalWalk::begin(self.documents(&[JOURNALS, journal])?)
    }
}

impl Journal {
    /// Opens the journal of this name, and reads what is there. `about` is what its intents are said to be of: the hash of the
    /// plan, or the journal that is restored.
    ///
    /// # Errors
    /// When the name is none, the place cannot be read, or an object is missing or damaged.
    pub fn open_about(store: &Store, name: &str, about: &str) -> Result<Self, StoreError> {
        Self::open_with(store, name, about, without_manifests)
    }

    /// The same, for whoever goes on with it: of what has an outcome nothing is held that is known of its images beside.
    ///
    /// # Errors
    /// As for [`Self::open_about`].
    pub fn open_lean(store: &Store, name: &str, about: &str) -> Result<Self, StoreError> {
        Self::open_with(store, name, about, without_images)
    }

    fn open_with(
        store: &Store,
        name: &str,
        about: &str,
        held: fn(Entry) -> Entry,
    ) -> Result<Self, StoreError> {
        let documents = store.documents(&[JOURNALS, name])?;
        let mut walk = JournalWalk::begin(documents.clone())?;
        let entries = walk.by_ref().map(|entry| entry.map(held)).collect::<Result<_, _>>()?;
        let JournalNames { drops, is_finished, .. } = *walk.names();
        let writer = format!("{:016x}", RandomState::new().hash_one(name));
        Ok(Self { documents, plan: about.to_owned(), writer, entries, drops, is_finished })
    }

    /// Opens the journal of a plan, by its hash, and reads what is there.
    ///
    /// # Errors
    /// As for [`Self::open_about`].
    pub fn open(store: &Store, plan: &str) -> Result<Self, StoreError> {
        Self::open_about(store, plan, plan)
    }

    /// The place of the journal, as it is shown.
    pub fn shown(&self) -> String {
        self.documents.shown("").trim_end_matches('/').to_owned()
    }

    /// Its entries, in the order in which they were written. Those with an outcome are without manifests.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entries without an outcome: calls of which nobody knows whether they were made.
    pub fn open_entries(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.outcome.is_none())
    }

    /// Writes down what is about to be done; returns its number. When this returns, it is durable, and the call may be made.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when somebody else writes in this journal; otherwise when the file system or the bucket refuses.
    pub fn intend(
        &mut self,
        at: DateTime<Utc>,
        repository: &RepositoryAddress,
        call: Call,
        images: Vec<SavedImage>,
    ) -> Result<u64, StoreError> {
        let intent = Intent {
            number: self.entries.len() as u64 + 1,
            plan: self.plan.clone(),
            writer: self.writer.clone(),
            at,
            repository: repository.clone(),
            call,
            images,
        };
        let number = intent.number;
        self.documents.claim(&intent_name(number), intent.to_json().as_bytes())?;
        self.entries.push(Entry { intent, outcome: None });
        Ok(number)
    }

    /// Writes down what came of an intent.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when it has another outcome already, and [`StoreError::Order`] when there is no such intent;
    /// otherwise when the file system or the bucket refuses.
    pub fn conclude(&mut self, outcome: &Outcome) -> Result<(), StoreError> {
        let place = usize::try_from(outcome.number).ok().and_then(|number| number.checked_sub(1));
        let Some(entry) = place.and_then(|place| self.entries.get_mut(place)) else {
            let cause = format!("there is no intent {}", outcome.number);
            return Err(StoreError::order(self.documents.shown(""), cause));
        };
        self.documents.claim(&outcome_name(outcome.number), outcome.to_json().as_bytes())?;
        entry.outcome = Some(outcome.clone());
        entry.intent.images.iter_mut().for_each(|image| image.manifest = None);
        Ok(())
    }

    /// Holds no more of what was done in a repository than that it was done, so that a large plan can be gone through: nothing
    /// of it is looked at again.
    pub fn let_go_of(&mut self, repository: &RepositoryAddress) {
        for Entry { intent, outcome } in &mut self.entries {
            let Some(outcome) = outcome else { continue };
            if intent.repository == *repository {
                intent.images = Vec::new();
                outcome.done = Vec::new();
                outcome.failures = Vec::new();
                if let Call::Delete { ids } = &mut intent.call {
                    *ids = Vec::new();
                }
            }
        }
    }

    /// Writes down which images of the plan stay after all; nothing where there are none.
    ///
    /// # Errors
    /// As for [`Self::intend`].
    pub fn drop_images(&mut self, dropped: &[Dropped]) -> Result<(), StoreError> {
        if dropped.is_empty() {
            return Ok(());
        }
        let number = self.drops + 1;
        self.documents.claim(&dropped_name(number), Dropped::to_json(dropped).as_bytes())?;
        self.drops = number;
        Ok(())
    }

    /// Writes down that everything was done, with a report of it.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when another report is there already; otherwise when the file system or the bucket refuses.
    pub fn finish(&mut self, report: &impl Serialize) -> Result<(), StoreError> {
        let shown = self.documents.shown(DONE);
        let bytes = serde_json::to_vec_pretty(report).map_err(|error| StoreError::corrupt(shown, error))?;
        self.documents.claim(DONE, &bytes)?;
        self.is_finished = true;
        Ok(())
    }

    /// Whether everything was done.
    pub const fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// The report of what was done, where everything was.
    ///
    /// # Errors
    /// When it cannot be read, or is no such report.
    pub fn report<R: DeserializeOwned>(&self) -> Result<Option<R>, StoreError> {
        self.documents.read(DONE)
    }
}

/// The name of the journal of a plan, or of one part of it that is applied by itself.
pub fn journal_of(plan: &str, part: Option<usize>) -> String {
    part.map_or_else(|| plan.to_owned(), |part| format!("{plan}-part-{part:05}"))
}

/// The entry, without what is known of its images if nobody needs it to find out what became of it.
fn without_images(mut entry: Entry) -> Entry {
    if entry.outcome.is_some() {
        entry.intent.images = Vec::new();
    }
    entry
}

/// The entry, without the manifests if nobody needs them to find out what became of it.
fn without_manifests(mut entry: Entry) -> Entry {
    if entry.outcome.is_some() {
        entry.intent.images.iter_mut().for_each(|image| image.manifest = None);
    }
    entry
}
