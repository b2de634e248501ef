//! Writes a ledger's file: rows of repositories in their order, and at the end which inventories are in it.

use std::fs::File;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use demurrage_core::ledger::RepositoryLedger;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use super::column_builders::ColumnBuilders;
use super::columns::schema;
use super::ledger_walk::{CHECKSUM_KEY, INVENTORIES_KEY, LEDGER_VERSION, LearntInventory};
use super::rows::rows_of;
use crate::columns::VERSION_KEY;
use crate::entry::FileFacts;

/// Rows that are held before they are encoded.
const BATCH_ROWS: usize = 2 * 1024;
/// Rows of one row group.
const ROWS_PER_GROUP: usize = 64 * 1024;

/// A ledger's file that is being written.
pub(super) struct FileWriter {
    rows: ColumnBuilders,
    writer: ArrowWriter<Summed>,
    sum: Arc<Mutex<Sum>>,
}

impl FileWriter {
    pub(super) fn create(file: File) -> io::Result<Self> {
        let sum: Arc<Mutex<Sum>> = Arc::default();
        let summed = Summed { file: io::BufWriter::new(file), sum: Arc::clone(&sum) };
        let properties = properties().map_err(io::Error::other)?;
        let writer = ArrowWriter::try_new(summed, schema(), Some(properties)).map_err(io::Error::other)?;
        Ok(Self { rows: ColumnBuilders::default(), writer, sum })
    }

    /// Writes the ledger of a repository: they come in the order of their names.
    pub(super) fn repository(&mut self, name: &str, ledger: &RepositoryLedger) -> io::Result<()> {
        for row in rows_of(name, ledger) {
            self.rows.push(row);
            if BATCH_ROWS <= self.rows.rows() {
                self.encode()?;
            }
        }
        Ok(())
    }

    fn encode(&mut self) -> io::Result<()> {
        let batch = self.rows.finish().map_err(io::Error::other)?;
        self.writer.write(&batch).map_err(io::Error::other)?;
        if ROWS_PER_GROUP <= self.writer.in_progress_rows() {
            self.writer.flush().map_err(io::Error::other)?;
        }
        Ok(())
    }

    /// Ends the file.
    pub(super) fn finish(mut self, inventories: &[LearntInventory]) -> io::Result<()> {
        if 0 < self.rows.rows() {
            self.encode()?;
        }
        self.writer.flush().map_err(io::Error::other)?;
        self.writer.sync()?;
        // What comes after the rows describes them, and cannot be in the sum that stands in it.
        let facts = self.sum.lock().unwrap_or_else(PoisonError::into_inner).facts();
        for (key, value) in [
            (CHECKSUM_KEY, serde_json::to_string(&facts)?),
            (INVENTORIES_KEY, serde_json::to_string(inventories)?),
        ] {
            self.writer.append_key_value_metadata(KeyValue::new(key.to_owned(), value));
        }
        let mut summed = self.writer.into_inner().map_err(io::Error::other)?;
        summed.file.flush()
    }
}

fn properties() -> Result<WriterProperties, ParquetError> {
    let version = KeyValue::new(VERSION_KEY.to_owned(), LEDGER_VERSION.to_string());
    Ok(WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_key_value_metadata(Some(vec![version]))
        .set_created_by(concat!("demurrage ", env!("CARGO_PKG_VERSION")).to_owned())
        .build())
}

/// Length and checksum of what was written so far.
#[derive(Debug, Default)]
struct Sum {
    bytes: u64,
    crc32: crc32fast::Hasher,
}

impl Sum {
    fn facts(&self) -> FileFacts {
        FileFacts { bytes: self.bytes, crc32: self.crc32.clone().finalize() }
    }
}

/// A file that is summed while it is written.
struct Summed {
    file: io::BufWriter<File>,
    sum: Arc<Mutex<Sum>>,
}

impl Write for Summed {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.file.write(buffer)?;
        let mut sum = self.sum.lock().unwrap_or_else(PoisonError::into_inner);
        sum.bytes += written as u64;
        sum.crc32.update(buffer.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
