//! Reading one inventory from its folder.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use arrow_array::{
    Array, BooleanArray, ListArray, RecordBatch, StringArray, TimestampMicrosecondArray, UInt64Array,
};
use chrono::{DateTime, Utc};
use demurrage_core::{
    Child, Descriptor, Digest, ExclusionFilter, Fact, Image, ImageStatus, Inventory, Listing, Manifest,
    ManifestKind, Platform, RegistryKind, Repository, Tag, TagMutability,
};
use parquet::arrow::arrow_reader::{ParquetRecordBatchReader, ParquetRecordBatchReaderBuilder};

use crate::columns::{DESCRIPTORS, IMAGES, REPOSITORIES, VERSION_KEY};
use crate::{FORMAT_VERSION, InventoryEntry, StoreError};

pub(crate) fn read(entry: &InventoryEntry, wanted: impl Fn(&str) -> bool) -> Result<Inventory, StoreError> {
    let mut repositories = BTreeMap::new();
    Table::open(entry, REPOSITORIES)?.rows(|row| {
        let repository = repository(row)?;
        if wanted(&repository.name) {
            repositories.insert(repository.name.clone(), repository);
        }
        Ok(())
    })?;
    Table::open(entry, IMAGES)?.rows(|row| {
        if let Some(repository) = repositories.get_mut(row.text("repository_name")?) {
            repository.images.push(image(row)?);
        }
        Ok(())
    })?;
    let mut place = (String::new(), 0);
    Table::open(entry, DESCRIPTORS)?.rows(|row| {
        let Some(repository) = repositories.get_mut(row.text("repository_name")?) else { return Ok(()) };
        let manifest = manifest_of(&mut place, repository, row.parsed("image_digest")?);
        add_descriptor(manifest.ok_or("a descriptor without its image")?, row)
    })?;
    Ok(Inventory {
        kind: RegistryKind::Private,
        registry_id: entry.registry_id.clone(),
        region: entry.region.clone(),
        taken_at: entry.taken_at,
        registry: (&entry.description.registry).into(),
        repositories: repositories.into_values().collect(),
        notes: entry.description.notes.clone(),
    })
}

/// The manifest of an image. `place` is where the last one was: rows come in the order of the images.
fn manifest_of<'r>(
    place: &mut (String, usize),
    repository: &'r mut Repository,
    digest: Digest,
) -> Option<&'r mut Manifest> {
    if place.0 != repository.name {
        *place = (repository.name.clone(), 0);
    }
    let from_place = repository.images.get(place.1..)?.iter().position(|image| image.digest == digest);
    place.1 = match from_place {
        Some(offset) => place.1 + offset,
        None => repository.images.iter().position(|image| image.digest == digest)?,
    };
    repository.images.get_mut(place.1)?.manifest.as_deref_mut()
}

fn repository(row: &Row<'_>) -> Result<Repository, String> {
    let mut repository = Repository::new(row.text("repository_name")?);
    repository.registry_id = row.optional("registry_id")?.map(str::to_owned);
    repository.arn = row.optional("repository_arn")?.map(str::to_owned);
    repository.created_at = row.time("created_at")?;
    let filters = row.texts("exclusion_filter_types")?.into_iter().zip(row.texts("exclusion_filters")?);
    let mutability = TagMutability {
        mode: row.optional("image_tag_mutability")?.unwrap_or_default().to_owned(),
        exclusion_filters: filters
            .map(|(filter_type, filter)| ExclusionFilter { filter_type, filter })
            .collect(),
    };
    repository.tag_mutability = row.fact("image_tag_mutability_state", mutability)?;
    repository.encryption_type = row.optional("encryption_type")?.map(str::to_owned);
    repository.kms_key = row.optional("kms_key")?.map(str::to_owned);
    repository.scan_on_push = row.boolean("scan_on_push")?;
    let policy = row.optional("lifecycle_policy_text")?.unwrap_or_default().to_owned();
    repository.lifecycle_policy = row.fact("lifecycle_policy_state", policy)?;
    repository.lifecycle_last_evaluated_at = row.time("lifecycle_last_evaluated_at")?;
    let policy = row.optional("repository_policy_text")?.unwrap_or_default().to_owned();
    repository.repository_policy = row.fact("repository_policy_state", policy)?;
    let tags = row.texts("resource_tag_keys")?.into_iter().zip(row.texts("resource_tag_values")?).collect();
    repository.resource_tags = row.fact("resource_tags_state", tags)?;
    repository.listing = match row.text("listing")? {
        "complete" => Listing::Complete,
        "cut_off" => Listing::CutOff,
        "failed" => Listing::Failed(row.optional("listing_failure")?.unwrap_or_default().to_owned()),
        other => return Err(format!("`{other}` is no state of a listing")),
    };
    repository.notes = row.texts("notes")?;
    Ok(repository)
}

fn image(row: &Row<'_>) -> Result<Image, String> {
    let mut image = Image::new(row.parsed("image_digest")?);
    image.tags = row.texts("image_tags")?.iter().map(|tag| Tag::as_given(tag)).collect();
    image.pushed_at = row.time("image_pushed_at")?;
    image.last_pulled_at = row.time("last_recorded_pull_time")?;
    image.archived_at = row.time("last_archived_at")?;
    image.activated_at = row.time("last_activated_at")?;
    image.status = ImageStatus::from_api(row.text("image_status")?);
    image.size_bytes = row.number("image_size_bytes")?;
    image.manifest_media_type = row.optional("image_manifest_media_type")?.map(str::to_owned);
    image.artifact_media_type = row.optional("artifact_media_type")?.map(str::to_owned);
    image.subject = row.optional_digest("subject_digest")?;
    if let Some(media_type) = row.optional("manifest_read")? {
        image.manifest = Some(Box::new(Manifest {
            artifact_type: row.optional("manifest_artifact_type")?.map(str::to_owned),
            subject: row.optional_digest("manifest_subject")?,
            ..Manifest::new(ManifestKind::from_media_type(media_type))
        }));
    }
    Ok(image)
}

fn add_descriptor(manifest: &mut Manifest, row: &Row<'_>) -> Result<(), String> {
    let descriptor = Descriptor {
        digest: row.parsed("digest")?,
        media_type: row.text("media_type")?.to_owned(),
        size_bytes: row.number("size_bytes")?.ok_or("a descriptor without a size")?,
    };
    match row.text("role")? {
        "config" => manifest.config = Some(descriptor),
        "layer" => manifest.layers.push(descriptor),
        "blob" => manifest.blobs.push(descriptor),
        "child" => manifest.children.push(child(descriptor, row)?),
        other => return Err(format!("`{other}` is no role of a descriptor")),
    }
    Ok(())
}

fn child(descriptor: Descriptor, row: &Row<'_>) -> Result<Child, String> {
    let platform = match (row.optional("platform_os")?, row.optional("platform_architecture")?) {
        (Some(os), Some(architecture)) => Some(Platform {
            os: os.to_owned(),
            architecture: architecture.to_owned(),
            variant: row.optional("platform_variant")?.map(str::to_owned),
        }),
        _ => None,
    };
    Ok(Child { descriptor, platform, attests: row.optional_digest("attests")? })
}

/// A Parquet file whose version and checksum are good.
struct Table {
    path: PathBuf,
    reader: ParquetRecordBatchReader,
}

impl Table {
    fn open(entry: &InventoryEntry, name: &str) -> Result<Self, StoreError> {
        let path = entry.folder.join(name);
        let bytes = fs::read(&path).map_err(StoreError::io("read", &path))?;
        let crc32 = crc32fast::hash(&bytes);
        let length = bytes.len() as u64;
        let builder = ParquetRecordBatchReaderBuilder::try_new(bytes::Bytes::from(bytes))
            .map_err(|error| StoreError::corrupt(&path, error))?;
        // The version before the checksum: a file that another version wrote in its place is to be named so.
        check_version(&path, builder.metadata().file_metadata().key_value_metadata())?;
        match entry.description.files.get(name) {
            Some(facts) if facts.bytes == length && facts.crc32 == crc32 => {}
            Some(_) => {
                return Err(StoreError::corrupt(path, "its checksum is not the one that was written down"));
            }
            None => return Err(StoreError::corrupt(path, "`inventory.json` does not know it")),
        }
        let reader = builder.build().map_err(|error| StoreError::corrupt(&path, error))?;
        Ok(Self { path, reader })
    }

    fn rows(self, mut each: impl FnMut(&Row<'_>) -> Result<(), String>) -> Result<(), StoreError> {
        for batch in self.reader {
            let batch = batch.map_err(|error| StoreError::corrupt(&self.path, error))?;
            for number in 0..batch.num_rows() {
                each(&Row { batch: &batch, number })
                    .map_err(|cause| StoreError::corrupt(&self.path, cause))?;
            }
        }
        Ok(())
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
struct Row<'a> {
    batch: &'a RecordBatch,
    number: usize,
}

impl<'a> Row<'a> {
    /// The column, or nothing where the value is null or the file is older than the column.
    fn column<T: Array + 'static>(&self, name: &str) -> Result<Option<&'a T>, String> {
        let Some(column) = self.batch.column_by_name(name) else { return Ok(None) };
        let typed = column.as_any().downcast_ref::<T>();
        let typed = typed.ok_or_else(|| format!("the column `{name}` is of another type"))?;
        Ok(typed.is_valid(self.number).then_some(typed))
    }

    fn optional(&self, name: &str) -> Result<Option<&'a str>, String> {
        Ok(self.column::<StringArray>(name)?.map(|column| column.value(self.number)))
    }

    fn text(&self, name: &str) -> Result<&'a str, String> {
        self.optional(name)?.ok_or_else(|| format!("`{name}` is missing"))
    }

    fn parsed(&self, name: &str) -> Result<Digest, String> {
        self.text(name)?.parse().map_err(|error: demurrage_core::DigestError| error.to_string())
    }

    fn optional_digest(&self, name: &str) -> Result<Option<Digest>, String> {
        self.optional(name)?
            .map(str::parse)
            .transpose()
            .map_err(|error: demurrage_core::DigestError| error.to_string())
    }

    fn number(&self, name: &str) -> Result<Option<u64>, String> {
        Ok(self.column::<UInt64Array>(name)?.map(|column| column.value(self.number)))
    }

    fn boolean(&self, name: &str) -> Result<Option<bool>, String> {
        Ok(self.column::<BooleanArray>(name)?.map(|column| column.value(self.number)))
    }

    fn time(&self, name: &str) -> Result<Option<DateTime<Utc>>, String> {
        let micros = self.column::<TimestampMicrosecondArray>(name)?.map(|column| column.value(self.number));
        micros
            .map(|micros| {
                DateTime::from_timestamp_micros(micros).ok_or_else(|| format!("`{name}` is out of range"))
            })
            .transpose()
    }

    /// The texts of a list; a null list is empty.
    fn texts(&self, name: &str) -> Result<Vec<String>, String> {
        let Some(column) = self.column::<ListArray>(name)? else { return Ok(Vec::new()) };
        let items = column.value(self.number);
        let items = items.as_any().downcast_ref::<StringArray>();
        let items = items.ok_or_else(|| format!("the column `{name}` is of another type"))?;
        Ok(items.iter().flatten().map(str::to_owned).collect())
    }

    fn fact<T>(&self, state: &str, value: T) -> Result<Fact<T>, String> {
        match self.text(state)? {
            "not_evaluated" => Ok(Fact::NotEvaluated),
            "absent" => Ok(Fact::Absent),
            "present" => Ok(Fact::Present(value)),
            other => Err(format!("`{other}` is no state of a fact")),
        }
    }
}
