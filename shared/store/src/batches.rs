//! Turning repositories, images and descriptors into columns.

use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, ListBuilder, StringBuilder, TimestampMicrosecondBuilder, UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::ArrowError;
use chrono::{DateTime, Utc};
use demurrage_core::{Child, Descriptor, Digest, Fact, Image, Listing, Manifest, Repository};

use crate::columns;
use crate::scan_rows::ScanRows;

type Texts = ListBuilder<StringBuilder>;

pub(crate) fn times() -> TimestampMicrosecondBuilder {
    TimestampMicrosecondBuilder::new().with_timezone("UTC")
}

pub(crate) fn micros(time: Option<DateTime<Utc>>) -> Option<i64> {
    time.map(|time| time.timestamp_micros())
}

/// Appends a list; `None` is null.
fn append<'a>(list: &mut Texts, texts: Option<impl IntoIterator<Item = &'a str>>) {
    let present = texts.is_some();
    for text in texts.into_iter().flatten() {
        list.values().append_value(text);
    }
    list.append(present);
}

const fn state<T>(fact: &Fact<T>) -> &'static str {
    match fact {
        Fact::NotEvaluated => "not_evaluated",
        Fact::Absent => "absent",
        Fact::Present(_) => "present",
    }
}

/// A copy of the repository that has no images, however many the repository has.
pub(crate) fn without_images(repository: &Repository) -> Repository {
    Repository {
        name: repository.name.clone(),
        registry_id: repository.registry_id.clone(),
        arn: repository.arn.clone(),
        created_at: repository.created_at,
        tag_mutability: repository.tag_mutability.clone(),
        encryption_type: repository.encryption_type.clone(),
        kms_key: repository.kms_key.clone(),
        scan_on_push: repository.scan_on_push,
        lifecycle_policy: repository.lifecycle_policy.clone(),
        lifecycle_last_evaluated_at: repository.lifecycle_last_evaluated_at,
        repository_policy: repository.repository_policy.clone(),
        resource_tags: repository.resource_tags.clone(),
        listing: repository.listing.clone(),
        images: Vec::new(),
        notes: repository.notes.clone(),
    }
}

/// What was counted of a repository while its images were written.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Counted {
    pub(crate) images: u64,
    pub(crate) image_size_sum_bytes: u64,
}

/// The rows of `repositories.parquet`.
pub(crate) fn repositories(repositories: &[(Repository, Counted)]) -> Result<RecordBatch, ArrowError> {
    let number = |get: &dyn Fn(&Counted) -> u64| -> ArrayRef {
        let mut column = UInt64Builder::new();
        for (_, counted) in repositories {
            column.append_value(get(counted));
        }
        Arc::new(column.finish())
    };
    let text = |get: &dyn Fn(&Repository) -> Option<String>| -> ArrayRef {
        let mut column = StringBuilder::new();
        for (repository, _) in repositories {
            column.append_option(get(repository));
        }
        Arc::new(column.finish())
    };
    let time = |get: &dyn Fn(&Repository) -> Option<DateTime<Utc>>| -> ArrayRef {
        let mut column = times();
        for (repository, _) in repositories {
            column.append_option(micros(get(repository)));
        }
        Arc::new(column.finish())
    };
    let list = |get: &dyn Fn(&Repository) -> Option<Vec<String>>| -> ArrayRef {
        let mut column = Texts::new(StringBuilder::new());
        for (repository, _) in repositories {
            let texts = get(repository);
            append(&mut column, texts.as_ref().map(|texts| texts.iter().map(String::as_str)));
        }
        Arc::new(column.finish())
    };
    let mut scan_on_push = BooleanBuilder::new();
    for (repository, _) in repositories {
        scan_on_push.append_option(repository.scan_on_push);
    }
    let filters = |get: fn(&demurrage_core::ExclusionFilter) -> &String| {
        list(&|r| {
            Some(r.tag_mutability.present()?.exclusion_filters.iter().map(|f| get(f).clone()).collect())
        })
    };
    let columns: Vec<ArrayRef> = vec![
        text(&|r| Some(r.name.clone())),
        text(&|r| r.registry_id.clone()),
        text(&|r| r.arn.clone()),
        time(&|r| r.created_at),
        text(&|r| Some(state(&r.tag_mutability).to_owned())),
        text(&|r| Some(r.tag_mutability.present()?.mode.clone())),
        filters(|filter| &filter.filter_type),
        filters(|filter| &filter.filter),
        text(&|r| r.encryption_type.clone()),
        text(&|r| r.kms_key.clone()),
        Arc::new(scan_on_push.finish()),
        text(&|r| Some(state(&r.lifecycle_policy).to_owned())),
        text(&|r| r.lifecycle_policy.present().cloned()),
        time(&|r| r.lifecycle_last_evaluated_at),
        text(&|r| Some(state(&r.repository_policy).to_owned())),
        text(&|r| r.repository_policy.present().cloned()),
        text(&|r| Some(state(&r.resource_tags).to_owned())),
        list(&|r| Some(r.resource_tags.present()?.keys().cloned().collect())),
        list(&|r| Some(r.resource_tags.present()?.values().cloned().collect())),
        text(&|r| Some(listing(&r.listing).0.to_owned())),
        text(&|r| listing(&r.listing).1.map(str::to_owned)),
        list(&|r| Some(r.notes.clone())),
        number(&|counted| counted.images),
        number(&|counted| counted.image_size_sum_bytes),
    ];
    RecordBatch::try_new(columns::repositories(), columns)
}

fn listing(listing: &Listing) -> (&'static str, Option<&str>) {
    match listing {
        Listing::Complete => ("complete", None),
        Listing::CutOff => ("cut_off", None),
        Listing::Failed(cause) => ("failed", Some(cause)),
    }
}

/// Columns of `images.parquet` as they grow.
pub(crate) struct ImageRows {
    repository_name: StringBuilder,
    digest: StringBuilder,
    tags: Texts,
    times: [TimestampMicrosecondBuilder; 4],
    status: StringBuilder,
    size_bytes: UInt64Builder,
    texts: [StringBuilder; 6],
    scans: ScanRows,
    rows: usize,
}

impl ImageRows {
    pub(crate) fn new() -> Self {
        Self {
            repository_name: StringBuilder::new(),
            digest: StringBuilder::new(),
            tags: Texts::new(StringBuilder::new()),
            times: [times(), times(), times(), times()],
            status: StringBuilder::new(),
            size_bytes: UInt64Builder::new(),
            texts: Default::default(),
            scans: ScanRows::new(),
            rows: 0,
        }
    }

    pub(crate) const fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn push(&mut self, repository: &str, image: &Image) {
        self.rows += 1;
        self.repository_name.append_value(repository);
        self.digest.append_value(image.digest.to_string());
        append(&mut self.tags, Some(image.tags.iter().map(demurrage_core::Tag::as_str)));
        let given = [image.pushed_at, image.last_pulled_at, image.archived_at, image.activated_at];
        for (column, time) in self.times.iter_mut().zip(given) {
            column.append_option(micros(time));
        }
        self.status.append_value(image.status.as_api());
        self.size_bytes.append_option(image.size_bytes);
        let manifest = image.manifest.as_ref();
        let given = [
            image.manifest_media_type.clone(),
            image.artifact_media_type.clone(),
            image.subject.map(|subject| subject.to_string()),
            manifest.map(|manifest| manifest.kind.media_type().to_owned()),
            manifest.and_then(|manifest| manifest.artifact_type.clone()),
            manifest.and_then(|manifest| manifest.subject).map(|subject| subject.to_string()),
        ];
        for (column, text) in self.texts.iter_mut().zip(given) {
            column.append_option(text);
        }
        self.scans.push(image.scan.as_deref());
    }

    /// The rows so far; the builder is empty again.
    pub(crate) fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.repository_name.finish()),
            Arc::new(self.digest.finish()),
            Arc::new(self.tags.finish()),
        ];
        columns.extend(self.times.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        columns.push(Arc::new(self.status.finish()));
        columns.push(Arc::new(self.size_bytes.finish()));
        columns.extend(self.texts.iter_mut().map(|column| Arc::new(column.finish()) as ArrayRef));
        columns.extend(self.scans.finish());
        RecordBatch::try_new(columns::images(), columns)
    }
}

/// Columns of `descriptors.parquet` as they grow.
#[derive(Default)]
pub(crate) struct DescriptorRows {
    /// Repository, image, role, digest, media type.
    texts: [StringBuilder; 5],
    size_bytes: UInt64Builder,
    /// Operating system, architecture, variant, attested digest.
    optional: [StringBuilder; 4],
    rows: usize,
}

impl DescriptorRows {
    pub(crate) const fn rows(&self) -> usize {
        self.rows
    }

    pub(crate) fn push(&mut self, repository: &str, image: Digest, manifest: &Manifest) {
        let image = image.to_string();
        if let Some(config) = &manifest.config {
            self.row(repository, &image, "config", config, None);
        }
        for layer in &manifest.layers {
            self.row(repository, &image, "layer", layer, None);
        }
        for blob in &manifest.blobs {
            self.row(repository, &image, "blob", blob, None);
        }
        for child in &manifest.children {
            self.row(repository, &image, "child", &child.descriptor, Some(child));
        }
    }

    fn row(
        &mut self,
        repository: &str,
        image: &str,
        role: &str,
        descriptor: &Descriptor,
        child: Option<&Child>,
    ) {
        self.rows += 1;
        let given = [repository, image, role, &descriptor.digest.to_string(), &descriptor.media_type];
        for (column, text) in self.texts.iter_mut().zip(given) {
            column.append_value(text);
        }
        self.size_bytes.append_value(descriptor.size_bytes);
        let platform = child.and_then(|child| child.platform.as_ref());
        let given = [
            platform.map(|platform| platform.os.clone()),
            platform.map(|platform| platform.architecture.clone()),
            platform.and_then(|platform| platform.variant.clone()),
            child.and_then(|child| child.attests).map(|digest| digest.to_string()),
        ];
        for (column, text) in self.optional.iter_mut().zip(given) {
            column.append_option(text);
        }
    }

    /// The rows so far; the builder is empty again.
    pub(crate) fn finish(&mut self) -> Result<RecordBatch, ArrowError> {
        self.rows = 0;
        let finish = |column: &mut StringBuilder| Arc::new(column.finish()) as ArrayRef;
        let mut columns: Vec<ArrayRef> = self.texts.iter_mut().map(finish).collect();
        columns.push(Arc::new(self.size_bytes.finish()));
        columns.extend(self.optional.iter_mut().map(finish));
        RecordBatch::try_new(columns::descriptors(), columns)
    }
}
