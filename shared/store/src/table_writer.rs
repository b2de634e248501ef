//! A Parquet file that goes to the disk while it grows.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::{ArrowError, Schema};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use crate::columns::VERSION_KEY;
use crate::entry::FileFacts;
use crate::{StoreError, WHOLE_VERSION};

/// Rows of one row group. What is held of one is encoded and compressed.
const ROWS_PER_GROUP: usize = 64 * 1024;
/// Encoded bytes after which a row group ends early: repositories may each have policies of 10 KiB.
const BYTES_PER_GROUP: usize = 16 * 1024 * 1024;

/// A file of one table. What is held in memory is one row group as it will be in the file.
pub(crate) struct TableWriter {
    path: PathBuf,
    writer: ArrowWriter<Counted>,
}

impl TableWriter {
    /// Begins a file of this name.
    pub(crate) fn create(folder: &Path, name: &str, schema: Arc<Schema>) -> Result<Self, StoreError> {
        let path = folder.join(name);
        let file = File::create(&path).map_err(StoreError::io("create", &path))?;
        let counted = Counted { file: BufWriter::new(file), bytes: 0, crc32: crc32fast::Hasher::new() };
        let writer = properties()
            .and_then(|properties| ArrowWriter::try_new(counted, schema, Some(properties)))
            .map_err(|error| StoreError::io("write", &path)(io::Error::other(error)))?;
        Ok(Self { path, writer })
    }

    /// Appends rows. They are never divided between row groups.
    pub(crate) fn write(&mut self, batch: Result<RecordBatch, ArrowError>) -> Result<(), StoreError> {
        self.try_write(batch).map_err(|error| StoreError::io("write", &self.path)(system_error(error)))
    }

    fn try_write(&mut self, batch: Result<RecordBatch, ArrowError>) -> Result<(), ParquetError> {
        self.writer.write(&batch?)?;
        let is_full = ROWS_PER_GROUP <= self.writer.in_progress_rows()
            || BYTES_PER_GROUP <= self.writer.in_progress_size();
        if is_full { self.writer.flush() } else { Ok(()) }
    }

    /// Ends the file. It is in the hands of the system, and not yet sure to survive a loss of power.
    pub(crate) fn finish(self) -> Result<(File, FileFacts), StoreError> {
        let failed = |error: io::Error| StoreError::io("write", &self.path)(error);
        let counted = self.writer.into_inner().map_err(|error| failed(system_error(error)))?;
        let facts = FileFacts { bytes: counted.bytes, crc32: counted.crc32.finalize() };
        let file = counted.file.into_inner().map_err(|error| failed(error.into_error()))?;
        Ok((file, facts))
    }
}

/// What the system said, where it is behind what the library says: a full disk is one.
fn system_error(error: ParquetError) -> io::Error {
    let mut source = Some(&error as &(dyn std::error::Error + 'static));
    while let Some(cause) = source {
        if let Some(system) = cause.downcast_ref::<io::Error>() {
            return io::Error::new(system.kind(), system.to_string());
        }
        source = cause.source();
    }
    io::Error::other(error)
}

fn properties() -> Result<WriterProperties, ParquetError> {
    let version = KeyValue::new(VERSION_KEY.to_owned(), WHOLE_VERSION.to_string());
    Ok(WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
        .set_key_value_metadata(Some(vec![version]))
        .set_created_by(concat!("demurrage ", env!("CARGO_PKG_VERSION")).to_owned())
        .build())
}

/// A file, its length and its checksum as they grow.
struct Counted {
    file: BufWriter<File>,
    bytes: u64,
    crc32: crc32fast::Hasher,
}

impl Write for Counted {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.file.write(buffer)?;
        self.bytes += written as u64;
        self.crc32.update(buffer.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
