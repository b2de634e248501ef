//! The columns of `ledger.parquet`, and which rows there are.
//!
//! Rows come by repository, and in it by kind in the order here, tags by name, observations by time.

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};

use crate::columns::{texts, time};

/// The last complete listing of the repository.
pub(super) const REPOSITORY: &str = "repository";
/// A setting of tag mutability.
pub(super) const MUTABILITY: &str = "mutability";
/// That an image was deleted, by an event that named no tag.
pub(super) const DELETION: &str = "deletion";
/// What a tag is on now.
pub(super) const HEAD: &str = "head";
/// What was said about a tag.
pub(super) const OBSERVATION: &str = "observation";

pub(super) fn schema() -> Arc<Schema> {
    let text = || DataType::Utf8;
    let columns = [
        ("repository_name", text(), false),
        ("kind", text(), false),
        ("tag", text(), true),
        // Of a head, and of what was said: null is that the tag is gone.
        ("digest", text(), true),
        // Of a head whose image is one of several: all of them, and `gone`.
        ("one_of", texts(), true),
        // When it was seen first or said; the end of that time.
        ("seen_at", time(), true),
        ("seen_until", time(), true),
        ("said", text(), true),
        ("learnt", text(), true),
        // Of a head: `at` the latter of the two times, `between` them, or `by` the latter.
        ("began", text(), true),
        ("began_after", time(), true),
        ("began_by", time(), true),
        ("was", text(), true),
        ("proven_at", time(), true),
        ("latest", time(), true),
        ("checked_from", time(), true),
        ("checked_until", time(), true),
        ("version", DataType::UInt64, true),
        ("image_tag_mutability", text(), true),
        ("exclusion_filter_types", texts(), true),
        ("exclusion_filters", texts(), true),
    ];
    let fields: Vec<Field> =
        columns.into_iter().map(|(name, kind, nullable)| Field::new(name, kind, nullable)).collect();
    Arc::new(Schema::new(fields))
}
