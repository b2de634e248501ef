//! Writing one inventory into its folder.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use arrow_array::RecordBatch;
use arrow_schema::Schema;
use demurrage_core::{Inventory, instant};
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

use crate::batches::{self, DescriptorRows, ImageRows};
use crate::columns::{self, DESCRIPTORS, IMAGES, REPOSITORIES, VERSION_KEY};
use crate::entry::{Description, FileFacts};
use crate::{FORMAT_VERSION, InventoryEntry, StoreError, commit};

/// Rows of one row group: what a reader holds at a time.
const ROWS_PER_GROUP: usize = 64 * 1024;

pub(crate) fn write(folder: &Path, inventory: &Inventory) -> Result<InventoryEntry, StoreError> {
    let mut files = BTreeMap::new();
    let tables = [
        (REPOSITORIES, repositories(inventory)),
        (IMAGES, images(inventory)),
        (DESCRIPTORS, descriptors(inventory)),
    ];
    for (name, bytes) in tables {
        let path = folder.join(name);
        let bytes = bytes.map_err(|error| StoreError::io("write", &path)(std::io::Error::other(error)))?;
        commit::write_file(&path, &bytes)?;
        let facts = FileFacts { bytes: bytes.len() as u64, crc32: crc32fast::hash(&bytes) };
        files.insert(name.to_owned(), facts);
    }
    let description = Description {
        format_version: FORMAT_VERSION,
        registry_id: inventory.registry_id.clone(),
        region: inventory.region.clone(),
        taken_at: instant::format(inventory.taken_at),
        repositories: inventory.repositories.len(),
        images: inventory.repositories.iter().map(|repository| repository.images.len()).sum(),
        files,
        registry: (&inventory.registry).into(),
        notes: inventory.notes.clone(),
    };
    let text = serde_json::to_vec_pretty(&description).map_err(|error| StoreError::corrupt(folder, error))?;
    commit::publish(folder, &text)?;
    InventoryEntry::of(folder, description)
        .ok_or_else(|| StoreError::corrupt(folder, "the time is out of range"))
}

fn repositories(inventory: &Inventory) -> Result<Vec<u8>, ParquetError> {
    let mut table = Table::new(columns::repositories())?;
    table.write(&batches::repositories(&inventory.repositories)?)?;
    table.finish()
}

fn images(inventory: &Inventory) -> Result<Vec<u8>, ParquetError> {
    let mut table = Table::new(columns::images())?;
    let mut rows = ImageRows::new();
    for repository in &inventory.repositories {
        for image in &repository.images {
            rows.push(&repository.name, image);
            if ROWS_PER_GROUP <= rows.rows() {
                table.write(&rows.finish()?)?;
            }
        }
    }
    table.write(&rows.finish()?)?;
    table.finish()
}

fn descriptors(inventory: &Inventory) -> Result<Vec<u8>, ParquetError> {
    let mut table = Table::new(columns::descriptors())?;
    let mut rows = DescriptorRows::default();
    for repository in &inventory.repositories {
        for image in &repository.images {
            if let Some(manifest) = &image.manifest {
                rows.push(&repository.name, image.digest, manifest);
            }
            if ROWS_PER_GROUP <= rows.rows() {
                table.write(&rows.finish()?)?;
            }
        }
    }
    table.write(&rows.finish()?)?;
    table.finish()
}

/// A Parquet file in memory.
struct Table(ArrowWriter<Vec<u8>>);

impl Table {
    fn new(schema: Arc<Schema>) -> Result<Self, ParquetError> {
        let version = KeyValue::new(VERSION_KEY.to_owned(), FORMAT_VERSION.to_string());
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(3)?))
            .set_key_value_metadata(Some(vec![version]))
            .set_created_by(concat!("demurrage ", env!("CARGO_PKG_VERSION")).to_owned())
            .build();
        Ok(Self(ArrowWriter::try_new(Vec::new(), schema, Some(properties))?))
    }

    fn write(&mut self, batch: &RecordBatch) -> Result<(), ParquetError> {
        if batch.num_rows() == 0 {
            return Ok(());
        }
        self.0.write(batch)?;
        self.0.flush()
    }

    fn finish(self) -> Result<Vec<u8>, ParquetError> {
        self.0.into_inner()
    }
}
