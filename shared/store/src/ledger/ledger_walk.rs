//! Going through a ledger repository by repository: what is held is one of them, and a batch of rows.

use std::fmt;
use std::fs::File;
use std::io::{self, Read, Seek};

use arrow_array::RecordBatch;
use chrono::{DateTime, Utc};
use demurrage_core::instant;
use demurrage_core::ledger::{ListingWindow, RepositoryLedger};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};
use parquet::file::metadata::KeyValue;
use serde::{Deserialize, Serialize};

use super::records::Records;
use crate::StoreError;
use crate::columns::VERSION_KEY;
use crate::entry::FileFacts;
use crate::place::facts_of;
use crate::rows::Row;

/// The version of the format of a ledger's file.
pub(super) const LEDGER_VERSION: u64 = 1;
/// The keys, in the metadata of the file, of length and checksum of what comes before the metadata, and of the
/// inventories that are in it.
pub(super) const CHECKSUM_KEY: &str = "rows";
pub(super) const INVENTORIES_KEY: &str = "inventories";

/// An inventory that a ledger has learnt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LearntInventory {
    /// The name of its folder.
    pub(super) name: String,
    /// When it was read.
    from: String,
    until: String,
    /// Whether somebody said so, rather than taking it for as long as usual.
    #[serde(default)]
    pub(super) is_given: bool,
}

impl LearntInventory {
    /// One that is taken to have been read within this window.
    pub(super) fn usual(name: &str, window: ListingWindow) -> Self {
        let [from, until] = [window.from, window.until].map(instant::format);
        Self { name: name.to_owned(), from, until, is_given: false }
    }

    /// One that was read within this window.
    pub(super) fn given(name: &str, window: ListingWindow) -> Self {
        Self { is_given: true, ..Self::usual(name, window) }
    }

    /// When it was read; nothing where that is no time.
    pub(super) fn window(&self) -> Option<ListingWindow> {
        let time = |text: &str| -> Option<DateTime<Utc>> { instant::parse(text) };
        Some(ListingWindow { from: time(&self.from)?, until: time(&self.until)? })
    }
}

/// The repositories of a ledger, in the order of their names, one after another.
pub struct LedgerWalk {
    /// The file as it is shown.
    path: String,
    inventories: Vec<LearntInventory>,
    reader: ParquetRecordBatchReader,
    batch: Option<RecordBatch>,
    number: usize,
}

impl fmt::Debug for LedgerWalk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LedgerWalk").field("path", &self.path).finish_non_exhaustive()
    }
}

impl LedgerWalk {
    pub(super) fn begin(path: &str, file: File) -> Result<Self, StoreError> {
        let damaged = |cause: String| StoreError::corrupt(path, cause);
        let copy = file.try_clone().map_err(StoreError::io("read", path))?;
        let builder =
            ParquetRecordBatchReaderBuilder::try_new(file).map_err(|error| damaged(error.to_string()))?;
        let metadata = builder.metadata().file_metadata().key_value_metadata();
        let value = |key: &str| value_of(metadata, key).ok_or_else(|| damaged(format!("it has no `{key}`")));
        let found =
            value(VERSION_KEY)?.parse().map_err(|_| damaged("its version is no number".to_owned()))?;
        if LEDGER_VERSION < found {
            return Err(StoreError::Newer { path: path.into(), found, known: LEDGER_VERSION });
        }
        let read = |error: serde_json::Error| damaged(error.to_string());
        let written: FileFacts = serde_json::from_str(value(CHECKSUM_KEY)?).map_err(read)?;
        let inventories: Vec<LearntInventory> =
            serde_json::from_str(value(INVENTORIES_KEY)?).map_err(read)?;
        let is_whole = facts_of_first(copy, written.bytes).map_err(StoreError::io("read", path))? == written;
        if !is_whole {
            return Err(damaged("its checksum is not the one that was written down".to_owned()));
        }
        let reader = builder.build().map_err(|error| damaged(error.to_string()))?;
        let mut walk = Self { path: path.to_owned(), inventories, reader, batch: None, number: 0 };
        walk.next_batch()?;
        Ok(walk)
    }

    /// The names of the inventories that are in it, from the oldest to the newest.
    pub fn inventories(&self) -> impl Iterator<Item = &str> {
        self.inventories.iter().map(|inventory| inventory.name.as_str())
    }

    pub(super) fn learnt(&self) -> &[LearntInventory] {
        &self.inventories
    }

    /// The next repository: its name, and its ledger.
    ///
    /// # Errors
    /// When the file is damaged.
    pub fn next_repository(&mut self) -> Result<Option<(String, RepositoryLedger)>, StoreError> {
        let Some(name) = self.name()? else { return Ok(None) };
        let mut records = Records::default();
        while self.name()?.as_deref() == Some(&name) {
            if let Some(row) = self.row() {
                records.take(&row).map_err(|cause| self.damaged(cause))?;
            }
            self.advance()?;
        }
        if self.name()?.is_some_and(|next| next < name) {
            return Err(self.damaged(format!("what comes after `{name}` is out of order")));
        }
        Ok(Some((name, records.ledger())))
    }

    fn row(&self) -> Option<Row<'_>> {
        self.batch.as_ref().map(|batch| Row::new(batch, self.number))
    }

    fn name(&self) -> Result<Option<String>, StoreError> {
        let name = self.row().map(|row| row.text("repository_name").map(str::to_owned));
        name.transpose().map_err(|cause| self.damaged(cause))
    }

    fn advance(&mut self) -> Result<(), StoreError> {
        self.number += 1;
        if self.batch.as_ref().is_some_and(|batch| self.number < batch.num_rows()) {
            return Ok(());
        }
        self.next_batch()
    }

    fn next_batch(&mut self) -> Result<(), StoreError> {
        (self.batch, self.number) = (None, 0);
        for batch in self.reader.by_ref() {
            let batch = batch.map_err(|error| StoreError::corrupt(&self.path, error))?;
            if 0 < batch.num_rows() {
                self.batch = Some(batch);
                return Ok(());
            }
        }
        Ok(())
    }

    fn damaged(&self, cause: String) -> StoreError {
        StoreError::corrupt(&self.path, cause)
    }
}

fn value_of<'m>(metadata: Option<&'m Vec<KeyValue>>, key: &str) -> Option<&'m str> {
    metadata?.iter().find(|pair| pair.key == key)?.value.as_deref()
}

/// Length and checksum of the first bytes of a file. The file is read where it was before.
fn facts_of_first(mut file: File, bytes: u64) -> io::Result<FileFacts> {
    file.rewind()?;
    facts_of(file.take(bytes))
}
