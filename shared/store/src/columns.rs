//! The columns of the three Parquet files.
//!
//! Names are those of the API in snake case; times are microseconds in UTC; digests are text, so that a
//! query can be written by hand. A column that is added later is nullable, and absent in older files.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema, TimeUnit};

/// One row for each repository.
pub(crate) const REPOSITORIES: &str = "repositories.parquet";
/// One row for each image.
pub(crate) const IMAGES: &str = "images.parquet";
/// One row for each blob or image that a manifest names.
pub(crate) const DESCRIPTORS: &str = "descriptors.parquet";

/// The key, in the metadata of each Parquet file, of the version of the format.
pub(crate) const VERSION_KEY: &str = "format_version";

pub(crate) fn time() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

pub(crate) fn texts() -> DataType {
    DataType::List(Arc::new(Field::new("item", DataType::Utf8, true)))
}

fn schema(columns: &[(&str, DataType, bool)]) -> Arc<Schema> {
    let fields: Vec<Field> =
        columns.iter().map(|(name, kind, nullable)| Field::new(*name, kind.clone(), *nullable)).collect();
    Arc::new(Schema::new(fields))
}

pub(crate) fn repositories() -> Arc<Schema> {
    let text = || DataType::Utf8;
    schema(&[
        ("repository_name", text(), false),
        ("registry_id", text(), true),
        ("repository_arn", text(), true),
        ("created_at", time(), true),
        // Facts: `not_evaluated`, `absent` or `present`, each beside its value.
        ("image_tag_mutability_state", text(), false),
        ("image_tag_mutability", text(), true),
        ("exclusion_filter_types", texts(), true),
        ("exclusion_filters", texts(), true),
        ("encryption_type", text(), true),
        ("kms_key", text(), true),
        ("scan_on_push", DataType::Boolean, true),
        ("lifecycle_policy_state", text(), false),
        ("lifecycle_policy_text", text(), true),
        ("lifecycle_last_evaluated_at", time(), true),
        ("repository_policy_state", text(), false),
        ("repository_policy_text", text(), true),
        ("resource_tags_state", text(), false),
        ("resource_tag_keys", texts(), true),
        ("resource_tag_values", texts(), true),
        // `complete`, `cut_off` or `failed`.
        ("listing", text(), false),
        ("listing_failure", text(), true),
        ("notes", texts(), true),
        // Not in older files: what a reader could count, for those who want nothing else.
        ("images", DataType::UInt64, true),
        ("image_size_sum_bytes", DataType::UInt64, true),
    ])
}

pub(crate) fn images() -> Arc<Schema> {
    let text = || DataType::Utf8;
    schema(&[
        ("repository_name", text(), false),
        ("image_digest", text(), false),
        ("image_tags", texts(), true),
        ("image_pushed_at", time(), true),
        ("last_recorded_pull_time", time(), true),
        ("last_archived_at", time(), true),
        ("last_activated_at", time(), true),
        ("image_status", text(), false),
        ("image_size_bytes", DataType::UInt64, true),
        ("image_manifest_media_type", text(), true),
        ("artifact_media_type", text(), true),
        ("subject_digest", text(), true),
        // The media type of the manifest that was read; null: none was.
        ("manifest_read", text(), true),
        ("manifest_artifact_type", text(), true),
        ("manifest_subject", text(), true),
        // Not in older files: what is known of the scan. Null counts: nobody knows whether there was one; counts
        // without status and time: there was none.
        ("image_scan_status", text(), true),
        ("image_scan_completed_at", time(), true),
        ("findings_critical", DataType::UInt64, true),
        ("findings_high", DataType::UInt64, true),
        ("findings_medium", DataType::UInt64, true),
        ("findings_low", DataType::UInt64, true),
        ("findings_informational", DataType::UInt64, true),
        ("findings_undefined", DataType::UInt64, true),
    ])
}

pub(crate) fn descriptors() -> Arc<Schema> {
    let text = || DataType::Utf8;
    schema(&[
        ("repository_name", text(), false),
        ("image_digest", text(), false),
        // `config`, `layer`, `blob` or `child`.
        ("role", text(), false),
        ("digest", text(), false),
        ("media_type", text(), false),
        ("size_bytes", DataType::UInt64, false),
        ("platform_os", text(), true),
        ("platform_architecture", text(), true),
        ("platform_variant", text(), true),
        ("attests", text(), true),
    ])
}
