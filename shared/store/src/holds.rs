//! Holds in the folder `holds` of a store: images that somebody holds back from every plan.
//!
//! A hold is put once under the next free number, `0000000001-hold.json`; that it ended is an object beside it,
//! `0000000001-end.json`. Nothing is changed or deleted. Leaves out what a hold keeps (the core knows).

use chrono::{DateTime, Utc};
use demurrage_core::instant;
use demurrage_core::plan::Hold;
use serde::{Deserialize, Serialize};

use crate::journal_names::number_of;
use crate::numbered::put_numbered;
use crate::{Documents, Put, Store, StoreError};

const HOLDS: &str = "holds";
const HOLD: &str = "-hold.json";
const END: &str = "-end.json";

/// The form of the end of a hold that this program writes and reads.
const FORMAT_VERSION: u64 = 1;

/// That a hold is over before its time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoldEnd {
    /// From when on.
    pub at: DateTime<Utc>,
    /// Who says so.
    pub by: String,
    /// Why.
    pub reason: String,
}

/// A hold of the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredHold {
    /// Its number, by which it is ended.
    pub number: u64,
    /// The hold.
    pub hold: Hold,
    /// That somebody ended it.
    pub ended: Option<HoldEnd>,
}

impl StoredHold {
    /// Whether it holds at this time.
    pub fn is_in_force(&self, now: DateTime<Utc>) -> bool {
        self.ended.is_none() && self.hold.holds_at(now)
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredEnd {
    format_version: u64,
    at: String,
    by: String,
    reason: String,
}

impl Store {
    /// All holds that were ever made, in their order.
    ///
    /// # Errors
    /// When the place cannot be read, or a hold is damaged or of a newer format: what it holds is not known then.
    pub fn stored_holds(&self) -> Result<Vec<StoredHold>, StoreError> {
        let documents = self.documents(&[HOLDS])?;
        let names = documents.names()?;
        let holds: Vec<String> =
            names.iter().filter(|name| number_of(name, HOLD).is_some()).cloned().collect();
        let mut all = Vec::with_capacity(holds.len());
        for (name, bytes) in holds.iter().zip(documents.get_all(&holds)?) {
            let (Some(number), Some(bytes)) = (number_of(name, HOLD), bytes) else { continue };
            let damaged = |cause: String| StoreError::corrupt(documents.shown(name), cause);
            let text = String::from_utf8(bytes).map_err(|error| damaged(error.to_string()))?;
            let hold = Hold::from_json(&text).map_err(|error| damaged(error.to_string()))?;
            let end = format!("{number:010}{END}");
            let ended = if names.binary_search(&end).is_ok() { end_of(&documents, &end)? } else { None };
            all.push(StoredHold { number, hold, ended });
        }
        Ok(all)
    }

    /// The holds that are in force at this time, in the order in which they were made.
    ///
    /// # Errors
    /// As for [`Self::stored_holds`].
    pub fn holds(&self, now: DateTime<Utc>) -> Result<Vec<Hold>, StoreError> {
        let all = self.stored_holds()?.into_iter();
        Ok(all.filter(|stored| stored.is_in_force(now)).map(|stored| stored.hold).collect())
    }

    /// Adds a hold; returns its number.
    ///
    /// # Errors
    /// When the file system or the bucket refuses.
    pub fn add_hold(&self, hold: &Hold) -> Result<u64, StoreError> {
        put_numbered(&self.documents(&[HOLDS])?, HOLD, hold.to_json().as_bytes())
    }

    /// Ends the hold of this number; one that was ended already stays as it is.
    ///
    /// # Errors
    /// When the file system or the bucket refuses.
    pub fn end_hold(&self, number: u64, end: &HoldEnd) -> Result<Put, StoreError> {
        let documents = self.documents(&[HOLDS])?;
        let name = format!("{number:010}{END}");
        let stored = StoredEnd {
            format_version: FORMAT_VERSION,
            at: instant::format(end.at),
            by: end.by.clone(),
            reason: end.reason.clone(),
        };
        let bytes = serde_json::to_vec_pretty(&stored);
        let bytes = bytes.map_err(|error| StoreError::corrupt(documents.shown(&name), error))?;
        documents.put_new(&name, &bytes)
    }
}

fn end_of(documents: &Documents, name: &str) -> Result<Option<HoldEnd>, StoreError> {
    let Some(stored) = documents.read_versioned::<StoredEnd>(name, FORMAT_VERSION)? else { return Ok(None) };
    let at = instant::parse(&stored.at)
        .ok_or_else(|| StoreError::corrupt(documents.shown(name), format!("`{}` is no time", stored.at)))?;
    Ok(Some(HoldEnd { at, by: stored.by, reason: stored.reason }))
}
