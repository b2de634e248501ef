//! The rows of a stored table, one after another.
//!
//! What is held is a batch of rows and one page of each column, however large the file is. The files of an
//! inventory of parts are read one after another, each only when its turn comes.

use std::collections::VecDeque;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use arrow_array::{
    Array, BooleanArray, ListArray, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array,
};
use chrono::{DateTime, Utc};
use demurrage_core::{Digest, Fact};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use crate::columns::VERSION_KEY;
use crate::entry::{FileFacts, StoredFile};
use crate::place::Place;
use crate::{FORMAT_VERSION, InventoryEntry, StoreError};

/// The rows of files whose versions and checksums are good.
pub(crate) struct Rows {
    place: Place,
    /// The folder of the inventory, as it is shown.
    folder: PathBuf,
    inventory: String,
    /// The columns that are read; all where there are none.
    columns: Vec<String>,
    /// Files whose turn has not come.
    ahead: VecDeque<StoredFile>,
    current: Option<Opened>,
    batch: Option<RecordBatch>,
    number: usize,
}

/// The file that is being read.
struct Opened {
    file: StoredFile,
    path: PathBuf,
    reader: ParquetRecordBatchReader,
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("path", &self.path())
            .field("number", &self.number)
            .finish_non_exhaustive()
    }
}

impl Rows {
    /// All columns of a table.
    pub(crate) fn open(place: &Place, entry: &InventoryEntry, file: &str) -> Result<Self, StoreError> {
        Self::open_columns(place, entry, file, &[])
    }

    /// These columns of a table, which are no lists.
    pub(crate) fn open_columns(
        place: &Place,
        entry: &InventoryEntry,
        file: &str,
        columns: &[&str],
    ) -> Result<Self, StoreError> {
        let mut rows = Self::of(place, entry, file, columns);
        rows.next_batch()?;
        Ok(rows)
    }

    /// These columns of a table for a reader that begins somewhere: of an inventory of parts nothing is opened
    /// until [`Self::skip_to`] says what is wanted first.
    pub(crate) fn open_late(
        place: &Place,
        entry: &InventoryEntry,
        file: &str,
        columns: &[&str],
    ) -> Result<Self, StoreError> {
        let mut rows = Self::of(place, entry, file, columns);
        if !entry.has_parts() {
            rows.next_batch()?;
        }
        Ok(rows)
    }

    fn of(place: &Place, entry: &InventoryEntry, file: &str, columns: &[&str]) -> Self {
        Self {
            place: place.clone(),
            folder: entry.folder.clone(),
            inventory: entry.name().to_owned(),
            columns: columns.iter().map(|&column| column.to_owned()).collect(),
            ahead: entry.files(file),
            current: None,
            batch: None,
            number: 0,
        }
    }

    /// Passes over the files of parts that end before this repository, without opening them.
    pub(crate) fn skip_to(&mut self, repository: &str) -> Result<(), StoreError> {
        let ends_before = |file: &StoredFile| file.last.as_deref().is_some_and(|last| last < repository);
        if self.current.as_ref().is_some_and(|opened| !ends_before(&opened.file)) {
            return Ok(());
        }
        self.current = None;
        while self.ahead.front().is_some_and(ends_before) {
            self.ahead.pop_front();
        }
        self.next_batch()
    }

    fn open_next(&mut self) -> Result<bool, StoreError> {
        let Some(file) = self.ahead.pop_front() else { return Ok(false) };
        let path = self.folder.join(file.path());
        let (opened, found) = self.place.open(&self.inventory, &file)?;
        let builder = checked(&path, file.facts, opened, found)?;
        let builder = if self.columns.is_empty() {
            builder
        } else {
            let names = self.columns.iter().map(String::as_str);
            let wanted = ProjectionMask::columns(builder.parquet_schema(), names);
            builder.with_projection(wanted)
        };
        let reader = builder.build().map_err(|error| StoreError::corrupt(&path, error))?;
        self.current = Some(Opened { file, path, reader });
        Ok(true)
    }

    fn path(&self) -> &Path {
        self.current.as_ref().map_or(&self.folder, |opened| &opened.path)
    }

    /// The row at which the reading is; none at the end.
    pub(crate) fn row(&self) -> Option<Row<'_>> {
        self.batch.as_ref().map(|batch| Row { batch, number: self.number })
    }

    /// Goes on to the next row.
    pub(crate) fn advance(&mut self) -> Result<(), StoreError> {
        self.number += 1;
        if self.batch.as_ref().is_some_and(|batch| self.number < batch.num_rows()) {
            return Ok(());
        }
        self.next_batch()
    }

    fn next_batch(&mut self) -> Result<(), StoreError> {
        self.number = 0;
        self.batch = None;
        loop {
            if let Some(opened) = &mut self.current {
                for batch in opened.reader.by_ref() {
                    let batch = batch.map_err(|error| StoreError::corrupt(&opened.path, error))?;
                    if 0 < batch.num_rows() {
                        self.batch = Some(batch);
                        return Ok(());
                    }
                }
            }
            if !self.open_next()? {
                return Ok(());
            }
        }
    }

    /// Hands all rows from here on to `each`.
    pub(crate) fn for_each(
        mut self,
        mut each: impl FnMut(&Row<'_>) -> Result<(), String>,
    ) -> Result<(), StoreError> {
        while let Some(row) = self.row() {
            each(&row).map_err(|cause| self.damaged(cause))?;
            self.advance()?;
        }
        Ok(())
    }

    /// The file is not as it should be.
    pub(crate) fn damaged(&self, cause: impl fmt::Display) -> StoreError {
        StoreError::corrupt(self.path(), cause)
    }
}

/// A file whose version and checksum are good, before its rows are read.
fn checked(
    path: &Path,
    written: Option<FileFacts>,
    opened: File,
    found: FileFacts,
) -> Result<ParquetRecordBatchReaderBuilder<File>, StoreError> {
    let builder =
        ParquetRecordBatchReaderBuilder::try_new(opened).map_err(|error| StoreError::corrupt(path, error))?;
    // The version before the checksum: a file that another version wrote in its place is to be named so.
    check_version(path, builder.metadata().file_metadata().key_value_metadata())?;
    match written {
        Some(facts) if facts == found => Ok(builder),
        Some(_) => Err(StoreError::corrupt(path, "its checksum is not the one that was written down")),
        None => Err(StoreError::corrupt(path, "`inventory.json` does not know it")),
    }
}

fn check_version(
    path: &Path,
    metadata: Option<&Vec<parquet::file::metadata::KeyValue>>,
) -> Result<(), StoreError> {
    let stored = metadata.into_iter().flatten().find(|pair| pair.key == VERSION_KEY);
    let text = stored.and_then(|pair| pair.value.as_deref());
    let Some(found) = text.and_then(|text| text.parse().ok()) else {
        return Err(StoreError::corrupt(path, "it has no format version"));
    };
    if FORMAT_VERSION < found {
        return Err(StoreError::Newer { path: path.to_owned(), found, known: FORMAT_VERSION });
    }
    Ok(())
}

/// One row, its values by the names of their columns.
pub(crate) struct Row<'a> {
    batch: &'a RecordBatch,
    number: usize,
}

impl<'a> Row<'a> {
    /// A row of these, by its number.
    pub(crate) const fn new(batch: &'a RecordBatch, number: usize) -> Self {
        Self { batch, number }
    }

    /// The column, or nothing where the value is null or the file is older than the column.
    fn column<T: Array + 'static>(&self, name: &str) -> Result<Option<&'a T>, String> {
        let Some(column) = self.batch.column_by_name(name) else { return Ok(None) };
        let typed = column.as_any().downcast_ref::<T>();
        let typed = typed.ok_or_else(|| format!("the column `{name}` is of another type"))?;
        Ok(typed.is_valid(self.number).then_some(typed))
    }

    pub(crate) fn optional(&self, name: &str) -> Result<Option<&'a str>, String> {
        Ok(self.column::<StringArray>(name)?.map(|column| column.value(self.number)))
    }

    pub(crate) fn text(&self, name: &str) -> Result<&'a str, String> {
        self.optional(name)?.ok_or_else(|| format!("`{name}` is missing"))
    }

    pub(crate) fn parsed(&self, name: &str) -> Result<Digest, String> {
        self.text(name)?.parse().map_err(|error: demurrage_core::DigestError| error.to_string())
    }

    pub(crate) fn optional_digest(&self, name: &str) -> Result<Option<Digest>, String> {
        self.optional(name)?
            .map(str::parse)
            .transpose()
            .map_err(|error: demurrage_core::DigestError| error.to_string())
    }

    pub(crate) fn number(&self, name: &str) -> Result<Option<u64>, String> {
        Ok(self.column::<UInt64Array>(name)?.map(|column| column.value(self.number)))
    }

    pub(crate) fn boolean(&self, name: &str) -> Result<Option<bool>, String> {
        Ok(self.column::<BooleanArray>(name)?.map(|column| column.value(self.number)))
    }

    pub(crate) fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, String> {
        let micros = self.column::<TimestampMicrosecondArray>(name)?.map(|column| column.value(self.number));
        micros
            .map(|micros| {
                DateTime::from_timestamp_micros(micros).ok_or_else(|| format!("`{name}` is out of range"))
            })
            .transpose()
    }

    /// The texts of a list; a null list is empty.
    pub(crate) fn texts(&self, name: &str) -> Result<Vec<String>, String> {
        let Some(column) = self.column::<ListArray>(name)? else { return Ok(Vec::new()) };
        let items = column.value(self.number);
        let items = items.as_any().downcast_ref::<StringArray>();
        let items = items.ok_or_else(|| format!("the column `{name}` is of another type"))?;
        Ok(items.iter().flatten().map(str::to_owned).collect())
    }

    pub(crate) fn fact<T>(&self, state: &str, value: T) -> Result<Fact<T>, String> {
        match self.text(state)? {
            "not_evaluated" => Ok(Fact::NotEvaluated),
            "absent" => Ok(Fact::Absent),
            "present" => Ok(Fact::Present(value)),
            other => Err(format!("`{other}` is no state of a fact")),
        }
    }
}
