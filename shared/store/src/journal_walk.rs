//! A journal entry by entry, however large it is.

use std::collections::VecDeque;

use demurrage_core::journal::{Dropped, Entry, Intent, JournalTextError, Outcome};

use crate::journal_names::{JournalNames, dropped_name, intent_name, outcome_name};
use crate::{Documents, StoreError};

/// Entries that are read at a time, and that are in memory.
const ENTRIES_AHEAD: usize = 64;

/// Goes through a journal, in the order in which it was written. What is written after it began is not in it.
#[derive(Debug)]
pub struct JournalWalk {
    documents: Documents,
    names: JournalNames,
    /// The next entry, and the next list of dropped images, from 0.
    next: usize,
    next_drop: u64,
    read: VecDeque<Entry>,
}

impl JournalWalk {
    pub(crate) fn begin(documents: Documents) -> Result<Self, StoreError> {
        let names = JournalNames::of(&documents.names()?, |name| documents.shown(name))?;
        Ok(Self { documents, names, next: 0, next_drop: 0, read: VecDeque::new() })
    }

    pub(crate) const fn names(&self) -> &JournalNames {
        &self.names
    }

    /// How many entries it has.
    pub const fn len(&self) -> usize {
        self.names.has_outcome.len()
    }

    /// Whether it has no entries.
    pub const fn is_empty(&self) -> bool {
        self.names.has_outcome.is_empty()
    }

    /// Whether everything was done that was to be done.
    pub const fn is_finished(&self) -> bool {
        self.names.is_finished
    }

    /// The next images that were left alone, as they were written down together; nothing after the last ones.
    ///
    /// # Errors
    /// When the object is damaged, or cannot be read.
    pub fn next_dropped(&mut self) -> Result<Option<Vec<Dropped>>, StoreError> {
        if self.names.drops <= self.next_drop {
            return Ok(None);
        }
        self.next_drop += 1;
        let name = dropped_name(self.next_drop);
        let bytes = self.documents.get(&name)?;
        self.parsed(&name, bytes, Dropped::from_json).map(Some)
    }

    /// Reads the next few entries.
    fn read_ahead(&mut self) -> Result<(), StoreError> {
        let mut asked: Vec<String> = Vec::new();
        let ahead = self.names.has_outcome.iter().enumerate().skip(self.next).take(ENTRIES_AHEAD);
        let ahead: Vec<(u64, bool)> = ahead.map(|(place, has)| (place as u64 + 1, *has)).collect();
        for &(number, has_outcome) in &ahead {
            asked.push(intent_name(number));
            asked.extend(has_outcome.then(|| outcome_name(number)));
        }
        let mut found = asked.iter().zip(self.documents.get_all(&asked)?);
        for (number, has_outcome) in ahead {
            let Some((name, bytes)) = found.next() else { break };
            let intent = self.parsed(name, bytes, Intent::from_json)?;
            let mut outcome = None;
            if has_outcome && let Some((name, bytes)) = found.next() {
                outcome = Some(self.parsed(name, bytes, Outcome::from_json)?);
            }
            if intent.number != number || outcome.as_ref().is_some_and(|outcome| outcome.number != number) {
                return Err(StoreError::corrupt(self.documents.shown(name), "its number is another one"));
            }
            self.read.push_back(Entry { intent, outcome });
            self.next += 1;
        }
        Ok(())
    }

    fn parsed<T>(
        &self,
        name: &str,
        bytes: Option<Vec<u8>>,
        read: impl Fn(&str) -> Result<T, JournalTextError>,
    ) -> Result<T, StoreError> {
        let damaged = |cause: &dyn std::fmt::Display| StoreError::corrupt(self.documents.shown(name), cause);
        let bytes = bytes.ok_or_else(|| damaged(&"it is gone, and was there a moment ago"))?;
        let text = String::from_utf8(bytes).map_err(|error| damaged(&error))?;
        read(&text).map_err(|error| damaged(&error))
    }
}

impl Iterator for JournalWalk {
    type Item = Result<Entry, StoreError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.read.is_empty()
            && self.next < self.len()
            && let Err(error) = self.read_ahead()
        {
            // Nothing after what is damaged is told of.
            self.next = self.len();
            return Some(Err(error));
        }
        self.read.pop_front().map(Ok)
    }
}
