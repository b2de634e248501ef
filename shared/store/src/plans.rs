//! The plans of a store: `plans/HASH/`, never changed once written, and found by their times and hashes.
//!
//! The description is put after the parts, and then a mark of time and hash, by which plans are listed.

use chrono::{DateTime, Utc};
use demurrage_core::plan::{HASH_PREFIX_MIN, Plan, PlanHash, Source};

use crate::plan_reader::{PlanError, StoredPlan};
use crate::{Documents, InventoryEntry, PlanFiles, Put, Store, StoreError};

/// The folder of the plans.
pub(crate) const PLANS: &str = "plans";
/// The folder of their marks: `20261125T010000Z-HASH`.
const MARKS: &str = "plans-by-time";
/// The form of the time in a mark, by which marks are in the order of times.
const STAMP: &str = "%Y%m%dT%H%M%SZ";

/// A plan that a store has, as its mark says.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlanMark {
    /// The time that it was decided for, to the second.
    pub stamp: String,
    /// Its hash.
    pub hash: PlanHash,
}

impl PlanMark {
    /// The mark of a plan of this time.
    fn of(made_at: DateTime<Utc>, hash: PlanHash) -> Self {
        Self { stamp: made_at.format(STAMP).to_string(), hash }
    }

    fn name(&self) -> String {
        format!("{}-{}", self.stamp, self.hash)
    }

    fn parse(name: &str) -> Option<Self> {
        let (stamp, hash) = name.split_once('-')?;
        Some(Self { stamp: stamp.to_owned(), hash: hash.parse().ok()? })
    }
}

impl Store {
    /// Keeps a plan, and says where its description is. The same once more changes nothing.
    ///
    /// # Errors
    /// When there is another one in its place, or the file system or the bucket refuses.
    pub fn add_plan(&self, files: &PlanFiles) -> Result<String, StoreError> {
        let hash = files.plan.hash.to_string();
        let documents = self.documents(&[PLANS, &hash])?;
        for (name, text) in &files.files {
            put_same(&documents, name, text)?;
        }
        put_mark(self, &files.plan)?;
        Ok(documents.shown(crate::plan_files::PLAN_FILE))
    }

    /// All plans, from the oldest to the newest.
    ///
    /// # Errors
    /// When the place cannot be read.
    pub fn plans(&self) -> Result<Vec<PlanMark>, StoreError> {
        let mut marks: Vec<PlanMark> =
            self.place.list(&[MARKS])?.iter().filter_map(|name| PlanMark::parse(name)).collect();
        marks.sort();
        Ok(marks)
    }

    /// The plan of this hash, or the only one whose hash begins so; twelve digits at least.
    ///
    /// # Errors
    /// When there is none, there are several, or its description was changed.
    pub fn plan(&self, wanted: &str) -> Result<StoredPlan, PlanError> {
        let no_such = || PlanError::NoSuch { wanted: wanted.to_owned(), store: self.shown() };
        if let Ok(hash) = wanted.parse::<PlanHash>() {
            return match self.plan_of(hash) {
                Err(PlanError::Missing { .. }) => Err(no_such()),
                found => found,
            };
        }
        if wanted.len() < HASH_PREFIX_MIN {
            return Err(no_such());
        }
        let marks = self.plans()?.into_iter().map(|mark| mark.hash);
        let mut hashes: Vec<PlanHash> = marks.filter(|hash| hash.is_meant_by(wanted)).collect();
        hashes.sort_unstable();
        hashes.dedup();
        match hashes.as_slice() {
            [] => Err(no_such()),
            [hash] => self.plan_of(*hash),
            _ => Err(PlanError::Ambiguous {
                wanted: wanted.to_owned(),
                store: self.shown(),
                hashes: hashes.iter().map(ToString::to_string).collect(),
            }),
        }
    }

    /// An inventory as something that a plan is decided from: its name, and the hash of its description, which has the
    /// checksums of its files.
    ///
    /// # Errors
    /// When the description cannot be read.
    pub fn inventory_source(&self, entry: &InventoryEntry) -> Result<Source, StoreError> {
        let name = entry.name().to_owned();
        let text = self.place.description(&name)?.unwrap_or_default();
        Ok(Source { hash: crate::sha256(text.as_bytes()).to_string(), name })
    }

    fn plan_of(&self, hash: PlanHash) -> Result<StoredPlan, PlanError> {
        let found = StoredPlan::in_store(self.documents(&[PLANS, &hash.to_string()])?)?;
        if found.plan.hash == hash {
            Ok(found)
        } else {
            Err(PlanError::Changed { file: found.path(), what: "its hash is not that of its folder" })
        }
    }
}

/// Puts the mark by which a plan is found, after everything else.
pub(crate) fn put_mark(store: &Store, plan: &Plan) -> Result<(), StoreError> {
    let mark = PlanMark::of(plan.head.made_at, plan.hash);
    put_same(&store.documents(&[MARKS])?, &mark.name(), "{}\n")
}

/// Puts an object, where there is none or the same.
pub(crate) fn put_same(documents: &Documents, name: &str, text: &str) -> Result<(), StoreError> {
    match documents.put_new(name, text.as_bytes())? {
        Put::New => Ok(()),
        Put::AlreadyThere if documents.get(name)?.as_deref() == Some(text.as_bytes()) => Ok(()),
        Put::AlreadyThere => {
            Err(StoreError::corrupt(documents.shown(name), "it is not what the same plan says there"))
        }
    }
}

#[cfg(test)]
mod tests;
